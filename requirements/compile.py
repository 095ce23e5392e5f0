"""Compile the pins: every `.in` file in requirements/ and the layer's, each to the `.txt` beside it.

    .venv/bin/python requirements/compile.py [--upgrade]

Each file serves Python 3.11 to 3.13 on every system, by environment markers, and holds the hashes of
all files that pip may install. The compiler, uv, is pinned too, and installed only in .build.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
COMPILER = PROJECT / ".build" / "uv"
COMPILER_PINS = Path("requirements/uv.txt")
# The layer comes first, since the development environment must use its pins.
INPUTS = (
    "layers/deps/requirements.in",
    "requirements/dev.in",
    "requirements/analysis.in",
    "requirements/minilm.in",
    "requirements/uv.in",
    "requirements/scan.in",
    "requirements/litellm.in",
    "requirements/trl.in",
)
# What an input brings and nothing here runs: half of the size of LiteLLM's proxy; torch and its CUDA.
LEFT_OUT = {
    "requirements/litellm.in": (
        *("azure-core", "azure-identity", "azure-storage-blob", "isodate", "msal", "msal-extensions"),
        *("boto3", "botocore", "jmespath", "s3transfer"),
        *("polars", "polars-runtime-32", "pyroscope-io", "psycopg", "psycopg-binary"),
        *("granian", "gunicorn", "hf-xet", "croniter", "rq", "pynacl", "restrictedpython"),
        *("inquirerpy", "pfzy", "prompt-toolkit", "wcwidth", "litellm-proxy-extras"),
    ),
    "requirements/trl.in": (
        *("torch", "triton", "cuda-bindings", "cuda-pathfinder", "cuda-toolkit"),
        *(f"nvidia-{name}" for name in ("cublas", "cuda-cupti", "cuda-nvrtc", "cuda-runtime", "cudnn-cu13")),
        *(f"nvidia-{name}" for name in ("cufft", "cufile", "curand", "cusolver", "cusparse")),
        *(f"nvidia-{name}" for name in ("cusparselt-cu13", "nccl-cu13", "nvjitlink", "nvshmem-cu13", "nvtx")),
    ),
}
# Inputs that list all that they need, since a package of theirs asks for much that nothing here runs.
COMPLETE = ("requirements/minilm.in",)
OPTIONS = [
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-header",
    "--quiet",
    "--overrides",
    "requirements/overrides.txt",
]


def run(*command: str) -> None:
    """Run a command in the project's folder. Raises subprocess.CalledProcessError."""
    subprocess.run(command, cwd=PROJECT, check=True)


def main(arguments: list[str]) -> int:
    """Compile all inputs and return the exit status; `arguments` are passed to uv."""
    try:
        run(sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--upgrade",
            "--target", str(COMPILER), "-r", str(COMPILER_PINS))  # fmt: skip
        for source in INPUTS:
            pins = source.removesuffix(".in") + ".txt"
            omitted = [f"--no-emit-package={name}" for name in LEFT_OUT.get(source, ())]
            omitted += ["--no-deps"] if source in COMPLETE else []
            compiler = str(COMPILER / "bin" / "uv")
            run(compiler, "pip", "compile", *OPTIONS, *omitted, *arguments, source, "-o", pins)
            print(f"  {pins}", file=sys.stderr)
    except subprocess.CalledProcessError as error:
        print(f"The pins could not be compiled: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
