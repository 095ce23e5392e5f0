"""Judges by name: the stand-in, replays, brains; what a judge costs, and the cap."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reward_fn.types.verdict import Leaf
from rewardctl.emulate import Emulator
from rewardctl.judges import registry
from rewardctl.judges.brains import Opinion, Subject
from rewardctl.runs import read_records
from tests.factory import ROOT, row
from tests.score.contracts import contracts
from tests.score.running import score, verdicts, write_rows
from tests.score.varied_judge import VariedJudge

JUDGED = {
    "contract-review": "contract_review_batch",
    "instruction-following": "instruction_following",
    "rag-faithfulness": "rag_faithfulness",
    "reasoning": "reasoning",
    "summarization": "summarization",
}


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """The stand-in for Bedrock over HTTP."""
    with Emulator() as emulator:
        monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", emulator.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield emulator


@pytest.fixture
def paid(monkeypatch: pytest.MonkeyPatch) -> type[VariedJudge]:
    """A judge that stands for a paid one; returns its class, which counts calls."""
    monkeypatch.setattr("reward_fn.judge.judges.Judges", VariedJudge)
    monkeypatch.setattr(VariedJudge, "asked", type(VariedJudge.asked)())
    return VariedJudge


def test_the_stand_in_in_this_process_decides_as_over_http(bedrock: Emulator) -> None:
    for definition, event in JUDGED.items():
        data = ROOT / "events" / f"{event}.json"
        here = score(data, "--definition", definition, "--run", f"{definition}-here")
        there = score(
            data, "--definition", definition, "--run", f"{definition}-there", "--judge", "bedrock", "--yes"
        )
        assert here.code == there.code
        left, right = verdicts(Path(f"{definition}-here")), verdicts(Path(f"{definition}-there"))
        assert left == right
        assert any(each["verdicts"] for each in left)
    assert bedrock.stats().calls > 0


POINTWISE = '[[judge.criterion]]\nname = "Clear"\nquestion = "Is the answer clear?"\n'
QUOTED = (
    '[[judge.document]]\nname = "source"\nsource = ["metadata.source"]\n'
    '[[judge.criterion]]\nname = "Faithful"\nquestion = "Does the source say it?"\nquote_from = ["source"]\n'
)
MODES = {
    "one vote": 'model = "medium"\n',
    "votes": 'model = "medium"\nvotes = 3\n',
    "panel": 'panel = ["us.amazon.nova-2-lite-v1:0", "us.amazon.nova-pro-v1:0"]\nrule = "mean"\n',
    "unanimous with escalation": 'model = "medium"\nvotes = 2\nrule = "unanimous"\n'
    'escalate = "us.amazon.nova-pro-v1:0"\n',
    "pairwise": 'model = "medium"\nmode = "pairwise"\nagainst = ["reference_answer"]\n',
    "group": 'model = "medium"\nmode = "group"\n',
}
SOURCE = "Divers found two cracks in the foot of the breakwater. It gets mended before October."


def own_definition(judge: str) -> Path:
    path = Path("own.toml")
    criteria = POINTWISE if "pairwise" in judge else QUOTED + POINTWISE  # a comparison has no quotes
    path.write_text(f'name = "own"\n[judge]\n{judge}{criteria}', encoding="utf-8")
    return path


def answers(count: int) -> list[dict[str, Any]]:
    """Groups of four different answers to the same prompt."""
    return [
        row(
            f"Divers found {n} cracks.",
            id=f"r-{n}",
            prompt=f"Summarise, {n // 4}.",
            source=SOURCE,
            reference_answer="Two cracks were found.",
        )
        for n in range(count)
    ]


@pytest.mark.parametrize("mode", MODES)
def test_a_replay_of_a_run_gives_its_results_without_a_call(mode: str, paid: type[VariedJudge]) -> None:
    definition = own_definition(MODES[mode])
    data = write_rows(Path("data.jsonl"), answers(40))
    command = (data, "--definition", definition, "--max-unscored", 1)
    assert score(*command, "--judge", "bedrock", "--yes", "--run", "run").code == 0
    calls = paid.asked.total()
    assert calls > 0
    for name, source in (("again", "replay:run"), ("third", "replay:again")):
        assert score(*command, "--judge", source, "--run", name).code == 0
        assert verdicts(Path(name)) == verdicts(Path("run"))
    assert paid.asked.total() == calls
    if mode != "pairwise":
        assert any(v["unsupported"] for r in read_records("run") for v in r["verdicts"])
    assert len({record["reward"] for record in read_records("run")}) > 2


def test_a_replay_of_traces_gives_the_verdicts_of_the_run(paid: type[VariedJudge]) -> None:
    definition = own_definition(MODES["one vote"])
    data = write_rows(Path("data.jsonl"), answers(40))
    score(data, "--definition", definition, "--judge", "bedrock", "--yes", "--run", "run")
    calls = paid.asked.total()
    Path("traces.jsonl").write_bytes(Path("run/results.jsonl").read_bytes())
    ran = score(data, "--definition", definition, "--judge", "replay:traces.jsonl", "--run", "again")
    assert ran.code == 0
    assert verdicts(Path("again")) == verdicts(Path("run"))
    assert paid.asked.total() == calls


def test_a_rollout_that_a_replay_does_not_know_is_unscored(paid: type[VariedJudge]) -> None:
    definition = own_definition(MODES["one vote"])
    rows = answers(8)
    score(write_rows(Path("first.jsonl"), rows[:4]), "--definition", definition,
          "--judge", "bedrock", "--yes", "--run", "run")  # fmt: skip
    ran = score(
        write_rows(Path("all.jsonl"), rows), "--definition", definition, "--judge", "replay:run", "--json"
    )
    assert ran.code == 3
    assert ran.json["unscored"] == {"cannot_assess": 4}
    assert "replay:run holds no verdicts" in ran.json["problems"][0]["detail"]


def test_a_run_without_verdicts_is_no_judge() -> None:
    data = write_rows(Path("data.jsonl"), [row("\\boxed{1}", reference_answer="1")])
    score(data, "--definition", "math-answer", "--run", "run")
    ran = score(data, "--definition", own_definition(MODES["one vote"]), "--judge", "replay:run")
    assert ran.code == 1
    assert "run holds no verdicts" in ran.err


def test_the_judge_that_always_agrees_gives_the_full_reward() -> None:
    data = write_rows(Path("data.jsonl"), answers(8))
    ran = score(
        data, "--definition", own_definition(MODES["panel"]), "--judge", "yes", "--run", "run", "--json"
    )
    assert (ran.code, ran.json["mean_reward"]) == (0, 1.0)
    assert all(len(record["calls"]) == 1 for record in read_records("run"))


def test_a_brain_sees_the_other_answers_to_the_prompt_and_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[Any, set[Any]] = {}

    def look(subject: Subject, leaf: Leaf) -> Opinion:
        seen[subject.material.rollout.id] = {other.id for other in subject.siblings}
        return Opinion("yes", SOURCE[:30])

    monkeypatch.setitem(registry.BRAINS, "look", lambda: look)
    data = write_rows(Path("data.jsonl"), answers(600))  # more than one batch, cut between groups
    assert score(data, "--definition", own_definition(MODES["one vote"]), "--judge", "look").code == 0
    groups = [{f"r-{4 * g + k}" for k in range(4)} for g in range(150)]
    assert seen == {each: group - {each} for group in groups for each in group}


def test_a_brain_without_an_opinion_leaves_the_rollout_unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    def hesitate(subject: Subject, leaf: Leaf) -> Opinion | None:
        return None if subject.material.rollout.id == "r-1" else Opinion("yes", SOURCE[:30])

    monkeypatch.setitem(registry.BRAINS, "hesitate", lambda: hesitate)
    data = write_rows(Path("data.jsonl"), answers(4))
    ran = score(data, "--definition", own_definition(MODES["one vote"]), "--judge", "hesitate", "--json")
    assert (ran.code, ran.json["unscored"]) == (3, {"cannot_assess": 1})


@pytest.mark.parametrize("mode", ["pairwise", "group"])
def test_a_brain_compares_nothing(mode: str) -> None:
    data = write_rows(Path("data.jsonl"), answers(4))
    ran = score(data, "--definition", own_definition(MODES[mode]), "--judge", "yes")
    assert ran.code == 1
    assert "answers only definitions with mode = 'pointwise'" in ran.err


def test_another_model_answers_in_place_of_the_definitions_own(paid: type[VariedJudge]) -> None:
    data = write_rows(Path("data.jsonl"), answers(4))
    definition = own_definition(MODES["one vote"])
    score(data, "--definition", definition, "--judge", "us.amazon.nova-pro-v1:0", "--yes", "--run", "run")
    models = {call["model"] for record in read_records("run") for call in record["calls"]}
    assert models == {"us.amazon.nova-pro-v1:0"}
    assert json.loads(Path("run/run.json").read_text())["models"] == ["us.amazon.nova-pro-v1:0"]


# Money.


def test_before_money_is_spent_calls_tokens_and_dollars_are_shown(paid: type[VariedJudge]) -> None:
    data = write_rows(Path("data.jsonl"), contracts(40))
    ran = score(data, "--judge", "bedrock", "--run", "run", stdin=b"y\n")
    assert ran.code == 0
    assert "40 calls" in ran.err
    assert "tokens in" in ran.err
    assert "Prices of" in ran.err
    assert paid.asked.total() == 40


def test_without_anybody_to_answer_nothing_is_spent(paid: type[VariedJudge]) -> None:
    data = write_rows(Path("data.jsonl"), contracts(4))
    ran = score(data, "--judge", "bedrock", "--run", "run")
    assert ran.code == 1
    assert "nothing was spent" in ran.err
    assert paid.asked.total() == 0


def test_the_cap_stops_the_run_and_a_higher_cap_goes_on_without_paying_twice(
    paid: type[VariedJudge],
) -> None:
    """200 different rows cost about $0.16 by the list; the workers' calls in flight are held back."""
    data = write_rows(Path("data.jsonl"), contracts(200))
    command = (data, "--judge", "bedrock", "--yes", "--workers", "4", "--run", "run")
    capped = score(*command, "--max-usd", "0.05")
    assert capped.code == 4
    assert "The cap of $0.05 is reached" in capped.err
    assert "a higher --max-usd goes on" in capped.err
    spent = json.loads(Path("run/run.json").read_text())
    assert spent["finished_at"] is None
    first = paid.asked.total()
    assert 0 < first < 200
    again = score(*command, "--max-usd", "0.05")
    assert again.code == 4
    assert paid.asked.total() <= first + 4  # what was held back for calls in flight
    whole = score(*command, "--max-usd", "50", "--json")
    assert whole.code == 0
    assert paid.asked.total() == 200 == whole.json["calls"]
    assert 0.05 < whole.json["cost_usd"] < 1
    score(data, "--judge", "bedrock", "--yes", "--workers", "4", "--run", "other")
    assert [r["id"] for r in read_records("run")] == [r["id"] for r in read_records("other")]


