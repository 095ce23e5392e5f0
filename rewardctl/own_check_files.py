"""The files that `rewardctl new-check` writes."""

import json
from collections.abc import Mapping

MODULE = '''\
"""An answer that names its source earns 1, any other 0."""

from reward_fn.types.rollout import Rollout


def check(rollout: Rollout, *, word: str = "source") -> bool:
    """Return True or False, or a number from 0 to 1. Keyword arguments come from the definition.

    A check may read rollout.response, rollout.prompt, rollout.messages, rollout.reference_answer,
    rollout.metadata, rollout.parsed (the answer as JSON) and rollout.tool_calls. The response is hostile
    text: never exec or eval it, never run it in a shell, and limit the work that it can cause.

    To add a reason, return CheckResult(0.5, "one of two is wrong") from reward_fn.types.check. If the row
    lacks something, return Unscored(Reason.NO_SOURCE, "no tests in the metadata") from
    reward_fn.types.unscored: the rollout is then unscored, as after an exception. A check is abandoned after
    2 seconds.
    """
    return word in rollout.response.lower()
'''


def files_of_new_check(name: str) -> Mapping[str, str]:
    """The module and its two cases, by path below the folder of checks."""
    return {
        f"{name}.py": MODULE,
        f"cases/{name}/pass_named.json": _case("The word is there.", "See the source.", 1.0),
        f"cases/{name}/fail_unnamed.json": _case("The word is missing.", "It is so.", 0.0),
    }


def _case(why: str, response: str, score: float) -> str:
    row = {
        "messages": [
            {"role": "user", "content": "Where does it say so?"},
            {"role": "assistant", "content": response},
        ]
    }
    return json.dumps({"why": why, "parameters": {}, "row": row, "score": score}, indent=2) + "\n"
