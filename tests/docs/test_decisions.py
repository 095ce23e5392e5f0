"""Every decision has a status and a date, and one that was superseded names its successor."""

import re

import pytest

from tests.conftest import ROOT
from tests.docs.markdown import page, sections

FOLDER = ROOT / "docs" / "decisions"
TOPICS = sorted(path.name for path in FOLDER.glob("*.md") if path.name != "README.md")
STATUS = re.compile(r'^\n?(?:Accepted|Superseded by "([^"]+)"), \d{4}-\d{2}-\d{2}[.;]')


def test_the_index_links_every_topic() -> None:
    index = page("decisions/README.md")
    assert [name for name in TOPICS if f"]({name})" not in index] == []


@pytest.mark.parametrize("name", TOPICS)
def test_every_decision_begins_with_its_status_and_its_date(name: str) -> None:
    decisions = sections(page(f"decisions/{name}"))
    assert decisions
    for heading, text in decisions.items():
        status = STATUS.match(text)
        assert status, heading
        assert status[1] is None or status[1] in decisions, heading
