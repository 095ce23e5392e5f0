"""The fit to data and the results of cases, for people and for programs."""

from typing import Any

from rich.console import Console

from rewardctl.cases.score import CaseResult
from rewardctl.checking.finding import listed_lines
from rewardctl.checking.steps import CasesRun, Fit
from rewardctl.labels.visible_text import visible

MAX_PROBLEMS = 3
"""So many different reasons why lines hold no row are shown."""


def fit_as_json(fit: Fit) -> dict[str, Any]:
    """The fit for --json."""
    return {
        "rows": fit.rows,
        "problems": [{"line": line, "detail": detail} for line, detail in fit.problems],
        "findings": [finding._asdict() for finding in fit.findings],
        "paths": fit.paths,
    }


def show_fit(fit: Fit, source: str, console: Console) -> None:
    """Print lines without a row, then mistakes, then other findings."""
    by_detail: dict[str, list[int]] = {}
    for line, detail in fit.problems:
        by_detail.setdefault(detail, []).append(line)
    for detail, lines in list(by_detail.items())[:MAX_PROBLEMS]:
        text = f"{source}, {listed_lines(lines)}: {visible(detail)}"
        console.print(text, style="yellow", markup=False)
    if len(by_detail) > MAX_PROBLEMS:
        console.print(f"{len(fit.problems)} lines in all hold no row", style="yellow")
    for finding in sorted(fit.findings, key=lambda each: not each.is_mistake):
        style = "bold red" if finding.is_mistake else "yellow"
        console.print(visible(str(finding)), style=style, markup=False)
    if not fit.rows:
        console.print(f"{source} holds no row that can be read", style="bold red", markup=False)
    elif not fit.findings:
        console.print(f"The definition fits all {fit.rows} rows of {source}.", markup=False)


def cases_as_json(run: CasesRun) -> dict[str, Any]:
    """The results of the cases for --json."""
    results = [
        {
            "line": result.case.line,
            "name": result.case.name,
            "passed": not result.failures,
            "failures": list(result.failures),
            "rewards": result.rewards,
            "judge_asked": result.is_asked,
        }
        for result in run.results
    ]
    return {"file": str(run.file), "failed": len(run.failed), "cases": results}


def show_cases(run: CasesRun, console: Console, *, is_stand_in: bool) -> None:
    """Print each failed case with what is wrong, then the count."""
    for result in run.failed:
        console.print(f"FAILED {_title(result)}", style="bold red", markup=False)
        for failure in result.failures:
            console.print(f"  {visible(failure)}", markup=False)
    count, asked = len(run.results), sum(result.is_asked for result in run.results)
    console.print(f"{count - len(run.failed)} of {count} cases of {run.file} hold.", markup=False)
    if asked and is_stand_in:
        console.print(
            f"{asked} of them state no verdicts. The offline stand-in decided them; its verdicts mean "
            "nothing: state verdicts in the cases, or name a judge with --judge.",
            style="yellow",
        )


def _title(result: CaseResult) -> str:
    name = f", {visible(result.case.name)}" if result.case.name else ""
    return f"line {result.case.line}{name}"
