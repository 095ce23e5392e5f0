"""LiteLLM's proxy on loopback: a real server of OpenAI's protocol, whose models are LiteLLM's own mocks.

The proxy is a program of its own with its own error bodies, authentication and routing; a mock answers with a
fixed text, a fixed tool call or a fixed error, so no model and no network is needed.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

PROJECT = Path(__file__).resolve().parents[2]
ENVIRONMENT = PROJECT / ".build" / "litellm"
KEY = "sk-made-up-for-this-test"
VERDICTS = json.dumps({"answer": {"Sound": {"evidence": "e", "verdict": "yes"}}})
START_WITHIN_S = 120.0
"""It takes 5 to 15 s; on a loaded machine more."""

CALL = {"id": "c-1", "type": "function", "function": {"name": "record_verdicts", "arguments": VERDICTS}}
MODELS: dict[str, dict[str, Any]] = {
    "calls-the-tool": {"mock_tool_calls": [CALL]},
    "writes-json": {"mock_response": VERDICTS},
    "writes-prose": {"mock_response": "I would rather not."},
    "throttled": {"mock_response": "litellm.RateLimitError"},
    "short-context": {"mock_response": "litellm.ContextWindowExceededError"},
    "broken": {"mock_response": "litellm.InternalServerError"},
}


def configuration() -> dict[str, Any]:
    """The proxy's configuration. JSON is YAML, and the proxy reads YAML."""
    fake = {"model": "openai/fake", "api_key": "fake"}
    models = [{"model_name": name, "litellm_params": {**fake, **mock}} for name, mock in MODELS.items()]
    general, router = {"master_key": KEY}, {"num_retries": 0}
    return {"model_list": models, "general_settings": general, "router_settings": router}


def make_environment() -> None:
    """Make .build/litellm. Skips the test if no package index can be reached."""
    command = [sys.executable, "requirements/separate.py", "litellm"]
    made = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=600)
    if made.returncode == 0:
        return
    if "connection broken by" in made.stderr or "from versions: none" in made.stderr:
        pytest.skip("the package index cannot be reached, so LiteLLM's proxy cannot be installed")
    raise AssertionError(made.stderr)


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The base URL of a proxy that runs for as long as the block lasts. ``folder`` takes its files."""
    config, log = folder / "config.yaml", folder / "proxy.log"
    config.write_text(json.dumps(configuration()), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = ["--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "HOME": str(folder)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a start without bytecode takes four times as long
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [str(ENVIRONMENT / "bin" / "litellm"), "--config", str(config), *address],
            stdout=output, stderr=output, cwd=folder, env=environment,
        )  # fmt: skip
        try:
            _wait_for(f"http://127.0.0.1:{port}/health/liveliness", process, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until_s = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until_s and process.poll() is None:
        try:
            urlopen(url, timeout=5).close()  # noqa: S310 - loopback
            return
        except (URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"LiteLLM's proxy did not start: {log.read_text(encoding='utf-8')[-2000:]}")
