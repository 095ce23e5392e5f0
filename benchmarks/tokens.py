"""Tokens and price of a thousand judged rollouts: ours now and before, autorubric, verifiers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.environment import lambda_environment
from benchmarks.judged import check_all_judged
from benchmarks.prefix_prices import measure_prefixes
from benchmarks.results import BenchmarkError, Section
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
from benchmarks.token_report import OURS, PRICED, Spent, as_data, goals_of, table_of
from benchmarks.token_server import Capture, Exchange, capturing
from rewardctl.emulate.request import CHARS_PER_TOKEN


@dataclass(frozen=True, slots=True)
class Other:
    """Another library: the packages of its environment, its script, and the script's mode."""

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
    """Measure all sides on the same rubrics, documents and answers, without unavailable libraries."""
    tick("tokenizer")
    count, estimated = _counter(size)
    spent: dict[tuple[str, str], Spent] = {}
    missing: dict[str, str] = {}
    all_cases = cases()
    with capturing() as capture:
        for name, case in all_cases.items():
            tick(f"{name}: ours")
            spent[name, OURS] = _spent(_ours(case, capture), case, count)
        for other in OTHERS if size.other_judges else ():
            if other.folder not in missing:
                tick(other.name)
                try:
                    spent |= _others_spent(other, _theirs(other, all_cases, capture), all_cases, count)
                except EnvironmentMissingError as error:
                    missing[other.folder] = str(error)
    prefix_table, prefix_goals, prefix_data = measure_prefixes(tick)
    goals = (*goals_of(spent, estimated=bool(estimated)), *prefix_goals)
    notes = [f"{name} was not measured: {why}." for name, why in missing.items()]
    if estimated:
        notes.append(f"Tokens are estimated, {CHARS_PER_TOKEN} characters each: {estimated}.")
    return Section(
        title="Tokens: what judging a thousand rollouts reads, writes and costs",
        how=_how(),
        goals=goals,
        tables=(table_of(spent), prefix_table),
        notes=notes,
        data={
            "sides": {f"{case}, {side}": as_data(cost) for (case, side), cost in spent.items()},
            "prefixes": prefix_data,
        },
    )


def _counter(size: Size) -> tuple[Count, str]:
    """The tokenizer, or an estimate and the reason for it."""
    try:
        if size.other_judges:
            return tokenizer(), ""
        why = "the smallest size installs nothing"
    except EnvironmentMissingError as error:
        why = str(error)
    return (lambda texts: [len(text) // CHARS_PER_TOKEN for text in texts]), why


def _ours(case: Case, capture: Capture) -> list[Exchange]:
    """The exchanges of the handler for the case's rows."""
    with lambda_environment(capture.url, REWARD_DEFINITION=case.definition, PROMPT_CACHE="off"):
        check_all_judged(case.rows)
    return capture.take()


def _others_spent(
    other: Other, exchanges: Sequence[Exchange], all_cases: Mapping[str, Case], count: Count
) -> dict[tuple[str, str], Spent]:
    """The tokens by case, which the model's name identifies."""
    by_case = {name: [call for call in exchanges if call.model == _model_of(name)] for name in all_cases}
    return {(name, other.name): _spent(by_case[name], case, count) for name, case in all_cases.items()}


def _theirs(other: Other, all_cases: Mapping[str, Case], capture: Capture) -> list[Exchange]:
    """Run all cases at once, since the library starts slowly; model names tell them apart."""
    python = python_of(other.folder, other.packages)
    tasks = [{"model": _model_of(name), **task} for name, case in all_cases.items() for task in case.others]
    try:
        verdicts = sum(
            run_script(python, other.script, {"url": capture.url, "mode": other.mode, "cases": tasks})
        )
        exchanges = capture.take()
    finally:
        capture.take()
    expected = sum(case.verdicts for case in all_cases.values())
    if verdicts != expected:
        raise BenchmarkError(f"{other.name} gave {verdicts} verdicts, not {expected}")
    return exchanges


def _model_of(case: str) -> str:
    """The model name of a case."""
    return f"judge-{case.replace(', ', '-').replace(' ', '-')}"


def _spent(exchanges: Sequence[Exchange], case: Case, count: Count) -> Spent:
    rollouts = len(case.rows)
    texts = [(text, is_read) for call in exchanges for text, is_read in _marked(call)]
    counts = count([text for text, _ in texts])
    read = sum(n for n, (_, is_read) in zip(counts, texts, strict=True) if is_read)
    return Spent(
        read / rollouts, (sum(counts) - read) / rollouts, len(exchanges) / rollouts, case.verdicts / rollouts
    )


def _marked(exchange: Exchange) -> list[tuple[str, bool]]:
    return [*((text, True) for text in exchange.read), *((text, False) for text in exchange.written)]


def _how() -> tuple[str, ...]:
    return (
        "Requests and replies are recorded at the stand-in. Ours pass through the whole handler: system "
        "text, messages, and the tool with its schema. For the others the messages and the schema of their "
        "response format count. The tokenizer is Mistral's Tekken, whose vocabulary ships in the wheel of "
        "mistral-common 1.13.1; Nova's and Claude's are not public. Tokens of a chat template are not "
        "counted.",
        "The others are autorubric 1.6.1, in its default way and in its cheapest, and the rubric judge of "
        "verifiers 0.4.0. All sides get the same criteria, documents and answers. The others judge the whole "
        "answer, so a criterion about items is repeated for each item, by its number.",
        "The judge writes as much evidence as each side requests: the most words that our prompt allows, 30 "
        "for autorubric's one or two sentences, 20 for the one sentence of verifiers.",
        f"Every token is priced as one of {PRICED}, without a prompt cache.",
    )
