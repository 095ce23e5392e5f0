"""Environments for the tokenizer and for other libraries, created in ``.build/`` when needed.

They are for measuring only, and large: autorubric takes 760 MB, verifiers 540 MB, the tokenizer 60 MB.
"""

import json
import os
import subprocess
import venv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
BUILD = PROJECT / ".build"
INSTALL_TIMEOUT_S = 900
RUN_TIMEOUT_S = 300
STAMP = "made-from.txt"

# Without dependencies: the vocabulary and the tokenizer's core need none.
TOKENIZER = ("--no-deps", "tiktoken==0.14.0", "regex", "mistral-common==1.13.1")
AUTORUBRIC = ("autorubric==1.6.1",)
VERIFIERS = ("verifiers==0.4.0",)

Count = Callable[[Sequence[str]], list[int]]
"""Tokens of each text."""


class EnvironmentMissingError(RuntimeError):
    """An environment could not be created, or its program failed; the message is one line."""


def python_of(name: str, packages: Sequence[str]) -> Path:
    """The Python of ``.build/<name>`` with these packages, created if it does not exist."""
    folder = BUILD / name
    python, stamp = folder / "bin" / "python", folder / STAMP
    if stamp.exists() and stamp.read_text(encoding="utf-8") == " ".join(packages):
        return python
    try:
        venv.create(folder, clear=True, with_pip=True)
        _run([str(python), "-m", "pip", "install", "--quiet", *packages], "", INSTALL_TIMEOUT_S)
    except OSError as error:
        raise EnvironmentMissingError(f"{folder}: {error}") from error
    stamp.write_text(" ".join(packages), encoding="utf-8")
    return python


def run_script(python: Path, script: str, task: Any, environ: Mapping[str, str] | None = None) -> Any:
    """Run a script of this folder with ``task`` as JSON on its standard input; return its answer, also JSON.

    The answer is the last line of output, since litellm prints advice before it.
    """
    text = _run(
        [str(python), str(PROJECT / "benchmarks" / script)], json.dumps(task), RUN_TIMEOUT_S, environ or {}
    )
    try:
        return json.loads(text.splitlines()[-1])
    except (ValueError, IndexError) as error:
        raise EnvironmentMissingError(f"{script} did not answer in JSON: {text[-200:]!r}") from error


def tokenizer() -> Count:
    """Counts by Mistral's Tekken tokenizer."""
    python = python_of("tokens", TOKENIZER)
    return lambda texts: list(run_script(python, "token_counter.py", list(texts)))


def _run(
    command: Sequence[str], input_text: str, timeout_s: float, environ: Mapping[str, str] | None = None
) -> str:
    try:
        done = subprocess.run(
            command,
            input=input_text,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
            env={**os.environ, **(environ or {})},
        )
    except subprocess.TimeoutExpired as error:
        raise EnvironmentMissingError(f"{Path(command[0]).name} took over {timeout_s:.0f} s") from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()] or ["no message"]
        raise EnvironmentMissingError(lines[-1][:300])
    return done.stdout
