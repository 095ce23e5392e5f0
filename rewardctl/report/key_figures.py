"""The table of figures at the head of the page: a label, and a text for each run."""

from collections.abc import Sequence

from rewardctl.report.figures import Figures, Relation
from rewardctl.report.words import count_text, dollars_text, number_text, percent_text

Row = tuple[str, list[str]]


def key_figures(runs: Sequence[Figures]) -> list[Row]:
    """Return the rows of the table; a row without a value in any run is left out."""
    rows = [(label, [value(run) for run in runs]) for label, value in _ROWS]
    return [(label, texts) for label, texts in rows if any(text not in ("", "–") for text in texts)]


def _definition(run: Figures) -> str:
    return f"{run.definition} {run.definition_version}".strip()


def _judge(run: Figures) -> str:
    if run.facts.get("models") == []:
        return "none"
    return str(run.facts.get("judge") or ", ".join(run.judge.models))


def _rewards(run: Figures) -> str:
    return (
        f"{number_text(run.reward.mean)} (deviation {number_text(run.reward.sd)})"
        if run.reward.count
        else "–"
    )


def _unscored(run: Figures) -> str:
    share = run.imputed / run.rows if run.rows else None
    return f"{count_text(run.imputed)} ({percent_text(share)})"


def _unreadable(run: Figures) -> str:
    lost = run.unreadable + run.rejected + run.no_response
    return f"{count_text(lost)} of {count_text(run.rows + run.unreadable)}" if lost else ""


def _groups(run: Figures) -> str:
    size = f", {number_text(run.groups.mean_size)} rollouts each" if run.groups.mean_size else ""
    return f"{count_text(run.groups.compared)}{size}"


def _tied(run: Figures) -> str:
    groups = run.groups
    return (
        f"{percent_text(groups.zero_variance_share)} ({count_text(groups.zero_variance)})"
        if groups.compared
        else "–"
    )


def _relation(relation: Relation) -> str:
    if relation.r is None:
        return "–"
    within = f", {relation.within_r:+.3f} within groups" if relation.within_r is not None else ""
    return f"r = {relation.r:+.3f}{within}"


def _calls(run: Figures) -> str:
    failed = f", {count_text(run.judge.failed)} failed" if run.judge.failed else ""
    return f"{count_text(run.judge.calls)}{failed}" if run.judge.calls else ""


def _tokens(run: Figures) -> str:
    tokens = run.judge.tokens
    if not run.judge.calls:
        return ""
    read = tokens.get("cache_read_tokens", 0)
    cached = f" ({count_text(read)} more from caches)" if read else ""
    return f"{count_text(tokens['input_tokens'])} in{cached}, {count_text(tokens['output_tokens'])} out"


def _cost(run: Figures) -> str:
    if not run.judge.calls and not run.judge.paid:
        return ""
    cost = dollars_text(run.judge.cost_usd, paid=run.judge.paid)
    return f"{cost}, ${run.judge.cost_usd / run.rows:.5f} a rollout" if run.judge.cost_usd else cost


def _latency(run: Figures) -> str:
    times = run.judge.latency_s
    if not times:
        return ""
    return f"{times['0.5']:.2f} s median, {times['0.9']:.2f} s for nine in ten, {times['1']:.2f} s at most"


_ROWS = (
    ("definition", _definition),
    ("judge", _judge),
    ("rollouts", lambda run: count_text(run.rows)),
    ("mean reward", _rewards),
    ("rewards filled in by the failure policy", _unscored),
    ("rows that can't be scored", _unreadable),
    ("groups of two and more", _groups),
    ("groups without variance", _tied),
    ("deviation of rewards within groups", lambda run: number_text(run.groups.within_sd)),
    ("reward against length", lambda run: _relation(run.length)),
    ("reward against place in the batch", lambda run: _relation(run.place)),
    ("agreement of voters", lambda run: percent_text(run.judge.agreement)),
    ("judge calls", _calls),
    ("tokens", _tokens),
    ("cost", _cost),
    ("latency of a judge call", _latency),
)
