"""The OpenAI-compatible provider over real HTTP: its requests, its replies, and the name of every failure."""

import datetime
import ipaddress
import json
import logging
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from reward_fn.deadline import Deadline
from reward_fn.errors import JudgeFailure, SettingsError
from reward_fn.judge.ask.inquiry import about
from reward_fn.judge.base import Model, Reply, Stop, Structure
from reward_fn.judge.call.fanout import FanOut
from reward_fn.judge.judges import Judges
from reward_fn.judge.models.catalogue import profile
from reward_fn.judge.providers import openai_compatible
from reward_fn.judge.vote.panel import models_of
from reward_fn.judge.vote.reply import read_verdicts
from reward_fn.settings import Settings
from reward_fn.types.unscored import Reason
from reward_fn.types.verdict import Judged
from tests.contract.chat_completions import called, completion, refusal
from tests.contract.converse_server import (
    Behaviour,
    ConverseServer,
    Request,
    Response,
    converse_body,
    error,
    tool_use,
)
from tests.factory import build_question, rollout
from tests.guard import bounded_time
from tests.unit.rubric import criterion, judge_spec

QUESTION = build_question(rollout("An answer about otters."), judge_spec(criterion("Sound")))
PROPER = {"answer": {"Sound": {"evidence": "e", "verdict": "yes"}}}
KEY = "sk-very-secret-0123456789"


@pytest.fixture
def server() -> Iterator[ConverseServer]:
    """A server that calls the tool properly, until a test gives it another behaviour."""
    with ConverseServer(lambda _: called(PROPER)) as running:
        yield running


def model(server: ConverseServer, structure: Structure = "tool") -> Model:
    return profile(f"openai:a-model@{server.url}/v1", structure)


def converse(value: Any) -> Response:
    """The same from Bedrock."""
    return Response(converse_body(tool_use(value), stop_reason="tool_use"))


def judge(**settings: Any) -> Judges:
    return Judges(replace(Settings(judge_timeout_s=10.0, judge_max_workers=4), **settings))


def answered(server: ConverseServer, response: Response, **settings: Any) -> Reply:
    server.behaviour = lambda _: response
    return judge(**settings).ask(QUESTION, model(server))


def failure(server: ConverseServer, response: Response, **settings: Any) -> JudgeFailure:
    with pytest.raises(JudgeFailure) as caught:
        answered(server, response, **settings)
    return caught.value


# Requests


def sent(server: ConverseServer, structure: Structure, **settings: Any) -> Request:
    judge(**settings).ask(QUESTION, model(server, structure))
    return server.requests[-1]


def test_a_question_goes_to_chat_completions_with_its_static_text_first(server: ConverseServer) -> None:
    request = sent(server, "tool")
    assert request.path == "/v1/chat/completions"
    assert request.body["model"] == "a-model"
    system, user = request.body["messages"]
    assert system == {"role": "system", "content": QUESTION.system}
    assert user == {"role": "user", "content": f"{QUESTION.static}\n\n{QUESTION.variable}"}
    assert (request.body["max_tokens"], request.body["temperature"]) == (QUESTION.max_tokens, 0.0)
    assert "Authorization" not in request.headers


def test_a_tool_is_forced(server: ConverseServer) -> None:
    body = sent(server, "tool").body
    assert body["tools"][0]["function"]["parameters"] == QUESTION.schema
    name = body["tools"][0]["function"]["name"]
    assert body["tool_choice"] == {"type": "function", "function": {"name": name}}
    assert "response_format" not in body


def test_a_response_format_holds_the_schema(server: ConverseServer) -> None:
    server.behaviour = lambda _: Response(completion(json.dumps(PROPER)))
    body = sent(server, "json_schema").body
    assert body["response_format"]["type"] == "json_schema"
    assert body["response_format"]["json_schema"]["schema"] == QUESTION.schema
    assert "tools" not in body


def test_in_words_the_schema_stands_in_the_system_text(server: ConverseServer) -> None:
    server.behaviour = lambda _: Response(completion(json.dumps(PROPER)))
    body = sent(server, "text").body
    assert json.dumps(QUESTION.schema) in body["messages"][0]["content"]
    assert not body.keys() & {"tools", "response_format"}


