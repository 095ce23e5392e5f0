"""A plan for a terminal of 80 columns: what the judge costs, a step, the function, and all assumptions."""

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from rewardctl.engine.progress import duration
from rewardctl.plan.assumptions import Assumption
from rewardctl.plan.cautions import Caution
from rewardctl.plan.money import WAYS, JudgePlan, Range
from rewardctl.plan.plan import Plan
from rewardctl.plan.timing import PROCESSOR_MB

WIDTH = 80


def show(plan: Plan, assumed: Sequence[Assumption], cautions: Sequence[Caution], console: Console) -> None:
    """Print the plan."""
    console.width = min(console.width, WIDTH)
    for line in _opening(plan):
        console.print(line, markup=False)
    if plan.judges:
        console.print(_judges(plan.judges), "")
    console.print(_lines("The job", _job(plan)), "")
    console.print(_assumptions(assumed))
    for caution in cautions:
        console.print(f"\n{caution.text}", style="yellow", markup=False)
        console.print(f"→ {caution.remedy}", markup=False)


def _opening(plan: Plan) -> Iterator[str]:
    shape, work = plan.request.shape, plan.sampled.work
    yield (
        f"{plan.definition.name}, called by {shape.caller}: {shape.batch_size:,} prompts × "
        f"{shape.generations} rollouts × {shape.steps:,} steps = {shape.rollouts:,} rollouts."
    )
    gates = ", ".join(f"{name} {count}" for name, count in sorted(work.gates.items()))
    ended = f"; ended before it: {gates}" if gates else ""
    yield (
        f"Sample: {work.rollouts:,} rollouts of {plan.sampled.source}, of which {work.judged:,} "
        f"({work.judged / work.rollouts:.0%}) reach the judge{ended}."
    )
    if not plan.judges:
        yield "The definition has no judge, so there are no calls to pay for."


def _judges(judges: Sequence[JudgePlan]) -> Table:
    table = Table(title="The judge", title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for judge in judges:
        table.add_column(judge.name, justify="right", overflow="fold")
    table.add_row("calls", *(_counts(judge.calls) for judge in judges))
    table.add_row("tokens in", *(_counts(judge.input_tokens) for judge in judges))
    table.add_row("tokens out", *(_counts(judge.output_tokens) for judge in judges))
    for way, words in WAYS.items():
        table.add_row(f"US$, {words}", *(_usd(judge.usd(way)) for judge in judges))
    return table


def _job(plan: Plan) -> Iterator[tuple[str, str]]:
    request, shape, step = plan.request, plan.request.shape, plan.step
    place = "ProvisionedConcurrency" if shape.uses_alias else "LatestConcurrency"
    event_mb = plan.sampled.work.row_bytes * shape.rollouts_a_call / 1e6
    for quota in plan.quotas:
        yield (
            "quota a minute",
            f"{quota.model}: {quota.requests:,} requests, {quota.tokens:,} tokens; a call reserves "
            f"{quota.reserved:,}",
        )
    limited = f", by the quota of {step.limited_by}" if step.limited_by else ""
    yield (
        "rewards of a step",
        f"{step.step_s:.1f} s{limited}; an invocation {step.time.mean_call_s:.1f} s, the slowest "
        f"{step.time.slowest_call_s:.1f} s",
    )
    yield "trainer idle", f"{plan.idle_share:.0%} of a step"
    yield "job", duration(plan.function.hours * 3600)
    yield (
        "concurrency",
        f"lambda_concurrency_limit {shape.concurrency} in the recipe, {place} {shape.invocations_at_once} in "
        "the function",
    )
    yield (
        "memory",
        f"{request.memory_mb:,} MB, {min(1, request.memory_mb / PROCESSOR_MB):.0%} of a processor; an event "
        f"has about {event_mb:.2f} MB",
    )
    yield (
        "US$, function",
        f"{plan.function.invocations_usd:,.2f} on demand; {plan.function.provisioned_usd:,.2f} for "
        f"provisioned environments while the job runs (prices of {plan.function.region})",
    )


def _lines(title: str, lines: Iterator[tuple[str, str]]) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", overflow="fold", max_width=24)
    table.add_column(overflow="fold")
    for name, value in lines:
        table.add_row(name, value.replace("[", r"\["))
    return table


def _assumptions(assumed: Sequence[Assumption]) -> Table:
    table = Table(title="Assumptions", title_justify="left", box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(style="dim", overflow="fold")
    for name, value, origin, option in assumed:
        table.add_row(name, value, f"{origin}; {option}" if option else origin)
    return table


def _counts(figures: tuple[int, int]) -> str:
    low, high = map(_short, figures)
    return low if low == high else f"{low} to {high}"


def _short(figure: int) -> str:
    """The figure itself up to a million, then in millions."""
    return f"{figure:,}" if figure < 1_000_000 else f"{figure / 1e6:,.1f} M"


def _usd(figures: Range | None) -> str:
    return "–" if figures is None else f"{figures[0]:,.2f} to {figures[1]:,.2f}"
