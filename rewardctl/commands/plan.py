"""`rewardctl plan`: what a job will need of the judge and the function, before it is started."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from rewardctl.cloud.console import aside, json_option

CALLER_NAMES = ("hyperpod", "instances", "serverless", "bedrock")


def assumption_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each figure that a plan assumes."""
    positive = click.FloatRange(min=0, min_open=True)
    for name, kind, text in (
        ("--latency", positive, "Mean seconds of a judge call.  [default: as in --run, else 2]"),
        ("--latency-spread", click.FloatRange(0, 2), "Sigma of the latencies' logarithm.  [default: 0.5]"),
        ("--reply-tokens", positive, "Tokens of a usual reply.  [default: as in --run, else a dry run's]"),
        ("--cached-share", click.FloatRange(0, 1), "Share of the input that a prompt cache serves."),
        ("--answer-tokens", click.IntRange(1), "Length of an answer that the data lack.  [default: 500]"),
        ("--chars-per-token", positive, "Characters of a token.  [default: 4]"),
        ("--other-step-s", positive, "Seconds of a step without its rewards.  [default: 60]"),
        (
            "--overhead-s",
            click.FloatRange(min=0),
            "Seconds of an invocation beside its work.  [default: 0.02]",
        ),
        ("--requests-a-minute", positive, "The judge's quota of requests."),
        ("--tokens-a-minute", positive, "The judge's quota of tokens."),
        ("--workers", click.IntRange(1, 256), "JUDGE_MAX_WORKERS.  [default: 64]"),
        ("--timeout-s", click.FloatRange(1, 900), "The function's Timeout.  [default: 300]"),
        ("--memory-mb", click.IntRange(512, 10240), "The function's MemorySize.  [default: 1024]"),
    ):
        command = click.option(name, type=kind, help=text)(command)
    return command


@click.command()
@click.option(
    "--definition", default="contract-review", show_default=True,
    help="Name of a shipped definition, or path of a .toml file.",
)  # fmt: skip
@click.option(
    "--data", default="", metavar="FILE", help="Rollouts or a data set.  [default: a shipped event]"
)
@click.option("--run", default="", metavar="FOLDER", help="A scored run, or traces: their judge is measured.")
@click.option(
    "--caller", type=click.Choice(CALLER_NAMES), default="hyperpod", show_default=True,
    help="Who calls the function; the defaults are its recipe's.",
)  # fmt: skip
@click.option("--batch-size", type=click.IntRange(1), help="Prompts a step.")
@click.option("--generations", type=click.IntRange(1), help="Rollouts a prompt.")
@click.option("--steps", type=click.IntRange(1), help="Steps of the job.")
@click.option("--concurrency", type=click.IntRange(1), help="The recipe's lambda_concurrency_limit.")
@click.option("--rollouts-a-call", type=click.IntRange(1), help="The recipe's lambda_batch_size.")
@click.option(
    "--judge", default="bedrock", show_default=True, metavar="JUDGE",
    help="bedrock (the definition's own models), a tier, a model id, or openai:MODEL@URL.",
)  # fmt: skip
@click.option("--region", default="us-east-1", show_default=True, help="For the price of the function.")
@assumption_options
@json_option
def command(*, as_json: bool, caller: str, definition: str, **options: Any) -> None:
    """Plan a job: judge calls, tokens, dollars, quota, concurrency and time.

    Calls, sizes and gates are counted in a sample of --data, or of --run, whose records also give tokens,
    latencies and retries of the judge. The tiers medium and heavyweight stand beside the definition's own
    judge. Nothing is called and nothing is paid. Every assumption is printed with the option that sets it.

    \b
    Example:
      rewardctl plan --caller instances --steps 50 --latency 1.5

    \b
    Exit codes:
      0    a plan was made, with or without warnings
      1    there is nothing to plan by, or an option can't be used
      130  stopped by Ctrl-C
    """
    from reward_fn.errors import RewardFunctionError
    from rewardctl.data import DataError
    from rewardctl.judges.choice import JudgeChoiceError
    from rewardctl.plan.request import PlanError
    from rewardctl.runs.records import RecordsError

    console = aside()
    try:
        _plan(caller, definition, options, as_json=as_json)
    except (PlanError, DataError, RecordsError, JudgeChoiceError, RewardFunctionError) as error:
        console.print(str(error), style="bold red", markup=False)
        raise SystemExit(1) from error
    except KeyboardInterrupt as error:
        console.print("stopped", style="bold red")
        raise SystemExit(130) from error


def _plan(caller: str, definition: str, options: dict[str, Any], *, as_json: bool) -> None:
    from datetime import UTC, datetime

    from rich.console import Console

    from rewardctl.plan.assumptions import assumptions
    from rewardctl.plan.callers import CALLERS
    from rewardctl.plan.cautions import cautions
    from rewardctl.plan.output import to_json
    from rewardctl.plan.plan import make_plan
    from rewardctl.plan.request import PlanRequest
    from rewardctl.plan.show import show

    numbers = ("batch_size", "generations", "steps", "concurrency", "rollouts_a_call")
    given = {name: options.pop(name) for name in numbers if options[name] is not None}
    rest = {name: value for name, value in options.items() if value is not None and name not in numbers}
    if "latency" in rest:
        rest["latency_s"] = rest.pop("latency")
    shape = replace(CALLERS[caller], **given)
    plan = make_plan(PlanRequest(definition=definition, shape=shape, **rest))
    assumed, warned = list(assumptions(plan)), list(cautions(plan, datetime.now(UTC).date()))
    if as_json:
        click.echo(json.dumps(to_json(plan, assumed, warned), indent=2))
    else:
        show(plan, assumed, warned, Console(highlight=False))
