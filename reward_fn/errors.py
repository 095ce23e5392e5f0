"""Every error that this package raises, named by the boundary at which it arises.

``RewardFunctionError``
 ├── ``SettingsError``           an environment variable is wrong
 ├── ``DefinitionError``         a reward definition is wrong
 │    └── ``DefinitionNotFoundError``  no definition has that name
 ├── ``DefinitionStoreError``    a stored definition can't be fetched, or differs from its pin
 ├── ``PriceListError``          the price list of the package is broken
 ├── ``EventError``              the event holds no batch, so there is no row to answer
 ├── ``TooFewJudgedError``       more rollouts could not be judged than the definition allows
 ├── ``JudgeFailure``            one judge call gave no verdicts; never leaves the fan-out
 └── ``ResultError``             a result breaks the callers' contract; it is never sent

The first five are raised at every invocation until their cause is corrected.
"""

from collections.abc import Sequence

from reward_fn.types.unscored import Reason


class RewardFunctionError(Exception):
    """The base class of every error that this package raises on purpose."""


class PriceListError(RewardFunctionError):
    """The price list of the package can't be read. The message names the place and the remedy."""


class SettingsError(RewardFunctionError):
    """An environment variable has a value that is not allowed. The message names variable, value, remedy."""


class DefinitionError(RewardFunctionError):
    """A reward definition is wrong.

    ``origin`` is its name. ``mistakes`` has one line for each mistake, which begins with its path in the
    file.
    """

    def __init__(self, origin: str, mistakes: Sequence[str]) -> None:
        self.origin = origin
        self.mistakes = tuple(mistakes)
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__(f"reward definition {origin}: {count}\n" + "\n".join(f"  {m}" for m in mistakes))


class DefinitionNotFoundError(DefinitionError):
    """No shipped definition has that name, or no file has that path."""


class DefinitionStoreError(RewardFunctionError):
    """A stored definition can't be fetched, or differs from its pin. The message names URI, cause and remedy.

    ``passing`` says that the same request may succeed later: a time-out, throttling, an outage. The pin makes
    a later try safe. Other causes (denied, not found, too long, another hash) last until they are corrected.
    """

    def __init__(self, uri: str, cause: str, *, passing: bool = False) -> None:
        self.uri = uri
        self.passing = passing
        super().__init__(f"reward definition {uri}: {cause}")


class EventError(RewardFunctionError):
    """The event is not a batch of rollouts in any known form."""


class TooFewJudgedError(RewardFunctionError):
    """More rollouts could not be judged than the definition allows; the batch should be sent again."""

    def __init__(self, share: float, allowed: float) -> None:
        super().__init__(
            f"{share:.0%} of the rollouts could not be judged, and on_error.fail_above allows {allowed:.0%}; "
            "the log names the cause and the remedy"
        )


class JudgeFailure(RewardFunctionError):
    """One judge call gave no usable verdicts, for a typed reason.

    ``detail`` is the service's own code and message; it quotes nothing of a rollout. ``remedy`` is advice for
    people, "" if there is none. A ``final`` failure is never retried. ``retry_after_s`` is the wait that the
    service asked for, 0 if it named none.
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
        """One line for logs: code and message, and the remedy after a semicolon."""
        return f"{self.detail}; {self.remedy}" if self.remedy else self.detail


class ResultError(RewardFunctionError):
    """A result must not be sent: it is lost, out of order, not finite or out of range."""
