"""Score cases that state no verdicts: by a judge, after the question whether its cost is fine."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from rich.console import Console

from reward_fn.deadline import Deadline
from reward_fn.event.parse import parse_rows
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.types.definition import Definition
from reward_fn.types.result import Result
from rewardctl.cases.case import Case, CaseError
from rewardctl.cases.score import Score, materials_of, needs_judge
from rewardctl.engine.batch import BATCH_S
from rewardctl.judge_demand import questions_about
from rewardctl.judges.choice import JudgeChoice
from rewardctl.judges.estimate import ModelCost, costs_of_questions
from rewardctl.judges.options import agreed_to


def costs_of_cases(cases: Sequence[Case], definition: Definition) -> list[ModelCost]:
    """What the judge calls for cases without verdicts cost; [] if none is made."""
    if definition.judge is None:
        return []
    materials = [list(materials_of(case, definition)) for case in cases if needs_judge(case, definition)]
    questions = [q for batch in materials for q in questions_about(batch, definition.judge)]
    return costs_of_questions(questions, definition.judge)


@contextmanager
def judge_of_cases(
    cases: Sequence[Case],
    definition: Definition,
    choice: JudgeChoice,
    console: Console,
    *,
    max_usd: float,
    yes: bool,
) -> Iterator[Score]:
    """Scores cases by the judge that ``choice`` names; it is opened only if a case needs it.

    A judge that costs money is asked only after a yes. Raises CaseError after a no.
    """
    if not any(needs_judge(case, definition) for case in cases):
        yield _none
        return
    if not choice.is_free and not agreed_to(costs_of_cases(cases, definition), console, yes=yes):
        raise CaseError("the cases without verdicts were not scored; state verdicts in them, or say yes")
    with choice.opened(definition) as opened:
        spent_usd = 0.0

        def score(case: Case) -> Sequence[Result]:
            nonlocal spent_usd
            if prepare := getattr(opened.judge, "prepare", None):
                prepare(parse_rows(case.rows))
            settings = opened.settings
            if max_usd:
                settings = replace(settings, max_cost_usd=max(max_usd - spent_usd, 1e-9))
            scorer = Scorer(definition, opened.judge, settings, opened.store)
            scored = score_batch(list(case.rows), scorer, Deadline.after(BATCH_S))
            spent_usd += scored.usage.cost_usd
            return scored.results

        yield score


def _none(case: Case) -> Sequence[Result]:
    raise CaseError(f"{case.name or 'the case'} states no verdicts")
