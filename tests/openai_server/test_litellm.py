"""The OpenAI-compatible provider against a real server of that protocol: LiteLLM's proxy."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure
from reward_fn.judge.ask.inquiry import about
from reward_fn.judge.base import Structure
from reward_fn.judge.call.fanout import FanOut
from reward_fn.judge.judges import Judges
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.vote.reply import read_verdicts
from reward_fn.settings import Settings
from reward_fn.types.unscored import Reason
from reward_fn.types.verdict import Judged
from tests.factory import build_question, rollout
from tests.openai_server.litellm_proxy import KEY, make_environment, running
from tests.unit.rubric import criterion, judge_spec

pytestmark = pytest.mark.slow

SOUND = criterion("Sound")
QUESTION = build_question(rollout("An answer."), judge_spec(SOUND))


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of the proxy."""
    make_environment()
    with running(tmp_path_factory.mktemp("litellm")) as base:
        yield base


def judges(key: str = KEY) -> Judges:
    return Judges(Settings(judge_api_key=key, judge_max_workers=8))


@pytest.mark.parametrize(
    ("model", "structure"),
    [
        ("calls-the-tool", "tool"),
        ("writes-json", "tool"),
        ("writes-json", "json_schema"),
        ("writes-json", "text"),
    ],
)
def test_verdicts_come_back_in_every_structure(url: str, model: str, structure: Structure) -> None:
    reply = judges().ask(QUESTION, profile(f"openai:{model}@{url}", structure))
    (verdict,) = read_verdicts(reply, QUESTION).values()
    assert verdict.answer == "yes"
    # LiteLLM's mock reports 10 tokens of input and 20 of output, whatever it is asked.
    assert (reply.input_tokens, reply.output_tokens) == (10, 20)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("throttled", Reason.THROTTLED),
        ("short-context", Reason.OVERFLOW),
        ("broken", Reason.UNAVAILABLE),
        ("unknown", Reason.INVALID_REQUEST),
    ],
)
def test_its_errors_have_their_reasons(url: str, model: str, reason: Reason) -> None:
    with pytest.raises(JudgeFailure) as caught:
        judges().ask(QUESTION, profile(f"openai:{model}@{url}"))
    assert caught.value.reason is reason, caught.value.cause


def test_a_wrong_key_gets_no_verdicts(url: str) -> None:
    # Without a database the proxy answers 400, not 401, to a key that it does not know.
    with pytest.raises(JudgeFailure) as caught:
        judges("sk-wrong").ask(QUESTION, profile(f"openai:calls-the-tool@{url}"))
    assert caught.value.reason is Reason.INVALID_REQUEST
    assert "no_db_connection" in caught.value.detail


def test_a_fallback_on_the_same_server_answers_for_a_model_that_fails(url: str) -> None:
    models = tuple(f"openai:{name}@{url}" for name in ("writes-prose", "short-context", "calls-the-tool"))
    spec = judge_spec(SOUND, models=models)
    with FanOut(judges(), spec, max_workers=4, max_attempts=2, deadline=Deadline.after(60.0)) as calls:
        calls.submit(about(0, build_question(rollout("An answer."), spec)))
        outcomes, usage = calls.collect(), calls.usage()
    outcome = outcomes[0]
    assert isinstance(outcome, Judged)
    assert [v.answer for v in outcome.verdicts.values()] == ["yes"]
    assert [(call.model_id, call.failure) for call in usage.calls] == [
        (models[0], Reason.REFUSED),
        (models[0], Reason.REFUSED),
        (models[1], Reason.OVERFLOW),
        (models[2], None),
    ]


def test_many_questions_at_once_are_all_answered(url: str) -> None:
    judged, model = judges(), profile(f"openai:calls-the-tool@{url}")
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: judged.ask(QUESTION, model), range(32)))
    assert [len(read_verdicts(reply, QUESTION)) for reply in replies] == [1] * 32
