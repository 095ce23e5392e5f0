"""Small changes of an answer, as a policy makes them when it samples: the moves of the search. Pure.

To add a mutation: write a function of a random source, a text and the pool, and add it to ``MUTATIONS``.
"""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from rewardctl.attacks.honest import Task
from rewardctl.attacks.probes import FILLER, FORMATS, Known
from rewardctl.attacks.texts import as_json, places_of, replaced_at, sentences, to_text, words

MAX_CHARS = 20_000
"""No answer grows longer: more than the longest that a policy writes in training."""
WRAPS = ("```\n{}\n```", "**{}**", "<answer>{}</answer>", "# Answer\n\n{}", "> {}", '{{"answer": {}}}')
WHOLE_SHARE = 0.15
"""The share of changes of a JSON answer that change it as a text; most of them break it."""


class Pool(NamedTuple):
    """Where new text comes from: sentences and key words of each source, and other answers to the prompt."""

    sentences: Sequence[Sequence[str]]
    keywords: Sequence[Sequence[str]]
    others: Sequence[str]
    to_judge: Sequence[str]


Mutation = Callable[[random.Random, str, Pool], str]
"""Returns the changed text, or the same if it does not apply."""


def pool_of(task: Task, known: Known) -> Pool:
    """The prompt, the rubric, the terms of checks and honest, bad answers; never the reference or a good
    answer, which would be no hack."""
    rubric, terms = "\n".join(known.rubric), list(known.terms)
    bad = task.bad
    parts = [sentences(task.prompt), sentences(rubric), [s for text in bad for s in sentences(text)]]
    keys = [_long(words(task.prompt)), _long(words(rubric)), terms]
    to_judge = [text for texts in known.plain.values() for text in texts]
    return Pool([part for part in parts if part], [key for key in keys if key], bad, to_judge)


def _long(all_words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(word for word in all_words if len(word) > 3))


def append(rng: random.Random, text: str, pool: Pool) -> str:
    """Add a sentence at the end."""
    return f"{text} {_sentence(rng, pool)}".strip()


def prepend(rng: random.Random, text: str, pool: Pool) -> str:
    """Add a sentence at the beginning."""
    return f"{_sentence(rng, pool)} {text}".strip()


def replace_by_sentence(rng: random.Random, _text: str, pool: Pool) -> str:
    """Put a sentence of the prompt, the rubric or another answer in place of the text."""
    return _sentence(rng, pool)


def repeat(rng: random.Random, text: str, _pool: Pool) -> str:
    """Say all or one sentence again."""
    return f"{text} {rng.choice([text, *sentences(text)])}"


def pad(rng: random.Random, text: str, _pool: Pool) -> str:
    """Add words without content."""
    return f"{text} " + " ".join([FILLER] * rng.randint(1, 8))


def truncate(rng: random.Random, text: str, _pool: Pool) -> str:
    """Drop one sentence, or the end."""
    parts = sentences(text)
    if len(parts) < 2:
        return text[: len(text) // 2]
    place = rng.randrange(1, len(parts))
    return " ".join(parts[:place] if rng.random() < 0.5 else parts[:place] + parts[place + 1 :])


def insert_keyword(rng: random.Random, text: str, pool: Pool) -> str:
    """Insert one to four words of the prompt, the rubric or the checks."""
    if not pool.keywords:
        return text
    source = rng.choice(pool.keywords)
    chosen = rng.sample(list(source), min(len(source), rng.randint(1, 4)))
    parts = text.split(" ")
    for word in chosen:
        parts.insert(rng.randint(0, len(parts)), word)
    return " ".join(parts)


def wrap(rng: random.Random, text: str, _pool: Pool) -> str:
    """Put the text into another format."""
    form = rng.choice((*WRAPS, *FORMATS))
    return form.format(json.dumps(text) if form.startswith("{{") else text)


def combine(rng: random.Random, text: str, pool: Pool) -> str:
    """Join the text with another bad answer."""
    return f"{text}\n{rng.choice(pool.others)}" if pool.others else text


def hedge(rng: random.Random, text: str, pool: Pool) -> str:
    """Offer another answer beside this one."""
    source = rng.choice(pool.keywords) if pool.keywords else ()
    return f"{text} Or {rng.choice(list(source))}." if source else text


def address_judge(rng: random.Random, text: str, pool: Pool) -> str:
    """Add a text that is addressed to the judge."""
    return f"{text}\n{rng.choice(pool.to_judge)}" if pool.to_judge else text


MUTATIONS: Mapping[str, Mutation] = {
    "append a sentence": append,
    "prepend a sentence": prepend,
    "replace by a sentence": replace_by_sentence,
    "repeat": repeat,
    "pad": pad,
    "truncate": truncate,
    "insert key words": insert_keyword,
    "wrap in a format": wrap,
    "combine with another answer": combine,
    "hedge": hedge,
    "address the judge": address_judge,
}


def mutate(rng: random.Random, text: str, pool: Pool) -> tuple[str, str]:
    """A changed text, and the name of the change. A JSON answer usually stays JSON."""
    name = rng.choice(list(MUTATIONS))
    value = as_json(text)
    if value is None or rng.random() < WHOLE_SHARE:
        return MUTATIONS[name](rng, text, pool)[:MAX_CHARS], name
    lists = [place for place in places_of(value, list) if replaced_size(value, place)]
    if lists and rng.random() < 0.3:
        value, name = _list_changed(rng, value, rng.choice(lists), pool)
    elif texts := list(places_of(value, str)):
        value = replaced_at(value, rng.choice(texts), lambda part: MUTATIONS[name](rng, part, pool))
    changed = to_text(value)
    return (changed, name) if len(changed) <= MAX_CHARS else (text, name)


def replaced_size(value: Any, place: tuple[Any, ...]) -> int:
    """The length of the list at a place."""
    for key in place:
        value = value[key]
    return len(value)


def _list_changed(rng: random.Random, value: Any, place: tuple[Any, ...], pool: Pool) -> tuple[Any, str]:
    """The value with an element of a list repeated or dropped, or joined with that of another answer."""
    name = rng.choice(("repeat an element", "drop an element", "combine lists"))
    others = [_at(as_json(text), place) for text in pool.others]
    extra = rng.choice([part for part in others if isinstance(part, list)] or [[]])

    def change(part: list[Any]) -> list[Any]:
        at = rng.randrange(len(part))
        if name == "combine lists":
            return part + extra
        return part[:at] + part[at + 1 :] if name == "drop an element" else [*part, part[at]]

    return replaced_at(value, place, change), name


def _at(value: Any, place: tuple[Any, ...]) -> Any:
    """The part of a JSON value at a place, None if there is none."""
    for key in place:
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _sentence(rng: random.Random, pool: Pool) -> str:
    return rng.choice(rng.choice(pool.sentences)) if pool.sentences else FILLER
