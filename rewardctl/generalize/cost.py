"""The cost of several runs together, shown and agreed to once."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console

from rewardctl.engine.place import limited
from rewardctl.engine.request import RunRequest, Stopped
from rewardctl.engine.sample import sample_of
from rewardctl.judges.estimate import ModelCost, costs_of_rows
from rewardctl.judges.options import agreed_to, refuse_over_cap
from rewardctl.replay.score import needs_judge
from rewardctl.runs.folder import INFO, read_info


def agree_on_runs(
    requests: Sequence[RunRequest], *, max_calls: int | None, max_usd: float, yes: bool, console: Console
) -> None:
    """Show what all runs cost that are not made yet, and ask if they cost anything.

    Raises Stopped after a no and for more calls than ``max_calls``, and JudgeChoiceError for a cost that may
    exceed ``max_usd``.
    """
    costs = list(_together(cost for request in requests for cost in _costs(request)))
    calls = sum(cost.calls for cost in costs if cost.role != "fallback")
    if max_calls is not None and calls > max_calls:
        raise Stopped(
            f"{len(requests)} runs take {calls:,} judge calls, and --max-calls allows {max_calls:,}; use "
            "fewer rollouts (--limit), fewer wordings or orders (--shuffles), or a larger budget",
            1,
        )
    refuse_over_cap(costs, max_usd)
    if not agreed_to(costs, console, yes=yes):
        raise Stopped("stopped; nothing was spent", 1)


def _costs(request: RunRequest) -> Sequence[ModelCost]:
    """What a run costs that is not made yet; nothing for a free judge."""
    choice = request.choice
    definition = choice.definition(request.definition)
    if choice.is_free or definition.judge is None or _is_finished(request):
        return []
    choice.load_prices(definition)
    lines = limited(request.data, request.limit)
    if request.stored is not None:
        lines = needs_judge(lines, definition, request.stored.reader(definition))
    sample = sample_of(lines)
    return costs_of_rows(sample.batches, sample.lines, definition)


def _is_finished(request: RunRequest) -> bool:
    folder = request.folder
    return folder is not None and (folder / INFO).is_file() and bool(read_info(folder).get("finished_at"))


def _together(costs: Iterable[ModelCost]) -> Iterator[ModelCost]:
    """One cost for each model and role: the sum over all runs."""
    sums: dict[tuple[str, str], ModelCost] = {}
    for cost in costs:
        before = sums.get((cost.model, cost.role))
        sums[cost.model, cost.role] = cost if before is None else _sum(before, cost)
    yield from sums.values()


def _sum(one: ModelCost, other: ModelCost) -> ModelCost:
    numbers = (first + second for first, second in zip(one[2:], other[2:], strict=True))
    return ModelCost(one.model, one.role, *numbers)  # type: ignore[arg-type]  # counts stay whole numbers
