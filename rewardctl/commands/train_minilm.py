"""`rewardctl train-minilm`: train the pair judge on pairs with labels."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rewardctl.cloud.console import aside, json_option
from rewardctl.judges.minilm import HEAD

if TYPE_CHECKING:
    from rewardctl.judges.minilm.pairs import LabelledPair

NEEDS = "train-minilm needs the analysis packages and its own: run `make minilm`"


@click.command()
@click.argument("pairs", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--run", type=click.Path(path_type=Path), help="Run whose rollouts were labelled, with --labels."
)
@click.option("--labels", type=click.Path(path_type=Path), help="File of labels, as of `rewardctl label`.")
@click.option("--definition", default="", help="Definition of the run.  [default: the one that it names]")
@click.option(
    "--held-out", multiple=True, type=click.Path(path_type=Path),
    help="File with texts to test on later: pairs, rows or records. None of them may be among the pairs.",
)  # fmt: skip
@click.option(
    "--drop-held-out", is_flag=True, help="Leave pairs with a held-out text out, instead of refusing."
)
@click.option("--out", type=click.Path(path_type=Path), default=Path(HEAD), show_default=True)
@json_option
def command(*, out: Path, as_json: bool, **options: Any) -> None:
    """Train the judge `minilm`, offline and in a minute or two.

    PAIRS are files of JSON Lines: {"question": …, "text": …, "label": true or false}. Labels of your own
    (--run with --labels) are pairs too. The judge then answers with `--judge minilm`, or minilm:FILE, and
    refuses texts that it was trained on. docs/calibrate.md shows what it reaches.

    \b
    Example:
      rewardctl train-minilm pairs.jsonl --held-out rows.jsonl --drop-held-out

    \b
    Exit codes:
      0  trained
      1  the pairs can't be used, or one of them is held out
    """
    from rewardctl.calibrate.errors import CalibrateError
    from rewardctl.judges.minilm.encoder import MinilmError
    from rewardctl.labels.label import LabelError
    from rewardctl.labels.visible_text import visible
    from rewardctl.runs.records import RecordsError

    console = aside()
    try:
        about = _train(out, options)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("numpy", "scipy"):
            raise
        console.print(NEEDS, style="bold red", markup=False)
        raise SystemExit(1) from error
    except (MinilmError, CalibrateError, LabelError, RecordsError) as error:
        console.print(visible(str(error)), style="bold red", markup=False)
        raise SystemExit(1) from error
    except KeyboardInterrupt as error:
        console.print("stopped; nothing was written", style="bold red")
        raise SystemExit(130) from error
    if as_json:
        click.echo(json.dumps({"head": str(out), **about}, indent=2))
    else:
        loss = about["held_out_log_loss"]
        click.echo(f"{out}: trained on {about['pairs']:,} pairs, {about['yes']:,} of them yes")
        click.echo(f"log loss {loss:.3f} on texts that it was not trained on (a guess has 0.693)")


def _train(out: Path, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read, train and write; returns what the head says about itself."""
    from rewardctl.judges.minilm.encoder import MinilmError, encoder
    from rewardctl.judges.minilm.pairs import read_pairs, texts_in
    from rewardctl.judges.minilm.train import train, without_texts

    sources = [*options["pairs"], *([options["run"]] if options["run"] else [])]
    if not sources or bool(options["run"]) is not bool(options["labels"]):
        raise MinilmError("name files of pairs, or a run with --run and its labels with --labels")
    pairs = [pair for path in options["pairs"] for pair in read_pairs(path)]
    if options["run"]:
        pairs += _own(options["run"], options["labels"], options["definition"])
    held_out = [text for path in options["held_out"] for text in texts_in(path)]
    if options["drop_held_out"]:
        pairs = without_texts(pairs, held_out)
    trained = train(pairs, held_out, encoder(), [str(source) for source in sources])
    trained.head.save(out)
    return trained.head.about


def _own(run: Path, labels: Path, definition: str) -> "list[LabelledPair]":
    from rewardctl.calibrate.definition import definition_of_run
    from rewardctl.judges.minilm.encoder import MinilmError
    from rewardctl.judges.minilm.own_labels import pairs_of_run
    from rewardctl.labels.file import read_labels
    from rewardctl.labels.label import judgements
    from rewardctl.runs.records import read_records

    first = next(iter(read_records(run)), None)
    spec = definition_of_run(run, first, definition).definition.judge if first else None
    if spec is None:
        raise MinilmError(f"{run} holds no record of a definition with a judge")
    return pairs_of_run(run, spec, judgements(read_labels(labels).labels))
