"""Reward definitions: the shipped ones load, every kind of mistake is refused with its path in the file."""

import json
import logging
import re
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reward_fn.definition.allowed_judges import judge_mistake
from reward_fn.definition.load import SHIPPED, load_definition
from reward_fn.errors import DefinitionError
from reward_fn.reserved_names import FLAGS, RUBRIC
from reward_fn.types.definition import Definition
from reward_fn.types.rubric import MAX_ITEMS, Criterion, Document, Example, JudgeSpec
from reward_fn.types.unscored import Reason
from tests.factory import definition

SCORED = """
name = "scored"
[[score]]
check = "numeric_answer"
"""

JUDGE = """
[judge]
model = "medium"
items = "comments"
[[judge.document]]
name = "contract"
source = ["metadata.contract", "prompt"]
[[judge.criterion]]
name = "Grounded"
question = "Does the item quote the contract?"
quote_from = ["contract"]
"""

JUDGED = f'name = "judged"\n{JUDGE}'

CRITERION = """
[[judge.criterion]]
name = "Second"
question = "Is it long enough to be a question?"
"""


def mistakes(folder: Path, toml: str) -> tuple[str, ...]:
    """What is wrong with a definition, one line a mistake; also in the message, one a line."""
    with pytest.raises(DefinitionError) as caught:
        definition(folder, toml)
    lines = str(caught.value).splitlines()
    assert lines[1:] == [f"  {mistake}" for mistake in caught.value.mistakes]
    count = len(caught.value.mistakes)
    assert lines[0].endswith("1 mistake" if count == 1 else f"{count} mistakes")
    return caught.value.mistakes


def only_mistake(folder: Path, toml: str) -> str:
    """The one thing that is wrong."""
    found = mistakes(folder, toml)
    assert len(found) == 1, found
    return found[0]


# What loads


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_definition_loads_by_its_file_name(path: Path) -> None:
    assert load_definition(path.stem).name == path.stem


def test_contract_review_has_five_gates_a_score_a_penalty_and_four_criteria() -> None:
    loaded = load_definition("contract-review")
    assert [spec.name for spec in loaded.gates] == [
        "hollow_answer",
        "json_schema",
        "unicode_noise",
        "safety",
        "language",
    ]
    assert [spec.name for spec in loaded.scores] == ["quotes_source"]
    assert [spec.name for spec in loaded.penalties] == ["length"]
    assert (loaded.low, loaded.high, loaded.neutral, loaded.on_error) == (0.0, 1.0, 0.5, "neutral")
    assert loaded.judge is not None
    assert {c.name: c.scope for c in loaded.judge.criteria} == {
        "TargetDocument_Grounding": "item",
        "Reference_Consistency": "item",
        "Actionability": "item",
        "Coverage": "answer",
    }
    assert (loaded.judge.items, loaded.judge.min_items, loaded.judge.max_items) == ("comments", 1, 20)


def test_math_answer_asks_no_judge() -> None:
    loaded = load_definition("math-answer")
    assert loaded.judge is None
    assert [spec.name for spec in loaded.scores] == ["numeric_answer"]


def test_a_path_names_a_file_and_its_name_is_the_files_own(tmp_path: Path) -> None:
    assert definition(tmp_path, SCORED).name == "scored"


def test_the_smallest_definitions_have_the_documented_defaults(tmp_path: Path) -> None:
    scored = definition(tmp_path, SCORED)
    assert (scored.low, scored.high, scored.on_error, scored.judge) == (0.0, 1.0, "neutral", None)
    (score,) = scored.scores
    assert (score.name, score.weight) == ("numeric_answer", 1.0)
    expected = JudgeSpec(
        models=("medium",),
        taken=frozenset({"Grounded"}),
        criteria=(
            Criterion("Grounded", "Does the item quote the contract?", 1.0, "item", quote_from=("contract",)),
        ),
        structure="tool",
        documents=(Document("contract", ("metadata.contract", "prompt")),),
        show_prompt=True,
        items="comments",
        min_items=0,
        max_items=MAX_ITEMS,
        empty=0.0,
        weight=1.0,
        max_tokens=None,
        provoked=frozenset({Reason.FILTERED, Reason.OVERFLOW}),
    )
    judge = definition(tmp_path, JUDGED).judge
    assert judge is not None
    assert asdict(judge) == asdict(expected)


