"""What `rewardctl label` does with its options: import, compare, draw, or open the screen."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from reward_fn.definition.load import load_definition
from reward_fn.errors import DefinitionError
from reward_fn.types.rubric import Criterion
from rewardctl.labels import show
from rewardctl.labels.choose import choose, default_way
from rewardctl.labels.file import LabelWriter
from rewardctl.labels.imports import of_rows, read_export
from rewardctl.labels.inputs import find_rollouts, read_judgements, read_runs, reasons
from rewardctl.labels.label import LabelError
from rewardctl.labels.picture import write_picture
from rewardctl.labels.sampling import Way
from rewardctl.labels.session import Progress, Session, plan
from rewardctl.labels.subjects import Subjects
from rewardctl.labels.visible_text import visible

if TYPE_CHECKING:
    from rewardctl.labels.screen import LabelScreen


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of the command, by their names."""

    data: str
    definition: str
    out: Path
    labeller: str = ""
    criteria: Sequence[str] = ()
    overall: bool = False
    sample: int | None = None
    sampling: Way | None = None
    runs: Sequence[str] = ()
    labels: Sequence[Path] = ()
    seed: int = 0
    agreement: bool = False
    export: Path | None = None
    tool: str | None = None
    picture: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """``state`` of all labels afterwards; ``notes`` for the person; ``progress`` None without a screen."""

    state: show.State
    notes: Sequence[str] = ()
    progress: Progress | None = None
    exit_code: int = 0

    def as_json(self) -> dict[str, Any]:
        """For --json."""
        progress = self.progress._asdict() if self.progress else None
        return {**show.as_json(self.state), "progress": progress, "notes": list(self.notes)}

    def show(self, console: Console, aside: Console) -> None:
        """Print the notes beside the output, then the state."""
        for note in self.notes:
            aside.print(visible(note), style="yellow", markup=False)
        if self.progress:
            done, total, skipped = self.progress
            console.print(f"{done} of {total} questions answered, {skipped} skipped in this session")
        show.show(self.state, console)


def run(options: Options) -> Outcome:
    """Do what the options ask for. Raises LabelError if that is not possible."""
    try:
        definition = load_definition(options.definition)
    except DefinitionError as error:
        raise LabelError(str(error)) from error
    criteria = {each.name: each for each in definition.judge.criteria} if definition.judge else {}
    if options.agreement:
        known = read_judgements((options.out, *options.labels), criteria)
        return Outcome(show.state_of(known.judgements), known.notices)
    rollouts = find_rollouts(options.data, definition, options.criteria, overall=options.overall)
    if options.export:
        return _import(options, rollouts, criteria)
    return _label(options, rollouts, criteria)


def _import(options: Options, rollouts: Subjects, criteria: Mapping[str, Criterion]) -> Outcome:
    """Add the labels of an export to the file."""
    if options.export is None or options.tool is None:
        raise LabelError("name the tool that wrote the export, as in --from argilla")
    imported = read_export(options.export, options.tool, criteria, options.labeller)
    matching, unmatched = of_rows(imported.labels, [subject.key for subject in rollouts.subjects])
    if not matching:
        raise LabelError(
            f"none of the {len(unmatched)} labels names the id of a rollout that is judged, the first names "
            f"{str(unmatched[0].id)[:80]!r}; keep the rows' ids in the other tool, see docs/label.md"
        )
    with LabelWriter(options.out) as writer:
        writer.add(*matching)
    notes = [f"{len(matching)} labels added to {options.out}"]
    if unmatched:
        notes.append(f"{len(unmatched)} labels are about other rows and were left out")
    notes += [f"left out, {count} ×: {reason}" for reason, count in imported.left_out.most_common()]
    return Outcome(show.state_of(read_judgements(_files(options), criteria).judgements), notes)


def _label(options: Options, rollouts: Subjects, criteria: Mapping[str, Criterion]) -> Outcome:
    """Open the screen, or draw it."""
    known = read_judgements(_files(options), criteria)
    sample = choose(
        rollouts.subjects,
        options.sampling or default_way(len(options.runs)),
        options.sample,
        options.seed,
        runs=read_runs(options.runs),
        judgements=known.judgements,
        criteria=options.criteria,
    )
    tasks = plan(sample, options.seed)
    if options.picture:
        session = Session(tasks, options.labeller, (), lambda _: None, _now)
        write_picture(_screen()(session), options.picture)
        return Outcome(show.state_of(known.judgements), [f"wrote {options.picture}"])
    if not (sys.stdin.isatty() and sys.stderr.isatty()):  # Textual draws on standard error
        raise LabelError("the screen needs a terminal for its input and its standard error; run it in one")
    with LabelWriter(options.out) as writer:
        session = Session(tasks, options.labeller, known.judgements, writer.add, _now)
        screen = _screen()(session)
        code = screen.run()
    if screen.error:
        raise screen.error
    state = show.state_of(read_judgements(_files(options), criteria).judgements)
    return Outcome(state, [*known.notices, *_notes(rollouts)], session.progress, code or 0)


def _files(options: Options) -> list[Path]:
    """The files of labels: --out, if it holds any yet, and those of other people."""
    is_begun = options.out.exists() and options.out.stat().st_size > 0
    return [*([options.out] if is_begun else []), *options.labels]


def _notes(rollouts: Subjects) -> list[str]:
    """What the labeller should know about rows that were not shown, or that may be lost."""
    left_out = sum(rollouts.left_out.values())
    notes = [f"{left_out} rows are never judged and were not shown: {reasons(rollouts.left_out)}"]
    if rollouts.nameless:
        notes.append(
            f"{rollouts.nameless} rows have no id and are labelled by their place, as missing-0; give them "
            "ids, or their labels are lost when rows move"
        )
    return notes if left_out else notes[1:]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _screen() -> "type[LabelScreen]":
    """The screen's class. Raises LabelError if its package is missing."""
    try:
        from rewardctl.labels.screen import LabelScreen
    except ModuleNotFoundError as error:
        raise LabelError("the screen needs the analysis packages: run `make analysis`") from error
    return LabelScreen
