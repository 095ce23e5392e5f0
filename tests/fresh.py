"""Reset the handler to its state after import, for tests that invoke it."""

import logging

import pytest

from reward_fn import handler

LOGGER = "reward-fn"


def fresh_handler(monkeypatch: pytest.MonkeyPatch, **environ: str) -> None:
    """Forget the service of earlier invocations, and set ``environ`` for the next one."""
    handler.holder.reset()
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    # powertools keeps one logger per service, which writes to the standard output of the test that made it
    logging.root.manager.loggerDict.pop(LOGGER, None)