def test_the_key_goes_into_a_header(server: ConverseServer) -> None:
    assert sent(server, "tool", judge_api_key=KEY).headers["Authorization"] == f"Bearer {KEY}"


def test_each_server_gets_its_own_key_and_no_other(server: ConverseServer) -> None:
    keys = {f"{server.url}/v1/": KEY, "https://elsewhere.example/v1": "sk-other"}
    request = sent(server, "tool", judge_api_key=json.dumps(keys))
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    del keys[f"{server.url}/v1/"]
    assert "Authorization" not in sent(server, "tool", judge_api_key=json.dumps(keys)).headers


@pytest.mark.parametrize(
    "key", ["two words", "line\nbreak", '{"not": json', '{"http://127.0.0.1": 5}', "ключ"]
)
def test_a_malformed_key_is_refused_before_anything_is_sent(server: ConverseServer, key: str) -> None:
    key = key.replace("http://127.0.0.1", f"{server.url}/v1")
    failed = failure(server, called(PROPER), judge_api_key=key)
    assert failed.reason is Reason.DENIED
    assert "malformed" in failed.cause
    assert server.requests == []


# What a server refuses is left out, once and for all


def picky(request: Request) -> Response:
    """A server like OpenAI's for its reasoning models."""
    if "max_tokens" in request.body:
        return refusal(
            400,
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead.",
            "unsupported_parameter",
        )
    if "temperature" in request.body:
        message = "Unsupported value: 'temperature' does not support 0 with this model."
        return refusal(400, message, "unsupported_value")
    return called(PROPER)


def test_a_refused_parameter_is_replaced_and_not_sent_again(server: ConverseServer) -> None:
    server.behaviour, judged = picky, judge()
    for _ in range(2):
        assert judged.ask(QUESTION, model(server)).content == PROPER
    assert len(server.requests) == 4, "three requests for the first question, one for the second"
    body = server.requests[-1].body
    assert body["max_completion_tokens"] == QUESTION.max_tokens
    assert not body.keys() & {"max_tokens", "temperature"}


def test_a_server_that_refuses_for_ever_is_asked_three_times_at_most(server: ConverseServer) -> None:
    message = "'temperature' and max_completion_tokens are not supported"
    assert failure(server, refusal(400, message)).reason is Reason.INVALID_REQUEST
    assert len(server.requests) == 2


# Replies


def test_the_arguments_of_the_tool_call_are_the_reply(server: ConverseServer) -> None:
    reply = answered(server, called(PROPER))
    assert reply == Reply(PROPER, Stop.COMPLETE, 120, 34, stop_detail="tool_calls")
    assert len(read_verdicts(reply, QUESTION)) == 1


def test_text_beside_a_tool_call_does_not_count(server: ConverseServer) -> None:
    body = completion("Here you are.", tool_calls=called(PROPER).body["choices"][0]["message"]["tool_calls"])
    assert answered(server, Response(body)).content == PROPER


@pytest.mark.parametrize("content", [json.dumps(PROPER), [{"type": "text", "text": json.dumps(PROPER)}]])
def test_a_text_reply_is_read_as_text(server: ConverseServer, content: Any) -> None:
    body = completion(content, reasoning_content='{"answer": {}}')
    assert len(read_verdicts(answered(server, Response(body)), QUESTION)) == 1


def test_equal_calls_of_the_tool_count_as_one_and_others_as_none(server: ConverseServer) -> None:
    assert answered(server, called(PROPER, PROPER)).content == PROPER
    assert answered(server, called(PROPER, {})).content == [PROPER, {}]


def test_arguments_that_are_not_json_are_malformed(server: ConverseServer) -> None:
    with pytest.raises(JudgeFailure) as caught:
        read_verdicts(answered(server, called('{"answer": ')), QUESTION)
    assert caught.value.reason is Reason.MALFORMED


@pytest.mark.parametrize(
    ("finish", "stop"),
    [
        ("stop", Stop.COMPLETE),
        ("tool_calls", Stop.COMPLETE),
        ("function_call", Stop.COMPLETE),
        ("length", Stop.TRUNCATED),
        ("content_filter", Stop.FILTERED),
        ("abort", Stop.MALFORMED),
    ],
)
def test_each_finish_reason_has_its_meaning(server: ConverseServer, finish: str, stop: Stop) -> None:
    reply = answered(server, Response(completion("{}", finish=finish)))
    assert (reply.stop, reply.stop_detail) == (stop, finish)


