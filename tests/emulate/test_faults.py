"""Each fault in its exact shape, and the same faults for the same calls whatever their order."""

import json
import math
import random
import time
from typing import Any

import jsonschema
import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from rewardctl.emulate.broken import broken_reply
from rewardctl.emulate.faults import Attempts, content_key, draw
from rewardctl.emulate.request import read_request
from rewardctl.emulate.service import Service
from rewardctl.emulate.settings import EmulatorSettings, Fault
from tests.emulate.conftest import Connect, Serve
from tests.emulate.material import MODELS, SCHEMA, body, converse_request, prompt, verdicts
from tests.emulate.test_converse import stats

ERRORS = {
    "throttle": ("ThrottlingException", 429),
    "not_ready": ("ModelNotReadyException", 429),
    "server_error": ("InternalServerException", 500),
    "unavailable": ("ServiceUnavailableException", 503),
    "model_timeout": ("ModelTimeoutException", 408),
    "model_error": ("ModelErrorException", 424),
    "denied": ("AccessDeniedException", 403),
    "overflow": ("ValidationException", 400),
}
FORMS = ["tool", "json_schema", "text"]
MODEL = "us.amazon.nova-2-lite-v1:0"


def answers(fault: str, form: str, count: int) -> list[tuple[str, Any]]:
    """Stop reason and content block of ``count`` different calls that all meet ``fault``."""
    service = Service(EmulatorSettings.from_dict({fault: 1.0}), time.monotonic)
    found = []
    for number in range(count):
        answer = service.answer(MODELS[form], body(form, system=[{"text": f"Examiner {number}"}]))
        assert (answer.outcome, answer.status) == (fault, 200)
        reply = json.loads(answer.body)
        [block] = reply["output"]["message"]["content"]
        found.append((reply["stopReason"], block))
    return found


def content(block: dict[str, Any]) -> Any:
    """The tool's input, or the JSON of the text; a string where it is no JSON."""
    if "toolUse" in block:
        return block["toolUse"]["input"]
    try:
        return json.loads(block["text"])
    except ValueError:
        return block["text"]


def is_complete(value: Any) -> bool:
    """Whether an answer is what was asked for; a NaN or a number is not a verdict."""
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(value)