def test_every_key_is_compiled_into_its_place(tmp_path: Path) -> None:
    loaded = definition(
        tmp_path,
        """
        name = "full"
        description = "all of it"
        range = [-1, 1]
        [[gate]]
        check = "hollow_answer"
        name = "Hollow"
        reward = -0.5
        min_score = 0.25
        [[score]]
        check = "length"
        max_chars = 10
        weight = 2
        [[penalty]]
        check = "length"
        name = "rambling"
        max_chars = 5
        weight = 0.5
        [[metric]]
        check = "length"
        name = "long"
        max_chars = 7
        [judge]
        model = "medium-claude"
        fallback = ["heavyweight-claude", "openai.gpt-oss-120b-1:0"]
        votes = 3
        rule = "unanimous"
        escalate = "qwen.qwen3-235b-a22b-2507-v1:0"
        structure = "json_schema"
        show_prompt = false
        items = "list"
        min_items = 1
        max_items = 3
        empty = -1
        weight = 4
        max_tokens = 900
        provoked = "floor"
        [[judge.document]]
        name = "source"
        source = ["metadata.a", "reference_answer.b-c.d_e", "prompt"]
        optional = true
        [[judge.criterion]]
        name = "Essential"
        question = "Is it there at all?"
        scope = "answer"
        essential = true
        maps_to = "accept_rate"
        choices = ["poor", "fair", "good"]
        values = [0, 0.25, 1]
        [[judge.criterion]]
        name = "Pitfall"
        question = "Does it fall into the pit?"
        weight = -0.5
        [on_error]
        policy = "siblings"
        """,
    )
    assert (loaded.low, loaded.high, loaded.neutral, loaded.on_error) == (-1.0, 1.0, 0.0, "siblings")
    (gate,), (score,), (penalty,), (metric,) = loaded.gates, loaded.scores, loaded.penalties, loaded.metrics
    assert (gate.name, gate.reward, gate.min_score) == ("Hollow", -0.5, 0.25)
    assert (score.name, score.weight) == ("length", 2.0)
    assert (penalty.name, penalty.weight) == ("rambling", 0.5)
    assert metric.name == "long"
    expected = JudgeSpec(
        models=("medium-claude", "heavyweight-claude", "openai.gpt-oss-120b-1:0"),
        taken=frozenset({"Essential", "Pitfall", "Hollow", "length", "rambling", "long"}),
        votes=3,
        rule="unanimous",
        escalate="qwen.qwen3-235b-a22b-2507-v1:0",
        criteria=(
            Criterion(
                "Essential",
                "Is it there at all?",
                essential=True,
                maps_to="accept_rate",
                choices=("poor", "fair", "good"),
                values=(0.0, 0.25, 1.0),
            ),
            Criterion("Pitfall", "Does it fall into the pit?", -0.5, "item"),
        ),
        structure="json_schema",
        documents=(Document("source", ("metadata.a", "reference_answer.b-c.d_e", "prompt"), optional=True),),
        show_prompt=False,
        items="list",
        min_items=1,
        max_items=3,
        empty=-1.0,
        weight=4.0,
        max_tokens=900,
        provoked=frozenset(
            {Reason.FILTERED, Reason.OVERFLOW}
            | {Reason.REFUSED, Reason.MALFORMED, Reason.INCOMPLETE, Reason.TRUNCATED}
        ),
    )
    assert loaded.judge is not None
    assert asdict(loaded.judge) == asdict(expected)


def test_evidence_is_a_quote_where_code_looks_for_one_else_a_reason(tmp_path: Path) -> None:
    toml = JUDGED + CRITERION + CRITERION.replace("Second", "Third") + 'evidence = "none"\n'
    judge = definition(tmp_path, toml).judge
    assert judge
    assert [c.evidence_kind for c in judge.criteria] == ["quote", "reason", "none"]


def test_instructions_and_examples_are_compiled(tmp_path: Path) -> None:
    example = '[[judge.criterion.example]]\nanswer = """\nA\n"""\nverdict = "yes"\nwhy = "because"\n'
    toml = added('instructions = """\nMind the tone.\n"""') + example
    judge = definition(tmp_path, toml).judge
    assert judge
    assert judge.instructions == "Mind the tone."
    assert judge.criteria[0].examples == (Example("A", "yes", "because"),)


def test_a_gate_that_names_no_reward_gives_the_floor_of_the_range(tmp_path: Path) -> None:
    loaded = definition(
        tmp_path, SCORED.replace("[[score]]", 'range = [-2, 3]\n[[gate]]\ncheck = "hollow_answer"\n[[score]]')
    )
    assert loaded.gates[0].reward == -2.0


# Versions


def test_a_version_is_twelve_hex_digits_and_the_same_for_the_same_text(tmp_path: Path) -> None:
    version = definition(tmp_path, SCORED).version
    assert len(version) == 12
    assert int(version, 16) >= 0
    assert definition(tmp_path, SCORED).version == version


def test_a_version_changes_with_any_byte_of_the_file(tmp_path: Path) -> None:
    assert definition(tmp_path, SCORED).version != definition(tmp_path, SCORED + "# a comment\n").version


def test_another_judge_model_replaces_the_first_and_changes_the_version(tmp_path: Path) -> None:
    toml = JUDGED.replace('model = "medium"', 'model = "medium"\nfallback = ["heavyweight"]')
    plain, other = definition(tmp_path, toml), definition(tmp_path, toml, judge_model="amazon.nova-pro-v1:0")
    assert plain.judge is not None
    assert other.judge is not None
    assert plain.judge.models == ("medium", "heavyweight")
    assert other.judge.models == ("amazon.nova-pro-v1:0", "heavyweight")
    assert plain.version != other.version


@pytest.mark.parametrize("role", ["gate", "score", "penalty", "metric"])
def test_a_version_changes_with_the_schema_that_the_file_names(tmp_path: Path, role: str) -> None:
    toml = f'{SCORED}\n[[{role}]]\ncheck = "json_schema"\nschema = "answer.json"\n'
    schema = tmp_path / "answer.json"
    schema.write_text('{"type": "object"}')
    before = definition(tmp_path, toml).version
    schema.write_text('{"type": "array"}')
    assert definition(tmp_path, toml).version != before


