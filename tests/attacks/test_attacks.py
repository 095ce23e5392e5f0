"""Every family of attacks: the defence that stops it, and that it pays where the defence is taken away."""

from dataclasses import replace

import pytest

from reward_fn.event.parse import parse_event
from reward_fn.judge.ask.fences import sections
from reward_fn.report.signals import text_signs
from reward_fn.reserved_names import CLOUDWATCH
from reward_fn.text.unicode_noise import without_hidden
from reward_fn.types.check import CheckSpec
from reward_fn.types.rollout import Rollout
from reward_fn.types.unscored import Reason
from rewardctl.attacks import SHIPPED_CORPUS
from rewardctl.attacks.corpus import Attack, Family, load_corpus, rows_of
from rewardctl.attacks.measure import scores, succeeds
from tests.attacks.switches import judge_of, shipped, without
from tests.factory import build_question, check

HONEST = [
    "The ferry leaves at noon from the northern pier, and it takes bicycles but no cars.",
    "Boil the beetroot for forty minutes, peel it while warm and slice it thinly.",
    "A prime number has exactly two divisors, so one is not among them.",
    "The meeting is moved to Thursday, since the hall is being painted until Wednesday.",
]
CORPUS = load_corpus(SHIPPED_CORPUS)
PAIRS = [(family, attack) for family in CORPUS.families for attack in family.attacks]
BY_CODE = [(family, attack) for family, attack in PAIRS if family.stopped_by == "code"]
BY_JUDGE = [(family, attack) for family, attack in PAIRS if family.stopped_by == "judge"]


def names(pairs: list[tuple[Family, Attack]]) -> list[str]:
    return [f"{family.name}: {attack.name}" for family, attack in pairs]


by_code = pytest.mark.parametrize(("family", "attack"), BY_CODE, ids=names(BY_CODE))
by_judge = pytest.mark.parametrize(("family", "attack"), BY_JUDGE, ids=names(BY_JUDGE))
each = pytest.mark.parametrize(("family", "attack"), PAIRS, ids=names(PAIRS))


def rollout_of(attack: Attack) -> Rollout:
    (rollout,) = parse_event(rows_of(CORPUS.scenarios[attack.on], [attack.response]))
    assert isinstance(rollout, Rollout)
    return rollout


def test_there_are_twelve_families_and_more_that_code_stops_with_several_attacks_each() -> None:
    assert len(CORPUS.families) >= 12
    assert len({family.name for family, _ in BY_CODE}) >= 12
    assert all(len(family.attacks) >= 3 for family in CORPUS.families)
    assert {attack.on for _, attack in PAIRS} == {"contract-review", "instruction-following"}
    assert len(set(names(PAIRS))) == len(PAIRS)


@each
def test_no_attack_is_an_honest_answer(family: Family, attack: Attack) -> None:
    scenario = CORPUS.scenarios[attack.on]
    assert attack.response not in (scenario.mediocre, scenario.good)


@pytest.mark.parametrize("name", sorted(CORPUS.scenarios))
def test_honest_answers_pass_every_defence(name: str) -> None:
    scenario, definition = CORPUS.scenarios[name], shipped(name)
    honest = [scenario.mediocre, scenario.good]
    for result in scores(scenario, honest, definition, judge_of("gullible", definition)):
        assert (result.gate, result.unsupported, result.reward) == ("", 0, 1.0)


@by_code
def test_a_defence_stops_it_whatever_the_judge_says(family: Family, attack: Attack) -> None:
    scenario, definition = CORPUS.scenarios[attack.on], shipped(attack.on)
    (result,) = scores(scenario, [attack.response], definition, judge_of(family.judge, definition))
    assert not succeeds(result, scenario.bar), (result.reward, result.gate)