@pytest.mark.parametrize("fault", list(ERRORS))
def test_an_error_raises_its_own_exception(serving: Serve, connect: Connect, fault: str) -> None:
    code, status = ERRORS[fault]
    url = serving(**{fault: 1.0})
    client = connect(url)
    with pytest.raises(ClientError) as caught:
        client.converse(**converse_request())
    assert type(caught.value) is getattr(client.exceptions, code)
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["Error"]["Message"]
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert stats(url)["outcomes"] == {fault: 1}


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("us.amazon.nova-2-lite-v1:0", "Number of input tokens exceeds maximum length"),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", r"^.*: Input is too long for requested model\.$"),
        ("openai.gpt-oss-120b-1:0", "maximum context length is"),
    ],
)
def test_an_overflow_says_what_that_model_says(
    serving: Serve, connect: Connect, model: str, message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        connect(serving(overflow=1.0)).converse(**converse_request(modelId=model))


def test_a_reset_closes_the_connection(serving: Serve, connect: Connect) -> None:
    url = serving(reset=1.0)
    with pytest.raises(ConnectionClosedError) as caught:
        connect(url).converse(**converse_request())
    assert "reset" in repr(caught.value.kwargs["error"]).lower()
    assert stats(url)["outcomes"] == {"reset": 1}


def test_a_hang_lasts_until_the_client_gives_up(serving: Serve, connect: Connect) -> None:
    url = serving(hang=1.0)
    begun = time.monotonic()
    with pytest.raises(ReadTimeoutError):
        connect(url, read_timeout=0.4).converse(**converse_request())
    assert time.monotonic() - begun >= 0.4
    assert stats(url)["outcomes"] == {"hang": 1}
    until = time.monotonic() + 2
    while stats(url)["in_flight"] and time.monotonic() < until:
        time.sleep(0.01)
    assert stats(url)["in_flight"] == 0


def test_a_client_that_leaves_before_its_answer_is_counted(serving: Serve, connect: Connect) -> None:
    url = serving(latency_s=30)
    with pytest.raises(ReadTimeoutError):
        connect(url, read_timeout=0.2).converse(**converse_request())
    until = time.monotonic() + 2
    while stats(url)["in_flight"] and time.monotonic() < until:
        time.sleep(0.01)
    assert stats(url)["outcomes"] == {"abandoned": 1}


@pytest.mark.parametrize("form", FORMS)
def test_a_truncated_answer_is_never_complete(form: str) -> None:
    for reason, block in answers("truncated", form, 5):
        assert reason == "max_tokens"
        assert not is_complete(content(block))


@pytest.mark.parametrize("form", FORMS)
def test_a_malformed_answer_takes_all_its_forms_and_none_is_complete(form: str) -> None:
    found = answers("malformed", form, 200)
    assert not [
        block for reason, block in found if reason in ("tool_use", "end_turn") and is_complete(content(block))
    ]
    values = [content(block) for reason, block in found if reason in ("tool_use", "end_turn")]
    texts = [json.dumps(value) for value in values]
    given_up = {reason for reason, _ in found} - {"tool_use", "end_turn"}
    assert given_up == {"malformed_tool_use" if form == "tool" else "malformed_model_output"}
    assert any('"rather yes' in text for text in texts)
    assert any('"Not_' in text for text in texts)
    assert any(isinstance(value, str) for value in values)  # JSON that can't be read
    assert any(": [" in text for text in texts)  # a list in place of an object


@pytest.mark.parametrize("form", FORMS)
def test_nan_and_a_number_stand_in_place_of_a_verdict(form: str) -> None:
    odd = []
    for _, block in answers("nan", form, 60):
        found = [v for v in flat(verdicts(content(block))) if v not in ("yes", "no", "cannot_assess")]
        assert len(found) == 1
        odd += found
    assert {"nan" if math.isnan(each) else each for each in odd} == {"nan", 1.5}


def flat(value: Any) -> list[Any]:
    """All verdicts of a nested answer."""
    if isinstance(value, dict):
        value = list(value.values())
    return [leaf for part in value for leaf in flat(part)] if isinstance(value, list) else [value]


@pytest.mark.parametrize("form", FORMS)
def test_one_criterion_is_missing_and_not_always_the_same(form: str) -> None:
    shapes = set()
    for _, block in answers("missing", form, 60):
        value = content(block)
        assert len(flat(verdicts(value))) == 6  # of seven
        assert not is_complete(value)
        shapes.add(json.dumps(verdicts(value)))
    assert len(shapes) == 7


@pytest.mark.parametrize(
    ("fault", "variant", "expected"),
    [
        (Fault.MISSING, 0, {"evidence": "e"}),
        (Fault.NAN, 1, {"evidence": "e", "verdict": 1.5}),
        (Fault.MALFORMED, 0, {"evidence": "e", "verdict": "rather yes, I should think"}),
        (Fault.MALFORMED, 1, [{"evidence": "e", "verdict": "yes"}]),
        (Fault.MALFORMED, 2, {"evidence": "e", "Not_verdict": "yes"}),
    ],
)
def test_an_answer_of_a_single_verdict_is_broken_too(fault: Fault, variant: int, expected: Any) -> None:
    request = read_request(MODELS["text"], body("text"))
    reply = broken_reply(fault, request, '{"evidence": "e", "verdict": "yes"}', variant, "call-1")
    [block] = reply.blocks
    assert content(json.loads(block)) == expected


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("fault", "reason"),
    [("refusal", "end_turn"), ("filtered", "content_filtered"), ("guardrail", "guardrail_intervened")],
)
def test_a_refusal_or_a_filter_gives_prose(fault: str, reason: str, form: str) -> None:
    [(found, block)] = answers(fault, form, 1)
    assert found == reason
    assert isinstance(content(block), str)


def test_botocore_passes_nan_and_odd_tool_inputs_on(serving: Serve, connect: Connect) -> None:
    # A client has to refuse them itself: the parser does not.
    odd = []
    client = connect(serving(nan=0.5, malformed=0.5))
    for number in range(40):
        response = client.converse(**converse_request(system=[{"text": f"Examiner {number}"}]))
        for block in response["output"]["message"]["content"]:
            odd.append(content(block))
    assert any(isinstance(value, str) for value in odd)
    assert any("NaN" in json.dumps(value) for value in odd)


