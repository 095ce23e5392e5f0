"""`rewardctl simulate`: what a reward, its judge and its failures teach, before a job is paid for."""

from pathlib import Path
from typing import Any, NoReturn

import click

from rewardctl.cloud.console import aside

EXIT_FAILED = 3
ANALYSIS = ("numpy", "scipy", "vl_convert")
"""The packages of `make analysis` that this command imports."""


@click.command()
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option(
    "--engine", type=click.Choice(["stored", "trl", "calls"]), default="stored", show_default=True,
    help="Learn over stored rollouts, train a small model with TRL, or make a trainer's calls.",
)  # fmt: skip
@click.option(
    "--truth", metavar="PATH|RUN",
    help="What is right: a path into the rows, such as metadata.is_correct, or another run of the same rows.",
)  # fmt: skip
@click.option("--seeds", type=click.IntRange(2, 100), help="Runs of each experiment.  [default: 5; trl: 3]")
@click.option(
    "--steps", type=click.IntRange(1, 10_000), help="Steps of training.  [default: 60; trl: 150; calls: 3]"
)
@click.option(
    "--group", type=click.IntRange(2, 64), default=8, show_default=True, help="Draws a prompt (stored)."
)
@click.option(
    "--definition", default="contract-review", show_default=True, help="Definition to call (calls)."
)
@click.option(
    "--target", default="emulated", show_default=True, metavar="TARGET",
    help="Function to call: emulated, on this machine, or the ARN of a deployed one (calls).",
)  # fmt: skip
@click.option(
    "--trainer", type=click.Choice(["instances", "hyperpod"]), default="instances", show_default=True,
    help="64 rows a call and 12 calls at once, or single rows and 100 at once (calls).",
)  # fmt: skip
@click.option(
    "--batch", type=click.IntRange(1, 10_000), default=512, show_default=True, help="Rollouts a step (calls)."
)
@click.option(
    "--environments", type=click.IntRange(1, 64), default=2, show_default=True,
    help="Environments of the emulated function, each a process (calls).",
)  # fmt: skip
@click.option(
    "--train-s", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True,
    help="Seconds that a step takes besides its rewards (calls).",
)  # fmt: skip
@click.option("--profile", help="AWS profile, instead of AWS_PROFILE (calls).")
@click.option("--region", help="AWS region, instead of AWS_REGION or the profile's (calls).")
@click.option("--variant", multiple=True, help="Train only with this one (trl); can be repeated.")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write a page with plots."
)
@click.option(
    "--svg", "svg_folder", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path),
    help="Write the plots as SVG files.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print all figures and curves as JSON.")
def command(
    run: Path | None,
    engine: str,
    truth: str | None,
    seeds: int | None,
    steps: int | None,
    group: int,
    variant: tuple[str, ...],
    output: Path | None,
    svg_folder: Path | None,
    *,
    as_json: bool,
    **calls: Any,
) -> None:
    """Watch a policy learn from a reward, right and wrong ones.

    RUN is a run folder of `rewardctl score` or its records, with several rollouts a prompt, or a file of
    solutions in the form of grade-school-math. A policy learns by GRPO to choose among these rollouts, under
    errors of the judge, failures with each failure policy, and mistakes in the definition.

    --engine trl needs no RUN: TRL's trainer teaches a model of 338,432 parameters to add, with this project's
    reward function. It takes minutes, and its own environment; docs/simulate.md says how to make it.

    --engine calls takes rows instead of a run, and calls the function as a trainer does: rewards, groups
    without variance, unscored rollouts, latencies, and the trainer's idle share.

    \b
    Example:
      rewardctl simulate runs/first --truth metadata.is_correct -o simulate.html

    \b
    Exit codes:
      0    the experiments are shown
      1    the rollouts can't be used, or packages are missing
      3    calls of the function failed, after three retries (--engine calls)
      130  stopped by Ctrl-C
    """
    from rewardctl.simulate.errors import SimulateError

    console = aside()
    try:
        from rewardctl.simulate.output import Output

        where = Output(output, svg_folder, as_json)
        if engine == "trl":
            from rewardctl.simulate.trainer.command import simulate as train

            train(variant, seeds or 3, steps or 150, where, console)
            return
        if run is None:
            raise SimulateError("name a run folder of `rewardctl score`, or a file of solutions or rows")
        if engine == "calls":
            from rewardctl.simulate.calls.command import Job
            from rewardctl.simulate.calls.command import simulate as make_calls

            outcome = make_calls(str(run), Job(steps=steps or 3, **calls), console, as_json=as_json)
            if as_json:
                where.print_json(outcome)
            raise SystemExit(EXIT_FAILED if outcome["failed"] else 0)
        from rewardctl.simulate.stored.command import simulate as learn

        learn(run, truth, seeds or 5, steps or 60, group, where, console)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ANALYSIS:
            raise
        _stop("simulate needs the analysis packages: run `make analysis`", 1)
    except SimulateError as error:
        _stop(str(error), 1)
    except OSError as error:
        _stop(f"the output can't be written: {error}; name another place", 1)
    except KeyboardInterrupt:
        _stop("stopped", 130)


def _stop(message: str, exit_code: int) -> NoReturn:
    aside().print(message, style="bold red", markup=False)
    raise SystemExit(exit_code)
