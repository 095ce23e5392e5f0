"""Before a run: contradictions refused, the stand-in named, the cost shown and agreed to."""

from rich.console import Console

from reward_fn.judge.models.prices import has_price
from reward_fn.judge.vote.panel import models_of
from reward_fn.types.definition import Definition
from rewardctl.engine.request import RunRequest, Stopped
from rewardctl.engine.sample import Sample
from rewardctl.judges import own_definition_words
from rewardctl.judges.choice import JudgeChoice
from rewardctl.judges.estimate import costs_of_rows
from rewardctl.judges.options import agreed_to


def refuse_contradictions(request: RunRequest, choice: JudgeChoice, definition: Definition) -> None:
    """Raises Stopped for options that can't go together."""
    if not request.batch:
        return
    from rewardctl.batch_jobs.records import mistake

    if choice.is_free or request.target:
        raise Stopped("--batch judges on Bedrock: name --judge bedrock or a model, and no --target", 1)
    if not request.batch.startswith("s3://") or not request.batch_role:
        raise Stopped("--batch needs s3://BUCKET/PREFIX, and --batch-role the ARN of its service role", 1)
    if words := mistake(definition):
        raise Stopped(words, 1)


def show_caution(request: RunRequest, choice: JudgeChoice, definition: Definition, console: Console) -> None:
    """Say what the stand-in's verdicts are worth, before anything else."""
    if not choice.is_stand_in or definition.judge is None:
        return
    words = own_definition_words(request.definition) or (
        "The judge is the offline stand-in, which compares words: do not train on these rewards."
    )
    console.print(words, style="yellow", markup=False)


def require_consent(
    request: RunRequest, definition: Definition, sample: Sample, lines: int, console: Console
) -> None:
    """Show what ``lines`` lines of the data cost, and ask. Raises Stopped after a no, and SettingsError."""
    choice = JudgeChoice(request.judge, request.profile, request.region)
    choice.load_prices(definition)
    models = models_of(definition.judge) if definition.judge else ()
    unknown = [model for model in models if not has_price(model)]
    if request.max_usd and unknown:
        raise Stopped(
            f"--max-usd needs the price of {unknown[0]}, which is not known; set "
            f"JUDGE_PRICES={unknown[0]}=INPUT/OUTPUT, in US dollars for a million tokens",
            1,
        )
    costs = costs_of_rows(sample.batches, lines, definition)
    if request.batch:
        console.print("Through a batch job these calls cost half of that.", markup=False)
    if not agreed_to(costs, console, yes=request.yes):
        raise Stopped("stopped; nothing was spent", 1)
