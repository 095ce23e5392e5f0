"""The error of this package."""


class CalibrateError(Exception):
    """Judge and labels can't be compared. The message names the place and the remedy."""
