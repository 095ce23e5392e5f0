"""Environment variables into settings: defaults, bounds, and every mistake named at once."""

import pytest

from reward_fn.deadline import DEFAULT_BUDGET_S
from reward_fn.errors import SettingsError
from reward_fn.judge.base import Price
from reward_fn.response import ENVELOPES
from reward_fn.settings import BOUNDS, Settings, read_settings

FIELDS = {
    "JUDGE_MAX_WORKERS": "judge_max_workers",
    "JUDGE_MAX_ATTEMPTS": "judge_max_attempts",
    "JUDGE_TIMEOUT_S": "judge_timeout_s",
    "DEADLINE_S": "deadline_s",
    "DEADLINE_MARGIN_S": "deadline_margin_s",
    "TRACE_SHARE": "trace_share",
    "VERDICT_MEMORY": "verdict_memory",
    "VERDICT_TTL_S": "verdict_ttl_s",
    "MAX_COST_USD": "max_cost_usd",
}
PINNED = "s3://my-rewards/folder/short.toml?versionId=3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY"
SHA256 = "0123456789abcdef" * 4


def test_an_empty_environment_gives_the_documented_defaults() -> None:
    assert read_settings({}) == Settings(
        reward_definition="contract-review",
        judge_model="",
        judge_max_workers=64,
        judge_max_attempts=6,
        judge_timeout_s=30.0,
        deadline_s=0.0,
        deadline_margin_s=2.0,
        log_text=False,
        response_envelope="list",
        reward_definition_sha256="",
        judges_allowed=(),
        trace_share=0.0,
        trace_bucket="",
        trace_prefix="traces/",
        verdict_memory=20_000,
        verdict_table="",
        verdict_ttl_s=604_800.0,
        prompt_cache="free",
        max_cost_usd=0.0,
        judge_prices=(),
        judge_urls_allowed=(),
        judge_api_key="",
        judge_api_key_secret="",
    )


@pytest.mark.parametrize(
    "name", [*BOUNDS, "REWARD_DEFINITION", "JUDGE_MODEL", "LOG_TEXT", "RESPONSE_ENVELOPE"]
)
@pytest.mark.parametrize("blank", ["", "  "])
def test_an_empty_variable_is_an_unset_one(name: str, blank: str) -> None:
    assert read_settings({name: blank}) == Settings()


def test_the_default_budget_stays_under_the_60_s_that_a_judges_lambda_needs() -> None:
    assert 0 < DEFAULT_BUDGET_S < 60


