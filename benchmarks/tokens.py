"""Tokens and price of judging a thousand rollouts: ours, the same before, autorubric and verifiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.environment import lambda_environment
from benchmarks.judged import check_all_judged
from benchmarks.prefix_prices import measure_prefixes
from benchmarks.results import BenchmarkError, Goal, Section, Table
from benchmarks.size import Size
from benchmarks.timing import Tick
from benchmarks.token_cases import Case, cases
from benchmarks.token_environments import (
    AUTORUBRIC,
    VERIFIERS,
    Count,
    EnvironmentMissingError,
    python_of,
    run_script,
    tokenizer,
)
from benchmarks.token_server import Capture, Exchange, capturing
from reward_fn.judge.models.catalogue import TIERS
from reward_fn.judge.models.prices import price_of
from rewardctl.emulate.request import CHARS_PER_TOKEN

PRICED = TIERS["medium"]
"""Everybody's tokens are priced as those of this model."""

OURS = "ours"


@dataclass(frozen=True, slots=True)
class Spent:
    """Means of one rollout; ``calls`` and ``verdicts`` too."""

    read: float
    written: float
    calls: float
    verdicts: float

    @property
    def usd(self) -> float:
        """The price of one rollout."""
        return price_of(PRICED).of(1, 0) * self.read + price_of(PRICED).of(0, 1) * self.written


BEFORE_COMMIT = "3afed8e"
BEFORE_DATE = "2026-11-28"
BEFORE: Mapping[str, Spent] = {
    "contract-review, 5 comments": Spent(3490.0, 1296.25, 1.0, 16.0),
    "contract-review, 20 comments": Spent(8168.5, 4922.5, 1.0, 61.0),
    "rag-faithfulness": Spent(1458.6, 344.0, 1.0, 5.0),
    "instruction-following": Spent(1570.4, 536.9, 1.0, 84 / 11),
}
"""The same measurement of that commit, kept as data: the verdict schema spelled out every item then, and
every verdict carried up to 40 words of evidence. Random fences move the tokens read by 0.2 %."""

BEFORE_SHORT: Mapping[str, Spent] = {
    "contract-review, 5 comments": Spent(3490.0, 629.5, 1.0, 16.0),
    "contract-review, 20 comments": Spent(8168.5, 2384.75, 1.0, 61.0),
    "rag-faithfulness": Spent(1458.6, 167.4, 1.0, 5.0),
    "instruction-following": Spent(1570.4, 267.2, 1.0, 84 / 11),
}
"""The same with 12 words of evidence a verdict, which tells what the evidence alone saves."""

MOST: Mapping[str, float] = {"contract-review, 5 comments": 0.6, "contract-review, 20 comments": 0.5}
"""The most that a case may cost of what it cost before."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another library: the packages of its environment, its script, and how that asks."""

    name: str
    folder: str
    packages: Sequence[str]
    script: str
    mode: str = ""


OTHERS = (
    Other("autorubric, a call a criterion", "autorubric", AUTORUBRIC, "side_autorubric.py", "per_criterion"),
    Other("autorubric, a call a rollout", "autorubric", AUTORUBRIC, "side_autorubric.py", "per_item"),
    Other("verifiers' rubric judge", "verifiers", VERIFIERS, "side_verifiers.py"),
)


def measure(size: Size, tick: Tick) -> Section:
    """All sides on the same rubrics, documents and answers; another library that can't be had is left out."""
    tick("tokenizer")
    count, estimated = _counter(size)
    spent: dict[tuple[str, str], Spent] = {}
    missing: dict[str, str] = {}
    made = cases()
    with capturing() as capture:
        for name, case in made.items():
            tick(f"{name}: ours")
            spent[name, OURS] = _spent(_ours(case, capture), case, count)
        for other in OTHERS if size.other_judges else ():
            if other.folder not in missing:
                tick(other.name)
                try:
                    spent |= _others_spent(other, _theirs(other, made, capture), made, count)
                except EnvironmentMissingError as error:
                    missing[other.folder] = str(error)
    prefix_table, prefix_goals, prefix_data = measure_prefixes(tick)
    goals = (*_goals(spent, estimated=bool(estimated)), *prefix_goals)
    notes = [f"{name} was not measured: {why}." for name, why in missing.items()]
    if estimated:
        notes.append(f"Tokens are estimated, {CHARS_PER_TOKEN} characters each: {estimated}.")
    return Section(
        title="Tokens: what judging a thousand rollouts reads, writes and costs",
        how=_how(),
        goals=goals,
        tables=(_table(spent), prefix_table),
        notes=notes,
        data={
            "sides": {f"{case}, {side}": _as_data(each) for (case, side), each in spent.items()},
            "prefixes": prefix_data,
        },
    )


