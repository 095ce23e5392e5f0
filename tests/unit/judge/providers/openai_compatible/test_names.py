"""Names of models on OpenAI-compatible servers."""

import pytest

from reward_fn.definition.allowed_judges import judge_mistake
from reward_fn.judge.models.catalogue import bare_id, profile, prompt_cache, refuses, takes_tools
from reward_fn.judge.models.provider import prefixes

OLLAMA = "openai:qwen2.5:7b@http://127.0.0.1:11434/v1"


@pytest.mark.parametrize(
    ("name", "model_id", "url"),
    [
        (OLLAMA, "qwen2.5:7b", "http://127.0.0.1:11434/v1"),
        ("openai:Qwen/Qwen2.5-7B@https://judge.example/v1", "Qwen/Qwen2.5-7B", "https://judge.example/v1"),
        ("openai:bedrock/amazon.nova-pro-v1:0@https://l.example", "bedrock/amazon.nova-pro-v1:0", "https://l.example"),
        ("openai:model@2025-01@https://judge.example", "model@2025-01", "https://judge.example"),
    ],
)  # fmt: skip
def test_a_name_holds_the_model_and_the_url(name: str, model_id: str, url: str) -> None:
    found = profile(name)
    assert (found.model_id, found.place, found.name) == (model_id, url, name)
    assert (found.temperature, found.prompt_cache, found.takes_tools) == (0.0, None, True)
    assert refuses(name, "tool") == ""
    assert judge_mistake(name, None) == ""
    assert takes_tools(name)
    assert prompt_cache(name) is None


def test_one_server_by_two_spellings_of_its_url_is_one_model() -> None:
    names = {"openai:m@HTTPS://Judge.Example/v1/", "openai:m@https://judge.example/v1"}
    assert {profile(name).name for name in names} == {"openai:m@https://judge.example/v1"}
    assert len({bare_id(name) for name in names}) == 1
    assert bare_id("openai:m@https://judge.example/V1") not in map(bare_id, names)


@pytest.mark.parametrize(
    "name",
    [
        "openai:",
        "openai:m",
        "openai:@https://judge.example",
        "openai:m@judge.example/v1",
        "openai:m@ftp://judge.example",
        "openai:m@https://",
        "openai:m@https://judge.example/v1?key=secret",
        "openai:m@https://judge.example/v1#secret",
        "openai:m@https://user:secret@judge.example/v1",
        "openai:m@https://judge.example:port/v1",
        "openai:m@https://judge.example:٤٤٣/v1",
        "openai:two words@https://judge.example",
    ],
)
def test_a_malformed_name_is_refused_without_telling_a_secret(name: str) -> None:
    why = refuses(name, "tool")
    assert "is not openai:MODEL@URL; write a name such as" in why
    assert "secret" not in why


def test_a_name_that_no_metric_can_hold_is_refused() -> None:
    name = f"openai:{'m' * 600}@https://judge.example"
    assert refuses(name, "tool") == "the model's name has more than 512 characters"


def test_an_unknown_provider_is_told() -> None:
    told = judge_mistake("opnai:m@https://judge.example", None)
    assert told.startswith("unknown provider 'opnai'; did you mean 'openai'? known: ")
    assert told.endswith("; or give a model id of Bedrock")
    assert set(told.split("known: ")[1].split("; ")[0].split(", ")) == prefixes().keys() - {"bedrock"}


def test_a_stored_definition_may_name_only_the_models_allowed() -> None:
    assert judge_mistake(OLLAMA, ["openai:qwen2.5:7b@http://127.0.0.1:11434/v1/"]) == ""
    assert "is not allowed for a stored definition" in judge_mistake(OLLAMA, ["medium"])
