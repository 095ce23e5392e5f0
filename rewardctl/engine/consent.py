"""Before a run: contradictions refused, the stand-in named, the cost shown and agreed to."""

from dataclasses import replace

from rich.console import Console

from reward_fn.judge.models.prices import has_price
from reward_fn.judge.vote.panel import models_of
from reward_fn.settings import read_settings
from reward_fn.types.definition import Definition
from rewardctl.engine.place import limited
from rewardctl.engine.request import RunRequest, Stopped
from rewardctl.engine.sample import Sample, sample_of
from rewardctl.judges import own_definition_words
from rewardctl.judges.choice import JudgeChoice
from rewardctl.judges.estimate import costs_of_rows
from rewardctl.judges.options import agreed_to
from rewardctl.replay.score import needs_judge
from rewardctl.replay.stored import StoredVerdicts


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
    if not choice.is_stand_in or definition.judge is None:
        return
    words = own_definition_words(request.definition) or (
        "The judge is the offline stand-in, which compares words: do not train on these rewards."
    )
    console.print(words, style="yellow", markup=False)


def agree_on_calls(
    request: RunRequest, definition: Definition, sample: Sample, left: int, console: Console
) -> RunRequest:
    """Show what the calls for ``left`` lines of the data cost, and ask, if they cost anything.

    Returns the request, without calls if stored verdicts will do. Raises Stopped after a no, and
    SettingsError.
    """
    if definition.judge is None or request.target:
        return request
    if request.stored is not None:
        sample = _new_questions(request.stored, request, definition, console)
        left = min(left, sample.lines)
        request = replace(request, no_calls=not sample.lines)
    if left and not request.choice.is_free:
        _require_consent(request, definition, sample, left, console)
    return request


def _require_consent(
    request: RunRequest, definition: Definition, sample: Sample, lines: int, console: Console
) -> None:
    """Show what ``lines`` lines of the data cost, and ask. Raises Stopped after a no, and SettingsError."""
    choice = request.choice
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


def _new_questions(
    stored: StoredVerdicts, request: RunRequest, definition: Definition, console: Console
) -> Sample:
    """A sample of the lines that need the judge although the data hold verdicts; says how many there are.

    Raises Stopped if there are some and calls are excluded.
    """
    reader = stored.reader(definition)
    asked = sample_of(needs_judge(limited(request.data, request.limit), definition, reader))
    why = f" ({reader.why})" if reader.why else ""
    words = f"{asked.lines:,} rollouts need the judge{why}."
    console.print(words if asked.lines else "No judge call is needed.", style="dim", markup=False)
    if request.no_calls and asked.lines:
        raise Stopped(f"{words} --no-calls allows none: leave it out, and see the cost before it is spent", 1)
    return asked
