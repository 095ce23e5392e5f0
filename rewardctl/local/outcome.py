"""What the function's answer means: a list of results, or an error with its remedy."""

import json
from pathlib import Path
from typing import Any, NoReturn

from rewardctl.local.errors import FunctionError
from rewardctl.local.own_forms import as_results

# The runtime reports a time-out and a process that ended in plain text, not in JSON.
TIMED_OUT = "Task timed out"

REMEDIES = {
    "SettingsError": "Give the variable an allowed value, or leave it unset.",
    "DefinitionError": "Correct the reward definition at the places named.",
    "EventError": "Give an event in one of the forms of the files in events/.",
    "Runtime.ImportModuleError": (
        "A module is missing from the artifact: add it to layers/deps/requirements.in and run "
        "`make requirements`, or move the code that needs it out of reward_fn/."
    ),
    "Runtime.ExitError": "The function's process ended by itself. Its log says more.",
    "Runtime.Timeout": "Lower JUDGE_TIMEOUT_S or DEADLINE_S, or give fewer rollouts at once.",
    "Runtime.InvalidResult": "A fault of the function: it must answer with a list of results.",
}
OTHER_REMEDY = "The whole trace stands in the function's log."


def results_of(payload: bytes) -> list[dict[str, Any]]:
    """The results in the bytes that Invoke answered with, in order, whatever their envelope; NaN is no JSON.
    An answer in a caller's own form is told as results.

    Raises FunctionError where the function failed or answered with anything else.
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
    """What is inside the envelopes ``http`` and ``http_list``; any other answer as it is."""
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
    """The error of a function whose process ended: the last one that its log tells of."""
    text = log.read_text(errors="replace").replace("\r", "\n") if log.is_file() else ""
    lines = [line.removeprefix("[ERROR] ") for line in text.splitlines() if line.startswith("[ERROR] ")]
    kind, _, message = (lines[-1] if lines else "Runtime.ExitError: no error in its log").partition(": ")
    return FunctionError(kind, message, remedy=REMEDIES.get(kind, REMEDIES["Runtime.ExitError"]))


def fail(kind: str, message: str) -> NoReturn:
    """Raises the FunctionError of that kind with its remedy."""
    raise FunctionError(kind, message, remedy=REMEDIES.get(kind, OTHER_REMEDY))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} in it")
