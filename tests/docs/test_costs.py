"""The arithmetic of docs/costs.md is done again, with the prices that the code knows."""

import json
import re

import pytest

from reward_fn.definition.load import load_definition
from reward_fn.judge.ask.reply_size import (
    ITEM_TOKENS,
    OPENING_TOKENS,
    TOKENS_PER_WORD,
    VERDICT_TOKENS,
    reply_tokens,
)
from reward_fn.judge.ask.verdict_schema import verdict_schema
from reward_fn.judge.models.catalogue import PromptCache, prompt_cache
from reward_fn.judge.models.prices import price_of
from reward_fn.settings import PROMPT_CACHES
from reward_fn.types.rubric import Criterion
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
DECISIONS = (ROOT / "docs" / "decisions" / "caches.md").read_text(encoding="utf-8")
JUDGES = {
    "Nova 2 Lite": "us.amazon.nova-2-lite-v1:0",
    "Claude Haiku 4.5": "us.anthropic.claude-haiku-4-5-20251001-v1:0",
}
STEPS, GROUPS = 516, 8


def of(judge: str) -> PromptCache:
    found = prompt_cache(JUDGES[judge])
    assert found is not None
    return found


def example() -> tuple[int, int, int, dict[str, float]]:
    """P, R, n and the prices of a million tokens, as the page gives them."""
    p, r, n = (int(x) for x in re.findall(r"P = (\d+), R = (\d+), n = (\d+)", PAGE)[0])
    prices = re.findall(r"(\d\.\d\d) \(([A-Z][\w. ]+)\)", PAGE)
    return p, r, n, {judge: float(price) for price, judge in prices}


def tokens(judge: str, way: str) -> float:
    (p, r, n, _), cache = example(), of(judge)
    return {
        "no cache": n * (p + r),
        "at once": n * (cache.write_price * p + r),
        "one ahead": cache.write_price * p + (n - 1) * cache.read_price * p + n * r,
    }[way]


ROWS = re.findall(
    r"^\| ([A-Z][\w. ]+) \| ([a-z ]+) \| (\d+) \| ([\d.]+) \| ([+-]?\d+) % \|$", PAGE, re.MULTILINE
)


def test_every_judge_stands_there_in_every_way() -> None:
    ways = ("no cache", "at once", "one ahead")
    assert [row[:2] for row in ROWS] == [(judge, way) for judge in JUDGES for way in ways]
    assert example()[3].keys() == JUDGES.keys()


@pytest.mark.parametrize(("judge", "way", "paid", "usd", "change"), ROWS)
def test_a_row_is_what_the_formula_gives(judge: str, way: str, paid: str, usd: str, change: str) -> None:
    expected = tokens(judge, way)
    assert int(paid) == round(expected)
    assert usd == f"{expected * example()[3][judge] / 1e6:.5f}"
    assert int(change) == round(100 * (expected / tokens(judge, "no cache") - 1))


def test_what_going_ahead_saves_and_costs_over_a_job() -> None:
    hours = STEPS * 2.0 / 3600
    assert f"last {STEPS * 2} s longer" in PAGE
    saved, an_hour = [], []
    for judge, price in example()[3].items():
        usd = (tokens(judge, "no cache") - tokens(judge, "one ahead")) * price / 1e6 * GROUPS * STEPS
        saved.append(f"{usd:.0f}")
        an_hour.append(f"{usd / hours:.0f}")
    assert re.findall(r"save (\d+) dollars on Nova 2 Lite and (\d+) on", PAGE) == [tuple(saved)]
    assert re.findall(r"more than (\d+) or (\d+) dollars an hour", PAGE) == [tuple(an_hour)]
    assert re.findall(r"than (\d+) or (\d+) dollars\. Most", DECISIONS) == [tuple(an_hour)]


def test_the_table_of_models_is_the_codes() -> None:
    rows = re.findall(r"^\| (`.*`) \| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", PAGE, re.MULTILINE)
    assert len(rows) == 4
    for names, *numbers in rows:
        for name in re.findall(r"`([^`]+)`", names):
            model = f"{'amazon' if name.startswith('nova') else 'anthropic'}.{name}"
            found = prompt_cache(f"{model}-v1:0")
            assert found is not None, name
            assert [f"{number:g}" for number in found[:3]] == numbers, name


EVIDENCE = re.findall(
    r"^\| `(none|reason|quote)` \| (\d+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", PAGE, re.MULTILINE
)


def test_what_evidence_costs_is_what_it_writes_at_the_price_of_output() -> None:
    assert [row[0] for row in EVIDENCE] == ["none", "reason", "quote"]
    for _, written, _, *dollars in EVIDENCE:
        for shown, model in zip(dollars, JUDGES.values(), strict=True):
            price = price_of(f"global.{model.removeprefix('us.')}")
            assert shown == f"{1000 * int(written) * price.output_usd:.4f}"


def test_what_is_reserved_for_evidence_is_what_the_code_reserves() -> None:
    for kind, written, reserved, *_ in EVIDENCE:
        criterion = Criterion("Actionability", "Is it?", evidence=kind)
        assert int(reserved) == reply_tokens((criterion,), 0) - OPENING_TOKENS
        assert int(written) < int(reserved)
    text = " ".join(PAGE.split())
    rule = f"for each verdict {VERDICT_TOKENS['reason']} ({VERDICT_TOKENS['none']} without evidence)"
    assert rule in text
    assert f"and {TOKENS_PER_WORD} for each word of evidence" in text
    assert f"and {ITEM_TOKENS} an item, {OPENING_TOKENS} a call" in text


def test_what_a_reason_adds_to_a_comment_follows_from_the_table() -> None:
    written = {kind: int(tokens) for kind, tokens, *_ in EVIDENCE}
    comment = written["quote"] + 2 * written["none"] + ITEM_TOKENS
    more = written["reason"] - written["none"]
    text = " ".join(PAGE.split())
    assert f"{written['quote']} + 2 · {written['none']} + {ITEM_TOKENS} = {comment}" in text
    assert f"makes it {(comment + more) / comment:.1f} times as long" in text
    assert f"in place of both {(comment + 2 * more) / comment:.1f} times" in text


def test_the_schemas_size_is_the_codes() -> None:
    judge = load_definition("contract-review").judge
    assert judge
    size = len(json.dumps(verdict_schema(judge.criteria)))
    assert f"{size / 1000:.1f} kB for `contract-review`" in PAGE


def test_every_way_of_prompt_caching_is_explained() -> None:
    assert re.findall(r"^\| `(off|free|lead)` \|", PAGE, re.MULTILINE) == list(PROMPT_CACHES)