# Files that are no definition


@pytest.mark.parametrize("name", ["no-such", "contract-review.toml", "no/such.toml", "", "math-answer/"])
def test_a_missing_file_is_refused_naming_the_shipped_ones(name: str) -> None:
    with pytest.raises(DefinitionError, match="cannot be read") as caught:
        load_definition(name)
    assert caught.value.origin == name
    assert [path.stem for path in SHIPPED.glob("*.toml") if path.stem not in str(caught.value)] == []


@pytest.mark.parametrize("text", ["name = ", "{}", "[judge", 'name = "a"\nname = "b"', "a\x00b"])
def test_a_file_that_is_no_toml_is_refused(tmp_path: Path, text: str) -> None:
    assert "is not TOML" in only_mistake(tmp_path, text)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes('name = "é"'.encode("latin-1"))
    with pytest.raises(DefinitionError, match="is not TOML"):
        load_definition(str(path))


def test_an_empty_file_lacks_its_name(tmp_path: Path) -> None:
    assert "the file: 'name' is a required property" in mistakes(tmp_path, "")


# Mistakes, each with its path


def added(text: str) -> str:
    """The judged definition with something added to its [judge] table."""
    return JUDGED.replace('items = "comments"', f'items = "comments"\n{text}')


def criterion(text: str) -> str:
    """The judged definition with something added to its criterion."""
    return JUDGED + text


