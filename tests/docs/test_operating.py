"""The operating page's tables of failures are those of the code."""

import re

import pytest

from reward_fn.judge.providers.bedrock.failures import CLIENT_ERRORS
from reward_fn.judge.providers.bedrock.known_failures import KNOWN, REMEDIES
from reward_fn.report.judge_health import health_lines
from reward_fn.types.unscored import Reason
from reward_fn.types.usage import BreakerEvent, Call, Usage
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
(SECTION,) = re.findall(r"^## What the log says$(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)
OTHER = "anything else"


def rows() -> list[tuple[Reason, str, str]]:
    """(reason, excerpt of the message, remedy) of each row about a failure of the service or the library."""
    found = re.findall(r"^\| `(\w+)`: (?:`(.+?)`|anything else) \| .+ \| (.+) \|$", SECTION, re.MULTILINE)
    return [(Reason(reason), excerpt or OTHER, remedy) for reason, excerpt, remedy in found]


def test_every_remedy_of_the_code_is_on_the_page_and_no_other() -> None:
    in_code = {(known.reason, known.remedy) for known in KNOWN}
    in_code |= {*REMEDIES.items(), *CLIENT_ERRORS.values()}
    assert {(reason, remedy) for reason, _, remedy in rows()} == in_code


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[1])
def test_what_the_log_says_leads_to_the_remedy_beside_it(row: tuple[Reason, str, str]) -> None:
    reason, excerpt, remedy = row
    if excerpt == OTHER:
        assert REMEDIES[reason] == remedy
    elif excerpt in CLIENT_ERRORS:
        assert CLIENT_ERRORS[excerpt] == (reason, remedy)
    else:
        first = next(known for known in KNOWN if re.search(known.says, excerpt.lower()))
        assert (first.reason, first.remedy) == (reason, remedy)


def test_every_reason_is_explained() -> None:
    explained = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (.+?) \|", SECTION, re.MULTILINE))))
    assert {reason.value for reason in Reason} <= explained


def test_the_lines_about_an_invocation_are_those_that_the_function_writes() -> None:
    calls = tuple(Call("m", 0.1, failure=Reason.DENIED) for _ in range(64))
    told = [line.message for line in health_lines(Usage(calls, events=(BreakerEvent("m", True, "why"),)))]
    shown = re.findall(r"^\| `((?:all|judge) .+?)` \|", SECTION, re.MULTILINE)
    patterns = [re.escape(line).replace("…", ".+") for line in shown]
    assert len(shown) == len(told) == 3
    assert [sum(bool(re.match(pattern, line)) for line in told) for pattern in patterns] == [1, 1, 1]
