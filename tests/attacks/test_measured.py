"""What the page on attacks says was measured is what is measured, and the command says the same."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from reward_fn.definition.load import load_definition
from reward_fn.judge.providers.bedrock.judge import BedrockJudge
from rewardctl.attacks.corpus import SHIPPED_CORPUS, CorpusError, load_corpus
from rewardctl.attacks.measure import cost_of
from rewardctl.cli import main
from rewardctl.emulate import Emulator
from tests.attacks.measured import measured, table
from tests.conftest import ROOT
from tests.contract.converse_server import CREDENTIALS

PAGE = ROOT / "docs" / "attacks.md"


def test_the_page_holds_what_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator() as emulator:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": emulator.url}.items():
            monkeypatch.setenv(name, value)
        rows = measured(load_corpus(SHIPPED_CORPUS), BedrockJudge(max_workers=4, timeout_s=30.0))
    assert table(rows) in PAGE.read_text(encoding="utf-8")
    code = [row for row in rows if not row.defence.startswith("the judge")]
    assert [row.family for row in code if row.defended] == []
    assert [row.family for row in code if row.bare < row.tried] == []


def test_the_page_names_every_family_and_says_why_it_may_pay() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [
        family.name for family in load_corpus(SHIPPED_CORPUS).families if f"| {family.name} |" not in page
    ] == []


@pytest.mark.parametrize("definition", ["contract-review", "instruction-following"])
def test_the_command_tries_the_corpus_on_the_stand_in(definition: str) -> None:
    done = CliRunner().invoke(main, ["attack", "--definition", definition, "--json"])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["definition"], said["model"], said["success_rate"]) == (definition, "stand-in", 0.0)
    corpus = load_corpus(SHIPPED_CORPUS)
    tried = sum(attack.on == definition for family in corpus.families for attack in family.attacks)
    assert sum(family["tried"] for family in said["families"]) == tried
    assert said["mediocre"] < said["good"] <= 1.0


def test_the_table_names_each_family() -> None:
    done = CliRunner().invoke(main, ["attack"])
    assert "flattery" in done.output
    assert "0 of 18 attacks pay" in done.output


def test_a_real_model_is_asked_only_after_the_cost_was_said_and_agreed_to() -> None:
    done = CliRunner().invoke(main, ["attack", "--model", "heavyweight"], input="n\n")
    assert done.exit_code == 1
    assert "calls of" in done.output
    assert "tokens sent" in done.output


def test_the_cost_counts_what_reaches_the_judge() -> None:
    corpus = load_corpus(SHIPPED_CORPUS)
    definition = load_definition("contract-review")
    reached = 0
    for family in corpus.families:
        stopped = family.name in ("another language", "hidden Unicode", "overlong padding")
        reached += 0 if stopped else sum(attack.on == "contract-review" for attack in family.attacks)
    # those of three families end at a gate, but for twenty comments, as many as are read
    reached += 1
    # and both honest answers are asked about too
    assert f"About {reached + 2} calls of medium:" in cost_of(corpus, definition)


def test_a_definition_without_a_scenario_is_named_with_the_remedy() -> None:
    done = CliRunner().invoke(main, ["attack", "--definition", "summarization"])
    assert done.exit_code == 1
    assert "scenario-summarization.toml" in done.output


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no scenario-"),
        ({"scenario-x.toml": "a = "}, "scenario-x.toml: can't be read"),
        ({"scenario-x.toml": 'definition = "x"'}, "scenario-x.toml: has no 'honest'"),
        (
            {
                "scenario-x.toml": (
                    'definition = "x"\nprompt = "Q"\nbar = 1\n[honest]\nmediocre = "m"\ngood = "g"'
                ),
                "corpus/y.toml": '[[attack]]\nname = "n"\non = "z"',
            },
            "y.toml: has no 'z'",
        ),
    ],
)
def test_a_corpus_out_of_form_is_named(files: dict[str, str], message: str, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=message):
        load_corpus(tmp_path)
