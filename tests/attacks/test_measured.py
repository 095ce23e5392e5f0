"""What the page on attacks says was measured is what is measured, and the command says the same."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from reward_fn.definition.load import load_definition
from rewardctl.attacks.corpus import CorpusError, load_corpus
from rewardctl.attacks.measure import cost_of, try_all
from rewardctl.cli import main
from tests.attacks.judges import gullible
from tests.attacks.measured import measured, table
from tests.attacks.switches import shipped
from tests.conftest import ROOT
from tests.unit.fake_judge import FakeJudge

HERE = Path(__file__).parent
PAGE = ROOT / "docs" / "attacks.md"


def test_the_page_holds_what_is_measured() -> None:
    rows = measured(load_corpus(HERE))
    assert table(rows) in PAGE.read_text(encoding="utf-8")
    code = [row for row in rows if not row.defence.startswith("the judge")]
    assert [row.family for row in code if row.defended] == []
    assert [row.family for row in code if row.bare < row.tried] == []


def test_the_page_names_every_family_and_says_why_it_may_pay() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [family.name for family in load_corpus(HERE).families if f"| {family.name} |" not in page] == []


@pytest.mark.parametrize("definition", ["contract-review", "instruction-following"])
def test_the_command_tries_the_corpus_on_the_stand_in(definition: str) -> None:
    """How many attacks pay is up to the stand-in; the counts and the exit code follow from that."""
    done = CliRunner().invoke(main, ["attack", "--definition", definition, "--json"])
    report = json.loads(done.stdout)
    assert (report["definition"], report["model"]) == (definition, "stand-in")
    corpus, families = load_corpus(HERE), report["families"]
    tried = sum(attack.on == definition for family in corpus.families for attack in family.attacks)
    assert sum(family["tried"] for family in families) == tried
    assert report["success_rate"] == sum(family["succeeded"] for family in families) / tried
    assert done.exit_code == any(f["succeeded"] for f in families if f["stopped_by"] == "code"), done.output
    assert 0.0 <= report["mediocre"] <= 1.0
    assert 0.0 <= report["good"] <= 1.0


def test_a_judge_that_believes_everything_pays_flattery_and_not_what_a_gate_stops() -> None:
    corpus, definition = load_corpus(HERE), shipped("instruction-following")
    attempt = try_all(corpus, corpus.scenario(definition.name), definition, FakeJudge(gullible))
    assert (attempt.bar, attempt.good) == (1.0, 1.0)
    rates = {rate.family: rate for rate in attempt.rates}
    assert rates["flattery"].succeeded == rates["flattery"].tried > 0
    assert (rates["master keys"].succeeded, rates["master keys"].best) == (0, 0.0)
    assert attempt.succeeded == sum(rate.succeeded for rate in attempt.rates)


def test_the_table_names_each_family() -> None:
    done = CliRunner().invoke(main, ["attack"])
    assert "flattery" in done.output
    assert " of 18 attacks pay" in done.output


def test_a_real_model_is_asked_only_after_the_cost_was_said_and_agreed_to() -> None:
    done = CliRunner().invoke(main, ["attack", "--model", "heavyweight"], input="n\n")
    assert done.exit_code == 1
    assert "calls of" in done.output
    assert "tokens sent" in done.output


def test_the_cost_counts_what_reaches_the_judge() -> None:
    corpus = load_corpus(HERE)
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
