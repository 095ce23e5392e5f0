"""The environment variables that the function sees here: Lambda's, and nothing of the caller's AWS setup."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

# As template.yaml has them by default.
FUNCTION_NAME = "SageMakerRewardFunction"
TIMEOUT_S = 300
MEMORY_MB = 1024
REGION = "us-east-1"
HANDLER = "reward_fn.handler.lambda_handler"

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
    "MAX_COST_USD",
    "JUDGE_PRICES",
    "JUDGE_URLS_ALLOWED",
    "JUDGE_API_KEY",
)
"""Settings of the function that a caller may give: `JUDGE_MAX_WORKERS=8 make run`."""

NEEDS_AN_ACCOUNT = (
    "REWARD_DEFINITION_SHA256",
    "JUDGES_ALLOWED",
    "TRACE_SHARE",
    "TRACE_BUCKET",
    "TRACE_PREFIX",
    "VERDICT_TABLE",
    "JUDGE_API_KEY_SECRET",
)
"""Settings that mean nothing here: they are about what lies in AWS."""

_LOOPBACK = "127.0.0.1,localhost,::1"
_NO_AWS = {
    # Files of the person's own AWS setup, and the address that credentials are asked for on EC2.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": _LOOPBACK,
    "no_proxy": _LOOPBACK,
}


def function_environment(
    *, definition: str, judge_url: str, path: tuple[Path, ...], timeout_s: int, caller: Mapping[str, str]
) -> dict[str, str]:
    """All variables of the function's process.

    `path` are the folders that it imports from, first found first taken. Of `caller`, the environment of
    whoever runs this, it gets the SETTINGS alone.
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
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": judge_url,
        "REWARD_DEFINITION": definition,
        **_NO_AWS,
    }
    if "LD_LIBRARY_PATH" in caller:  # some Pythons find their own library by it
        environment["LD_LIBRARY_PATH"] = caller["LD_LIBRARY_PATH"]
    return environment | settings_given(caller)


def settings_given(caller: Mapping[str, str]) -> dict[str, str]:
    """Those of the function's settings that the caller has set."""
    return {name: caller[name] for name in SETTINGS if caller.get(name)}


def ignored_settings(caller: Mapping[str, str]) -> str:
    """A line naming the settings that the caller has set and that have no effect here; "" where none are."""
    found = [name for name in NEEDS_AN_ACCOUNT if caller.get(name)]
    return f"{', '.join(found)}: ignored here, since it needs an AWS account" if found else ""


@contextmanager
def without_aws_setup() -> Iterator[Mapping[str, str]]:
    """Takes the caller's AWS settings and proxies out of this process's environment while the block lasts.

    Yields the environment as the caller had it.
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
