"""The error that ends an experiment with a sentence."""


class SimulateError(ValueError):
    """The experiment can't be run. The message says why, and what to do."""
