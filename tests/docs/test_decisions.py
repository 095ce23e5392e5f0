"""Every decision has a status and a date, and one that was superseded names its successor."""

import re

import pytest

from tests.conftest import ROOT
from tests.docs.markdown import page, sections

FOLDER = ROOT / "docs" / "decisions"
TOPICS = sorted(path.name for path in FOLDER.glob("*.md") if path.name != "README.md")
WITH_STATUS = [name for name in TOPICS if re.search(r"^## ", page(f"decisions/{name}"), re.MULTILINE)]
STATUS = re.compile(r'^\n?(?:Accepted|Superseded by "([^"]+)"), \d{4}-\d{2}-\d{2}[.;]')


def test_the_index_links_every_topic() -> None:
    index = page("decisions/README.md")
    assert [name for name in TOPICS if f"]({name})" not in index] == []


@pytest.mark.parametrize("name", WITH_STATUS)
def test_every_decision_begins_with_its_status_and_its_date(name: str) -> None:
    decisions = sections(page(f"decisions/{name}"))
    for heading, text in decisions.items():
        status = STATUS.match(text)
        assert status, heading
        assert status[1] is None or status[1] in decisions, heading


def test_most_topics_are_in_that_form() -> None:
    assert len(WITH_STATUS) >= 7