def outcomes(settings: EmulatorSettings, numbers: list[int]) -> dict[int, list[str]]:
    """What three attempts of each call end in, in the order of the calls given."""
    service = Service(settings, time.monotonic)
    found: dict[int, list[str]] = {}
    for number in numbers:
        data = body("text", [f"call {number}"])
        found.setdefault(number, []).append(service.answer(MODEL, data).outcome)
    return found


def test_faults_do_not_depend_on_the_order_of_calls() -> None:
    settings = EmulatorSettings(throttle=0.3, malformed=0.2, seed=5)
    numbers = [number for number in range(100) for _ in range(3)]
    shuffled = random.Random(1).sample(numbers, len(numbers))
    first = outcomes(settings, numbers)
    assert first == outcomes(settings, shuffled)
    assert len(set(map(tuple, first.values()))) > 5


def test_another_seed_gives_other_faults() -> None:
    numbers = list(range(100))
    one, two = (outcomes(EmulatorSettings(throttle=0.5, seed=seed), numbers) for seed in (1, 2))
    assert one != two


def test_a_share_is_kept() -> None:
    settings = EmulatorSettings(throttle=0.3, hang=0.1)
    fates = [draw(settings, str(number).encode(), 1).fault for number in range(4000)]
    # Deviations: sqrt(4000 · 0.3 · 0.7) = 29 and sqrt(4000 · 0.1 · 0.9) = 19; four of them are allowed.
    assert abs(fates.count(Fault.THROTTLE) - 1200) < 4 * 29
    assert abs(fates.count(Fault.HANG) - 400) < 4 * 19
    assert set(fates) == {Fault.THROTTLE, Fault.HANG, None}


def test_shares_that_sum_to_one_leave_no_call_unharmed() -> None:
    settings = EmulatorSettings.from_dict({fault.value: 1 / len(Fault) for fault in Fault})
    fates = {draw(settings, str(number).encode(), 1).fault for number in range(2000)}
    assert fates == set(Fault)


def test_a_retry_draws_anew() -> None:
    settings = EmulatorSettings(throttle=0.5)
    key = content_key(MODEL, body())
    assert {draw(settings, key, attempt).fault for attempt in range(1, 20)} == {Fault.THROTTLE, None}


def test_random_fences_make_no_difference_but_everything_else_does() -> None:
    same = [body(texts=prompt(code=code)) for code in ("0" * 16, "a1b2c3d4e5f60718", "F" * 64)]
    assert len({content_key(MODEL, data) for data in same}) == 1
    others = [(MODEL, body("text")), ("other", body()), (MODEL, body(texts=prompt(response="x")))]
    assert len({content_key(*other) for other in [(MODEL, body()), *others]}) == 4


def test_the_latency_keeps_its_mean_whatever_the_spread() -> None:
    def mean_s(spread: float) -> float:
        settings = EmulatorSettings(latency_s=0.2, latency_spread=spread)
        return math.fsum(draw(settings, str(n).encode(), 1).latency_s for n in range(4000)) / 4000

    assert mean_s(0) == pytest.approx(0.2)
    # Lognormal with sigma 0.5: a deviation of 0.2 · sqrt(exp(0.25) - 1) = 0.107, of the mean 0.0017.
    assert mean_s(0.5) == pytest.approx(0.2, abs=4 * 0.0017)
    settings = EmulatorSettings(latency_s=0.2, latency_spread=0.5)
    assert len({draw(settings, b"key", attempt).latency_s for attempt in range(50)}) == 50


def test_errors_at_the_door_are_quick_and_answers_take_their_time(serving: Serve, connect: Connect) -> None:
    begun = time.monotonic()
    with pytest.raises(ClientError):
        connect(serving(throttle=1.0, latency_s=3)).converse(**converse_request())
    assert time.monotonic() - begun < 2
    client = connect(serving(latency_s=0.3))
    begun = time.monotonic()
    client.converse(**converse_request())
    assert time.monotonic() - begun >= 0.3


def test_only_the_latest_contents_are_counted() -> None:
    attempts = Attempts(max_contents=2)
    assert [attempts.next(key) for key in (b"a", b"b", b"a", b"c", b"a", b"b")] == [1, 1, 2, 1, 3, 1]
    assert attempts.distinct == 4  # b was forgotten, and seen for the first time again