def test_a_refusal_of_the_model_is_a_refusal(server: ConverseServer) -> None:
    reply = answered(server, Response(completion(None, refusal="I can't help with that.")))
    assert (reply.stop, reply.content) == (Stop.REFUSED, "")


def used(prompt: int, completion: int, details: Any) -> dict[str, Any]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "prompt_tokens_details": details}


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        # of 120 tokens of the prompt, 100 came from the cache
        (used(120, 3, {"cached_tokens": 100}), (20, 3, 100)),
        (used(10, 3, {"cached_tokens": 99}), (0, 3, 10)),
        (used(10, 3, None), (10, 3, 0)),
        ({"prompt_tokens": -1, "completion_tokens": "3"}, (0, 0, 0)),
        ([], (0, 0, 0)),
        (None, (0, 0, 0)),
    ],
)  # fmt: skip
def test_tokens_of_the_prompt_cache_are_counted_apart(
    server: ConverseServer, usage: Any, tokens: tuple[int, int, int]
) -> None:
    reply = answered(server, Response({**completion("{}"), "usage": usage}))
    assert (reply.input_tokens, reply.output_tokens, reply.cache_read_tokens) == tokens


# Failures


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (refusal(401, code="invalid_api_key"), Reason.DENIED),
        (refusal(403), Reason.DENIED),
        (refusal(400), Reason.INVALID_REQUEST),
        (refusal(404, "The model `x` does not exist", "model_not_found"), Reason.INVALID_REQUEST),
        (Response({"detail": "Not Found"}, 404), Reason.INVALID_REQUEST),
        (Response({"detail": [{"msg": "field required"}]}, 422), Reason.INVALID_REQUEST),
        (Response(b"", 405), Reason.INVALID_REQUEST),
        (Response(b"", 408), Reason.TIMEOUT),
        (Response(b"<html>Too large</html>", 413), Reason.OVERFLOW),
        (refusal(400, "...", "context_length_exceeded"), Reason.OVERFLOW),
        # vLLM
        (refusal(400, "This model's maximum context length is 4096 tokens."), Reason.OVERFLOW),
        # vLLM before 0.10: no "error" around it
        ({"object": "error", "message": "maximum context length", "code": 400}, Reason.OVERFLOW),
        # llama.cpp
        (refusal(400, "the request exceeds the available context size", 400, "exceed_context_size_error"),
         Reason.OVERFLOW),
        # LiteLLM
        (refusal(400, "litellm.ContextWindowExceededError: ..."), Reason.OVERFLOW),
        (refusal(400, "...", "content_filter"), Reason.FILTERED),
        (refusal(400, "...", "content_policy_violation"), Reason.FILTERED),
        (refusal(429), Reason.THROTTLED),
        (refusal(429, "You exceeded your current quota", "insufficient_quota"), Reason.QUOTA_EXHAUSTED),
        (refusal(424), Reason.MODEL_ERROR),
        (refusal(500), Reason.UNAVAILABLE),
        (Response(b"<html>Bad Gateway</html>", 502), Reason.UNAVAILABLE),
        # llama.cpp while it loads
        (refusal(503, "Loading model", 503, "unavailable_error"), Reason.UNAVAILABLE),
        # Ollama
        ({"error": "model runner has unexpectedly stopped"}, Reason.MODEL_ERROR),
        # a router's: the status of the model's own server stands in the body
        ({"error": {"message": "upstream", "code": 429}}, Reason.THROTTLED),
        (Response(b"", 302, headers={"Location": "http://127.0.0.1:9/"}), Reason.INVALID_REQUEST),
        # not a chat completion
        (Response(b"<html>Welcome to nginx</html>"), Reason.UNAVAILABLE),
        (Response(b""), Reason.UNAVAILABLE),
        (Response(b"\xff\xfe\x00"), Reason.UNAVAILABLE),
        (Response(b"[" * 100_000), Reason.UNAVAILABLE),
        (Response(b"null"), Reason.UNAVAILABLE),
        ({"choices": []}, Reason.UNAVAILABLE),
        ({"choices": [{"finish_reason": "stop"}]}, Reason.UNAVAILABLE),
        (Response(completion(tool_calls=[{"function": {}}])), Reason.UNAVAILABLE),
        (Response(completion("{}", finish=None)), Reason.UNAVAILABLE),
        # the connection
        (Response(reset=True), Reason.UNAVAILABLE),
        (Response(completion("{}"), cut_after=20), Reason.UNAVAILABLE),
        (Response(b"{" + b" " * 4 * 1024 * 1024), Reason.UNAVAILABLE),
    ],
)  # fmt: skip
def test_every_error_has_its_reason(server: ConverseServer, response: Any, reason: Reason) -> None:
    response = response if isinstance(response, Response) else Response(response)
    failed = failure(server, response)
    assert failed.reason is reason, failed.cause
    assert len(server.requests) == 1, "nothing is sent twice"


