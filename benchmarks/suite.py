"""All sections in order; only one is measured at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Console

from benchmarks import (
    check_quality,
    cold_start,
    faults,
    math_answers,
    outages,
    pacing,
    processor_time,
    report_pages,
    right_values,
    score_command,
    tokens,
    wall_time,
)
from benchmarks.results import Section
from benchmarks.size import Size
from benchmarks.terminal import Reporter
from benchmarks.timing import Tick

SECTIONS: Mapping[str, Callable[[Size, Tick], Section]] = {
    "wall": wall_time.measure,
    "cpu": processor_time.measure,
    "math": math_answers.measure,
    "faults": faults.measure,
    "pacing": pacing.measure,
    "outages": outages.measure,
    "tokens": tokens.measure,
    "checks": check_quality.measure,
    "values": right_values.measure,
    "score": score_command.measure,
    "report": report_pages.measure,
    "cold": cold_start.measure,
}


def run(size: Size, names: Sequence[str], console: Console) -> dict[str, Section]:
    """Measure the named sections. Raises BenchmarkError if a measurement is invalid."""
    sections = {}
    with Reporter(console, len(names)) as reporter:
        for name in names:
            with reporter.section(name) as tick:
                sections[name] = SECTIONS[name](size, tick)
    return sections


def as_json(size: Size, machine: Mapping[str, str], sections: Mapping[str, Section]) -> dict[str, Any]:
    """All results for JSON."""
    return {
        "size": asdict(size),
        "machine": dict(machine),
        "sections": {
            name: {
                "title": section.title,
                "goals": [{**asdict(goal), "met": goal.met} for goal in section.goals],
                "skipped": section.skipped,
                "data": section.data,
            }
            for name, section in sections.items()
        },
    }
