"""Time limits of the function that a loaded machine may pass, set so far off that only a deadlock does.

Tests of what happens at a limit set it themselves; the others must not depend on how busy the machine is.
"""

import importlib
from collections.abc import Callable

PATIENCE_S = 120.0

_LIMITS = {
    "reward_fn.aws.after_answer": ("FLUSH_S",),
    "reward_fn.aws.connections": ("STALE_S",),
    "reward_fn.aws.definition_store": ("BUDGET_S", "CONNECT_TIMEOUT_S", "READ_TIMEOUT_S"),
    "reward_fn.aws.extension": ("REGISTER_TIMEOUT_S", "FLUSH_S"),
    "reward_fn.aws.traces": ("CONNECT_TIMEOUT_S", "READ_TIMEOUT_S"),
    "reward_fn.aws.verdict_table": ("CONNECT_TIMEOUT_S", "READ_TIMEOUT_S", "WARM_S"),
    "reward_fn.judge.call.fanout": ("LOOK_UP_S",),
}


def be_patient(set_limit: Callable[[object, str, object], None] = setattr) -> None:
    """Set all limits by ``set_limit``, such as monkeypatch's."""
    for module, names in _LIMITS.items():
        for name in names:
            set_limit(importlib.import_module(module), name, PATIENCE_S)
