"""Each warning, on a definition that deserves it and on one that does not."""

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from reward_fn.definition.load import SHIPPED, load_definition
from tests import factory
from tests.conftest import ROOT

HEAD = 'name = "linted"\n[[gate]]\ncheck = "hollow_answer"\n'
OUTCOME = '[[score]]\ncheck = "numeric_answer"\n'
JUDGE = '[judge]\nmodel = "medium"\n'


def criterion(name: str, question: str, more: str = "") -> str:
    return f'[[judge.criterion]]\nname = "{name}"\nquestion = "{question}"\n{more}\n'


SOUND = criterion("Sound", "Does every step of the answer follow from the one before it?")

DESERVED = {
    "shaping-without-outcome": (
        f'{HEAD}{OUTCOME}[[score]]\ncheck = "length"\nmax_chars = 100\n',
        "score[1]",
    ),
    "penalty-never-bites": (
        f'{HEAD}{OUTCOME}[[penalty]]\nname = "h"\ncheck = "hollow_answer"\n',
        "penalty[0]",
    ),
    "no-hollow-gate": (f'name = "linted"\n{JUDGE}{SOUND}', "judge"),
    "few-values": (
        f"{HEAD}{JUDGE}{SOUND}{criterion('Brief', 'Is the answer no longer than the question demands?')}",
        "judge.criterion",
    ),
    "presence-only": (
        f"{HEAD}{JUDGE}{criterion('Summary', 'Does the answer include a summary?')}",
        "judge.criterion[0]",
    ),
    "asks-two-things": (
        f"{HEAD}{JUDGE}{criterion('Both', 'Is the answer short, and does it name the right clause?')}",
        "judge.criterion[0]",
    ),
    "choices-unused": (
        f'{HEAD}{JUDGE}mode = "pairwise"\nagainst = ["reference_answer"]\n'
        + criterion("Style", "How well does the answer read?", 'choices = ["poorly", "well"]'),
        "judge.criterion[0]",
    ),
    "unknown-model": (
        f'{HEAD}{JUDGE}escalate = "us-west-2/vendor.new-model"\n{SOUND}',
        "judge.escalate",
    ),
    "votes-can-tie": (f"{HEAD}{JUDGE}votes = 2\n{SOUND}", "judge.votes"),
    "asks-for-a-scale": (
        f"{HEAD}{JUDGE}{criterion('Tone', 'Rate the politeness of the answer from 1 to 5.')}",
        "judge.criterion[0]",
    ),
    "template-braces": (
        f"{HEAD}{JUDGE}{criterion('Right', 'Does {{ response }} settle what the customer asked for?')}",
        "judge.criterion[0]",
    ),
    "similarity-alone": (f'{HEAD}[[score]]\ncheck = "text_similarity"\n', "score"),
}

