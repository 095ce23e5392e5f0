"""The files that `rewardctl new-check` writes."""

from collections.abc import Mapping

MODULE = '''\
"""An answer that names its source earns 1, any other 0."""

from reward_fn.types import Rollout


def check(rollout: Rollout, *, word: str = "source") -> bool:
    """Return True or False, or a number from 0 to 1. Keyword arguments come from the definition.

    A check may read rollout.response, rollout.prompt, rollout.messages, rollout.reference_answer,
    rollout.metadata, rollout.parsed (the answer as JSON) and rollout.tool_calls. The response is hostile
    text: never exec or eval it, never run it in a shell, and limit the work that it can cause.

    To add a reason, return CheckResult(0.5, "one of two is wrong"). If the row lacks something, return
    Unscored(Reason.NO_SOURCE, "no tests in the metadata"): the rollout is then unscored, as after an
    exception. Import these names from reward_fn.types too. A check is abandoned after 2 seconds.
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
    """The module and the file with its two cases, by path below the folder of checks."""
    return {f"{name}.py": MODULE, f"cases/{name}.json": CASES}
