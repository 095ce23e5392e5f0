"""The search that required and forbidden content share: phrases and patterns in a rollout's text."""

from collections.abc import Callable, Mapping
from typing import Any

from reward_fn.paths import PATHS, find_terms
from reward_fn.text.terms import PARAMETERS as TERMS
from reward_fn.text.terms import Terms
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason, Unscored

PARAMETERS: Mapping[str, Any] = {**TERMS, "phrases_from": PATHS, "of": {"enum": ["answer", "response"]}}
"""The JSON Schema of the parameters that both checks have."""

TermSearch = Callable[[Rollout], "list[bool | None] | Unscored"]
"""Returns, for each phrase and pattern, whether the text contains it; None if that is undecided."""


def term_search(parameters: Mapping[str, Any]) -> TermSearch:
    """``phrases_from`` lists the paths of a rollout's own phrases: a text or a list, which may be empty.

    A rollout without them is unscored. ``of`` is the answer (default), or the response with its thoughts.
    Raises ValueError if there is nothing to search for, or a pattern can't be used.
    """
    terms, paths = Terms(parameters), parameters.get("phrases_from", ())
    in_response = parameters.get("of") == "response"

    def search(rollout: Rollout) -> list[bool | None] | Unscored:
        phrases = find_terms(rollout, paths) if paths else []
        if phrases is None:
            return Unscored(Reason.NO_SOURCE, f"no phrases under {' or '.join(paths)}")
        text = rollout.response if in_response else rollout.answer.text
        return list(terms.found_in(text, phrases))

    return search
