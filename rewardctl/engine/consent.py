"""Before a run: contradictions refused, the stand-in named, the cost shown and agreed to."""

from rich.console import Console

from reward_fn.settings import read_settings
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
    if (tier := read_settings().service_tier) != "default":
        raise Stopped(f"a batch job has no service tier: unset SERVICE_TIER (now {tier})", 1)
    if words := mistake(definition):
        raise Stopped(words, 1)


def show_caution(request: RunRequest, choice: JudgeChoice, definition: Definition, console: Console) -> None:
    """Say what the stand-in's verdicts are worth, before anything else."""
    if not choice.is_stand_in or definition.judge is None or request.target:
        return
    words = own_definition_words(request.definition) or (
        "The judge is the offline stand-in, which compares words: do not train on these rewards."
    )
    console.print(words, style="yellow", markup=False)


def require_consent(
    request: RunRequest, definition: Definition, sample: Sample, done: int, console: Console
) -> None:
    """Show what the rows that are left cost, and ask. Raises Stopped after a no."""
    choice = JudgeChoice(request.judge, request.profile, request.region)
    choice.load_prices(definition, max_usd=request.max_usd)
    costs = costs_of_rows(sample.batches, max(0, sample.rows - done), definition)
    if request.batch:
        console.print("Through a batch job these calls cost half of that.", markup=False)
    if not agreed_to(costs, console, yes=request.yes):
        raise Stopped("stopped; nothing was spent", 1)
