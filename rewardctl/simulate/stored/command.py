"""The engine `stored` from its options to its output."""

from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from rewardctl.simulate.errors import SimulateError
from rewardctl.simulate.output import Output
from rewardctl.simulate.page import Part
from rewardctl.simulate.stored.answers import StoredError
from rewardctl.simulate.stored.experiment import cautions, run_all
from rewardctl.simulate.stored.grpo import Plan
from rewardctl.simulate.stored.read import read_source
from rewardctl.simulate.stored.tables import HEADER, by_topic, caution_lines, figures, plots_of, rows_of, show


def simulate(
    run: Path, truth: str | None, seeds: int, steps: int, group: int, output: Output, console: Console
) -> None:
    """Read the rollouts, learn all scenarios, and show them. Raises SimulateError and OSError."""
    try:
        source = read_source(run, truth)
    except StoredError as error:
        raise SimulateError(str(error)) from error
    with console.status("learning") as status:
        findings = run_all(source, Plan(steps=steps, group=group), seeds, status.update)
    notes = cautions(source, findings)
    if output.as_json:
        output.print_json({"findings": [asdict(finding) for finding in findings], "notes": notes})
    else:
        show(findings, notes, Console(highlight=False))
    parts = [
        Part(plot, rows_of(part), [figures(part), *caution_lines(part)])
        for plot, part in zip(plots_of(findings), by_topic(findings).values(), strict=True)
    ]
    prompts = f"{len(source.answers.truth):,} prompts of {run.name}"
    about = f"{prompts}, scored by {source.definition}; {seeds} seeds."
    output.write("What a reward teaches", [about, *notes], HEADER, parts)