def test_every_variable_is_read() -> None:
    environ = {
        "REWARD_DEFINITION": " math-answer ",
        "JUDGE_MODEL": " heavyweight ",
        "JUDGE_MAX_WORKERS": "8",
        "JUDGE_MAX_ATTEMPTS": "3",
        "JUDGE_TIMEOUT_S": "12.5",
        "DEADLINE_S": "50",
        "DEADLINE_MARGIN_S": "0.5",
        "LOG_TEXT": "true",
        "RESPONSE_ENVELOPE": " http_list ",
        "REWARD_DEFINITION_SHA256": f" {SHA256.upper()} ",
        "JUDGES_ALLOWED": " medium , us.amazon.nova-pro-v1:0 ,",
        "TRACE_SHARE": "0.25",
        "TRACE_BUCKET": "my-traces",
        "TRACE_PREFIX": "runs/a",
        "VERDICT_MEMORY": "500",
        "VERDICT_TABLE": "my-verdicts",
        "VERDICT_TTL_S": "3600",
        "PROMPT_CACHE": "lead",
        "MAX_COST_USD": "2",
        "JUDGE_PRICES": "medium=1/4, openai:m@https://judge.example/v1=0.5/2/0.25",
        "JUDGE_URLS_ALLOWED": "https://judge.example/v1, http://10.0.0.7:8000/v1/",
        "JUDGE_API_KEY_SECRET": "ssm:/judge/key",
        "SERVICE_TIER": " Flex ",
        "REQUEST_METADATA": " job=J 17 , team=legal@eu,note=a=b,empty=",
        "PROMPT_CACHE_TTL": "1h",
    }
    assert read_settings(environ) == Settings(
        *("math-answer", "heavyweight", 8, 3, 12.5, 50.0, 0.5, True, "http_list"),
        *(SHA256, ("medium", "us.amazon.nova-pro-v1:0"), 0.25, "my-traces", "runs/a"),
        *(500, "my-verdicts", 3600.0, "lead", 2.0),
        (
            ("medium", Price(1e-6, 4e-6, 1e-6, 1e-6)),
            ("openai:m@https://judge.example/v1", Price(0.5e-6, 2e-6, 0.25e-6, 0.5e-6)),
        ),
        ("https://judge.example/v1", "http://10.0.0.7:8000/v1/"),
        judge_api_key_secret="ssm:/judge/key",
        service_tier="flex",
        request_metadata=(("job", "J 17"), ("team", "legal@eu"), ("note", "a=b"), ("empty", "")),
        prompt_cache_ttl="1h",
    )


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("JUDGE_PRICES", "medium=1", "set MODEL=INPUT/OUTPUT, in US dollars"),
        ("JUDGE_URLS_ALLOWED", "judge.example", "set URLs such as https://judge.example/v1"),
        ("JUDGE_URLS_ALLOWED", "https://user:hidden@judge.example", "set URLs such as"),
        ("JUDGE_URLS_ALLOWED", "https://judge.example/v1?key=hidden", "set URLs such as"),
        ("JUDGE_API_KEY_SECRET", "sk-hidden", "set the ARN of a secret in Secrets Manager, or ssm:/name"),
        ("JUDGE_API_KEY_SECRET", "ssm:name", "set the ARN of a secret"),
    ],
)
def test_settings_of_other_servers_are_refused_with_their_remedy(name: str, value: str, remedy: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}=.*: {remedy}") as caught:
        read_settings({name: value})
    assert "=hidden" not in str(caught.value)
    assert ":hidden" not in str(caught.value)
    assert "-hidden" not in str(caught.value)


def test_a_models_name_may_hold_every_character_of_a_url() -> None:
    name = "openai:m@https://judge.example/~lab/v1.0_a"
    settings = read_settings({"JUDGE_MODEL": name, "JUDGES_ALLOWED": name})
    assert (settings.judge_model, settings.judges_allowed) == (name, (name,))


def test_a_key_has_one_place_and_is_never_shown() -> None:
    with pytest.raises(SettingsError, match="JUDGE_API_KEY is set too; set one of them") as caught:
        read_settings({"JUDGE_API_KEY": "sk-hidden", "JUDGE_API_KEY_SECRET": "ssm:/judge/key"})
    assert "sk-hidden" not in str(caught.value)
    assert "sk-hidden" not in repr(read_settings({"JUDGE_API_KEY": "sk-hidden"}))


def test_the_bounds_are_those_of_the_documentation() -> None:
    assert BOUNDS == {
        "JUDGE_MAX_WORKERS": (1, 256),
        "JUDGE_MAX_ATTEMPTS": (1, 20),
        "JUDGE_TIMEOUT_S": (1, 300),
        "DEADLINE_S": (0, 900),
        "DEADLINE_MARGIN_S": (0.1, 60),
        "TRACE_SHARE": (0, 1),
        "VERDICT_MEMORY": (0, 500_000),
        "VERDICT_TTL_S": (60, 864_000),
        "MAX_COST_USD": (0, 100),
    }


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("end", [0, 1])
def test_both_bounds_are_allowed(name: str, end: int) -> None:
    bound = BOUNDS[name][end]
    assert getattr(read_settings({name: f"{bound:g}", "TRACE_BUCKET": "bucket"}), FIELDS[name]) == bound


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize(
    "value", ["-1", "901901", "nan", "inf", "-inf", "x", "1 2", "1,5", "0x10", "true", "1e9"]
)
def test_what_lies_outside_the_bounds_or_is_no_number_is_refused_by_name_value_and_remedy(
    name: str, value: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({name: value})
    low, high = BOUNDS[name]
    message = str(caught.value)
    assert f"{name}={value!r}" in message
    assert f"from {low:g} to {high:g}" in message
    assert "or leave it unset" in message


@pytest.mark.parametrize("name", ["JUDGE_MAX_WORKERS", "JUDGE_MAX_ATTEMPTS"])
def test_a_count_must_be_whole(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}='2.5': set a whole number from 1"):
        read_settings({name: "2.5"})
    workers = getattr(read_settings({name: "2.0"}), FIELDS[name])
    assert (workers, type(workers)) == (2, int)


@pytest.mark.parametrize(("name", "value"), [("JUDGE_MAX_WORKERS", "0"), ("JUDGE_MAX_WORKERS", "257")])
def test_just_beyond_a_bound_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}='{value}'"):
        read_settings({name: value})


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("true", True),
        ("TRUE", True),
        ("1", True),
        ("on", True),
        ("false", False),
        ("0", False),
        ("Off", False),
    ],
)
def test_log_text_is_a_switch(text: str, on: bool) -> None:
    assert read_settings({"LOG_TEXT": text}).log_text is on


