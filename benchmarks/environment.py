"""The environment of all sides of a comparison: as on Lambda, with the judge on loopback."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import cache
from pathlib import Path
from typing import TextIO

from reward_fn import handler

COMMON = {
    "BOTO_DISABLE_CRT": "true",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "for-loopback-only",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "no_proxy": "127.0.0.1",
    "VERDICT_MEMORY": "0",
}
"""Variables of all sides, independent of the user's configuration; repeated batches are judged again."""

_OURS = ("AWS_", "JUDGE_", "DEADLINE_", "POWERTOOLS_", "REWARD_DEFINITION", "LOG_", "VERDICT_", "PROMPT_")


@contextmanager
def lambda_environment(url: str, **variables: str) -> Iterator[None]:
    """Restart the handler with its judge at ``url`` and only the settings in ``variables``.

    Standard output goes to the null device, a line at a time as under Lambda; it belongs to the handler.
    """
    before = dict(os.environ)
    for name in before:
        if name.startswith(_OURS):
            del os.environ[name]
    os.environ.update({**COMMON, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": url, **variables})
    try:
        with redirect_stdout(_nowhere()):
            handler.holder.reset()
            handler.holder.initialise()  # as in Lambda's initialisation phase
            yield
    finally:
        gc.unfreeze()
        handler.holder.reset()
        os.environ.clear()
        os.environ.update(before)


def forget_batches() -> None:
    """Empty the package's caches, so that a batch of new prompts finds nothing in them."""
    for name, module in list(sys.modules.items()):
        if name.startswith("reward_fn."):
            for value in vars(module).values():
                if hasattr(value, "cache_clear") and value.cache_parameters()["maxsize"] is not None:
                    value.cache_clear()


@cache
def _nowhere() -> TextIO:
    """One stream for the whole process, since the handler's logger keeps its first stream."""
    return Path(os.devnull).open("w", buffering=1, encoding="utf-8")
