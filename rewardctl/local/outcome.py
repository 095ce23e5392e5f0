"""Read the function's answer: a list of results, or an error with its remedy."""

import json
from pathlib import Path
from typing import Any, NoReturn

from rewardctl.local.errors import FunctionError
from rewardctl.local.own_forms import as_results

# The runtime reports time-outs as plain text, not as JSON.
TIMED_OUT = "Task timed out"

REMEDIES = {
    "SettingsError": "Give the variable an allowed value, or unset it.",
    "DefinitionError": "Correct the reward definition at the named places.",
    "EventError": "Give an event in the form of one of the files in events/.",
    "Runtime.ImportModuleError": (
        "A module is missing from the artifact: add it to layers/deps/requirements.in and run "
        "`make requirements`, or move the code that needs it out of reward_fn/."
    ),
    "Runtime.ExitError": "The function's process ended early; see its log.",
    "Runtime.Timeout": "Lower JUDGE_TIMEOUT_S or DEADLINE_S, or send fewer rollouts at once.",
    "Runtime.InvalidResult": "The function has a bug: it must return a list of results.",
}
OTHER_REMEDY = "The function's log has the traceback."


def results_of(payload: bytes) -> list[dict[str, Any]]:
    """Return the results in a response of Invoke, in order, without their envelope.

    Answers in other callers' forms are converted to results. Raises FunctionError if the function failed, or
    if the response is not strict JSON (NaN is not) or holds no list of results.
    """
    text = payload.decode("utf-8", "replace")
    if TIMED_OUT in text[:200] and not text.lstrip().startswith(("[", "{")):
        fail("Runtime.Timeout", text.strip())
    answer = _parsed(text)
    if isinstance(answer, dict) and "errorType" in answer:
        fail(str(answer["errorType"]), str(answer.get("errorMessage", "")))
    results = _unwrapped(as_results(answer))
    if not isinstance(results, list) or not all(isinstance(each, dict) for each in results):
        fail("Runtime.InvalidResult", f"the answer is not a list of results: {text[:200]}")
    return results


def _unwrapped(answer: Any) -> Any:
    """The content of the envelopes ``http`` and ``http_list``; any other answer unchanged."""
    if not isinstance(answer, dict) or answer.get("statusCode") != 200:
        return answer
    body = answer.get("body")
    return _parsed(body) if isinstance(body, str) else body


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise FunctionError(
            "Runtime.InvalidResult",
            f"the answer is not JSON ({error}): {text[:200]}",
            remedy=REMEDIES["Runtime.InvalidResult"],
        ) from error


def exit_error(log: Path) -> FunctionError:
    """The error of a function whose process ended: the last error in its log."""
    text = log.read_text(errors="replace").replace("\r", "\n") if log.is_file() else ""
    lines = [line.removeprefix("[ERROR] ") for line in text.splitlines() if line.startswith("[ERROR] ")]
    kind, _, message = (lines[-1] if lines else "Runtime.ExitError: no error in its log").partition(": ")
    return FunctionError(kind, message, remedy=REMEDIES.get(kind, REMEDIES["Runtime.ExitError"]))


def fail(kind: str, message: str) -> NoReturn:
    """Raise the FunctionError of that kind with its remedy."""
    raise FunctionError(kind, message, remedy=REMEDIES.get(kind, OTHER_REMEDY))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"it contains {name}")
