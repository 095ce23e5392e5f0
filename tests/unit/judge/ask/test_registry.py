"""The registry of modes: one more record is a mode for definitions, batches and tools, and nothing else."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from reward_fn.deadline import Deadline
from reward_fn.errors import DefinitionError
from reward_fn.judge.ask.fences import Section
from reward_fn.judge.ask.inquiry import Ballot, Inquiry
from reward_fn.judge.ask.mode import Mode
from reward_fn.judge.ask.modes import GROUP, MODES
from reward_fn.judge.ask.prompt import compose_question
from reward_fn.judge.base import Model, Question
from reward_fn.pipeline import Scorer, score_batch
from reward_fn.types.material import Material
from reward_fn.types.verdict import Verdict, Verdicts
from rewardctl.judge_demand import calls_a_rollout, full_group
from tests import factory
from tests.unit.fake_judge import FakeJudge, Step, replied
from tests.unit.rubric import criterion, judge_spec, shown

HEAD = 'name = "x"\n[judge]\nmodel = "medium"\n'
SOUND = '[[judge.criterion]]\nname = "Sound"\nquestion = "Is the answer sound?"\n'


def build(materials: Sequence[Material]) -> Iterator[Inquiry]:
    """Two questions about each rollout: its response, and the text that it is compared with."""
    for material in materials:
        texts = (material.rollout.response, material.reference)
        questions = tuple(
            compose_question(material, GAIN, [Section("response", "-", text)]) for text in texts
        )
        yield Inquiry((material.rollout.index,), questions, gained)


def gained(replies: Sequence[Verdicts]) -> Sequence[Ballot]:
    """A criterion counts if the response meets it and the other text does not."""
    response, other = replies
    return [
        Ballot(
            {
                leaf: Verdict("gained", share=float(response[leaf].answer == "yes" != other[leaf].answer))
                for leaf in response
            }
        )
    ]


GAIN = Mode(
    name="gain",
    prompt="pointwise",
    build=build,
    questions=2,
    required={"against": "give the paths of the first draft"},
    takes_quote_from=False,
    takes_examples=False,
    takes_choices=False,
    names=("Gain",),
)


@pytest.fixture(autouse=True)
def _one_more_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODES, GAIN.name, GAIN)


def mistakes(folder: Path, judge: str) -> str:
    with pytest.raises(DefinitionError) as caught:
        factory.definition(folder, HEAD + judge)
    return str(caught.value)


def test_a_batch_is_scored_in_a_mode_that_only_the_registry_knows(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, f'{HEAD}mode = "gain"\nagainst = ["metadata.draft"]\n{SOUND}')

    def answer(question: Question, _: Model) -> Step:
        return replied(question, {("Sound", None): "yes" if "good" in question.variable else "no"})

    judge = FakeJudge(answer)
    drafts = {"better": ("good", "bad"), "as good": ("good", "good indeed"), "worse": ("bad", "good")}
    rows: list[Any] = [
        factory.row(response, id=name, metadata={"draft": draft})
        for name, (response, draft) in drafts.items()
    ]
    results = score_batch(rows, Scorer(served, judge), Deadline.after(10.0)).results
    assert [result.reward for result in results] == [1.0, 0.0, 0.0]
    assert "order_flips" not in shown(results[0]), "nothing was compared in two orders"


def test_a_definition_is_checked_by_the_record_of_its_mode(tmp_path: Path) -> None:
    gain = 'mode = "gain"\n'
    assert "judge.against: is missing; give the paths of the first draft" in mistakes(tmp_path, gain + SOUND)
    gain += 'against = ["metadata.draft"]\n'
    told = mistakes(tmp_path, f'{gain}items = "comments"\n{SOUND}')
    assert 'judge.items: can\'t be judged one by one in the mode "gain"; use pointwise' in told
    document = '[[judge.document]]\nname = "c"\nsource = ["metadata.c"]\n'
    told = mistakes(tmp_path, f'{gain}{document}{SOUND}quote_from = ["c"]\n')
    assert 'quote_from can\'t be asked in the mode "gain"' in told
    example = '[[judge.criterion.example]]\nanswer = "A"\nverdict = "yes"\n'
    assert 'no guide in the mode "gain"' in mistakes(tmp_path, gain + SOUND + example)
    told = mistakes(tmp_path, gain + SOUND.replace("Sound", "Gain"))
    assert "judge.criterion[0].name: 'Gain' is taken by judge.mode \"gain\"" in told


def test_a_key_of_two_modes_names_both_where_it_has_no_meaning(tmp_path: Path) -> None:
    told = mistakes(tmp_path, f'against = ["metadata.draft"]\n{SOUND}')
    assert 'judge.against: has no meaning without mode = "pairwise" or mode = "gain"' in told


def test_an_unknown_mode_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    told = mistakes(tmp_path, f'mode = "gian"\n{SOUND}')
    assert f"judge.mode: 'gian' is not one of {list(MODES)}" in told
    assert "gain" in MODES


def test_the_lint_follows_the_record_of_the_mode(tmp_path: Path) -> None:
    choices = 'choices = ["poor", "good"]\n'
    scale = SOUND.replace("Is the answer sound?", "Rate the answer.")
    codes = {}
    for mode in ("pointwise", "gain"):
        judge = f'mode = "{mode}"\n' + ('against = ["metadata.draft"]\n' if mode == "gain" else "")
        for kind, asked in (("choices", SOUND + choices), ("scale", scale)):
            warnings = factory.definition(tmp_path, HEAD + judge + asked).warnings
            codes[mode, kind] = {each.code for each in warnings} & {"choices-unused", "asks-for-a-scale"}
    assert codes == {
        ("pointwise", "choices"): set(),
        ("pointwise", "scale"): {"asks-for-a-scale"},
        ("gain", "choices"): {"choices-unused"},
        ("gain", "scale"): set(),
    }


def test_the_doctor_counts_the_questions_of_the_mode(tmp_path: Path) -> None:
    toml = f'{HEAD}votes = 3\nmode = "gain"\nagainst = ["metadata.draft"]\n{SOUND}'
    spec = factory.definition(tmp_path, toml).judge
    assert spec
    assert (calls_a_rollout(spec), full_group(spec)) == (6.0, 1)


@pytest.mark.parametrize(("criteria", "texts"), [(4, 8), (9, 8), (10, 7), (19, 4), (40, 1), (99, 1)])
def test_a_group_shares_a_question_as_far_as_its_verdicts_fit_one_reply(criteria: int, texts: int) -> None:
    """80 verdicts fit, 8 texts are the most: each text takes one verdict a criterion, and its standing."""
    spec = judge_spec(*(criterion(f"C{i}") for i in range(criteria)))
    assert GROUP.most_together(spec) == texts


COMPARED = 'mode = "pairwise"\nagainst = ["reference_answer"]\n'
DOCUMENT = '[[judge.document]]\nname = "c"\nsource = ["metadata.c"]\n'


def test_a_comparison_takes_no_items_no_quotes_from_documents_and_no_examples(tmp_path: Path) -> None:
    told = mistakes(tmp_path, f'{COMPARED}items = "comments"\n{SOUND}')
    assert 'judge.items: can\'t be judged one by one in the mode "pairwise"; use pointwise' in told
    told = mistakes(tmp_path, f'{COMPARED}{DOCUMENT}{SOUND}quote_from = ["c"]\n')
    assert (
        'judge.criterion: quote_from can\'t be asked in the mode "pairwise"; score by quotes_source' in told
    )
    told = mistakes(
        tmp_path, f'{COMPARED}{SOUND}[[judge.criterion.example]]\nanswer = "A"\nverdict = "yes"\n'
    )
    assert 'judge.criterion: an example of one answer is no guide in the mode "pairwise"' in told


def test_a_group_takes_no_items_but_quotes_examples_and_choices(tmp_path: Path) -> None:
    group = 'mode = "group"\n'
    assert 'in the mode "group"; use pointwise' in mistakes(tmp_path, f'{group}items = "comments"\n{SOUND}')
    example = '[[judge.criterion.example]]\nanswer = "A"\nverdict = "poor"\n'
    rich = f'{group}{DOCUMENT}{SOUND}quote_from = ["c"]\nchoices = ["poor", "good"]\n{example}'
    codes = {each.code for each in factory.definition(tmp_path, HEAD + rich).warnings}
    assert "choices-unused" not in codes


def test_an_own_criterion_that_the_mode_cannot_ask_leaves_its_rollout_unscored(tmp_path: Path) -> None:
    served = factory.definition(tmp_path, f"{HEAD}{COMPARED}own_rubric = true\n{DOCUMENT}{SOUND}")
    own = [{"name": "Own", "question": "Is it supported?", "quote_from": ["c"]}]
    row = factory.row("A", reference_answer="B", metadata={"c": "Some text.", "rubric": own})
    judge = FakeJudge()
    (result,) = score_batch([row], Scorer(served, judge), Deadline.after(10.0)).results
    assert [why.detail for why in result.reasons] == [
        "metadata.rubric[0]: quote_from does not apply in the mode 'pairwise'"
    ]
    assert judge.asked == []