MISTAKES = {
    # keys and checks that nobody knows
    "unknown key": (f"naem = 1\n{SCORED}", "the file: unknown key 'naem'; did you mean 'name'?"),
    "unknown table": (f"{SCORED}[gates]\n", "the file: unknown key 'gates'; did you mean 'gate'?"),
    "unknown judge key": (added("modell = 1"), "judge: unknown key 'modell'; did you mean 'model'?"),
    "unknown document key": (
        JUDGED.replace('source = ["metadata', 'sources = []\nsource = ["metadata'),
        "judge.document[0]: unknown key 'sources'; did you mean 'source'?",
    ),
    "unknown criterion key": (
        criterion("wieght = 1"),
        "judge.criterion[0]: unknown key 'wieght'; did you mean 'weight'?",
    ),
    "unknown on_error key": (
        f'{SCORED}[on_error]\npolicy = "neutral"\nvalue = 0',
        "on_error: unknown key 'value'",
    ),
    "unknown check": (
        SCORED.replace("numeric_answer", "numeric_anwser"),
        "score[0].check: unknown check 'numeric_anwser'; did you mean 'numeric_answer'?",
    ),
    "nothing like a check": (
        SCORED.replace("numeric_answer", "zzz"),
        "score[0].check: unknown check 'zzz'; known: ",
    ),
    "a check's path": (SCORED.replace("numeric_answer", "../pipeline"), "score[0].check: unknown check"),
    "unknown parameter": (
        f"{SCORED}tolerence = 1",
        "score[0]: unknown key 'tolerence'; did you mean 'tolerance'?",
    ),
    "a weight has no meaning for a metric": (
        f'{SCORED}[[metric]]\ncheck = "length"\nmax_chars = 9\nweight = 1',
        "metric[0]: unknown key 'weight'",
    ),
    "a reward has no meaning for a score": (f"{SCORED}reward = 1", "score[0]: unknown key 'reward'"),
    # what is missing
    "no name": (SCORED.replace('name = "scored"', ""), "the file: 'name' is a required property"),
    "no check": (f"{SCORED}[[gate]]\nreward = 0", "gate[0]: 'check' is a required property"),
    "no parameter": (
        f'{SCORED}[[penalty]]\ncheck = "length"',
        "penalty[0]: needs limits in one unit, such as max_chars; has none",
    ),
    "no model": (
        JUDGED.replace('model = "medium"', ""),
        "judge.model: is missing; name a tier or a model id, or a panel",
    ),
    "one model twice on a panel": (
        JUDGED.replace('model = "medium"', 'panel = ["medium", "us.amazon.nova-2-lite-v1:0"]'),
        "judge.panel: names one model twice",
    ),
    "one model in two regions on a panel": (
        JUDGED.replace('model = "medium"', 'panel = ["medium", "us-west-2/medium"]'),
        "judge.panel: names one model twice",
    ),
    "one model by two geographies on a panel": (
        JUDGED.replace('model = "medium"', 'panel = ["medium", "global.amazon.nova-2-lite-v1:0"]'),
        "judge.panel: names one model twice",
    ),
    "a heavyweight that was asked in another region": (
        JUDGED.replace(
            'model = "medium"', 'model = "medium"\nescalate = "us-west-2/amazon.nova-2-lite-v1:0"'
        ),
        "judge.escalate: is asked already",
    ),
    "a tier of another region without the structure": (
        JUDGED.replace('model = "medium"', 'model = "us-west-2/medium"\nstructure = "json_schema"'),
        "judge.model: us.amazon.nova-2-lite-v1:0 takes no response format",
    ),
    "an unknown tier in a region": (
        JUDGED.replace('"medium"', '"us-west-2/nonsense"'),
        "judge.model: unknown tier 'us-west-2/nonsense'",
    ),
    "a tier in a region that is none": (
        JUDGED.replace('"medium"', '"oregon/medium"'),
        "judge.model: unknown tier 'oregon/medium'",
    ),
    "a model beside a panel": (
        JUDGED.replace('model = "medium"', 'model = "medium"\npanel = ["medium", "heavyweight"]'),
        "judge.model: is not asked beside a panel",
    ),
    "a fallback beside a panel": (
        JUDGED.replace('model = "medium"', 'panel = ["medium", "heavyweight"]\nfallback = ["medium-claude"]'),
        "judge.fallback: has no meaning beside a panel",
    ),
    "a panel of one": (JUDGED.replace('model = "medium"', 'panel = ["medium"]'), "judge.panel: "),
    "a heavyweight that votes already": (
        JUDGED.replace('model = "medium"', 'panel = ["medium", "heavyweight"]\nescalate = "heavyweight"'),
        "judge.escalate: is asked already",
    ),
    "a rule for one voter": (
        JUDGED.replace('model = "medium"', 'model = "medium"\nrule = "mean"'),
        "judge.rule: has no meaning for one voter",
    ),
    "a model without the structure": (
        JUDGED.replace('model = "medium"', 'model = "medium"\nstructure = "json_schema"'),
        'judge.model: us.amazon.nova-2-lite-v1:0 takes no response format; leave structure at "tool"',
    ),
    "nothing to compare with": (
        'name = "a"\n[judge]\nmodel = "medium"\nmode = "pairwise"\n'
        '[[judge.criterion]]\nname = "A"\nquestion = "Is it right?"',
        "judge.against: is missing; give the paths of the answer to compare with",
    ),
    "a comparison of items": (
        JUDGED.replace('model = "medium"', 'model = "medium"\nmode = "pairwise"\nagainst = ["prompt"]'),
        'judge.items: can\'t be judged one by one in the mode "pairwise"',
    ),
    "a standing outside a group": (
        JUDGED.replace('model = "medium"', 'model = "medium"\nstanding = 1'),
        'judge.standing: has no meaning without mode = "group"',
    ),
    "a standing that outweighs the criteria": (
        'name = "a"\n[judge]\nmodel = "medium"\nmode = "group"\nstanding = 2\n'
        '[[judge.criterion]]\nname = "A"\nquestion = "Is it right?"',
        "judge.standing: is more than all criteria weigh together; at most 1",
    ),
    "a criterion called Standing in a group": (
        'name = "a"\n[judge]\nmodel = "medium"\nmode = "group"\n'
        '[[judge.criterion]]\nname = "Standing"\nquestion = "Is it right?"',
        "judge.criterion[0].name: 'Standing' is taken by judge.mode \"group\"",
    ),
    "values that fall": (
        'name = "a"\n[judge]\nmodel = "medium"\n[[judge.criterion]]\nname = "A"\n'
        'question = "Is it right?"\nchoices = ["bad", "good"]\nvalues = [1, 0]',
        "judge.criterion[0].values: must rise from the worst choice to the best",
    ),
    "values that are too few": (
        'name = "a"\n[judge]\nmodel = "medium"\n[[judge.criterion]]\nname = "A"\n'
        'question = "Is it right?"\nchoices = ["bad", "good"]\nvalues = [1]',
        "judge.criterion[0].values: 1 for 2 choices",
    ),
    "no criterion": (
        'name = "a"\n[judge]\nmodel = "medium"',
        "judge.criterion: is missing, and own_rubric is not set",
    ),
    "empty criteria": ('name = "a"\n[judge]\nmodel = "medium"\ncriterion = []', "judge.criterion: [] "),
    "no question": (
        f'{JUDGED}[[judge.criterion]]\nname = "B"',
        "judge.criterion[1]: 'question' is a required",
    ),
    "no such policy": (f'{SCORED}[on_error]\npolicy = "zero"', "on_error.policy: "),
    "a share above 1": (f"{SCORED}[on_error]\nfail_above = 1.5", "on_error.fail_above: "),
    "neither score nor judge": (
        'name = "a"\n[[gate]]\ncheck = "hollow_answer"',
        "the definition has neither a [[score]] nor a [judge]",
    ),
    "an empty list of scores": (
        'name = "a"\nscore = []',
        "the definition has neither a [[score]] nor a [judge]",
    ),
    # numbers
    "weight nan": (f"{SCORED}weight = nan", "score[0].weight: is nan, must be a finite number"),
    "weight inf": (f"{SCORED}weight = inf", "score[0].weight: is inf, must be a finite number"),
    "weight beyond floats": (f"{SCORED}weight = 1e999", "score[0].weight: is inf, must be a finite number"),
    "weight 0": (f"{SCORED}weight = 0", "score[0].weight: is 0, so this would count"),
    "weight below 0": (f"{SCORED}weight = -0.5", "score[0].weight: is -0.5, must be above 0; what"),
    "weight in words": (f'{SCORED}weight = "2"', "score[0].weight: is the text '2'; write a number, without"),
    "weight no number": (f"{SCORED}weight = true", "score[0].weight: True is not of type 'number'"),
    "penalty weight 0": (
        f'{SCORED}[[penalty]]\ncheck = "length"\nmax_chars = 9\nweight = 0',
        "penalty[0].weight: is 0, so this would count for nothing; leave it out, or report it as a",
    ),
    "judge weight 0": (added("weight = 0"), "judge.weight: is 0, so"),
    "judge weight nan": (added("weight = nan"), "judge.weight: is nan, must be a finite number"),
    "criterion weight 0": (criterion("weight = 0.0"), "judge.criterion[0].weight: is 0.0, so"),
    "criterion weight in words": (
        criterion('weight = "2"'),
        "judge.criterion[0].weight: is the text '2'; write a number",
    ),
    "criterion weight inf": (
        criterion("weight = -inf"),
        "judge.criterion[0].weight: is -inf, must be a finite",
    ),
    "tolerance nan": (f"{SCORED}tolerance = nan", "score[0].tolerance: is nan, must be a finite number"),
    "tolerance below 0": (f"{SCORED}tolerance = -1", "score[0].tolerance: -1 "),
    "min_score 0": (f'{SCORED}[[gate]]\ncheck = "hollow_answer"\nmin_score = 0', "gate[0].min_score: 0 "),
    "range nan": (f"range = [nan, 1]\n{SCORED}", "range[0]: is nan, must be a finite number"),
    "range reversed": (f"range = [1, 0]\n{SCORED}", "range: [1, 0] is empty; the first must be the smaller"),
    "range empty": (f"range = [1, 1.0]\n{SCORED}", "range: [1, 1.0] is empty"),
    "range of one": (f"range = [1]\n{SCORED}", "range: [1] is too short"),
    "range of three": (f"range = [0, 1, 2]\n{SCORED}", "range: "),
    "gate above the range": (
        f'{SCORED}[[gate]]\ncheck = "hollow_answer"\nreward = 1.5',
        "gate[0].reward: 1.5 lies outside the range [0.0, 1.0]",
    ),
    "gate below the range": (
        f'range = [0.5, 2]\n{SCORED}[[gate]]\ncheck = "hollow_answer"\nreward = 0',
        "gate[0].reward: 0 lies outside the range [0.5, 2]",
    ),
    "empty outside the range": (added("empty = -0.5"), "judge.empty: -0.5 lies outside the range"),
    "more min than max": (added("min_items = 5\nmax_items = 4"), "judge.min_items: is more than max_items"),
    "more min than the default max": (added("min_items = 21"), "judge.min_items: is more than max_items"),
    "lengths that contradict": (
        f'{SCORED}[[penalty]]\ncheck = "length"\nmax_chars = 9\nzero_above_chars = 8',
        "penalty[0]: needs zero_below <= min <= max <= zero_above, has max_chars = 9, zero_above_chars = 8",
    ),
    "max_tokens too small": (added("max_tokens = 5"), "judge.max_tokens: 5 "),
    # names
    "bad name": ('name = "Not A Slug"\n[[score]]\ncheck = "numeric_answer"', "name: 'Not A Slug' "),
    "two checks of one name": (
        f'{SCORED}[[metric]]\ncheck = "numeric_answer"',
        "metric[0].name: 'numeric_answer' is taken by score[0]; give one of them a name",
    ),
    "a check and a criterion of one name": (
        f'{JUDGED}[[score]]\ncheck = "numeric_answer"\nname = "Grounded"',
        "judge.criterion[0].name: 'Grounded' is taken by score[0]",
    ),
    "two criteria of one name": (
        f"{JUDGED}{CRITERION}{CRITERION}",
        "judge.criterion[2].name: 'Second' is taken by judge.criterion[1]",
    ),
    "two documents of one name": (
        f'{JUDGED}[[judge.document]]\nname = "contract"\nsource = ["prompt"]',
        "judge.document: two documents have the same name",
    ),
    "a name with a space": (f'{SCORED}name = "two words"', "score[0].name: 'two words' "),
    "a name with a line break": (f'{SCORED}name = "two\\n"', "score[0].name: 'two\\n' "),
    "a document's name with a line break": (
        JUDGED.replace('name = "contract"', 'name = "contract\\n"').replace(
            'from = ["contract"]', 'from = ["contract\\n"]'
        ),
        "judge.document[0].name: ",
    ),
    # references
    "a source that is none": (
        JUDGED.replace('"metadata.contract"', '"messages"'),
        "judge.document[0].source[0]: 'messages' ",
    ),
    "a source with a line break": (
        JUDGED.replace('"prompt"]', '"prompt\\n"]'),
        "judge.document[0].source[1]: 'prompt\\n' ",
    ),
    "the answer as its own evidence": (
        JUDGED.replace('"prompt"]', '"response"]'),
        'judge.document[0].source[1]: "response" can\'t be held against itself; name prompt',
    ),
    "the answer compared with itself": (
        'name = "a"\n[judge]\nmodel = "medium"\nmode = "pairwise"\nagainst = ["response"]\n'
        '[[judge.criterion]]\nname = "A"\nquestion = "Is it right?"',
        'judge.against[0]: "response" can\'t be held against itself; name prompt',
    ),
    "no source": (JUDGED.replace('["metadata.contract", "prompt"]', "[]"), "judge.document[0].source: [] "),
    "a check's source that is none": (
        f'{SCORED}[[metric]]\ncheck = "quotes_source"\nitems = "a"\nquote = "b"\nsource = "id"',
        "metric[0].source: 'id' ",
    ),
    "quote_from of an unknown document": (
        JUDGED.replace('from = ["contract"]', 'from = ["contracts"]'),
        "judge.criterion[0].quote_from: unknown document 'contracts'; did you mean 'contract'?",
    ),
    "quote_of without quote_from": (
        JUDGED.replace('quote_from = ["contract"]', 'quote_of = "text_excerpt"'),
        "judge.criterion[0].quote_of: has no meaning without quote_from",
    ),
    "quote_of without items": (
        JUDGED.replace('items = "comments"', "") + 'quote_of = "text_excerpt"',
        "judge.criterion[0].quote_of: has no meaning without quote_from, and items",
    ),
    "quote_of what the judge is not shown": (
        JUDGED.replace('items = "comments"', 'items = "comments"\nitem_fields = ["action"]')
        + 'quote_of = "excerpt"',
        "judge.criterion[0].quote_of: 'excerpt' is not shown to the judge; add it to judge.item_fields",
    ),
    "a reason where a quote is looked for": (
        criterion('evidence = "reason"'),
        'judge.criterion[0].evidence: must be "quote" beside quote_from',
    ),
    "an unknown kind of evidence": (
        criterion('evidence = "proof"'),
        "judge.criterion[0].evidence: 'proof' is not one of",
    ),
    "a criterion named as an item's number": (
        JUDGED.replace('"Grounded"', '"item"'),
        "judge.criterion[0].name: 'item' is an item's number in replies; choose another",
    ),
    "an example with a verdict off the menu": (
        criterion('[[judge.criterion.example]]\nanswer = "A"\nverdict = "good"'),
        "judge.criterion[0].example[0].verdict: unknown verdict 'good'; known: cannot_assess, no, yes",
    ),
    "an example without a verdict": (
        criterion('[[judge.criterion.example]]\nanswer = "A"'),
        "judge.criterion[0].example[0]: 'verdict' is a required property",
    ),
    "more examples than four": (
        criterion("".join('[[judge.criterion.example]]\nanswer = "A"\nverdict = "yes"\n' for _ in range(5))),
        "judge.criterion[0].example: ",
    ),
    "an example of a comparison": (
        'name = "a"\n[judge]\nmodel = "medium"\nmode = "pairwise"\nagainst = ["reference_answer"]\n'
        '[[judge.criterion]]\nname = "A"\nquestion = "Is it right?"\n'
        '[[judge.criterion.example]]\nanswer = "A"\nverdict = "yes"',
        'judge.criterion: an example of one answer is no guide in the mode "pairwise"; use judge.instr',
    ),
    "instructions without end": (added(f'instructions = "{"x" * 4001}"'), "judge.instructions: "),
    "no instructions": (added('instructions = ""'), "judge.instructions: "),
    "an item criterion without items": (
        JUDGED.replace('items = "comments"', "") + 'scope = "item"',
        'judge.criterion[0].scope: "item" needs judge.items',
    ),
    "bounds without items": (
        JUDGED.replace('items = "comments"', "min_items = 1"),
        "judge.min_items: has no meaning without judge.items",
    ),
    "no positive criterion": (
        criterion("weight = -1"),
        "judge.criterion: no criterion has a weight above 0, so none could be earned",
    ),
    "a short question": (
        JUDGED.replace("Does the item quote the contract?", "Why?"),
        "judge.criterion[0].question: 'Why?' is too short",
    ),
    "an unknown structure": (added('structure = "xml"'), "judge.structure: 'xml' is not one of"),
    "an unknown scope": (criterion('scope = "all"'), "judge.criterion[0].scope: 'all' is not one of"),
    "an unknown policy": (f'{SCORED}[on_error]\npolicy = "zero"', "on_error.policy: 'zero' is not one of"),
    "a model with spaces": (JUDGED.replace('"medium"', '"my model"'), "judge.model: 'my model' "),
    "too many fallbacks": (added('fallback = ["a", "b", "c", "d"]'), "judge.fallback: "),
    # types
    "a list where a table belongs": (
        f"{SCORED}[[judge]]\n",
        "judge: is a list; write [judge], with one bracket",
    ),
    "a table where a list belongs": (
        f'{SCORED}[gate]\ncheck = "hollow_answer"',
        "gate: is one table; write [[gate]], with two brackets",
    ),
    "one criterion where a list belongs": (
        f'name = "a"\n[judge]\nmodel = "medium"\n{CRITERION.replace("[[", "[").replace("]]", "]")}',
        "judge.criterion: is one table; write [[judge.criterion]], with two brackets",
    ),
    "a text where a list of tables belongs": (
        'name = "a"\nscore = "length"',
        "score: is a text; write [[score]]",
    ),
    "one path where a list belongs": (
        JUDGED.replace('["metadata.contract", "prompt"]', '"metadata.policy"'),
        'judge.document[0].source: is one text; write a list of paths: ["metadata.policy"]',
    ),
    "one reference where a list belongs": (
        f'{SCORED}reference = "metadata.a"',
        'score[0].reference: is one text; write a list of paths: ["metadata.a"]',
    ),
    "one fallback where a list belongs": (
        added('fallback = "medium-claude"'),
        'judge.fallback: is one text; write a list of texts: ["medium-claude"]',
    ),
    "a range in words": (f'range = "0-1"\n{SCORED}', "range: is the text '0-1'; write a list, such as"),
    "a switch in words": (
        added('own_rubric = "true"'),
        "judge.own_rubric: is the text 'true'; write true or false, without",
    ),
    # keys that belong elsewhere
    "a gate's weight": (
        f'{SCORED}[[gate]]\ncheck = "hollow_answer"\nweight = 1',
        "gate[0]: unknown key 'weight': [[score]] and [[penalty]] take it, [[gate]] does not",
    ),
    "a metric's weight": (
        f'{SCORED}[[metric]]\ncheck = "hollow_answer"\nweight = 1',
        "metric[0]: unknown key 'weight': [[score]] and [[penalty]] take it, [[metric]] does not",
    ),
    "a score's reward": (
        f"{SCORED}reward = 1",
        "score[0]: unknown key 'reward': [[gate]] takes it, [[score]]",
    ),
    "a score's least score": (
        f"{SCORED}min_score = 1",
        "score[0]: unknown key 'min_score': [[gate]] takes it",
    ),
    "a time limit for a check that ships": (
        f"{SCORED}time_limit_s = 1",
        "score[0]: unknown key 'time_limit_s': only a check of one's own takes it",
    ),
    "the judge's temperature": (
        added("temperature = 0.2"),
        "judge: unknown key 'temperature': sampling is not set in a definition: one vote",
    ),
    "a text where a table belongs": (
        'name = "a"\nscore = ["length"]',
        "score[0]: 'length' is not of type 'object'",
    ),
    "a check that is no text": (
        'name = "a"\n[[score]]\ncheck = 5',
        "score[0].check: 5 is not of type 'string'",
    ),
    "items that is no text": (JUDGED.replace('"comments"', "5"), "judge.items: 5 is not of type 'string'"),
}