@pytest.mark.parametrize(
    "response",
    [Response(b"x" * 50, stall_after=10), Response(b"x" * 500, drip_s=0.01), Response(b"", delay_s=30.0)],
)
def test_a_reply_that_hangs_or_drips_ends_in_time(server: ConverseServer, response: Response) -> None:
    server.behaviour = lambda _: response
    judged = judge()
    with bounded_time(), pytest.raises(JudgeFailure) as caught:
        judged.ask(QUESTION, model(server), within_s=0.3)
    assert caught.value.reason is Reason.TIMEOUT


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("head", "drip"),
    [
        pytest.param(OK, b"X" * 1000, id="a header without end"),
        pytest.param(OK, b"X: 1\r\n" * 150, id="headers without end"),
        pytest.param(
            b"HTTP",
            b"/1.1 100 Continue\r\n\r\n" + b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
            id="interim responses without end",
        ),
        pytest.param(CHUNKED, b"5;" + b"x" * 1000, id="the size of a chunk without end"),
        pytest.param(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X: 1\r\n" * 150, id="trailers without end"),
        pytest.param(OK + b"Connection: close\r\n\r\n", b"x" * 1000, id="a body until the close"),
    ],
)
def test_a_response_that_drips_outside_its_body_ends_in_time_too(
    server: ConverseServer, head: bytes, drip: bytes
) -> None:
    server.behaviour = lambda _: Response(drip, head=head, drip_s=0.01)
    judged = judge()
    with bounded_time(), pytest.raises(JudgeFailure) as caught:
        judged.ask(QUESTION, model(server), within_s=0.3)
    assert caught.value.reason is Reason.TIMEOUT


def test_no_time_left_is_a_time_out_without_a_request(server: ConverseServer) -> None:
    with pytest.raises(JudgeFailure) as caught:
        judge().ask(QUESTION, model(server), within_s=0.0)
    assert (caught.value.reason, server.requests) == (Reason.TIMEOUT, [])


@pytest.mark.parametrize("place", ["127.0.0.1:99999", "two..dots.example", f"{'a' * 64}.example"])
def test_a_url_that_no_client_can_call_is_not_tried_again(place: str) -> None:
    with pytest.raises(JudgeFailure) as caught:
        judge().ask(QUESTION, profile(f"openai:m@https://{place}/v1"))
    assert (caught.value.reason, caught.value.detail) == (Reason.INVALID_REQUEST, "the URL is malformed")


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with ConverseServer() as gone:
        missing = model(gone)
    with pytest.raises(JudgeFailure) as caught:
        judge().ask(QUESTION, missing)
    assert caught.value.reason is Reason.UNAVAILABLE


@pytest.mark.parametrize(("header", "wait_s"), [("7", 7.0), ("soon", 0.0), ("", 0.0), ("9" * 9, 0.0)])
def test_the_wait_that_a_server_asks_for_is_handed_on(
    server: ConverseServer, header: str, wait_s: float
) -> None:
    response = replace(refusal(429), headers={"Retry-After": header})
    assert failure(server, response).retry_after_s == wait_s