UNDESERVED = {
    "form as a gate": f'{HEAD}{OUTCOME}[[gate]]\ncheck = "length"\nmax_chars = 100\n',
    "form under the minimum": (
        f'combine = "minimum"\n{HEAD}{OUTCOME}[[score]]\ncheck = "length"\nmax_chars = 9\n'
    ),
    "a penalty that can bite": f'{HEAD}{OUTCOME}[[penalty]]\ncheck = "length"\nmax_chars = 100\n',
    "a stricter penalty than the gate": (
        f'{HEAD}{OUTCOME}[[gate]]\ncheck = "length"\nmax_chars = 200\n'
        '[[penalty]]\nname = "brief"\ncheck = "length"\nmax_chars = 100\n'
    ),
    "a gate that lets some through": (
        f'{HEAD}{OUTCOME}[[gate]]\ncheck = "length"\nmax_chars = 100\nmin_score = 0.5\n'
        '[[penalty]]\nname = "brief"\ncheck = "length"\nmax_chars = 100\n'
    ),
    "unequal weights": f"{HEAD}{JUDGE}{SOUND}"
    + criterion("Brief", "Is it no longer than needed?", "weight = 0.5"),
    "equal weights beside a score": f"{HEAD}{OUTCOME}{JUDGE}{SOUND}"
    + criterion("Brief", "Is the answer no longer than the question demands?"),
    "one criterion": f"{HEAD}{JUDGE}{SOUND}",
    "a schema as the gate": (
        f'name = "linted"\n[[gate]]\ncheck = "json_schema"\nschema = {{}}\n{JUDGE}{SOUND}'
    ),
    "two nouns in one question": f"{HEAD}{JUDGE}"
    + criterion("Form", "Does the answer follow the rules of grammar and punctuation?"),
    "similarity beside an outcome": f'{HEAD}{OUTCOME}[[score]]\ncheck = "text_similarity"\n',
    "similarity beside a judge": f'{HEAD}[[score]]\ncheck = "text_similarity"\n{JUDGE}{SOUND}',
    "a scale with choices": f"{HEAD}{JUDGE}"
    + criterion("Tone", "How friendly is the answer?", 'choices = ["rude", "plain", "friendly"]'),
    "a degree to compare": f'{HEAD}{JUDGE}mode = "pairwise"\nagainst = ["reference_answer"]\n'
    + criterion("Tone", "How friendly is the answer?"),
    "braces of JSON": f"{HEAD}{JUDGE}"
    + criterion("Form", 'Is every order written as {\\"id\\": number} where the task demands it?'),
    "an odd number of votes": f"{HEAD}{JUDGE}votes = 3\n{SOUND}",
    "choices side by side": f'{HEAD}{JUDGE}mode = "group"\n'
    + criterion("Style", "How well does the answer read?", 'choices = ["poorly", "well"]'),
    "models that take tools": (
        f'{HEAD}{JUDGE}fallback = ["us-west-2/medium-claude", "openai.gpt-oss-120b-1:0"]\n'
        f'escalate = "global.anthropic.claude-sonnet-4-5-20250929-v1:0"\n{SOUND}'
    ),
    "an unknown model asked in words": (
        f'{HEAD}{JUDGE}escalate = "vendor.new-model-v1:0"\nstructure = "text"\n{SOUND}'
    ),
    "two votes and somebody to settle them": (
        f'{HEAD}{JUDGE}votes = 2\nescalate = "heavyweight-claude"\n{SOUND}'
    ),
    "two votes of which the mean counts": f'{HEAD}{JUDGE}votes = 2\nrule = "mean"\n{SOUND}',
    "presence with a quote": (
        f'{HEAD}{JUDGE}[[judge.document]]\nname = "source"\nsource = ["prompt"]\n'
        + criterion("Quoted", "Does the answer mention a clause?", 'quote_from = ["source"]')
    ),
    "presence of a fault": f"{HEAD}{JUDGE}{SOUND}"
    + criterion("Padding", "Does the answer contain padding?", "weight = -0.5"),
    "presence of the right thing": f"{HEAD}{JUDGE}"
    + criterion("Cited", "Does the answer list every source that it relies on?"),
}


@pytest.mark.parametrize(
    ("code", "toml", "place"), [(c, *found) for c, found in DESERVED.items()], ids=DESERVED.keys()
)
def test_a_definition_that_leaks_is_warned_of_at_its_place(
    code: str, toml: str, place: str, tmp_path: Path
) -> None:
    warnings = factory.definition(tmp_path, toml).warnings
    assert [(w.code, w.place) for w in warnings] == [(code, place)]
    assert all(warning.message for warning in warnings)


@pytest.mark.parametrize("toml", UNDESERVED.values(), ids=UNDESERVED.keys())
def test_a_definition_that_does_not_leak_is_not_warned_of(toml: str, tmp_path: Path) -> None:
    assert factory.definition(tmp_path, toml).warnings == ()


@pytest.mark.parametrize(
    "question",
    [
        "Is the answer correct and concise?",
        "Does the answer cite the clause and explain why it matters?",
        "Is the tone polite and the grammar right?",
        "Does it include the main point and omit opinions?",
        "Does the answer cite every clause in the contract and explain why?",
        "Is every statement grounded in the contract and concise?",
        "Does every step follow from the law and is it sound?",
        "Is every step correct as well as needed?",
        "Is every number right? Is it rounded?",
    ],
)
def test_a_question_with_an_and_between_what_it_asks_is_warned_of(question: str, tmp_path: Path) -> None:
    warnings = factory.definition(tmp_path, f"{HEAD}{JUDGE}{criterion('Both', question)}").warnings
    assert "asks-two-things" in [warning.code for warning in warnings]


