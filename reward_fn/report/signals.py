"""Numbers about a batch as a whole: the level of its rewards, tied groups, signs of a gamed reward. Pure.

They are only reported; none changes a reward. A canary is a row whose metadata says ``"canary": true`` and
whose answer is a known attack, so its reward must stay low. A definition with ``canaries`` watches them, and
leaves them out of all other signs.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from reward_fn.deadline import Deadline
from reward_fn.text.hollow import why_hollow
from reward_fn.text.injection import injections
from reward_fn.text.near_duplicates import clusters
from reward_fn.types.batch import Signs, TextSigns
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from reward_fn.types.rollout import Rejected, Rollout

MIN_ROLLOUTS = 8
"""A correlation over fewer rollouts says nothing."""
READ_CHARS = 600
"""A longer response is searched for injections only at its ends, half of this number at each."""

Answered = tuple[Rollout, Result]


def text_signs(
    entries: Sequence[Rollout | Rejected], definition: Definition, deadline: Deadline | None = None
) -> TextSigns:
    """Read the signs that need no rewards, while the judge works.

    A sign that is not known by ``deadline`` is None: a number that is only reported must not delay an answer.
    """
    rollouts = [e for e in entries if isinstance(e, Rollout) and not (definition.canaries and is_canary(e))]
    is_late = deadline.is_over if deadline is not None else _never
    hollow = _count(why_hollow, rollouts, is_late)
    injected = _count(_is_addressed, rollouts, is_late)
    repeated, alike = _near_duplicates(rollouts, is_late)
    return TextSigns(hollow, injected, repeated, alike)


def _never() -> bool:
    return False


def _count(
    has_sign: Callable[[str], object], rollouts: Sequence[Rollout], is_late: Callable[[], bool]
) -> int | None:
    """Count the responses that have a sign; None if the time ran out first."""
    count = 0
    for rollout in rollouts:
        if is_late():
            return None
        count += bool(has_sign(rollout.response))
    return count


def signs(
    entries: Sequence[Rollout | Rejected],
    results: Sequence[Result],
    definition: Definition,
    texts: TextSigns,
) -> Signs:
    """Add the signs that need rewards to ``texts``. ``results`` has one result for each entry, in order."""
    answered = [(e, r) for e, r in zip(entries, results, strict=True) if isinstance(e, Rollout)]
    canaries = [result for rollout, result in answered if definition.canaries and is_canary(rollout)]
    others = [pair for pair in answered if not (definition.canaries and is_canary(pair[0]))]
    return Signs(
        texts=texts,
        length_correlation=_length_correlation([pair for pair in others if not pair[1].imputed]),
        canaries=len(canaries),
        canary_level=_highest_level(canaries, definition),
    )


def reward_level(results: Sequence[Result], definition: Definition) -> float | None:
    """Return the mean reward as a share of the definition's range, from 0 (low end) to 1 (high end).

    Imputed rewards say nothing about the policy and do not count; None if all are imputed.
    """
    rewards = [result.reward for result in results if not result.imputed]
    if not rewards:
        return None
    return (sum(rewards) / len(rewards) - definition.low) / (definition.high - definition.low)


def compared_groups(results: Sequence[Result]) -> tuple[int, int]:
    """Return the number of groups of two or more, and of those in which all rewards are equal.

    A group of equal rewards has zero advantages and teaches nothing. Imputed rewards do not count.
    """
    groups: defaultdict[str, list[float]] = defaultdict(list)
    for result in results:
        if result.group and not result.imputed:
            groups[result.group].append(result.reward)
    several = [rewards for rewards in groups.values() if len(rewards) > 1]
    return len(several), sum(max(r) == min(r) for r in several)


def zero_variance_share(results: Sequence[Result]) -> float | None:
    """Return the share of :func:`compared_groups` with equal rewards, 0 to 1; None without such groups."""
    groups, ties = compared_groups(results)
    return ties / groups if groups else None


def is_canary(rollout: Rollout) -> bool:
    """Return whether the row's metadata marks it as a canary."""
    return rollout.metadata.get("canary") is True


def _is_addressed(response: str) -> bool:
    """Return whether the beginning or the end of a response addresses its grader."""
    if len(response) > READ_CHARS:
        response = f"{response[: READ_CHARS // 2]}\n{response[-READ_CHARS // 2 :]}"
    return next(injections(response), None) is not None


def _near_duplicates(
    rollouts: Sequence[Rollout], is_late: Callable[[], bool]
) -> tuple[float | None, float | None]:
    """Return ``repeated`` and ``alike`` of :class:`TextSigns`, both from 0 to 1, or None."""
    groups = [rollout.group for rollout in rollouts]
    leaders = clusters([rollout.response for rollout in rollouts], is_late)
    if leaders is None:
        return None, None
    sizes, pairs = Counter(groups), list(zip(leaders, groups, strict=True))
    prompts: defaultdict[int, set[str]] = defaultdict(set)
    for leader, group in pairs:
        prompts[leader].add(group)
    twins = Counter(pairs)
    in_groups = [pair for pair in pairs if sizes[pair[1]] > 1]
    repeated = sum(len(prompts[leader]) > 1 for leader in leaders) / len(leaders) if len(sizes) > 1 else None
    alike = sum(twins[pair] > 1 for pair in in_groups) / len(in_groups) if in_groups else None
    return repeated, alike


def _length_correlation(answered: Sequence[Answered]) -> float | None:
    """Pearson's correlation of length and reward, from -1 to 1; None for too few rollouts or no variance.

    If groups have several rollouts, their means are subtracted first, so that differences between prompts do
    not count.
    """
    groups: defaultdict[str, list[Answered]] = defaultdict(list)
    for rollout, result in answered:
        groups[rollout.group].append((rollout, result))
    several = [members for members in groups.values() if len(members) > 1] or [list(answered)]
    pairs = [pair for members in several for pair in _centred(members)]
    if len(pairs) < MIN_ROLLOUTS:
        return None
    spread = math.sqrt(sum(x * x for x, _ in pairs)) * math.sqrt(sum(y * y for _, y in pairs))
    if spread < 1e-9:
        return None
    return max(-1.0, min(1.0, sum(x * y for x, y in pairs) / spread))


def _centred(members: Sequence[Answered]) -> Iterator[tuple[float, float]]:
    """Yield (length, reward) of each rollout, less the means over ``members``."""
    lengths = [float(len(rollout.response)) for rollout, _ in members]
    rewards = [result.reward for _, result in members]
    mean_length, mean_reward = sum(lengths) / (len(lengths) or 1), sum(rewards) / (len(rewards) or 1)
    yield from ((x - mean_length, y - mean_reward) for x, y in zip(lengths, rewards, strict=True))


def _highest_level(results: Sequence[Result], definition: Definition) -> float | None:
    """Return the highest reward that is not imputed as a share of the range; None without one."""
    rewards = [result.reward for result in results if not result.imputed]
    return (max(rewards) - definition.low) / (definition.high - definition.low) if rewards else None
