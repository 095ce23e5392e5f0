"""The engine `trl` from its options to its output."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from rewardctl.simulate.errors import SimulateError
from rewardctl.simulate.output import Output
from rewardctl.simulate.page import Part
from rewardctl.simulate.trainer.outcome import HEADER, Result, notes_of, plots_of, rows_of
from rewardctl.simulate.trainer.rewards import VARIANTS
from rewardctl.simulate.trainer.start import Schedule, train_seed

ABOUT = (
    "TRL's GRPOTrainer teaches a model of 338,432 parameters to add, with rewards by this project's scoring. "
    "Start and end are measured on 400 sums that no training saw: one answer each."
)


def simulate(variants: Sequence[str], seeds: int, steps: int, output: Output, console: Console) -> None:
    """Train every variant with every seed, and show the outcome. Raises SimulateError and OSError."""
    unknown = sorted(set(variants) - set(VARIANTS))
    if unknown:
        raise SimulateError(f"no variant {unknown[0]!r}; name one of {', '.join(VARIANTS)}")
    names, schedule = list(variants or VARIANTS), Schedule(steps=steps)
    results: list[Result] = []
    with console.status("") as status:
        for seed in range(seeds):
            status.update(f"seed {seed + 1} of {seeds}: teaching the model to add first")
            for result in train_seed(seed, names, schedule):
                results.append(result)
                status.update(f"seed {seed + 1} of {seeds}: {result['variant']} is trained")
    results.sort(key=lambda result: names.index(result["variant"]))
    _show(results, output)


def _show(results: Sequence[Result], output: Output) -> None:
    notes, rows = notes_of(results), rows_of(results)
    if output.as_json:
        output.print_json({"results": list(results), "notes": notes})
    else:
        table = Table(box=SIMPLE_HEAD)
        for column in HEADER:
            table.add_column(column)
        for row in rows:
            table.add_row(*row)
        terminal = Console(highlight=False)
        terminal.print(table)
        for note in (*notes, ABOUT):
            terminal.print(note, markup=False)
    plots = plots_of(results)
    parts = [Part(plot, rows if plot is plots[0] else (), [plot.text]) for plot in plots]
    output.write("A small model learns from this reward", [ABOUT, *notes], HEADER, parts)
