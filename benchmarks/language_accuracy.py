"""Whether the right language is recognised, and answers without a language are ignored."""

import json
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.results import Goal, Section, Table
from reward_fn import checks
from reward_fn.text.language import MIN_LETTERS, detect
from reward_fn.text.prose import letters_in
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Message, Rollout

SENTENCES = Path(__file__).resolve().parent / "sentences.toml"
LIMIT = 0.96
LABELS: tuple[object, ...] = (
    {"compliant": "No", "risk": "HIGH"},
    {
        "risk_level": "very high",
        "type": "termination",
        "clause": "4.2",
        "issues": ["liability", "payment terms"],
    },
    {"comments": [{"comment_id": "c-1", "type": "term_and_termination", "score": 3}]},
    [1, 2.5, True, None],
    {},
)
SHORT = (
    "",
    "42",
    "OK",
    "Yes.",
    "No, Monday.",
    "A: 18",
    "\\boxed{3}",
    "HIGH",
    "👍",
    "2026-11-24",
    "x = y + z",
)


def read_sentences() -> dict[str, list[str]]:
    """Sentences by language: translations of the same ones, in the same order."""
    loaded: dict[str, list[str]] = tomllib.loads(SENTENCES.read_text(encoding="utf-8"))
    return loaded


def measure_languages() -> Section:
    """Measure each sentence alone, then as question and answer, then answers without a language."""
    sentences = read_sentences()
    check = checks.load("language").build({}, SENTENCES.parent)
    recognised = {code: sum(detect(text) == code for text in texts) for code, texts in sentences.items()}
    count = sum(map(len, sentences.values()))
    accuracy = sum(recognised.values()) / count
    same = _failed(check, _pairs(sentences, 0))
    other = _failed(check, _pairs(sentences, 1))
    bare = list(_bare(sentences))
    alarms = len(_failed(check, bare))
    rows = (
        ("a question and an answer in its language", f"{len(same)} of {count}", "0"),
        ("an answer in another language", f"{len(other)} of {count}", "all"),
        ("short, or JSON of labels", f"{alarms} of {len(bare)}", "0"),
    )
    return Section(
        title="Checks",
        how=(_how(count, len(sentences)),),
        goals=_goals(len(sentences), accuracy, alarms, len(bare)),
        tables=(Table("Language: answers that fail", ("answers", "failed", "goal"), rows),),
        notes=_missed(recognised, sentences),
        data={
            "accuracy": accuracy,
            "recognised": recognised,
            "failed_same": len(same),
            "failed_other": len(other),
        },
    )


def _goals(languages: int, accuracy: float, alarms: int, bare: int) -> tuple[Goal, Goal]:
    recognition = f"Language: accuracy over {languages} languages"
    false_alarms = "Language: false alarms on short or JSON-only answers"
    return (
        Goal(recognition, f"≥ {LIMIT}", accuracy, LIMIT, f"{accuracy:.3f}", at_most=False),
        Goal(false_alarms, "0", alarms, 0, f"{alarms} of {bare}"),
    )


def _how(count: int, languages: int) -> str:
    return (
        f"Language: {count} sentences in {languages} languages, the same ones in each, written for this "
        "benchmark (`benchmarks/sentences.toml`). First each sentence is recognised alone. Then one sentence "
        "is the prompt, and the next one in the same or in the next language is the answer. Answers without "
        f"a language are figures, words under {MIN_LETTERS} letters, and JSON that has only labels, to "
        "prompts in all languages."
    )


def _missed(recognised: dict[str, int], sentences: dict[str, list[str]]) -> list[str]:
    missed = {
        code: len(texts) - recognised[code]
        for code, texts in sentences.items()
        if recognised[code] < len(texts)
    }
    shown = ", ".join(f"{code} {count}" for code, count in missed.items())
    return [f"Sentences that are not recognised by themselves: {shown}."] if missed else []


def _pairs(sentences: dict[str, list[str]], step: int) -> list[tuple[str, str]]:
    """Pairs of prompt and answer: the answer is a sentence some places later."""
    codes = list(sentences)
    pairs = []
    for place, code in enumerate(codes):
        answers = sentences[codes[(place + step) % len(codes)]]
        pairs += [(text, answers[(i + 1) % len(answers)]) for i, text in enumerate(sentences[code])]
    return pairs


def _bare(sentences: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Prompts in every language with answers without a language."""
    short = [words for words in (text.split(maxsplit=2)[0] for text in sentences["en"]) if _is_short(words)]
    answers = [*SHORT, *short, *map(json.dumps, LABELS)]
    for texts in sentences.values():
        yield from ((texts[0], answer) for answer in answers)


def _is_short(text: str) -> bool:
    return letters_in(text) < MIN_LETTERS


def _failed(check: Check, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [pair for pair in pairs if _score(check, *pair) < 1.0]


def _score(check: Check, prompt: str, answer: str) -> float:
    result = check(Rollout(0, "r", (Message("user", prompt),), answer))
    return result.score if isinstance(result, CheckResult) else 0.0