def test_a_failure_quotes_the_server_but_neither_rollout_nor_key(server: ConverseServer) -> None:
    quoted = failure(
        server, refusal(400, "Invalid value: the text about otters is not supported", "bad_text")
    )
    assert quoted.cause.startswith("HTTP 400 bad_text: Invalid value: the text about … is not supported;")
    denied = failure(server, refusal(401, f"Incorrect API key provided: {KEY}", "invalid_api_key"))
    assert denied.cause == (
        "HTTP 401 invalid_api_key; the server refuses the API key: set JUDGE_API_KEY or JUDGE_API_KEY_SECRET"
    )


@pytest.mark.parametrize("status", [400, 404, 429, 500])
def test_no_status_makes_a_failure_quote_the_key(server: ConverseServer, status: int) -> None:
    # LiteLLM's message about a key that it does not know
    message = (
        f"LLM Virtual Key expected. Received={KEY}, expected to start with 'sk-'. Begins with {KEY[:7]}."
    )
    failed = failure(server, refusal(status, message, KEY), judge_api_key=KEY)
    assert failed.cause.startswith(f"HTTP {status}: LLM Virtual Key expected. Received=…")
    assert not [part for part in KEY.split("-")[1:] if part in failed.cause]


def test_nothing_of_the_key_is_logged_or_shown(
    server: ConverseServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = Settings(judge_api_key=KEY)
    Judges(settings).ask(QUESTION, model(server))
    assert server.requests[-1].headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in caplog.text
    assert KEY not in repr(settings)


# Connections


def test_connections_are_kept_and_as_many_as_the_fan_out(server: ConverseServer) -> None:
    judged = judge()
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            list(pool.map(lambda _: judged.ask(QUESTION, model(server)), range(4)))
    assert len(server.requests) == 12
    assert server.connections <= 4


def test_a_pooled_connection_that_went_stale_costs_no_rollout(server: ConverseServer) -> None:
    judged = judge()
    judged.ask(QUESTION, model(server))
    answers: list[Behaviour] = [lambda _: Response(reset=True)]
    server.behaviour = lambda request: (answers.pop() if answers else lambda _: called(PROPER))(request)
    assert judged.ask(QUESTION, model(server)).content == PROPER


# URLs that may be called

ON_LAMBDA = {"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"}
ALLOWED = ("https://judge.example/v1/", "http://plain.example/v1")


@pytest.mark.parametrize(
    ("url", "allowed", "environ", "why"),
    [
        ("http://judge.example/v1", (), {}, "is not encrypted; use https, or add it to JUDGE_URLS_ALLOWED"),
        ("https://judge.example/v1", (), ON_LAMBDA, "is not among JUDGE_URLS_ALLOWED"),
        ("http://127.0.0.1:8000/v1", (), ON_LAMBDA, "is not among JUDGE_URLS_ALLOWED"),
        ("https://judge.example/v2", ALLOWED, {}, "is not among JUDGE_URLS_ALLOWED"),
        ("https://judge.example.evil.example/v1", ALLOWED, {}, "is not among JUDGE_URLS_ALLOWED"),
        ("http://judge.example/v1", ALLOWED, ON_LAMBDA, "is not among JUDGE_URLS_ALLOWED"),
    ],
)
def test_a_url_that_is_not_allowed_is_found_when_the_service_is_loaded(
    url: str, allowed: tuple[str, ...], environ: dict[str, str], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    model, settings = f"openai:m@{url}", Settings(judge_urls_allowed=allowed)
    with pytest.raises(SettingsError, match=f"^{model}: {url} {why}"):
        Judges(settings, [model])
    with pytest.raises(JudgeFailure) as caught:
        Judges(settings).ask(QUESTION, profile(model))
    assert caught.value.reason is Reason.DENIED


@pytest.mark.parametrize(
    ("url", "allowed", "environ"),
    [
        ("https://judge.example/v1", (), {}),
        ("http://127.0.0.1:8000/v1", (), {}),
        ("http://localhost:8000/v1", (), {}),
        ("https://Judge.example/v1", ALLOWED, ON_LAMBDA),
        ("http://plain.example/v1/", ALLOWED, ON_LAMBDA),
    ],
)
def test_other_urls_are_allowed(
    url: str, allowed: tuple[str, ...], environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    Judges(Settings(judge_urls_allowed=allowed), [f"openai:m@{url}"])


# TLS


def certificate(folder: Path) -> Path:
    """A file with a self-signed certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_certificate_counts_only_if_its_authority_is_trusted(
    server: ConverseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    secure = profile(f"openai:m@https://127.0.0.1:{server.server_port}/v1")
    with pytest.raises(JudgeFailure) as caught:
        judge(judge_api_key=KEY).ask(QUESTION, secure)
    assert (caught.value.reason, caught.value.detail) == (Reason.DENIED, "certificate not trusted")
    assert server.requests == [], "the key went nowhere"
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    assert judge().ask(QUESTION, secure).content == PROPER


# Several providers

BEDROCK = "us.amazon.nova-2-lite-v1:0"


@pytest.mark.parametrize("fields", [{"panel": True}, {"fallback": True}, {"escalate": True}])
def test_panels_fallbacks_and_escalation_mix_providers(
    server: ConverseServer, fields: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, no = model(server).name, {"answer": {"Sound": {"evidence": "e", "verdict": "cannot_assess"}}}
    answer = error(400, "ValidationException") if "fallback" in fields else converse(no)
    with ConverseServer(lambda _: answer) as bedrock:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", bedrock.url)
        models = {
            "panel": judge_spec(criterion("Sound"), models=(), panel=(BEDROCK, ours)),
            "fallback": judge_spec(criterion("Sound"), models=(BEDROCK, ours)),
            "escalate": judge_spec(criterion("Sound"), models=(BEDROCK,), escalate=ours),
        }
        spec = next(models[name] for name in fields)
        asking = Judges(Settings(), models_of(spec))
        with FanOut(asking, spec, max_workers=4, max_attempts=2, deadline=Deadline.after(60.0)) as calls:
            calls.submit(about(0, build_question(rollout("An answer."), spec)))
            outcome, usage = calls.collect()[0], calls.usage()
    assert isinstance(outcome, Judged)
    assert sorted(call.model_id for call in usage.calls) == [ours, BEDROCK]
    assert len(bedrock.requests) == len(server.requests) == 1


# The secret


def test_a_secret_is_fetched_once_and_again_after_a_refusal(
    server: ConverseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched, now = ["sk-new", "sk-old"], [1000.0]
    monkeypatch.setattr("reward_fn.judge.providers.openai_compatible.judge._secret", lambda _: fetched.pop())
    monkeypatch.setattr("reward_fn.judge.providers.openai_compatible.keys.time.monotonic", lambda: now[0])
    monkeypatch.setattr("reward_fn.judge.providers.openai_compatible.judge.time.monotonic", lambda: now[0])

    def rotated(request: Request) -> Response:
        known = request.headers["Authorization"] == "Bearer sk-new"
        return called(PROPER) if known else refusal(401)

    server.behaviour = rotated
    judged = openai_compatible.open_judge(Settings(judge_api_key_secret="ssm:/judge/key"), [])
    judged.warm()
    assert fetched == ["sk-new"], "fetched when the service is warmed"
    for _ in range(2):
        with pytest.raises(JudgeFailure):
            judged.ask(QUESTION, model(server))
        assert fetched == ["sk-new"], "a refusal within a minute fetches nothing"
    now[0] += 60.0
    assert judged.ask(QUESTION, model(server)).content == PROPER, "the change of a key costs no rollout"


def test_a_key_that_another_call_has_replaced_is_used_at_once(
    server: ConverseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetched, now = ["sk-new", "sk-old"], [1000.0]
    monkeypatch.setattr("reward_fn.judge.providers.openai_compatible.judge._secret", lambda _: fetched.pop())
    monkeypatch.setattr("reward_fn.judge.providers.openai_compatible.keys.time.monotonic", lambda: now[0])
    monkeypatch.setattr("reward_fn.judge.providers.openai_compatible.judge.time.monotonic", lambda: now[0])
    judged = openai_compatible.open_judge(Settings(judge_api_key_secret="ssm:/judge/key"), [])
    judged.warm()
    now[0] += 60.0

    def rotated(request: Request) -> Response:
        if request.headers["Authorization"] == "Bearer sk-new":
            return called(PROPER)
        if len(server.requests) == 1:  # while this call is in flight, another one fetches the new key
            assert judged.ask(QUESTION, model(server)).content == PROPER
        return refusal(401)

    server.behaviour = rotated
    assert judged.ask(QUESTION, model(server)).content == PROPER
    assert fetched == []
