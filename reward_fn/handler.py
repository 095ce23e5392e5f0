"""The function that Lambda calls. On Lambda, importing this module loads the service.

A mistake in settings or definition that is found while loading is kept and raised at each invocation.
"""

import os
from typing import Any

from reward_fn.deadline import Deadline, budget_s
from reward_fn.service import ServiceHolder

holder = ServiceHolder()
"""Holds the service for the life of the environment."""


def lambda_handler(event: Any, context: Any) -> Any:
    """Answer a batch of rollouts: one result a row, same ids, same order, in the envelope that is set.

    ``context`` is Lambda's, or any object without a clock (AWS's verifier passes ``{}``). Raises
    SettingsError, DefinitionError, DefinitionStoreError or PriceListError if the service can't be loaded,
    EventError if the event holds no batch, and TooFewJudgedError if more rollouts could not be judged than
    the definition allows.
    """
    service = holder.get()
    settings, request_id = service.scorer.settings, str(getattr(context, "aws_request_id", ""))
    time_s = budget_s(context, longest_s=settings.deadline_s, margin_s=settings.deadline_margin_s)
    try:
        return service.answer(event, Deadline.after(time_s), request_id)
    finally:
        service.end_invocation()


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    holder.initialise()