@pytest.mark.parametrize("text", ["yes please", "2", "none", "tru"])
def test_an_unclear_switch_is_refused_and_not_taken_for_off(text: str) -> None:
    with pytest.raises(SettingsError, match=f"LOG_TEXT='{text}': set true or false, or leave it unset"):
        read_settings({"LOG_TEXT": text})


@pytest.mark.parametrize("envelope", ENVELOPES)
def test_every_envelope_can_be_set_in_either_case(envelope: str) -> None:
    assert read_settings({"RESPONSE_ENVELOPE": envelope}).response_envelope == envelope
    assert read_settings({"RESPONSE_ENVELOPE": f" {envelope.upper()} "}).response_envelope == envelope


@pytest.mark.parametrize("text", ["my table", "ab", "x" * 256, "arn:aws:dynamodb:us-east-1:1:table/t"])
def test_a_table_that_has_no_possible_name_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"VERDICT_TABLE=.*: set the name of a DynamoDB table"):
        read_settings({"VERDICT_TABLE": text})


def test_another_way_of_prompt_caching_is_refused() -> None:
    with pytest.raises(SettingsError, match="PROMPT_CACHE='on': set one of off, free, lead"):
        read_settings({"PROMPT_CACHE": "on"})


@pytest.mark.parametrize(
    ("name", "allowed"),
    [("SERVICE_TIER", "default, priority, flex, reserved"), ("PROMPT_CACHE_TTL", "5m, 1h")],
)
def test_what_converse_does_not_know_is_refused_with_what_it_knows(name: str, allowed: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}='cheapest': set one of {allowed}, or leave it unset"):
        read_settings({name: "cheapest"})


PAIRS = [f"k{n}=v" for n in range(17)]


@pytest.mark.parametrize(
    "text",
    [
        "job",  # no value
        "=J17",  # no key
        "job=J17,job=J18",  # one value would be lost
        "job=J(17)",  # a character that Converse refuses
        f"job={'x' * 257}",
        f"{'x' * 257}=J17",
        ",".join(PAIRS),  # Converse takes 16
    ],
)
def test_metadata_that_converse_would_refuse_are_refused_at_once(text: str) -> None:
    with pytest.raises(SettingsError, match=r"REQUEST_METADATA=.*: set up to 16 pairs key=value"):
        read_settings({"REQUEST_METADATA": text})


def test_metadata_at_their_bounds_are_taken() -> None:
    assert len(read_settings({"REQUEST_METADATA": ",".join(PAIRS[:16])}).request_metadata) == 16
    longest = f"{'k' * 256}={'v' * 256}"
    assert read_settings({"REQUEST_METADATA": longest}).request_metadata == (("k" * 256, "v" * 256),)


@pytest.mark.parametrize("text", ["xml", "http-list", "lists", "1", "list,http", "None", "x" * 5000])
def test_another_envelope_is_refused_with_those_that_there_are(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"RESPONSE_ENVELOPE": text})
    remedy = "set one of list, http, http_list, or leave it unset (list)"
    assert str(caught.value).endswith(f"RESPONSE_ENVELOPE={text[:80]!r}: {remedy}")


