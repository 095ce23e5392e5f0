"""What can go wrong when the function is run here. Each carries a remedy for the person at the keyboard."""


class LocalError(Exception):
    """The root. `remedy` says what to do, in one or two sentences; "" where the message says it all."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(message)


class InputError(LocalError):
    """The event or the definition that was asked for is not usable."""


class ArtifactError(LocalError):
    """The artifact could not be built."""


class HostError(LocalError):
    """The program that runs the function did not start."""


class FunctionError(LocalError):
    """The function answered with an error, too late, or with something that is no list of results.

    `kind` is the error's type as Lambda reports it, as "SettingsError".
    """

    def __init__(self, kind: str, message: str, *, remedy: str) -> None:
        self.kind = kind
        super().__init__(message, remedy=remedy)