def test_the_cap_holds(paid: type[VariedJudge]) -> None:
    data = write_rows(Path("data.jsonl"), contracts(200))
    score(data, "--judge", "bedrock", "--yes", "--workers", "8", "--run", "run", "--max-usd", "0.05")
    from rewardctl.runs.folder import open_verdicts

    with open_verdicts(Path("run"), read_only=True) as store:
        assert 0.03 < store.spent().usd <= 0.05


def test_a_cap_needs_prices(paid: type[VariedJudge]) -> None:
    data = write_rows(Path("data.jsonl"), contracts(4))
    ran = score(data, "--judge", "openai:m@http://127.0.0.1:9/v1", "--yes", "--max-usd", "1")
    assert ran.code == 1
    assert "--max-usd needs the price of" in ran.err
    assert "JUDGE_PRICES" in ran.err


def test_a_continued_run_shows_only_the_cost_of_what_is_left(paid: type[VariedJudge]) -> None:
    data = write_rows(Path("data.jsonl"), contracts(160))
    command = (data, "--judge", "bedrock", "--yes", "--workers", "4")
    usd = score(*command, "--run", "whole", "--json").json["cost_usd"]
    assert score(*command, "--run", "run", "--max-usd", 0.6 * usd).code == 4
    assert len(list(read_records("run"))) == 64  # one batch of 4 workers
    assert "96 calls" in score(*command, "--run", "run", "--max-usd", 2 * usd).err


def test_a_rollout_is_judged_once_however_often_it_comes(paid: type[VariedJudge]) -> None:
    [one] = contracts(1)
    rows = [{**one, "id": n} for n in range(130)]
    ran = score(
        write_rows(Path("data.jsonl"), rows), "--judge", "bedrock", "--yes", "--workers", "4", "--json"
    )
    assert ran.json["calls"] == 1


def test_the_group_of_a_rollout_is_that_of_the_function() -> None:
    data = write_rows(Path("data.jsonl"), answers(8))
    score(data, "--definition", own_definition(MODES["one vote"]), "--run", "run")
    groups = [record["group"] for record in read_records("run")]
    assert len(set(groups)) == 2
    assert groups[:4] == [groups[0]] * 4
    assert isinstance(groups[0], str)