def test_a_model_of_another_region_is_allowed_by_either_name_and_only_there() -> None:
    regional = "us-west-2/us.amazon.nova-2-lite-v1:0"
    assert (
        judge_mistake(regional, ["us-west-2/medium"]) == judge_mistake("us-west-2/medium", [regional]) == ""
    )
    assert "add it to JUDGES_ALLOWED" in judge_mistake(regional, ["medium"])


@pytest.mark.parametrize(("toml", "mistake"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_refused_with_its_path_and_remedy(tmp_path: Path, toml: str, mistake: str) -> None:
    found = mistakes(tmp_path, toml)
    assert [line for line in found if line.startswith(mistake)], found


@pytest.mark.parametrize(
    "name",
    sorted(
        {
            *FLAGS,
            RUBRIC,
            "id",
            "aggregate_reward_score",
            "metrics_list",
            "definition",
            "request_id",
            "message",
        }
        # each of these would raise inside logging, which refuses to overwrite its record's own fields
        | {
            "name",
            "args",
            "levelname",
            "module",
            "lineno",
            "process",
            "msg",
            "exc_info",
            "taskName",
            "asctime",
        }
    ),
)
def test_a_name_with_a_meaning_in_results_or_logs_is_reserved(tmp_path: Path, name: str) -> None:
    reserved = f"name: {name!r} is reserved for results and logs; choose another"
    assert only_mistake(tmp_path, f'{SCORED}name = "{name}"') == f"score[0].{reserved}"
    toml = JUDGED.replace('name = "Grounded"', f'name = "{name}"')
    assert only_mistake(tmp_path, toml) == f"judge.criterion[0].{reserved}"


def test_every_field_of_a_log_record_of_this_python_is_reserved(tmp_path: Path) -> None:
    fields = [name for name in vars(logging.makeLogRecord({})) if name[0].isalpha()]
    assert len(fields) > 15
    for name in fields:
        assert "is reserved" in only_mistake(tmp_path, f'{SCORED}name = "{name}"')


# Schemas that a definition names

GATE = f'{SCORED}\n[[gate]]\ncheck = "json_schema"\n'


def test_a_missing_schema_file_is_refused_by_name(tmp_path: Path) -> None:
    mistake = only_mistake(tmp_path, f'{GATE}schema = "none.json"')
    assert mistake.startswith("gate[0]: cannot read 'none.json' beside the definition (No such file")


@pytest.mark.parametrize(
    ("content", "mistake"),
    [
        ("{", "gate[0]: 'answer.json' is not JSON"),
        ("[]", "gate[0]: 'answer.json' holds no JSON object"),
        ("true", "gate[0]: 'answer.json' holds no JSON object"),
        ('{"type": "objekt"}', "gate[0]: not a valid JSON Schema at $.type"),
        (
            '{"properties": {"a": {"minLength": -1}}}',
            "gate[0]: not a valid JSON Schema at $.properties.a.minLength",
        ),
        (
            '{"$ref": "https://example.com/s.json"}',
            "gate[0]: \"$ref\": 'https://example.com/s.json' leads outside",
        ),
        (
            '{"properties": {"a": {"$ref": "other.json#/a"}}}',
            "gate[0]: \"$ref\": 'other.json#/a' leads outside",
        ),
        ('{"items": {"$ref": "#/$defs/gone"}}', "gate[0]: \"$ref\": '#/$defs/gone' is not in the schema"),
        ('{"items": {"$ref": "#gone"}}', "gate[0]: \"$ref\": '#gone' is not in the schema"),
    ],
)
def test_a_schema_that_could_not_decide_is_refused_at_load(
    tmp_path: Path, content: str, mistake: str
) -> None:
    (tmp_path / "answer.json").write_text(content)
    assert only_mistake(tmp_path, f'{GATE}schema = "answer.json"').startswith(mistake)


def test_a_schema_may_stand_in_the_definition_itself(tmp_path: Path) -> None:
    assert definition(tmp_path, f'{GATE}schema = {{type = "object", required = ["a"]}}').gates


def test_a_schema_that_only_leads_back_to_itself_is_refused_at_load(tmp_path: Path) -> None:
    (tmp_path / "answer.json").write_text(
        json.dumps({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}})
    )
    assert only_mistake(tmp_path, f'{GATE}schema = "answer.json"').startswith("gate[0]: ")


# Several at once


def test_all_mistakes_against_the_form_stand_in_one_message(tmp_path: Path) -> None:
    toml = """
        name = "Bad Name"
        colour = "red"
        [[gate]]
        check = "json_shema"
        reward = "none"
        [[score]]
        check = "numeric_answer"
        weight = -1
        [judge]
        model = "medium"
        [[judge.criterion]]
        name = "A"
        question = "short"
        weight = nan
        """
    found = mistakes(tmp_path, toml)
    for start in (
        "name: ",
        "the file: unknown key 'colour'",
        "gate[0].check: unknown check 'json_shema'; did you mean 'json_schema'?",
        "gate[0].reward: ",
        "score[0].weight: ",
        "judge.criterion[0].question: ",
        "judge.criterion[0].weight: is nan",
    ):
        assert [line for line in found if line.startswith(start)], start


def test_all_mistakes_against_the_rules_stand_in_one_message(tmp_path: Path) -> None:
    toml = f"""
        range = [1, 0]
        {JUDGED}
        scope = "item"
        weight = -1
        [[gate]]
        check = "json_schema"
        schema = "none.json"
        [[score]]
        check = "numeric_answer"
        name = "message"
        tolerence = 1
        [[score]]
        check = "numeric"
        [[score]]
        check = "length"
        name = "Grounded"
        max_chars = 5
        min_chars = 6
        """.replace('from = ["contract"]', 'from = ["else"]')
    found = mistakes(tmp_path, toml)
    for start in (
        "range: [1, 0] is empty",
        "gate[0]: cannot read 'none.json'",
        "score[0]: unknown key 'tolerence'",
        "score[0].name: 'message' is reserved",
        "score[1].check: unknown check 'numeric'",
        "score[2]: needs zero_below <= min <= max",
        "judge.criterion[0].name: 'Grounded' is taken by score[2]",
        "judge.criterion[0].quote_from: unknown document 'else'",
        "judge.criterion: no criterion has a weight above 0",
    ):
        assert [line for line in found if line.startswith(start)], (start, found)


def test_mistakes_against_the_form_do_not_hide_those_against_the_rules(tmp_path: Path) -> None:
    toml = f'colour = "red"\n{SCORED}tolerence = 1\n[[metric]]\ncheck = "numeric_answer"\n'
    found = mistakes(tmp_path, toml)
    for start in (
        "the file: unknown key 'colour'",
        "score[0]: unknown key 'tolerence'",
        "metric[0].name: 'numeric_answer' is taken by score[0]",
    ):
        assert [line for line in found if line.startswith(start)], (start, found)


def test_a_message_stays_short_however_large_the_mistake(tmp_path: Path) -> None:
    found = only_mistake(tmp_path, f'{SCORED}weight = "{"x" * 100_000}"')
    assert len(found) < 1000


LITERALS = (
    *('""', '"x"', '"prompt"', "0", "-1", "1.5", "21", "nan", "-inf", "true", "1979-05-27", "[]", "{}"),
    *("[[]]", "[{}]", "[1, 0]", '["x"]', '{check = "length"}', '[{name = "A"}]', '"length"', "1e999"),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_shipped_definition_with_any_values_changed_loads_or_is_refused(
    tmp_path: Path, data: st.DataObject
) -> None:
    lines = (SHIPPED / "contract-review.toml").read_text(encoding="utf-8").splitlines()
    schema = (SHIPPED / "contract_review.schema.json").read_text(encoding="utf-8")
    (tmp_path / "contract_review.schema.json").write_text(schema, encoding="utf-8")
    places = [i for i, line in enumerate(lines) if re.match(r"\w+ = (?!\"\"\")", line)]
    for place in data.draw(st.lists(st.sampled_from(places), max_size=3, unique=True)):
        key = lines[place].partition(" = ")[0]
        lines[place] = data.draw(st.sampled_from([f"{key} = {value}" for value in LITERALS] + [""]))
    try:
        found: Definition | DefinitionError = definition(tmp_path, "\n".join(lines))
    except DefinitionError as error:
        found = error
    assert found.mistakes if isinstance(found, DefinitionError) else found.name


def test_a_mistake_is_told_once(tmp_path: Path) -> None:
    # A criterion's weight has a type and is not 0: a text breaks one rule, and is told of one.
    assert len(mistakes(tmp_path, criterion('weight = "2"'))) == 1
    assert len(mistakes(tmp_path, f"{SCORED}reward = 1")) == 1
