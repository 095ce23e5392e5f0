"""The section on checks: their cost, their accuracy, and their share of the layer."""

from benchmarks.check_costs import measure_costs
from benchmarks.footprint import measure_footprint
from benchmarks.language_accuracy import measure_languages
from benchmarks.results import Section
from benchmarks.safety_alarms import measure_alarms
from benchmarks.safety_lists import measure_safety
from benchmarks.size import Size
from benchmarks.timing import Tick

TITLE = "Checks: cost, languages, safety and size"


def measure(size: Size, tick: Tick) -> Section:
    """Combine the parts into one section."""
    parts = [measure_costs(size, tick)]
    tick("sentences in many languages")
    parts.append(measure_languages())
    tick("foul words and contract clauses")
    parts.append(measure_safety())
    if size.real_texts:
        tick("real texts")
        parts.append(measure_alarms())
    else:
        parts.append(Section(TITLE, how=(), skipped="safety's false alarms on real texts, at this size"))
    parts.append(measure_footprint(size, tick))
    return Section(
        title=TITLE,
        how=[sentence for part in parts for sentence in part.how],
        goals=[goal for part in parts for goal in part.goals],
        tables=[table for part in parts for table in part.tables],
        notes=[note for part in parts for note in part.notes],
        skipped="; ".join(part.skipped for part in parts if part.skipped),
        data={key: value for part in parts for key, value in part.data.items()},
    )
