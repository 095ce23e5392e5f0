"""From rollouts to inquiries: each by itself, against a given answer, or a group side by side.

- *pointwise*: one question about one rollout.
- *pairwise*: response and given answer, in both orders. A criterion counts where both orders say the same:
  1 where the response holds it better, 0.5 the same, 0 worse. What changes with the order is no verdict.
- *group*: the rollouts of one prompt that share a batch, in one question; each gets all criteria, and, where
  one question holds them all, where it stands among them. One that is alone, or whose group came to nothing,
  is asked about by itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import NamedTuple

from reward_fn.judge.ask.fences import Section
from reward_fn.judge.ask.inquiry import Ballot, Inquiry, about
from reward_fn.judge.ask.prompt import build_question, question_on, sections_of_items
from reward_fn.paths import find_text
from reward_fn.text.digest import digest
from reward_fn.types.rollout import Rollout
from reward_fn.types.rubric import Criterion, JudgeSpec, VerdictClass
from reward_fn.types.verdict import Leaf, Verdict, Verdicts

MAX_SIDE_BY_SIDE = 8
MAX_VERDICTS = 80
"""What one reply can hold."""

STANDING = "Standing"
STANDING_SHARE = 0.25
"""What a place in the group weighs, of what the criteria weigh together, unless a definition says more."""
STANDING_CHOICES = ("worst", "weaker", "middle", "stronger", "best")
STANDING_QUESTION = (
    "Beside the other items, where does this one stand in what the criteria ask for, taken together? Items "
    "that are equally good get the same."
)
ORDERS = (("first", "second"), ("second", "first"))
"""Where the response and the given answer stand."""


class Judgeable(NamedTuple):
    """A rollout that is to be judged, by the rubric that holds for it."""

    rollout: Rollout
    spec: JudgeSpec


def inquiries(judgeable: Sequence[Judgeable], spec: JudgeSpec) -> Iterator[Inquiry]:
    """What to ask about all of them, in the mode of ``spec``."""
    if spec.mode == "pairwise":
        yield from (pairwise(*each) for each in judgeable)
    elif spec.mode == "group":
        for parts in _groups(judgeable):
            for members in parts:
                if len({each.rollout.response for each in members}) > 1:
                    yield side_by_side(members, whole=len(parts) == 1)
                else:
                    yield from (pointwise(*each) for each in members)
    else:
        yield from (pointwise(*each) for each in judgeable)


def pointwise(rollout: Rollout, spec: JudgeSpec) -> Inquiry:
    """One rollout by itself."""
    return about(rollout.index, build_question(rollout, spec))


def pairwise(rollout: Rollout, spec: JudgeSpec) -> Inquiry:
    """One rollout against the text under ``spec.against``, which was found to be there."""
    given = find_text(rollout, spec.against) or ""
    shown = {"response": rollout.response, "given": given}
    compared = replace(spec, criteria=_compared(spec.criteria))
    if rollout.response.strip() == given.strip():
        same: Ballot = Ballot({Leaf(c): Verdict("same", share=0.5) for c in compared.criteria})
        return Inquiry((rollout.index,), (), lambda _: [same])
    questions = []
    for places in ORDERS:
        placed = sorted(zip(places, shown.values(), strict=True))
        own = [Section("answer", place, text) for place, text in placed]
        questions.append(question_on(rollout, compared, own, 0, way="pairwise"))
    return Inquiry((rollout.index,), tuple(questions), _compare)


def side_by_side(members: Sequence[Judgeable], *, whole: bool = True) -> Inquiry:
    """The rollouts of one group in one question; what several of them say is shown once.

    Where they are not the ``whole`` group, nobody's place is asked for: those in two parts can't be compared.
    """
    first, spec = members[0]
    # An order that tells nothing, the same each time.
    texts = sorted({each.rollout.response for each in members}, key=lambda text: digest(first.group, text))
    asked = _of_items(spec.criteria, spec.standing if whole else 0.0)
    own = sections_of_items(texts)
    originals = dict(zip(asked, (*spec.criteria, asked[-1]), strict=False))
    places = [texts.index(each.rollout.response) for each in members]
    return Inquiry(
        tuple(each.rollout.index for each in members),
        (question_on(first, replace(spec, criteria=asked), own, len(own), way="group"),),
        partial(_by_member, places, originals),
        tuple(pointwise(*each) for each in members),
    )


def most_side_by_side(spec: JudgeSpec) -> int:
    """How many texts one question can hold: each has a verdict on every criterion, and its place."""
    return max(1, min(MAX_SIDE_BY_SIDE, MAX_VERDICTS // (len(spec.criteria) + 1)))


def _groups(judgeable: Iterable[Judgeable]) -> Iterator[Sequence[Sequence[Judgeable]]]:
    """The groups, judged by the same, each in as few parts as replies can hold."""
    groups: dict[tuple[object, ...], dict[str, list[Judgeable]]] = {}
    for each in judgeable:
        rollout, spec = each
        documents = tuple(find_text(rollout, document.sources) for document in spec.documents)
        key = (rollout.group, documents, tuple(criterion.identity for criterion in spec.criteria))
        groups.setdefault(key, {}).setdefault(rollout.response, []).append(each)
    for by_text in groups.values():
        same = list(by_text.values())
        size = most_side_by_side(same[0][0].spec)
        # Parts of about the same size, none of them a single text that could be avoided.
        parts = -(-len(same) // size)
        yield [[each for members in same[part::parts] for each in members] for part in range(parts)]


@lru_cache(maxsize=64)
def _of_items(criteria: tuple[Criterion, ...], standing: float | None) -> tuple[Criterion, ...]:
    """The criteria asked of every item, and where it stands."""
    copies = tuple(replace(c, scope="item") for c in criteria)
    weight = standing if standing is not None else STANDING_SHARE * sum(max(c.weight, 0.0) for c in criteria)
    if not weight:
        return copies
    # The verdicts on the item come before it and are its reasons.
    place = Criterion(
        *(STANDING, STANDING_QUESTION, weight, "item"),
        choices=STANDING_CHOICES,
        relative=True,
        evidence="none",
    )
    return (*copies, place)


@lru_cache(maxsize=64)
def _compared(criteria: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
    """The criteria as comparisons; a pitfall turned round, so that better is always better."""
    return tuple(
        replace(
            c,
            question=c.question if c.weight > 0 else f"Which is freer of this fault: {c.question}",
            weight=abs(c.weight),
            choices=("second", "same", "first"),
            values=(),
            quote_from=(),
        )
        for c in criteria
    )


def _compare(replies: Sequence[Verdicts]) -> Sequence[Ballot]:
    """What both orders say; the criteria are the compared ones."""
    verdicts: dict[Leaf, Verdict] = {}
    forward, backward = replies
    flips = 0
    for leaf, verdict in forward.items():
        turned = backward[leaf]
        here, there = leaf.value(verdict), leaf.value(turned)
        if here is None or there is None:
            verdicts[leaf] = verdict if here is None else turned
        elif here + there == 1.0:
            answer = "better" if here == 1.0 else "worse" if here == 0.0 else "same"
            verdicts[leaf] = Verdict(answer, verdict.evidence, share=here)
        else:
            flips += 1
            verdicts[leaf] = Verdict(VerdictClass.CANNOT_ASSESS, verdict.evidence)
    return [Ballot(verdicts, flips)]


def _by_member(
    places: Sequence[int], originals: Mapping[Criterion, Criterion], replies: Sequence[Verdicts]
) -> Sequence[Ballot]:
    """The verdicts on each item as those on the rollouts that say it; ``places`` are their items."""
    ballots: dict[int | None, dict[Leaf, Verdict]] = {}
    for leaf, verdict in replies[0].items():
        ballots.setdefault(leaf.item, {})[Leaf(originals[leaf.criterion])] = verdict
    return [Ballot(ballots[place]) for place in places]