def _counter(size: Size) -> tuple[Count, str]:
    """The tokenizer, else an estimate and why."""
    try:
        if size.other_judges:
            return tokenizer(), ""
        why = "the least size installs nothing"
    except EnvironmentMissingError as error:
        why = str(error)
    return (lambda texts: [len(text) // CHARS_PER_TOKEN for text in texts]), why


def _ours(case: Case, capture: Capture) -> list[Exchange]:
    """What the handler sends for the case's rows, and what comes back."""
    with lambda_environment(capture.url, REWARD_DEFINITION=case.definition, PROMPT_CACHE="off"):
        check_all_judged(case.rows)
    return capture.take()


def _others_spent(
    other: Other, exchanges: Sequence[Exchange], made: Mapping[str, Case], count: Count
) -> dict[tuple[str, str], Spent]:
    """By case, which the model's name tells."""
    own = {name: [each for each in exchanges if each.model == _model_of(name)] for name in made}
    return {(name, other.name): _spent(own[name], case, count) for name, case in made.items()}


def _theirs(other: Other, made: Mapping[str, Case], capture: Capture) -> list[Exchange]:
    """All cases in one run of the library, which takes long to start; their models' names tell them apart."""
    python = python_of(other.folder, other.packages)
    given = [{"model": _model_of(name), **each} for name, case in made.items() for each in case.others]
    try:
        verdicts = sum(
            run_script(python, other.script, {"url": capture.url, "mode": other.mode, "cases": given})
        )
        exchanges = capture.take()
    finally:
        capture.take()
    wanted = sum(case.verdicts for case in made.values())
    if verdicts != wanted:
        raise BenchmarkError(f"{other.name} gave {verdicts} verdicts, not {wanted}")
    return exchanges


def _model_of(case: str) -> str:
    """The name of the model that a case is sent to."""
    return f"judge-{case.replace(', ', '-').replace(' ', '-')}"


def _spent(exchanges: Sequence[Exchange], case: Case, count: Count) -> Spent:
    rollouts = len(case.rows)
    texts = [(text, is_read) for each in exchanges for text, is_read in _marked(each)]
    counts = count([text for text, _ in texts])
    read = sum(n for n, (_, is_read) in zip(counts, texts, strict=True) if is_read)
    return Spent(
        read / rollouts, (sum(counts) - read) / rollouts, len(exchanges) / rollouts, case.verdicts / rollouts
    )


def _marked(exchange: Exchange) -> list[tuple[str, bool]]:
    return [*((text, True) for text in exchange.read), *((text, False) for text in exchange.written)]


def _goals(spent: Mapping[tuple[str, str], Spent], *, estimated: bool) -> list[Goal]:
    """Against before, and against the cheapest of the others. An estimate meets or misses no goal."""
    if estimated:
        return []
    goals = []
    for name, most in MOST.items():
        ratio = spent[name, OURS].usd / BEFORE[name].usd
        what = f"Tokens, {name}: price against commit {BEFORE_COMMIT}"
        goals.append(Goal(what, f"at most {most:g} times", ratio, most, f"{ratio:.2f} times"))
    for name in sorted({case for case, _ in spent}):
        others = {side: each for (case, side), each in spent.items() if case == name and side != OURS}
        if others:
            side = min(others, key=lambda each: others[each].usd)
            ratio = spent[name, OURS].usd / others[side].usd
            what = f"Tokens, {name}: price a verdict against the cheapest other ({side})"
            goals.append(Goal(what, "at most 1 time", ratio, 1.0, f"{ratio:.2f} times"))
    return goals


def _table(spent: Mapping[tuple[str, str], Spent]) -> Table:
    rows = []
    names = list(dict.fromkeys(case for case, _ in spent))
    for name in names:
        sides: dict[str, Spent] = {side: each for (case, side), each in spent.items() if case == name}
        before = f"ours at {BEFORE_COMMIT}, {BEFORE_DATE}"
        sides = {
            OURS: sides.pop(OURS),
            before: BEFORE[name],
            f"{before}, had its evidence 12 words": BEFORE_SHORT[name],
            **sides,
        }
        rows += [_row(f"{name}: {side}", each) for side, each in sides.items()]
    columns = (
        *("side", "calls a rollout", "verdicts", "tokens in a 1,000", "tokens out a 1,000"),
        *("USD a 1,000 rollouts", "USD a 100,000 verdicts"),
    )
    return Table("Judging a thousand rollouts", columns, rows)


def _row(name: str, each: Spent) -> tuple[str, ...]:
    return (
        name,
        f"{each.calls:.1f}",
        f"{each.verdicts:.1f}",
        f"{each.read * 1000:,.0f}",
        f"{each.written * 1000:,.0f}",
        f"{each.usd * 1000:.2f}",
        f"{each.usd / each.verdicts * 100_000:.2f}",
    )


def _as_data(each: Spent) -> dict[str, Any]:
    return {"read": each.read, "written": each.written, "calls": each.calls, "usd": each.usd}


def _how() -> tuple[str, ...]:
    return (
        "What is sent and received is captured at the stand-in: for ours system, messages and the tool with "
        "its schema, through the whole handler; for the others the messages and the schema of their response "
        "format. The tokenizer is Mistral's Tekken, whose vocabulary mistral-common 1.13.1 carries in its "
        "wheel; Nova's and Claude's own are not public. What a chat template adds is not counted.",
        "The others are autorubric 1.6.1, in its default way and in its cheapest, and the rubric judge of "
        "verifiers 0.4.0. All sides get the same criteria, documents and answers. The others judge the whole "
        "answer, so a criterion of items is put once for each item, by its number.",
        "The judge writes evidence as long as each side asks for: the most words that our prompt allows, 30 "
        "for autorubric's one or two sentences, 20 for the one of verifiers.",
        f"Every token is priced as one of {PRICED}, without a prompt cache.",
    )
