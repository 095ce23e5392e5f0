"""Every error this package raises, named by the boundary at which it arose.

``RewardFunctionError``
 ├── ``SettingsError``     an environment variable is wrong: raised at every invocation until it is mended
 ├── ``DefinitionError``   a reward definition is wrong: likewise
 │    └── ``DefinitionNotFoundError``  there is none of that name
 ├── ``DefinitionStoreError``  a definition can't be had from its store, or is not what was pinned
 ├── ``PriceListError``    the price list of the package is broken: raised at every invocation, likewise
 ├── ``EventError``        the event holds no batch, so there is no rollout that could be answered
 ├── ``TooFewJudgedError``  more rollouts than the definition allows could not be judged
 ├── ``JudgeFailure``      one judge call gave no verdicts; never leaves the fan-out as an exception
 └── ``ResultError``       a result breaks the callers' contract: a fault of this package, never sent out
"""

from collections.abc import Sequence

from reward_fn.types.unscored import Reason


class RewardFunctionError(Exception):
    """The root: catch it to catch all that this package raises on purpose."""


class PriceListError(RewardFunctionError):
    """The price list of the package can't be read; the message names the place and the remedy."""


class SettingsError(RewardFunctionError):
    """An environment variable has a value that is not allowed. Names the variable, value and remedy."""


class DefinitionError(RewardFunctionError):
    """A reward definition cannot be served.

    ``mistakes`` holds one line for each mistake, every line beginning with its path in the file.
    """

    def __init__(self, origin: str, mistakes: Sequence[str]) -> None:
        self.origin = origin
        self.mistakes = tuple(mistakes)
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__(f"reward definition {origin}: {count}\n" + "\n".join(f"  {m}" for m in mistakes))


class DefinitionNotFoundError(DefinitionError):
    """There is no definition of that name, and no file at that path."""


class DefinitionStoreError(RewardFunctionError):
    """A pinned definition can't be had, or is not what was pinned. Names its URI, the cause and the remedy.

    ``passing`` says that the same request may succeed later: a time-out, a throttle, an outage. The pin makes
    a later try safe. All else (denied, not there, too long, another hash) stays as it is until it is mended.
    """

    def __init__(self, uri: str, cause: str, *, passing: bool = False) -> None:
        self.uri = uri
        self.passing = passing
        super().__init__(f"reward definition {uri}: {cause}")


class EventError(RewardFunctionError):
    """The event is not a batch of rollouts in any form that a caller sends."""


class TooFewJudgedError(RewardFunctionError):
    """More of a batch could not be judged than the definition allows: it is failed, to be tried again."""

    def __init__(self, share: float, allowed: float) -> None:
        super().__init__(
            f"{share:.0%} of the rollouts could not be judged, and on_error.fail_above allows {allowed:.0%}; "
            "the log names the cause and the remedy"
        )


class JudgeFailure(RewardFunctionError):
    """One call to a judge gave no usable verdicts, for a typed reason.

    ``detail`` is the service's own code and message, without a word of a rollout; ``remedy`` tells people
    what to do, "" where nothing helps. A ``final`` failure is never tried again. ``retry_after_s`` is the
    wait that the service asked for, 0 where it named none.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        remedy: str = "",
        final: bool = False,
        retry_after_s: float = 0.0,
    ) -> None:
        self.reason = reason
        self.detail = detail
        self.remedy = remedy
        self.final = final
        self.retry_after_s = retry_after_s
        super().__init__(f"{reason}: {self.cause}")

    @property
    def cause(self) -> str:
        """One line for logs: the code and message, then the remedy after a semicolon."""
        return f"{self.detail}; {self.remedy}" if self.remedy else self.detail


class ResultError(RewardFunctionError):
    """A result that must not be sent: lost, out of order, not finite or out of range."""
