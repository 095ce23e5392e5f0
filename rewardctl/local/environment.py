"""The function's environment variables in a local run, without the caller's AWS setup."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

# The defaults of template.yaml.
FUNCTION_NAME = "SageMakerRewardFunction"
TIMEOUT_S = 300
MEMORY_MB = 1024
REGION = "us-east-1"
HANDLER = "reward_fn.handler.lambda_handler"

API_KEY = "JUDGE_API_KEY"
SETTINGS = (
    "JUDGE_MODEL",
    "JUDGE_MAX_WORKERS",
    "JUDGE_MAX_ATTEMPTS",
    "JUDGE_TIMEOUT_S",
    "DEADLINE_S",
    "DEADLINE_MARGIN_S",
    "LOG_TEXT",
    "RESPONSE_ENVELOPE",
    "VERDICT_MEMORY",
    "VERDICT_TTL_S",
    "PROMPT_CACHE",
    "PROMPT_CACHE_TTL",
    "SERVICE_TIER",
    "REQUEST_METADATA",
    "MAX_COST_USD",
    "JUDGE_PRICES",
    "JUDGE_URLS_ALLOWED",
    API_KEY,
)
"""Settings of the function that a local run passes on: `JUDGE_MAX_WORKERS=8 make run`."""

JUDGE_ENDPOINT = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"

NEEDS_AN_ACCOUNT = (
    "REWARD_DEFINITION_SHA256",
    "JUDGES_ALLOWED",
    "TRACE_SHARE",
    "TRACE_BUCKET",
    "TRACE_PREFIX",
    "VERDICT_TABLE",
    "JUDGE_API_KEY_SECRET",
)
"""Settings without effect in a local run, since they refer to resources in AWS."""

_LOOPBACK = "127.0.0.1,localhost,::1"
_NO_AWS = {
    # Files of the caller's AWS setup, and the credentials service of EC2.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": _LOOPBACK,
    "no_proxy": _LOOPBACK,
}


def function_environment(
    *, definition: str, judge_url: str, path: tuple[Path, ...], timeout_s: int, caller: Mapping[str, str]
) -> dict[str, str]:
    """All environment variables of the function's process.

    `path` are the folders that it imports from, in order of precedence. From `caller`, the environment of
    the command, it gets only SETTINGS.
    """
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "HOME": "/nonexistent",
        "PYTHONPATH": os.pathsep.join(str(folder) for folder in path),
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_LAMBDA_FUNCTION_NAME": FUNCTION_NAME,
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout_s),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(MEMORY_MB),
        "LAMBDA_TASK_ROOT": str(path[0]),
        JUDGE_ENDPOINT: judge_url,
        "REWARD_DEFINITION": definition,
        **_NO_AWS,
    }
    if "LD_LIBRARY_PATH" in caller:  # some Pythons need it to find their own library
        environment["LD_LIBRARY_PATH"] = caller["LD_LIBRARY_PATH"]
    return environment | settings_given(caller)


def settings_given(caller: Mapping[str, str]) -> dict[str, str]:
    """The SETTINGS that the caller has set."""
    return {name: caller[name] for name in SETTINGS if caller.get(name)}


def settings_words(given: Mapping[str, str]) -> str:
    """Settings with their values, for a terminal or the log of a pipeline: the API key is not shown."""
    return " ".join(f"{name}={'(hidden)' if name == API_KEY else value}" for name, value in given.items())


def ignored_settings(caller: Mapping[str, str]) -> Iterator[str]:
    """Name the variables that the caller has set and that have no effect here, each line with the reason."""
    if ignored := [name for name in NEEDS_AN_ACCOUNT if caller.get(name)]:
        yield f"{', '.join(ignored)}: ignored here, since it needs an AWS account"
    if caller.get(JUDGE_ENDPOINT):
        yield (
            f"{JUDGE_ENDPOINT}: ignored here, since run and local start a stand-in of their own; "
            "to call the judge at that address, use rewardctl attack --judge MODEL"
        )


@contextmanager
def without_aws_setup() -> Iterator[Mapping[str, str]]:
    """Remove the caller's AWS settings and proxies from this process's environment for the block.

    Yields the environment before the removal.
    """
    before = dict(os.environ)
    for name in before:
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ.update(_NO_AWS)
    try:
        yield before
    finally:
        os.environ.clear()
        os.environ.update(before)
