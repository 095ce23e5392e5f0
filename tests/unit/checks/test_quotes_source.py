"""The share of list items whose quote really stands in the source."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn.types.check import CheckResult
from reward_fn.types.unscored import Reason, Unscored
from tests.factory import check, rollout
from tests.guard import bounded_cpu

CONTRACT = "Fees are due within ninety (90) days. The Supplier’s liability shall be unlimited."
GUIDELINES = "Payment terms should not exceed thirty (30) days. Liability should be capped."
CHECK = check(
    "quotes_source",
    items="comments",
    quote="text_excerpt",
    source=["reference_answer.target_document", "prompt"],
)

FEES = "Fees are due within ninety (90) days."
LIABILITY = "The Supplier's liability shall be unlimited."
MISQUOTE = "Fees are due within sixty (60) days."


def answer(*quotes: Any) -> str:
    """A review with one comment for each quote."""
    return json.dumps({"comments": [{"text_excerpt": quote} for quote in quotes]})


def verdict(response: str, reference: Any = None) -> CheckResult:
    """What the check says of a response where the contract is there."""
    reference = {"target_document": CONTRACT, "reference": GUIDELINES} if reference is None else reference
    result = CHECK(rollout(response, reference_answer=reference))
    assert isinstance(result, CheckResult)
    return result


@pytest.mark.parametrize(
    ("quotes", "share"),
    [
        ([FEES], 1.0),
        ([FEES, LIABILITY], 1.0),
        ([FEES, MISQUOTE], 1 / 2),
        ([FEES, LIABILITY, MISQUOTE], 2 / 3),
        ([MISQUOTE], 0.0),
        ([FEES, ""], 1 / 2),
        ([FEES, None], 1 / 2),
        ([FEES, 5], 1 / 2),
        ([FEES, [LIABILITY]], 1 / 2),
        ([FEES, "days"], 1 / 2),
        (["Fees are due … ninety (90) days", "The Supplier's liability … be unlimited"], 1.0),
        (["unlimited … liability"], 0.0),
    ],
)
def test_the_score_is_the_share_of_items_whose_quote_stands_there(quotes: list[Any], share: float) -> None:
    assert verdict(answer(*quotes)).score == share


def test_quoting_the_reference_instead_of_the_contract_earns_nothing() -> None:
    assert verdict(answer("Payment terms should not exceed thirty (30) days.")).score == 0.0
    assert verdict(answer("Liability should be capped.", FEES)).score == 0.5


# One safe quote given n times counts once: 1 of n.
@pytest.mark.parametrize(
    ("quotes", "share"),
    [
        ([FEES, FEES], 1 / 2),
        ([FEES, FEES.upper(), f"  {FEES}\n"], 1 / 3),
        ([FEES, FEES.rstrip(".")], 1 / 2),
        ([FEES, FEES[5:], FEES[:-9]], 1 / 3),
        ([FEES, f'"{FEES}"'], 1 / 2),
        ([FEES, f"… {FEES}", f"{FEES} …"], 1 / 3),
        ([LIABILITY, LIABILITY.replace("'", "’")], 1 / 2),
        ([FEES, LIABILITY, FEES, LIABILITY], 2 / 4),
    ],
)
def test_repeating_a_safe_quote_pays_nothing_however_it_is_dressed(quotes: list[str], share: float) -> None:
    assert verdict(answer(*quotes)).score == share


@pytest.mark.parametrize(
    "response",
    [
        *(
            "",
            "no JSON",
            "[]",
            "5",
            "null",
            "{}",
            '{"comments": []}',
            '{"comments": {}}',
            '{"comments": "a"}',
        ),
        *('{"comments": null}', f'{{"Comments": [{{"text_excerpt": "{FEES}"}}]}}', f'"{FEES}"', FEES),
    ],
)
def test_without_a_list_of_items_there_is_no_share(response: str) -> None:
    assert verdict(response) == CheckResult(0.0, "no list 'comments' with elements")


@pytest.mark.parametrize("item", [None, 5, "text", FEES, [FEES], {}, {"quote": FEES}])
def test_an_item_without_the_key_counts_as_one_without_a_quote(item: Any) -> None:
    response = json.dumps({"comments": [item, {"text_excerpt": FEES}]})
    assert verdict(response) == CheckResult(0.5, "1 of 2 quotes are in the source")


def test_a_detail_counts_and_does_not_quote() -> None:
    assert verdict(answer(FEES, "the secret passage", "secret")) == CheckResult(
        1 / 3, "1 of 3 quotes are in the source"
    )
    assert verdict(answer(FEES, LIABILITY)).detail == ""


# Sources


@pytest.mark.parametrize(
    "reference", [None, "", {}, {"target_document": ""}, {"target_document": " \n"}, "text"]
)
def test_without_a_source_the_rollout_is_unscored_whatever_it_says(reference: Any) -> None:
    result = CHECK(rollout(answer(FEES), prompt="", reference_answer=reference))
    assert result == Unscored(Reason.NO_SOURCE, "no text under reference_answer.target_document or prompt")


def test_the_next_source_is_used_where_the_first_is_missing() -> None:
    assert CHECK(rollout(answer(FEES), prompt=CONTRACT)) == CheckResult(1.0)


def test_the_first_source_that_is_there_is_the_only_one() -> None:
    found = CHECK(rollout(answer(FEES), prompt=CONTRACT, reference_answer={"target_document": "Another."}))
    assert found == CheckResult(0.0, "0 of 1 quotes are in the source")


def test_one_source_may_be_written_without_a_list() -> None:
    built = check("quotes_source", items="list", quote="q", source="metadata.text")
    response = json.dumps({"list": [{"q": FEES}]})
    assert built(rollout(response, metadata={"text": CONTRACT})) == CheckResult(1.0)
    assert isinstance(built(rollout(response)), Unscored)


def test_the_shortest_quote_can_be_set() -> None:
    def built(min_chars: int) -> Any:
        return check("quotes_source", items="l", quote="q", source="prompt", min_chars=min_chars)

    response = rollout(json.dumps({"l": [{"q": "days"}]}), prompt=CONTRACT)
    assert built(4)(response).score == 1.0
    assert built(5)(response).score == 0.0


# Hostile text

HOSTILE = {
    "a megabyte of brackets": "[" * 1_000_000,
    "500 comments": answer(*["Fees are due… (90) … days" for _ in range(500)]),
    "500 different quotes": answer(*[f"{FEES} {i}" for i in range(500)]),
    "a very long quote": answer("x" * 300_000),
    "many ellipses": answer("Fees… " * 3000),
    "NULs": answer("\x00" * 50_000),
    "lone surrogates": answer("\ud800" * 50_000),
    "marks out of order": answer(*["a" + "\u0301" * 3000 + "\u0327" * 3000] * 5),
}


@pytest.mark.parametrize("response", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_earns_at_most_one_quote_in_bounded_time(response: str) -> None:
    with bounded_cpu():
        assert verdict(response).score <= 1 / 500


@given(st.text())
def test_no_quote_raises(quote: str) -> None:
    assert 0.0 <= verdict(answer(quote)).score <= 1.0
