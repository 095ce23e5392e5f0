"""One judge over all providers, and a provider that is nothing but a module in the providers' folder."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from reward_fn.errors import JudgeFailure, SettingsError
from reward_fn.judge.base import Model
from reward_fn.judge.judges import Judges
from reward_fn.judge.models import provider
from reward_fn.judge.models.catalogue import bare_id, profile, refuses, takes_tools
from reward_fn.settings import Settings
from reward_fn.types.unscored import Reason
from tests.unit.fake_judge import QUESTION_TEXT
from tests.unit.judge.call.test_fanout import question

MODULE = '''
"""Answers every question with its own model's name."""

from reward_fn.errors import SettingsError
from reward_fn.judge.base import Model, Reply

OPENED = []


def read_model(name, structure="tool"):
    return Model(name.removeprefix("parrot:"), structure, full_name=name, identity=name, takes_tools=True)


def mistake(name, structure):
    return "a parrot can't count; name another" if name.endswith("counts") else ""


def open_judge(settings, names):
    OPENED.append(list(names))
    if "parrot:unwell" in names:
        raise SettingsError("the parrot is unwell")
    return Parrot()


class Parrot:
    warmed = 0

    def ask(self, question, model, *, within_s=None):
        return Reply(f"{model.model_id} for {within_s} s")

    def warm(self):
        Parrot.warmed += 1
'''


@pytest.fixture
def parrot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A third provider: one file beside the providers that ship."""
    from reward_fn.judge import providers

    (tmp_path / "parrot.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setattr(providers, "__path__", [*providers.__path__, str(tmp_path)])
    forget()
    yield
    forget()
    sys.modules.pop("reward_fn.judge.providers.parrot", None)


def forget() -> None:
    provider.prefixes.cache_clear()
    provider._provider.cache_clear()


def opened() -> Sequence[list[str]]:
    found: Sequence[list[str]] = sys.modules["reward_fn.judge.providers.parrot"].OPENED
    return found


@pytest.mark.usefixtures("parrot")
def test_a_provider_is_one_module() -> None:
    assert profile("parrot:polly", "text") == Model(
        "polly", "text", full_name="parrot:polly", identity="parrot:polly", takes_tools=True
    )
    assert takes_tools("parrot:polly")
    assert bare_id("parrot:polly") != bare_id("parrot:jack")
    assert refuses("parrot:polly", "tool") == ""
    assert refuses("parrot:counts", "tool") == "a parrot can't count; name another"
    judges = Judges(Settings(), ["parrot:polly", "parrot:jack"])
    reply = judges.ask(question(QUESTION_TEXT), profile("parrot:polly"), within_s=3.0)
    assert reply.content == "polly for 3.0 s"
    assert opened() == [["parrot:polly", "parrot:jack"]]


@pytest.mark.usefixtures("parrot")
def test_a_provider_is_opened_only_for_its_models_and_only_once() -> None:
    judges = Judges(Settings(), [])
    assert "reward_fn.judge.providers.parrot" not in sys.modules
    for _ in range(2):
        judges.ask(question(QUESTION_TEXT), profile("parrot:late"))
    assert opened() == [["parrot:late"]]


@pytest.mark.usefixtures("parrot")
def test_settings_that_do_not_fit_are_found_at_load_or_fail_the_call() -> None:
    with pytest.raises(SettingsError, match="the parrot is unwell"):
        Judges(Settings(), ["parrot:unwell"])
    with pytest.raises(JudgeFailure) as caught:
        Judges(Settings()).ask(question(QUESTION_TEXT), profile("parrot:unwell"))
    assert (caught.value.reason, caught.value.remedy) == (Reason.DENIED, "the parrot is unwell")


@pytest.mark.parametrize(
    "name",
    [
        "us.amazon.nova-2-lite-v1:0",
        "amazon.nova-pro-v1:0",
        "us-west-2/amazon.nova-pro-v1:0",
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0",
        "ai21.jamba-1-5-large-v1:0",
        "openai.gpt-oss-120b-1:0",
        "model-1",
    ],
)
def test_a_name_without_a_providers_prefix_is_on_bedrock(name: str) -> None:
    assert provider.unknown_prefix(name) == ""
    assert provider.provider_of(name) is sys.modules["reward_fn.judge.providers.bedrock"]


def test_the_shipped_prefixes() -> None:
    assert {"bedrock": "bedrock", "openai": "openai_compatible"}.items() <= provider.prefixes().items()
    assert provider.unknown_prefix("opnai:m@https://judge.example") == "opnai"
