"""Errors of local runs, each with a remedy."""


class LocalError(Exception):
    """The base class. `remedy` says what to do, "" if the message is enough."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(message)


class InputError(LocalError):
    """The event or the definition can't be used."""


class ArtifactError(LocalError):
    """The artifact could not be built."""


class HostError(LocalError):
    """The program that runs the function did not start."""


class FunctionError(LocalError):
    """The function failed, timed out, or returned something other than a list of results.

    `kind` is the error type that Lambda reports, such as "SettingsError".
    """

    def __init__(self, kind: str, message: str, *, remedy: str) -> None:
        self.kind = kind
        super().__init__(message, remedy=remedy)