def test_all_mistakes_stand_in_one_message() -> None:
    wrong = dict.fromkeys((*BOUNDS, "LOG_TEXT", "RESPONSE_ENVELOPE"), "wrong")
    with pytest.raises(SettingsError) as caught:
        read_settings(wrong)
    assert [name for name in wrong if f"{name}='wrong'" not in str(caught.value)] == []


@pytest.mark.parametrize("model", ["two words", "x" * 3000, "a\nb", "model;drop"])
def test_a_judge_model_that_bedrock_could_not_know_is_refused_by_name(model: str) -> None:
    with pytest.raises(SettingsError, match="JUDGE_MODEL"):
        read_settings({"JUDGE_MODEL": model})


# 20 / 2 < 30: half of the batch's time is left for a fallback; 80 / 2 > 30: its deadline lengthens no call.
@pytest.mark.parametrize(("deadline_s", "timeout_s"), [("0", 30.0), ("20", 10.0), ("80", 30.0)])
def test_a_call_is_never_given_longer_than_half_of_the_batch(deadline_s: str, timeout_s: float) -> None:
    assert read_settings({"DEADLINE_S": deadline_s}).judge_timeout_s == timeout_s


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGE_MAX_WORKERS", "3")
    assert read_settings().judge_max_workers == 3


# Stored definitions and traces


@pytest.mark.parametrize("uri", [PINNED, "ssm:/rewards/short-answer:3"])
def test_a_stored_definition_needs_its_hash(uri: str) -> None:
    pinned = read_settings({"REWARD_DEFINITION": uri, "REWARD_DEFINITION_SHA256": SHA256})
    assert (pinned.reward_definition, pinned.reward_definition_sha256) == (uri, SHA256)
    with pytest.raises(SettingsError, match="REWARD_DEFINITION_SHA256='': a stored definition needs it"):
        read_settings({"REWARD_DEFINITION": uri})


@pytest.mark.parametrize(
    ("uri", "remedy"),
    [
        ("s3://my-rewards/short.toml", r"s3://bucket/key\?versionId=V"),
        ("s3://my-rewards/short.toml?versionId=", "versionId=V"),
        ("s3://my-rewards/?versionId=abc", "versionId=V"),
        ("s3://My_Rewards/short.toml?versionId=abc", "versionId=V"),
        ("s3://my-rewards/short.toml?versionId=null", "turn on versioning for the bucket"),
        ("ssm:/rewards/short-answer", "ssm:/name:VERSION"),
        ("ssm:/rewards/short-answer:live", "a label can move"),
        ("ssm:/rewards/short-answer:0", "ssm:/name:VERSION"),
        ("ssm:rewards:1", "ssm:/name:VERSION"),
    ],
)
def test_nothing_that_could_float_is_taken(uri: str, remedy: str) -> None:
    with pytest.raises(SettingsError, match=f"REWARD_DEFINITION=.*{remedy}"):
        read_settings({"REWARD_DEFINITION": uri, "REWARD_DEFINITION_SHA256": SHA256})


@pytest.mark.parametrize("text", ["abc", SHA256[:-1], SHA256 + "0", "g" * 64])
def test_a_hash_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"REWARD_DEFINITION_SHA256=.*64 hex digits"):
        read_settings({"REWARD_DEFINITION_SHA256": text})


@pytest.mark.parametrize("text", ["hevyweight", "medium;heavyweight", "medium heavyweight"])
def test_judges_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"JUDGES_ALLOWED=.*comma between"):
        read_settings({"JUDGES_ALLOWED": text})


def test_traces_need_a_bucket_and_without_them_none() -> None:
    with pytest.raises(SettingsError, match="TRACE_BUCKET='': TRACE_SHARE is above 0"):
        read_settings({"TRACE_SHARE": "0.1"})
    assert read_settings({"TRACE_BUCKET": "my-traces"}).trace_share == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRACE_BUCKET", "s3://bucket"),
        ("TRACE_BUCKET", "Bucket"),
        ("TRACE_PREFIX", "a b"),
        ("TRACE_PREFIX", "ä"),
    ],
)
def test_a_place_for_traces_that_cannot_be_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}='{value}'"):
        read_settings({name: value})
