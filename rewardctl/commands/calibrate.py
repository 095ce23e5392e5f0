"""`rewardctl calibrate`: a judge against labels of people, with a gate."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from rewardctl.cloud.console import aside, json_option

if TYPE_CHECKING:
    from rewardctl.calibrate.calibration import Request

PACKAGES = ("numpy", "pandas", "scipy", "statsmodels")
NEEDS = "calibrate needs the analysis packages: run `make analysis`"


@click.command()
@click.option(
    "--run", "runs", multiple=True, type=click.Path(path_type=Path),
    help="Run folder, file of records or folder of traces; several for judges side by side, or for repeats.",
)  # fmt: skip
@click.option(
    "--labels", type=click.Path(path_type=Path), help="File of labels, as `rewardctl label` writes it."
)
@click.option(
    "--label-field", "fields", multiple=True, metavar="[CRITERION=]PATH",
    help="Path of a label in the rows, such as metadata.is_correct; without a name, of the whole answer.",
)  # fmt: skip
@click.option("--definition", default="", help="Definition of the runs.  [default: the one that they name]")
@click.option(
    "--production", type=click.Path(path_type=Path),
    help="CSV or JSON Lines with an id and the metrics that criteria name in maps_to.",
)  # fmt: skip
@click.option(
    "--threshold", "thresholds", multiple=True, metavar="[CRITERION=]SCORE",
    help="Score from which on an answer counts as a yes.  [default: 0.5; rewards: the middle of the range]",
)  # fmt: skip
@click.option(
    "--require", "required", multiple=True, metavar="[CRITERION.]FIGURE=NUMBER",
    help="Exit with 1 unless this holds, such as kappa=0.6 or overall.tnr=0.8.",
)  # fmt: skip
@click.option(
    # Fewer labels prove nothing: at 20 balanced ones the half-width of kappa is still about .3.
    "--min-labels", type=click.IntRange(1), default=20, show_default=True,
    help="With fewer labels, no requirement holds.",
)  # fmt: skip
@click.option(
    "--half-width", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.1, show_default=True,
    help="Precision for which missing labels are counted.",
)  # fmt: skip
@click.option(
    "--show", "most", type=click.IntRange(0), default=5, show_default=True,
    help="Disagreements to show; all are in --json.",
)  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="File for the result, to be verified later.")
@click.option(
    "--verify", type=click.Path(path_type=Path),
    help="Check a result of --out instead: does it hold for --definition as it is today?",
)  # fmt: skip
@json_option
def command(*, verify: Path | None, as_json: bool, **options: Any) -> None:
    """Compare a judge with labels of people, for each criterion and for the whole answer.

    Labels stand in a file (--labels) or in the rows (--label-field). Figures have 95 % intervals, resampled
    by prompt; what is undefined has no value and fails every requirement. docs/calibrate.md explains them.

    \b
    Example:
      rewardctl calibrate --run runs/math --label-field metadata.is_correct

    \b
    Exit codes:
      0  done, and every requirement holds
      1  a requirement does not hold, or the result is stale or can't be made
    """
    from rewardctl.calibrate.errors import CalibrateError
    from rewardctl.labels.label import LabelError
    from rewardctl.labels.visible_text import visible

    console = aside()
    try:
        passed = _verify(verify, options, as_json=as_json) if verify else _calibrate(options, as_json=as_json)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in PACKAGES:
            raise
        console.print(NEEDS, style="bold red", markup=False)
        raise SystemExit(1) from error
    except (CalibrateError, LabelError) as error:
        console.print(visible(str(error)), style="bold red", markup=False)
        raise SystemExit(1) from error
    except KeyboardInterrupt as error:
        console.print("stopped; nothing was written", style="bold red")
        raise SystemExit(130) from error
    if not passed:
        raise SystemExit(1)


def _calibrate(options: Mapping[str, Any], *, as_json: bool) -> bool:
    """Compute, show and keep everything; returns whether every requirement holds."""
    from rewardctl.calibrate.calibration import calibrate
    from rewardctl.calibrate.requirement import parse_requirement
    from rewardctl.calibrate.saved import as_json as result_of
    from rewardctl.calibrate.saved import findings_of, write
    from rewardctl.calibrate.show import show

    requirements = [parse_requirement(text) for text in options["required"]]
    request = _request(options)
    calibration = calibrate(request)
    findings = findings_of(calibration, requirements, options["min_labels"])
    about = {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "labels": str(options["labels"]) if options["labels"] else dict(request.fields),
    }
    result = result_of(calibration, about, findings)
    if options["out"]:
        write(options["out"], result)
    if as_json:
        click.echo(json.dumps(result, indent=2))
    else:
        show(calibration, findings, Console(highlight=False), options["most"])
    return all(finding.passed for finding in findings)


def _verify(path: Path, options: Mapping[str, Any], *, as_json: bool) -> bool:
    """Check a kept result; returns whether it is not stale and every requirement holds."""
    from rewardctl.calibrate.errors import CalibrateError
    from rewardctl.calibrate.requirement import parse_requirement
    from rewardctl.calibrate.saved import verify
    from rewardctl.calibrate.show import show_findings
    from rewardctl.labels.visible_text import visible

    if not options["definition"]:
        raise CalibrateError("--verify needs --definition: the definition that is about to be used")
    requirements = [parse_requirement(text) for text in options["required"]]
    stale, findings = verify(path, options["definition"], requirements, options["min_labels"])
    if as_json:
        click.echo(json.dumps({"stale": stale, "requirements": [f._asdict() for f in findings]}, indent=2))
    else:
        console = Console(highlight=False)
        for reason in stale:
            console.print(visible(f"stale: {reason}; calibrate again"), style="bold red", markup=False)
        if not stale:
            console.print(f"{path} holds for {options['definition']} as it is today", markup=False)
        show_findings(findings, console)
    return not stale and all(finding.passed for finding in findings)


def _request(options: Mapping[str, Any]) -> "Request":
    """What the options ask for. Raises CalibrateError and LabelError."""
    from rewardctl.calibrate.calibration import Request
    from rewardctl.calibrate.errors import CalibrateError
    from rewardctl.calibrate.label_field import parse_fields
    from rewardctl.calibrate.production import read_columns
    from rewardctl.calibrate.requirement import parse_thresholds
    from rewardctl.labels.file import read_labels
    from rewardctl.labels.label import judgements

    if not options["runs"]:
        raise CalibrateError("name a run with --run; `rewardctl score` makes one")
    if bool(options["labels"]) is bool(options["fields"]):
        raise CalibrateError("give either --labels FILE, or --label-field PATH for labels in the rows")
    return Request(
        runs=options["runs"],
        judgements=judgements(read_labels(options["labels"]).labels) if options["labels"] else None,
        fields=parse_fields(options["fields"]),
        definition=options["definition"],
        thresholds=parse_thresholds(options["thresholds"]),
        columns=read_columns(options["production"]) if options["production"] else {},
        half_width=options["half_width"],
    )