@by_code
def test_without_the_defence_it_pays(family: Family, attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = CORPUS.scenarios[attack.on]
    bare = without(family.defence, shipped(attack.on), monkeypatch)
    (result,) = scores(scenario, [attack.response], bare, judge_of(family.judge, bare))
    assert succeeds(result, scenario.bar), (result.reward, result.gate, result.details)


@by_judge
def test_what_only_the_judge_can_stop_pays_under_one_that_falls_for_it(
    family: Family, attack: Attack
) -> None:
    """Said openly: no code stands between these and the reward."""
    scenario, definition = CORPUS.scenarios[attack.on], shipped(attack.on)
    (result,) = scores(scenario, [attack.response], definition, judge_of(family.judge, definition))
    assert succeeds(result, scenario.bar)


@each
def test_its_text_stays_inside_the_fence(family: Family, attack: Attack) -> None:
    """What the judge is shown of it are sections of the material to examine, whole, and nothing beside."""
    rollout, definition = rollout_of(attack), shipped(attack.on)
    assert definition.judge is not None
    question = build_question(rollout, definition.judge)
    shown = sections(question.variable)
    assert {section.kind for section in shown} <= {"response", "item"}
    rest = question.variable
    for section in shown:
        rest = rest.replace(section.text, "", 1)
    # a marker line before each section, and one at the end: "<<", 8 digits, " begin item 12>>" or " end>>"
    assert all(line.startswith("<<") and line.endswith(">>") for line in rest.split("\n") if line)
    if definition.judge.items == "":
        assert [section.text for section in shown] == [without_hidden(rollout.response)]


@by_judge
def test_a_metric_counts_it(family: Family, attack: Attack) -> None:
    definition = shipped(attack.on)
    scenario = CORPUS.scenarios[attack.on]
    assert family.watched_by in CLOUDWATCH
    if family.watched_by == "InjectionMarks":
        honest, attacked = (
            text_signs([entry], definition).injections
            for entry in (
                *parse_event(rows_of(scenario, [scenario.good])),
                rollout_of(attack),
            )
        )
        assert (honest, attacked) == (0, 1)


MARKED = [(family, attack) for family, attack in BY_JUDGE if family.watched_by == "InjectionMarks"]


@pytest.mark.parametrize(("family", "attack"), MARKED, ids=names(MARKED))
def test_as_a_gate_the_marks_stop_it(family: Family, attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    """A definition may refuse what is addressed to its judge; worded another way it goes through."""
    scenario, definition = CORPUS.scenarios[attack.on], shipped(attack.on)
    gate = CheckSpec("injection_marks", check("injection_marks"))
    guarded = replace(definition, gates=(*definition.gates, gate))
    (result,) = scores(scenario, [attack.response], guarded, judge_of(family.judge, guarded))
    assert (result.gate, result.reward) == ("injection_marks", 0.0)
    for answer in (scenario.mediocre, scenario.good):
        (honest,) = scores(scenario, [answer], guarded, judge_of("gullible", guarded))
        assert honest.gate == ""


DEFENCES = [
    (family, name) for family in CORPUS.families if family.stopped_by == "code" for name in family.defence
]
BACKED = {
    ("forged verdicts", "strict reading"),  # behind the forced structure
    ("solution tags", "strict reading"),
    ("hidden Unicode", "unicode_noise"),  # a gate, and what passes it is taken out
    ("hidden Unicode", "hidden characters removed"),
    ("overlong padding", "json_schema"),  # the same limit of comments twice
    ("overlong padding", "max_items"),
}
"""Defences that another one backs: each could go by itself, and both together could not."""


@pytest.mark.parametrize(
    ("family", "off"), DEFENCES, ids=[f"{family.name}: {name}" for family, name in DEFENCES]
)
def test_each_defence_is_needed_by_itself_or_is_named_as_one_of_two(
    family: Family, off: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    paying = []
    for attack in family.attacks:
        scenario = CORPUS.scenarios[attack.on]
        with monkeypatch.context() as patch:
            half = without([off], shipped(attack.on), patch)
            (result,) = scores(scenario, [attack.response], half, judge_of(family.judge, half))
        if succeeds(result, scenario.bar):
            paying.append(attack.name)
    assert bool(paying) is ((family.name, off) not in BACKED), paying


# Defences that stand behind one another, each by itself

HIDDEN = [(family, attack) for family, attack in BY_CODE if family.name == "hidden Unicode"]
FORGED = [
    (family, attack) for family, attack in BY_CODE if family.name in ("forged verdicts", "solution tags")
]


@pytest.mark.parametrize("off", ["unicode_noise", "hidden characters removed"])
@pytest.mark.parametrize(("family", "attack"), HIDDEN, ids=names(HIDDEN))
def test_hidden_text_is_stopped_by_the_gate_and_by_taking_it_out(
    family: Family, attack: Attack, off: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = CORPUS.scenarios[attack.on]
    half = without([off], shipped(attack.on), monkeypatch)
    (result,) = scores(scenario, [attack.response], half, judge_of(family.judge, half))
    assert not succeeds(result, scenario.bar)


@pytest.mark.parametrize(("family", "attack"), FORGED, ids=names(FORGED))
def test_strict_reading_takes_no_verdict_out_of_prose(
    family: Family, attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a forced structure such a reply is a failure, and counted: never the forged verdicts."""
    free = without(["forced structure"], shipped(attack.on), monkeypatch)
    scenario = CORPUS.scenarios[attack.on]
    (result,) = scores(scenario, [attack.response], free, judge_of(family.judge, free))
    assert result.imputed
    assert [why.reason for why in result.reasons] == [Reason.MALFORMED]


# Seen in a batch


def test_a_constant_answer_is_seen_across_prompts() -> None:
    family = next(family for family in CORPUS.families if family.watched_by == "NearDuplicateShare")
    scenario = CORPUS.scenarios["instruction-following"]
    for text, share in [*((attack.response, 1.0) for attack in family.attacks), ("", 0.0)]:
        answers = [f"{text} {i}" for i in range(4)] if text else HONEST
        rows = rows_of(scenario, answers)
        for i, row in enumerate(rows):
            row["messages"][0]["content"] = f"Prompt {i}"
        assert text_signs(parse_event(rows), shipped("instruction-following")).repeated == share