@pytest.mark.parametrize(
    "question",
    [
        "Is the answer free of spelling and grammar mistakes?",
        "Does the answer name the only difference between the buyer and the seller?",
        "Does the answer keep all names of people and places in the source?",
        "Is the answer complete? Missing both name and date is a no.",
    ],
)
def test_two_nouns_in_one_phrase_are_one_thing(question: str, tmp_path: Path) -> None:
    warnings = factory.definition(tmp_path, f"{HEAD}{JUDGE}{criterion('One', question)}").warnings
    assert warnings == ()


@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.toml")))
def test_no_shipped_definition_is_warned_of(name: str) -> None:
    assert load_definition(name).warnings == ()


@pytest.mark.parametrize("code", ["shaping-without-outcome", "no-hollow-gate"])
def test_a_gate_is_advised_only_if_the_base_model_passes_it(code: str, tmp_path: Path) -> None:
    """A gate that the base model never passes makes all rewards of a group equal."""
    warnings = factory.definition(tmp_path, DESERVED[code][0]).warnings
    (message,) = [warning.message for warning in warnings if warning.code == code]
    assert "base model passes" in message


def fresh_question_lint() -> ModuleType:
    """The module as a cold start has it: executed anew, with no pattern compiled."""
    spec = importlib.util.find_spec("reward_fn.definition.question_lint")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_pattern_is_compiled_only_for_questions_that_it_could_match(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """contract-review, the default definition, needs none of them in its cold start."""
    compiled: list[str] = []
    compile_pattern = re.compile

    def record(pattern: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(pattern)
        return compile_pattern(pattern, flags)

    module = fresh_question_lint()
    monkeypatch.setattr(re, "compile", record)
    shipped = tomllib.loads((SHIPPED / "contract-review.toml").read_text(encoding="utf-8"))
    own = {"judge": {"criterion": [{"question": "Rate the tone of {response} and its length."}]}}
    rules = (module.presence_only, module.asks_two_things, module.asks_for_a_scale, module.template_braces)
    assert [list(rule(shipped)) for rule in rules] == [[], [], [], []]
    assert compiled == []
    assert [len(list(rule(own))) for rule in rules] == [0, 1, 1, 1]
    assert len(compiled) == 4  # two for the "and", one for the scale, one for the braces


def test_every_warning_is_explained() -> None:
    page = (ROOT / "docs" / "definitions.md").read_text(encoding="utf-8")
    assert [code for code in DESERVED if f"`{code}`" not in page] == []


def codes(question: str, folder: Path) -> list[str]:
    return [w.code for w in factory.definition(folder, f"{HEAD}{JUDGE}{criterion('One', question)}").warnings]


@pytest.mark.parametrize(
    "question",
    [
        "How friendly is the answer?",
        "To what extent does the answer follow the guideline?",
        "On a scale of 1 to 10, is the answer helpful?",
        "Please score the helpfulness of the answer.",
        "Read the contract. Grade the comment.",
        "Does the answer deserve 4 out of 5?",
        "Is the answer worth a score from 1 to 5?",
        "What mark would a teacher give?",
        "Assess the clarity of the explanation.",
    ],
)
def test_a_question_that_yes_or_no_does_not_answer_is_warned_of(question: str, tmp_path: Path) -> None:
    assert "asks-for-a-scale" in codes(question, tmp_path)


@pytest.mark.parametrize(
    "question",
    [
        "Judge whether every claim is borne out by the source.",
        "Does the answer explain how the deposit is returned?",
        "Is every list numbered from 1 to 5?",
        "Does the answer name the rate of interest that the contract sets?",
        "Would a lawyer grade this comment as correct?",
    ],
)
def test_a_question_with_a_rate_or_a_how_inside_is_not(question: str, tmp_path: Path) -> None:
    assert codes(question, tmp_path) == []


@pytest.mark.parametrize("braces", ["{response}", "{{item.reference_answer}}", "${prompt}", "<|response|>"])
def test_a_place_that_nothing_fills_is_warned_of(braces: str, tmp_path: Path) -> None:
    assert "template-braces" in codes(f"Does {braces} settle what was asked for?", tmp_path)
