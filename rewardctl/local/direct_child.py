"""The child process of :mod:`rewardctl.local.direct`: call the handler once, write its answer to a file.

python -P direct_child.py HANDLER EVENT_FILE ANSWER_FILE TIMEOUT_S
"""

import importlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any


class Context:
    """The parts of Lambda's context that functions read, with `timeout_s` seconds to run."""

    function_version = "$LATEST"
    aws_request_id = "00000000-0000-4000-8000-000000000000"
    log_group_name = "/aws/lambda/local"
    log_stream_name = "$LATEST"

    def __init__(self, timeout_s: int) -> None:
        self._end_s = time.monotonic() + timeout_s
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        region = os.environ["AWS_REGION"]
        self.invoked_function_arn = f"arn:aws:lambda:{region}:000000000000:function:{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """The remaining time of the invocation in ms, at least 0."""
        return max(0, int((self._end_s - time.monotonic()) * 1000))


def answer_of(handler: str, event: Any, timeout_s: int) -> str:
    """The handler's answer as JSON, or its error in Lambda's form."""
    module, _, name = handler.rpartition(".")
    try:
        function = getattr(importlib.import_module(module), name)
        return json.dumps(function(event, Context(timeout_s)))
    except Exception as error:  # noqa: BLE001 - the parent reports any error
        traceback.print_exc()
        kind = "Runtime.ImportModuleError" if isinstance(error, ImportError) else type(error).__name__
        return json.dumps({"errorType": kind, "errorMessage": str(error)})


def main(handler: str, event_file: str, answer_file: str, timeout_s: str) -> None:
    """Write the answer and exit without waiting for threads that the function abandoned."""
    event = json.loads(Path(event_file).read_text(encoding="utf-8"))
    Path(answer_file).write_text(answer_of(handler, event, int(timeout_s)), encoding="utf-8")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
