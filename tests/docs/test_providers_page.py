"""docs/providers.md: its names may stand in a definition, and its reasons are those of the code."""

import json
import re
from pathlib import Path

import pytest

from reward_fn.definition.allowed_judges import judge_mistake
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.models.provider import Provider
from reward_fn.judge.providers.openai_compatible.failures import refusal_in, response_failure
from reward_fn.judge.providers.openai_compatible.keys import Keys
from reward_fn.judge.providers.openai_compatible.names import MAX_NAME_CHARS
from tests import factory
from tests.docs.markdown import blocks, page, sections, tables
from tests.unit.rubric import criterion, judge_spec

PAGE = page("providers.md")
EXAMPLES = [row[2].strip("`") for row in next(tables(sections(PAGE)["Names"]))[1:]]
(REASONS,) = [table for table in tables(PAGE) if table[0] == ["the server says", "reason"]]
WORDS = {"overflow": "maximum context length", "filtered": "content_filter"}
SERVER = profile("openai:m@http://127.0.0.1:1/v1")
BY_STATUS = [
    (int(status), reason)
    for said, reasons in REASONS[1:]
    for reason in re.findall(r"`(\w+)`", reasons)[:1]
    for status in re.findall(r"\b[45]\d\d\b", said.replace("5xx", "500, 503"))
]


@pytest.mark.parametrize("name", [each for each in EXAMPLES if "](" not in each])
def test_every_name_of_the_page_may_stand_in_a_definition(name: str) -> None:
    assert judge_mistake(name, None) == ""


def test_a_name_has_at_most_the_shown_number_of_characters() -> None:
    assert f"at most {MAX_NAME_CHARS} characters" in PAGE


def test_the_panel_of_the_page_mixes_providers(tmp_path: Path) -> None:
    (example,) = blocks(PAGE, "toml")
    judge = factory.definition(tmp_path, example).judge
    assert judge
    assert [model.partition(":")[0] == "openai" for model in judge.panel] == [False, True]


@pytest.mark.parametrize(("status", "reason"), BY_STATUS)
def test_a_status_has_the_reason_of_the_page(status: int, reason: str) -> None:
    refused = refusal_in(status, None, {"error": {"message": WORDS.get(reason, "no")}})
    assert refused
    question = factory.build_question(factory.rollout("A"), judge_spec(criterion("One")))
    failure = response_failure(refused, question, SERVER)
    assert failure.reason.value == reason


def test_the_keys_of_the_page_are_read_by_their_servers() -> None:
    (shown,) = blocks(PAGE, "json")
    keys = Keys(shown, None)
    assert {url: keys.of(url) for url in json.loads(shown)} == json.loads(shown)


def test_the_functions_of_a_provider_are_those_of_its_protocol() -> None:
    (table,) = tables(sections(PAGE)["Add a provider"])
    named = [row[0].strip("`").partition("(")[0] for row in table[1:]]
    assert named == [name for name in vars(Provider) if not name.startswith("_")]
