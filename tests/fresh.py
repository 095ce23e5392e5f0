"""The handler's module as it is right after import, for tests that invoke it."""

import logging

import pytest

from reward_fn import handler

LOGGER = "reward-fn"


def fresh_handler(monkeypatch: pytest.MonkeyPatch, **environ: str) -> None:
    """Forget what earlier invocations kept, and set ``environ`` for the next one."""
    monkeypatch.setattr(handler, "_kept", None)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    # powertools keeps one logger for each service, and it the standard output of the test that made it
    logging.root.manager.loggerDict.pop(LOGGER, None)
