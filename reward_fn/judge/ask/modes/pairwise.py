"""Mode "pairwise": the response compared with a reference text, in both orders.

A criterion counts if both orders agree: 1 if the response is better in it, 0.5 if both are the same, 0 if it
is worse. A verdict that changes with the order is void.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from reward_fn.judge.ask.fences import Section
from reward_fn.judge.ask.inquiry import Ballot, Inquiry
from reward_fn.judge.ask.mode import Mode
from reward_fn.judge.ask.prompt import compose_question
from reward_fn.types.material import Material
from reward_fn.types.rubric import Criterion, VerdictClass
from reward_fn.types.verdict import Leaf, Verdict, Verdicts

ORDERS = (("first", "second"), ("second", "first"))
"""The places of the response and the reference, in the first question and in the second."""


def _build(materials: Sequence[Material]) -> Iterator[Inquiry]:
    return map(_inquiry_about, materials)


def _inquiry_about(material: Material) -> Inquiry:
    """Two questions, one for each order; none if the response repeats the reference."""
    index, response = material.rollout.index, material.rollout.response
    compared = replace(material, spec=replace(material.spec, criteria=comparisons(material.spec.criteria)))
    if response.strip() == material.reference.strip():
        tie = Ballot({Leaf(c): Verdict("same", share=0.5) for c in compared.spec.criteria}, flips=0)
        return Inquiry((index,), (), lambda _: [tie])
    questions = []
    for place, place_of_reference in ORDERS:
        texts = {place: response, place_of_reference: material.reference}
        sections = [Section("answer", name, texts[name]) for name in sorted(texts)]
        questions.append(compose_question(compared, PAIRWISE, sections))
    return Inquiry((index,), tuple(questions), _read)


@lru_cache(maxsize=64)
def comparisons(criteria: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
    """The criteria as comparisons. A pitfall is turned round, so that the better answer is always the one
    that earns more."""
    return tuple(
        replace(
            criterion,
            question=criterion.question
            if criterion.weight > 0
            else f"Which is freer of this fault: {criterion.question}",
            weight=abs(criterion.weight),
            choices=("second", "same", "first"),
            values=(),
            quote_from=(),
        )
        for criterion in criteria
    )


def _read(replies: Sequence[Verdicts]) -> Sequence[Ballot]:
    """One ballot from the replies to both orders; the leaves hold the comparisons."""
    verdicts: dict[Leaf, Verdict] = {}
    forward, backward = replies
    flips = 0
    for leaf, verdict in forward.items():
        turned = backward[leaf]
        share, share_of_reference = leaf.value(verdict), leaf.value(turned)
        if share is None or share_of_reference is None:
            verdicts[leaf] = verdict if share is None else turned
        elif share + share_of_reference == 1.0:
            verdicts[leaf] = Verdict(_ANSWERS[share], verdict.evidence, share=share)
        else:
            flips += 1
            verdicts[leaf] = Verdict(VerdictClass.CANNOT_ASSESS, verdict.evidence)
    return [Ballot(verdicts, flips)]


_ANSWERS = {1.0: "better", 0.5: "same", 0.0: "worse"}

PAIRWISE = Mode(
    name="pairwise",
    prompt="pairwise",
    build=_build,
    questions=len(ORDERS),
    quote_prompt="quote_between",
    verdict_prompt="first_or_second",
    required={"against": "give the paths of the answer to compare with"},
    takes_quote_from=False,
    takes_examples=False,
    takes_choices=False,
)
