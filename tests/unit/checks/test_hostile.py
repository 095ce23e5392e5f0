"""No text makes a check raise, hang, or give anything but a score in [0, 1]; of every check there is.

Each check is built as one of its passing cases has it, and given bait in place of that case's response.
"""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reward_fn import checks
from reward_fn.deadline import Deadline
from reward_fn.event.parse import parse_event
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored
from tests import factory
from tests.check_cases import Case, all_cases
from tests.guard import bounded_time

MEGABYTE = 1_000_000
WORDS = "Fees are due within ninety days of the invoice, unless the parties agree otherwise in writing. "

BAIT = {
    "a megabyte of words": WORDS * (MEGABYTE // len(WORDS)),
    "a megabyte of one letter": "a" * MEGABYTE + "!",
    "a megabyte of Han": "".join(chr(0x4E00 + i * 7919 % 20_000) for i in range(MEGABYTE)),
    "a megabyte of accents": "e" + "\u0301" * MEGABYTE,
    "a megabyte of brackets": "[" * MEGABYTE,
    "a megabyte of tags": "<answer>" * (MEGABYTE // 8),
    "a megabyte of boxes": "\\boxed{" * (MEGABYTE // 7),
    "a megabyte of marks": "Answer: " * (MEGABYTE // 8),
    "a megabyte of line breaks": "\n#" * (MEGABYTE // 2),
    "50,000 nested objects": '{"comments":' * 50_000 + "1" + "}" * 50_000,
    "two megabytes of spaces": " " * 2 * MEGABYTE,
    "two megabytes of spaces between two words": "A" + " " * 2 * MEGABYTE + "B",
    "a megabyte of opening quotation marks": "\u201c" * MEGABYTE,
    "telephone numbers in sums": "+49 30 901820 1 " * (MEGABYTE // 16),
    "tokens from calls": "secret = make(abc1234567890) " * (MEGABYTE // 29),
    "emphasis everywhere": "a*b _c" * (MEGABYTE // 6),
    "words divided at every line's end": "a-\n" * (MEGABYTE // 3),
    "lone surrogates": "\ud800\udc00\udfff \udbff" * 20_000,
    "NULs": "\x00" * MEGABYTE,
    "20,000 digits": "A: " + "9" * 20_000,
    "20,000 digits in JSON": '{"amount": ' + "9" * 20_000 + "}",
    "an exponent": "A: 1e999999999",
    "NaN": '{"comments": [NaN], "amount": -Infinity}',
    "the same key 10,000 times": "{" + '"a": 1, ' * 10_000 + '"b": 1}',
    "500 long items": json.dumps({"comments": [{"text_excerpt": "a" * 700, "text": "b " * 10}] * 400}),
    "a megabyte of closed tags": "<answer>x</answer>" * (MEGABYTE // 18),
    "a megabyte of thoughts": "x\n<think>a</think>" * (MEGABYTE // 18),
    "a megabyte of ends of thoughts": "</think>" * (MEGABYTE // 8),
    "a megabyte of fences": "```a\n" * (MEGABYTE // 5),
    "a megabyte of marks in German": "Antwort ist " * (MEGABYTE // 12),
    "a megabyte of marks in Korean": "답은 " * (MEGABYTE // 3),
    "a megabyte of headings": "\nAnswer" * (MEGABYTE // 7),
    "a megabyte of choices": "A is wrong, so B. " * (MEGABYTE // 18),
    "invisible characters": "\u200b\u2063\ufeff\u202e" * 50_000,
}


PASSING = [case for case in all_cases() if case.kind == "pass"]
USES = {case.check: case for case in reversed(PASSING)}
"""One case for each check that shows how it is used; test_check_cases.py sees to it that none lacks one."""
each_check = pytest.mark.parametrize("case", USES.values(), ids=USES.keys())


def built(case: Case, folder: Path) -> Check:
    """The check of a case."""
    for name, text in case.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return checks.load(case.check).build(case.parameters, folder)


def with_response(case: Case, response: str) -> Rollout:
    """The case's rollout with another response."""
    (rollout,) = parse_event([case.row])
    assert isinstance(rollout, Rollout)
    return Rollout(
        rollout.index, rollout.id, rollout.messages, response, rollout.reference_answer, rollout.metadata
    )


def assert_sound(result: CheckResult | Unscored) -> None:
    """A score in its range with a reason, or a reason why there is none."""
    if isinstance(result, Unscored):
        assert result.reason is Reason.NO_SOURCE
        return
    assert 0.0 <= result.score <= 1.0
    assert len(result.detail) < 300


@each_check
@pytest.mark.parametrize("bait", BAIT.values(), ids=BAIT.keys())
def test_bait_costs_bounded_time(case: Case, bait: str, tmp_path: Path) -> None:
    judged = built(case, tmp_path)
    with bounded_time():
        assert_sound(judged(with_response(case, bait)))


@pytest.fixture(scope="module")
def every_check(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Case, Check]]:
    """Every passing case, built."""
    folder = tmp_path_factory.mktemp("cases")
    return [(case, built(case, folder)) for case in PASSING]


ODD = st.text(alphabet='{}[]":,.\\<>/|#*`-\n\t A:BCaeio019\u200b\ud800é漢')


@given(st.text() | ODD)
def test_any_text_gets_a_score_or_a_reason(every_check: list[tuple[Case, Check]], text: str) -> None:
    for case, judged in every_check:
        assert_sound(judged(with_response(case, text)))


@each_check
def test_the_same_text_gets_the_same_score(case: Case, tmp_path: Path) -> None:
    (rollout,) = parse_event([case.row])
    assert isinstance(rollout, Rollout)
    assert built(case, tmp_path)(rollout) == built(case, tmp_path)(rollout)


@each_check
def test_a_detail_never_quotes_the_response(case: Case, tmp_path: Path) -> None:
    judged = built(case, tmp_path)
    for secret in (
        "XYZZY",
        "A: XYZZY",
        '{"XYZZY": ["XYZZY"], "comments": [{"XYZZY": 1}]}',
        "# XYZZY\n<XYZZY>",
    ):
        assert "XYZZY" not in judged(with_response(case, secret)).detail.upper()


def test_a_whole_batch_of_bait_beside_a_normal_neighbour_takes_under_two_seconds(tmp_path: Path) -> None:
    """Every pattern runs out of time on every rollout but one; without a limit a batch, 127 x 0.05 s."""
    served = factory.definition(
        tmp_path, 'name = "x"\n[[score]]\ncheck = "format"\nmust_match = ["(a+)+$"]\n'
    )
    rows = [factory.row("a" * 5000 + "!", id=f"bait-{i}") for i in range(127)]
    begun_s = time.process_time()
    scored = score_batch([*rows, factory.row("aa", id="normal")], Scorer(served), Deadline.after(60.0))
    assert time.process_time() - begun_s < 2.0
    assert [result.reward for result in scored.results] == [0.0] * 127 + [1.0]
