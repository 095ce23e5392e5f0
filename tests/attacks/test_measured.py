"""What the page on attacks says was measured is what is measured, and the command says the same."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import rewardctl
from reward_fn.definition.load import load_definition
from reward_fn.judge.models.catalogue import TIERS
from reward_fn.judge.models.prices import load_prices
from rewardctl.attacks.corpus import SHIPPED_CORPUS, CorpusError, load_corpus
from rewardctl.attacks.cost import costs_of
from rewardctl.attacks.measure import try_all
from rewardctl.cli import main
from rewardctl.emulate import Emulator
from tests.attacks.judges import gullible
from tests.attacks.measured import measured, table
from tests.attacks.switches import shipped
from tests.conftest import ROOT
from tests.contract.converse_server import CREDENTIALS
from tests.unit.fake_judge import FakeJudge

PAGE = ROOT / "docs" / "attacks.md"


def test_the_page_holds_what_is_measured() -> None:
    rows = measured(load_corpus(SHIPPED_CORPUS))
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
    """How many attacks pay is up to the stand-in; the counts and the exit code follow from that."""
    done = CliRunner().invoke(main, ["attack", "--definition", definition, "--json"])
    report = json.loads(done.stdout)
    assert (report["definition"], report["model"]) == (definition, "stand-in")
    corpus, families = load_corpus(SHIPPED_CORPUS), report["families"]
    tried = sum(attack.on == definition for family in corpus.families for attack in family.attacks)
    assert sum(family["tried"] for family in families) == tried
    assert report["success_rate"] == sum(family["succeeded"] for family in families) / tried
    assert done.exit_code == any(f["succeeded"] for f in families if f["stopped_by"] == "code"), done.output
    assert 0.0 <= report["mediocre"] <= 1.0
    assert 0.0 <= report["good"] <= 1.0


def test_a_judge_that_believes_everything_pays_flattery_and_not_what_a_gate_stops() -> None:
    corpus, definition = load_corpus(SHIPPED_CORPUS), shipped("instruction-following")
    attempt = try_all(corpus, corpus.scenario(definition.name), definition, FakeJudge(gullible))
    assert (attempt.bar, attempt.good) == (1.0, 1.0)
    rates = {rate.family: rate for rate in attempt.rates}
    assert rates["flattery"].succeeded == rates["flattery"].tried > 0
    assert (rates["master keys"].succeeded, rates["master keys"].best) == (0, 0.0)
    assert attempt.succeeded == sum(rate.succeeded for rate in attempt.rates)


def test_the_table_names_each_family() -> None:
    done = CliRunner().invoke(main, ["attack"])
    assert "flattery" in done.output
    assert " of 18 attacks succeed" in done.output


def test_a_real_model_is_called_only_after_its_cost_was_shown_and_agreed_to() -> None:
    done = CliRunner().invoke(main, ["attack", "--model", "heavyweight"], input="n\n")
    assert done.exit_code == 1
    (cost,) = costs_of(
        load_corpus(SHIPPED_CORPUS), load_definition("contract-review", judge_model="heavyweight")
    )
    # Nova Pro: 0.80 dollars for a million tokens in, 3.20 for a million out.
    usd = (cost.input_tokens * 0.80 + cost.output_tokens * 3.20) / 1_000_000
    usual = (cost.input_tokens * 0.80 + cost.usual_output_tokens * 3.20) / 1_000_000
    words = (
        f"{cost.calls} calls, {cost.input_tokens:,} tokens in, {cost.usual_output_tokens:,} to "
        f"{cost.output_tokens:,} out, ${usual:.2f} to ${usd:.2f}"
    )
    assert f"All together {words}" in done.output
    assert 0 < cost.usual_output_tokens < cost.output_tokens
    assert "Prices of " in done.output
    assert max(map(len, done.output.splitlines())) <= 80


@pytest.fixture
def _no_set_prices() -> Iterator[None]:
    """Prices that a command has set are those of its process, which tests share."""
    yield
    load_prices([])


@pytest.mark.usefixtures("_no_set_prices")
def test_a_price_of_ones_own_counts_before_anything_is_called() -> None:
    model = "openai:m@https://judge.example/v1"
    environment = {"JUDGE_PRICES": f"{model}=1000/0"}
    done = CliRunner().invoke(main, ["attack", "--model", model], input="n\n", env=environment)
    assert done.exit_code == 1
    (cost,) = costs_of(load_corpus(SHIPPED_CORPUS), load_definition("contract-review", judge_model=model))
    assert f"${cost.input_tokens * 1000 / 1_000_000:.2f}" in done.output
    assert "no price is known" not in done.output


def test_the_cost_counts_the_responses_that_reach_the_judge() -> None:
    corpus = load_corpus(SHIPPED_CORPUS)
    definition = load_definition("contract-review")
    reached = 0
    for family in corpus.families:
        stopped = family.name in ("another language", "hidden Unicode", "overlong padding")
        reached += 0 if stopped else sum(attack.on == "contract-review" for attack in family.attacks)
    # those of three families end at a gate, but for twenty comments, as many as are read
    reached += 1
    # and both honest answers are asked about too
    (cost,) = costs_of(corpus, definition)
    assert (cost.model, cost.role, cost.calls) == (TIERS["medium"], "voter", reached + 2)


def test_the_cost_follows_mode_votes_panel_and_escalation() -> None:
    corpus, definition = load_corpus(SHIPPED_CORPUS), load_definition("instruction-following")
    assert definition.judge is not None
    ((_, _, once, _, written, *_),) = costs_of(corpus, definition)
    judge = replace(
        definition.judge,
        mode="pairwise",
        against=("prompt",),
        votes=3,
        panel=("medium", "medium-claude"),
        escalate="heavyweight",
    )
    found = {cost.model: cost for cost in costs_of(corpus, replace(definition, judge=judge))}
    # Two orders of each comparison: 2 × 3 votes of each panel model, 2 × 1 of the escalation, at most.
    calls = {"medium": 6 * once, "medium-claude": 6 * once, "heavyweight": 2 * once}
    assert {model: cost.calls for model, cost in found.items()} == {TIERS[t]: n for t, n in calls.items()}
    assert found[TIERS["medium"]].output_tokens == 3 * found[TIERS["heavyweight"]].output_tokens
    group = replace(definition, judge=replace(definition.judge, mode="group"))
    ((_, _, alone, _, same, *_),) = costs_of(corpus, group)
    assert (alone, same) == (once, written)  # each attack is alone in its batch


def test_the_region_of_the_judge_may_come_from_aws_region(monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator() as emulator:
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": emulator.url}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        done = CliRunner().invoke(main, ["attack", "--model", "medium", "--yes", "--json"])
        assert json.loads(done.output[done.output.index("{") :])["model"] == "medium"
        assert emulator.stats().calls > 0
    assert "AWS_DEFAULT_REGION" not in os.environ


def test_the_shipped_corpus_is_data_of_the_package() -> None:
    assert rewardctl.__file__
    assert SHIPPED_CORPUS.is_relative_to(Path(rewardctl.__file__).parent)


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
