"""The files that `rewardctl new-check` writes."""

from collections.abc import Mapping

MODULE = '''\
"""Says in one line what earns 1 and what earns 0: here, an answer that names its source."""

from reward_fn.types.rollout import Rollout


def check(rollout: Rollout, *, word: str = "source") -> bool:
    """True or False, or a number from 0 to 1. Parameters of the definition arrive as keywords.

    What a check may look at: rollout.response, rollout.prompt, rollout.messages, rollout.reference_answer,
    rollout.metadata, rollout.parsed (the answer as JSON) and rollout.tool_calls. The response is hostile
    text: never exec or eval it, never run it in a shell, and bound what you do with it.

    To say why, return CheckResult(0.5, "one of two is wrong") from reward_fn.types. To leave a rollout
    unscored because its row lacks something, return Unscored(Reason.NO_SOURCE, "no tests in the metadata")
    from reward_fn.rubric. An exception leaves it unscored too. After 2 seconds the check is abandoned.
    """
    return word in rollout.response.lower()
'''

CASES = """\
{
 "pass_named": {
  "why": "The word is there.",
  "row": {"prompt": "Where does it say so?", "response": "See the source."},
  "score": 1.0
 },
 "fail_unnamed": {
  "why": "The word is missing.",
  "row": {"prompt": "Where does it say so?", "response": "It is so."},
  "score": 0.0
 }
}
"""


def files_of_new_check(name: str) -> Mapping[str, str]:
    """The module and the file with its two cases, each with its place below the folder of checks."""
    return {f"{name}.py": MODULE, f"cases/{name}.json": CASES}
