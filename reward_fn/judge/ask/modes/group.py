"""Mode "group": the rollouts of one prompt that share a batch, side by side in one question.

Each rollout gets all criteria and, if one question holds the whole group, its standing among the others. A
rollout without siblings, or whose group call failed, is judged by a question of its own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial

from reward_fn.judge.ask.inquiry import Ballot, Inquiry
from reward_fn.judge.ask.mode import Mode
from reward_fn.judge.ask.modes.pointwise import inquiry_about
from reward_fn.judge.ask.prompt import compose_question, item_sections
from reward_fn.judge.ask.reply_size import MAX_VERDICTS
from reward_fn.text.digest import digest
from reward_fn.types.material import Material
from reward_fn.types.rubric import Criterion, JudgeSpec
from reward_fn.types.verdict import Leaf, Verdict, Verdicts

MAX_SIDE_BY_SIDE = 8
"""The most responses in one question."""

STANDING = "Standing"
STANDING_SHARE = 0.25
"""The weight of the standing as a share of the criteria's weights, unless a definition sets it."""
STANDING_CHOICES = ("worst", "weaker", "middle", "stronger", "best")
STANDING_QUESTION = (
    "Beside the other items, where does this one stand in what the criteria ask for, taken together? Items "
    "that are equally good get the same."
)


def _build(materials: Sequence[Material]) -> Iterator[Inquiry]:
    for parts in _groups(materials):
        for members in parts:
            if len({member.rollout.response for member in members}) > 1:
                yield _side_by_side(members, is_whole_group=len(parts) == 1)
            else:
                yield from map(inquiry_about, members)


def _side_by_side(members: Sequence[Material], *, is_whole_group: bool) -> Inquiry:
    """One question about rollouts of one group; a response that several of them gave is shown once.

    The standing is only asked in a whole group: places in two parts of a group can't be compared.
    """
    first, spec = members[0], members[0].spec
    # Sorted by hash: an order that is the same each time and means nothing.
    texts = sorted(
        {member.rollout.response for member in members},
        key=lambda text: digest(first.rollout.group, text),
    )
    criteria = _item_criteria(spec.criteria, spec.standing if is_whole_group else 0.0)
    shown = replace(first, spec=replace(spec, criteria=criteria))
    originals = dict(zip(criteria, (*spec.criteria, criteria[-1]), strict=False))
    return Inquiry(
        tuple(member.rollout.index for member in members),
        (compose_question(shown, GROUP, item_sections(texts), rollouts=len(texts)),),
        partial(_read, [texts.index(member.rollout.response) for member in members], originals),
        tuple(map(inquiry_about, members)),
    )


def _most_side_by_side(spec: JudgeSpec) -> int:
    """The most responses in one question: each takes a verdict on every criterion, and its standing."""
    return max(1, min(MAX_SIDE_BY_SIDE, MAX_VERDICTS // (len(spec.criteria) + 1)))


def _groups(materials: Iterable[Material]) -> Iterator[Sequence[Sequence[Material]]]:
    """Rollouts with the same prompt, documents and criteria, divided into as few parts as replies allow."""
    groups: dict[tuple[object, ...], dict[str, list[Material]]] = {}
    for material in materials:
        criteria = tuple(criterion.identity for criterion in material.spec.criteria)
        key = (material.rollout.group, tuple(material.documents.items()), criteria)
        groups.setdefault(key, {}).setdefault(material.rollout.response, []).append(material)
    for by_text in groups.values():
        same = list(by_text.values())
        size = _most_side_by_side(same[0][0].spec)
        # Parts of about the same size, so that none holds a single response if that can be avoided.
        parts = -(-len(same) // size)
        yield [[member for members in same[part::parts] for member in members] for part in range(parts)]


@lru_cache(maxsize=64)
def _item_criteria(criteria: tuple[Criterion, ...], standing: float | None) -> tuple[Criterion, ...]:
    """The criteria, asked of every item, and the standing with this weight; at 0 it is left out."""
    copies = tuple(replace(criterion, scope="item") for criterion in criteria)
    place = standing_criterion(criteria, standing)
    return (*copies, place) if place.weight else copies


def standing_criterion(criteria: Sequence[Criterion], standing: float | None) -> Criterion:
    """The criterion of a place among the others; None as ``standing`` gives it its share of the weights."""
    weight = standing if standing is not None else STANDING_SHARE * sum(max(c.weight, 0.0) for c in criteria)
    # No evidence: the verdicts on the same item come before it and are its reasons.
    return Criterion(
        *(STANDING, STANDING_QUESTION, weight, "item"),
        choices=STANDING_CHOICES,
        relative=True,
        evidence="none",
    )


def _read(
    places: Sequence[int], originals: Mapping[Criterion, Criterion], replies: Sequence[Verdicts]
) -> Sequence[Ballot]:
    """One ballot for each rollout from the verdicts on the items; ``places`` are the rollouts' items."""
    ballots: dict[int | None, dict[Leaf, Verdict]] = {}
    for leaf, verdict in replies[0].items():
        ballots.setdefault(leaf.item, {})[Leaf(originals[leaf.criterion])] = verdict
    return [Ballot(ballots[place]) for place in places]


GROUP = Mode(
    name="group",
    prompt="group",
    build=_build,
    most_together=_most_side_by_side,
    optional=("standing",),
    names=(STANDING,),
)
