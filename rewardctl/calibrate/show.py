"""A calibration on a terminal."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from rewardctl.calibrate.calibration import Calibration, JudgeResult
from rewardctl.calibrate.disagreements import Disagreement
from rewardctl.calibrate.measure import Measures
from rewardctl.calibrate.people import limit_words
from rewardctl.calibrate.requirement import Finding
from rewardctl.calibrate.summary import sentence
from rewardctl.calibrate.words import cell, dollars, inline, number
from rewardctl.labels.visible_text import visible
from rewardctl.local.table import id_text

COLUMNS = {"kappa": "kappa", "ac1": "AC1", "tpr": "TPR", "tnr": "TNR", "accuracy": "right", "auc": "AUC"}


def show(calibration: Calibration, findings: Sequence[Finding], console: Console, most: int) -> None:
    """Print everything; ``most`` is the number of disagreements of each judge to show."""
    for notice in calibration.notices:
        _say(console, notice, style="yellow")
    for judge in calibration.judges:
        _show_judge(judge, console, most)
    for line in _people(calibration):
        _say(console, line)
    for comparison in calibration.comparisons:
        _say(
            console,
            f"{comparison.second.name} against {comparison.first.name} on {comparison.part}: kappa "
            f"{inline(comparison.gain)} higher",
        )
    show_findings(findings, console)
    _say(console, sentence(calibration), style="bold")


def show_findings(findings: Sequence[Finding], console: Console) -> None:
    """Print each requirement with its result."""
    for finding in findings:
        word, style = ("passed", "green") if finding.passed else ("failed", "bold red")
        what = f"{finding.judge}, {finding.part}" if finding.part else finding.judge
        _say(console, f"--require {finding.requirement} {word}: {what}: {finding.words}", style=style)


def _say(console: Console, text: str, **style: Any) -> None:
    """Print text of files as text: no markup, and nothing that steers a terminal."""
    console.print(visible(text), markup=False, **style)


def _show_judge(judge: JudgeResult, console: Console, most: int) -> None:
    binding = judge.binding
    _say(console, f"{judge.name}", style="bold", end="")
    _say(
        console,
        f"  {binding.definition} {binding.definition_version}, {judge.rows:,} rollouts, {judge.labelled:,} "
        f"with labels, {dollars(judge.cost_usd)}",
    )
    console.print(_table(judge.measures))
    for measures in judge.measures:
        for line in _details(measures):
            _say(console, line)
    for each in judge.consistency:
        _say(
            console,
            f"{each.part}: same answer again {inline(each.agreement)}, {each.flipped} of {each.questions} "
            f"questions flipped in {each.runs} runs",
        )
    for alignment in judge.alignments:
        _say(
            console,
            f"{alignment.criterion} and {alignment.column}, {alignment.rows} rollouts: Spearman "
            f"{inline(alignment.spearman)}, AUC {inline(alignment.auc)}",
        )
    _show_disagreements(judge.disagreements, console, most)
    console.print()


def _table(parts: Sequence[Measures]) -> Table:
    """One row for each part, and one for the predictor that always gives the commoner label."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", overflow="fold")
    table.add_column("labels", justify="right")
    for title in COLUMNS.values():
        table.add_column(title, justify="right", no_wrap=True)
    for measures in parts:
        cells = [cell(measures.figures[name]) for name in COLUMNS]
        table.add_row(Text(visible(measures.part)), str(measures.labels), *cells)
        if measures.constant is not None:
            yes = measures.table.label_yes >= measures.table.label_no
            rates = ("1.00", ".00") if yes else (".00", "1.00")
            values = (".00", "", *rates, number(measures.constant), ".50")
            table.add_row(f"  always {'yes' if yes else 'no'}", "", *values, style="dim")
    return table


def _details(measures: Measures) -> Iterator[str]:
    """The 2x2 table of a part and its further figures."""
    counts, figures = measures.table, measures.figures
    yield f"{measures.part}, a score of {measures.at:g} or more counts as a yes"
    yield f"  judge yes: {counts.true_yes:5} people yes  {counts.false_yes:5} people no"
    yield f"  judge no:  {counts.false_no:5} people yes  {counts.true_no:5} people no"
    yield f"  answered: {inline(figures['coverage'])} of the labelled questions"
    yield f"  pass rate as judged: {inline(figures['pass_rate'])}"
    yield f"    corrected (Rogan-Gladen): {inline(figures['pass_rate_rogan_gladen'])}"
    yield f"    corrected (prediction-powered): {inline(figures['pass_rate_prediction_powered'])}"
    yield f"  Spearman of score and label: {inline(figures['spearman'])}"
    yield f"    length taken out: {inline(figures['spearman_partial'])}"
    yield f"    score and length: {inline(figures['spearman_length'])}"
    yield f"  {_missing(measures)}"
    if measures.threshold:
        unseen = measures.threshold.unseen
        rates = [
            number(count / total) if total else "·"
            for count, total in ((unseen.true_yes, unseen.label_yes), (unseen.true_no, unseen.label_no))
        ]
        yield (
            f"  best threshold: {measures.threshold.at:.3g}; on prompts it was not chosen on TPR {rates[0]}, "
            f"TNR {rates[1]}"
        )
    if measures.boundary:
        boundary = measures.boundary
        yield f"  boundary cases: {boundary.labels} labels, kappa {inline(boundary.figures['kappa'])}"


def _missing(measures: Measures) -> str:
    words = [
        f"{name} {'unknown' if count is None else f'{count:,}' if count else 'none'}"
        for name, count in measures.missing.items()
    ]
    return f"labels missing for ± {measures.half_width:g}: {', '.join(words)}"


def _people(calibration: Calibration) -> Iterator[str]:
    for each in calibration.people:
        if each.shared:
            yield f"{each.part}: people among each other, {each.shared} questions: alpha {inline(each.alpha)}"
    yield from limit_words(calibration.people)
    labels = calibration.labels
    if labels.undecided:
        yield f"{labels.undecided} questions are left out: their labellers are split evenly"
    if labels.without_worth:
        yield f"{labels.without_worth} questions are left out: nobody could answer them"


def _show_disagreements(found: Sequence[Disagreement], console: Console, most: int) -> None:
    if not found or not most:
        return
    _say(console, f"disagreements: {len(found)}, of which {min(most, len(found))} are shown")
    for each in found[:most]:
        case = each.case
        item = "" if case.key.item is None else f", item {case.key.item}"
        people = "yes" if case.truth.is_yes else "no"
        who = id_text(case.id)
        answers = f"judge {case.answer.text}, people {people}"
        _say(console, f"  {who}{item}, {each.part}: {answers}")
        if each.evidence:
            _say(console, f"    “{each.evidence}”", style="dim")
        if case.answer.unsupported:
            _say(console, "    its quote is in no document", style="dim")
