"""The options with which every command names its judge, and the question before money is spent."""

from collections.abc import Callable, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from rewardctl.cloud.console import agreed
from rewardctl.judges import STAND_IN

if TYPE_CHECKING:
    from rewardctl.judges.estimate import ModelCost

JUDGE_HELP = (
    "stand-in (compares words, costs nothing), bedrock (the definition's own models), a tier, a model id, "
    "openai:MODEL@URL, replay:RUN (stored verdicts), or siblings, minilm and yes (docs/calibrate.md)."
)


class FiniteRange(click.FloatRange):
    """A range of numbers without NaN, which compares with nothing: a cap of NaN would never stop a run."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number; fails for NaN and infinity."""
        number = float(super().convert(value, param, ctx))
        if not isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number


def judge_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --judge, --max-usd, --yes, --profile and --region."""
    return click.option("--judge", default=STAND_IN, show_default=True, metavar="JUDGE", help=JUDGE_HELP)(
        payment_options(command)
    )


def payment_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --max-usd, --yes, --profile and --region."""
    command = click.option("--region", help="AWS region, instead of AWS_REGION or the profile's.")(command)
    command = click.option("--profile", help="AWS profile, instead of AWS_PROFILE.")(command)
    command = click.option("--yes", is_flag=True, help="Do not ask before money is spent.")(command)
    return click.option(
        "--max-usd", type=FiniteRange(min=0), default=0.0, metavar="USD",
        help="Stop before more than this is spent on the judge; 0 for no cap.",
    )(command)  # fmt: skip


def agreed_to(costs: Sequence["ModelCost"], console: Console, *, yes: bool) -> bool:
    """Show what each model costs, and ask if it costs anything."""
    from rewardctl.judges.estimate import cost_lines

    for line in cost_lines(costs):
        console.print(line, markup=False)
    return agreed("Go on?", yes=yes or not costs)


def refuse_over_cap(costs: Sequence["ModelCost"], max_usd: float) -> None:
    """Raise JudgeChoiceError if the calls may cost more than the cap, fallbacks left out."""
    most = sum(cost.usd for cost in costs if cost.role != "fallback")
    if max_usd and most > max_usd:
        from rewardctl.judges.choice import JudgeChoiceError

        raise JudgeChoiceError(f"it may cost ${most:.2f}, more than --max-usd {max_usd:.2f}; raise the cap")
