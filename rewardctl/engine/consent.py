"""What is said before a run begins: what the stand-in is worth, and what the judge will cost."""

from rich.console import Console

from reward_fn.judge.models.prices import has_price, load_prices
from reward_fn.judge.vote.panel import models_of
from reward_fn.settings import read_settings
from reward_fn.types.definition import Definition
from rewardctl.engine.request import RunRequest, Stopped
from rewardctl.engine.sample import Sample
from rewardctl.judges.choice import JudgeChoice
from rewardctl.judges.estimate import costs_of_rows
from rewardctl.judges.options import agreed_to


def show_caution(request: RunRequest, choice: JudgeChoice, definition: Definition, console: Console) -> None:
    """Say what the stand-in's verdicts are worth, before anything else."""
    if not choice.is_stand_in or definition.judge is None or request.target.startswith("arn:"):
        return
    own = "/" in request.definition or request.definition.endswith(".toml")
    words = (
        "The judge is the offline stand-in, which compares words. On a definition of your own its verdicts "
        "mean nothing: name a real judge with --judge."
        if own
        else "The judge is the offline stand-in, which compares words: do not train on these rewards."
    )
    console.print(words, style="yellow", markup=False)


def require_consent(
    request: RunRequest, definition: Definition, sample: Sample, lines: int, console: Console
) -> None:
    """Show what ``lines`` lines of the data cost, and ask. Raises Stopped after a no, and SettingsError."""
    models = models_of(definition.judge) if definition.judge else ()
    load_prices(models, read_settings().judge_prices)
    unknown = [model for model in models if not has_price(model)]
    if request.max_usd and unknown:
        raise Stopped(
            f"--max-usd needs the price of {unknown[0]}, which is not known; set "
            f"JUDGE_PRICES={unknown[0]}=INPUT/OUTPUT, in US dollars for a million tokens",
            1,
        )
    costs = costs_of_rows(sample.batches, lines, definition)
    if not agreed_to(costs, console, yes=request.yes):
        raise Stopped("stopped; nothing was spent", 1)
