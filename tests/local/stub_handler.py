"""A function for tests of what runs functions: does what the first element of its event says."""

import importlib
import os
import sys
import time
from typing import Any


def lambda_handler(event: Any, context: Any) -> Any:
    """Answers with a list of one result, or fails in the way asked for."""
    order = event[0] if isinstance(event, list) and event else ""
    if order == "raise":
        raise ValueError("an order to fail")
    if order == "exit":
        print("[ERROR] Exited: by order", flush=True)
        print("[ERROR] Exited: by order", file=sys.stderr, flush=True)
        os._exit(3)
    if order == "sleep":
        print("asleep", flush=True)
        time.sleep(60)
    if order == "nan":
        return [{"id": 1, "aggregate_reward_score": float("nan")}]
    if order == "import":
        importlib.import_module("rich")
    print("a line of the function")
    return [{"id": os.environ["REWARD_DEFINITION"], "path": sys.path, "left_ms": remaining(context)}]


def remaining(context: Any) -> int:
    """What the context's clock says, in ms."""
    return int(context.get_remaining_time_in_millis())
