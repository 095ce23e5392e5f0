"""The pair judge: its features, its training, what it refuses, its answers; with a fake embedding model."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from reward_fn.types.material import Material
from reward_fn.types.rubric import Criterion, JudgeSpec
from reward_fn.types.verdict import Leaf
from rewardctl.cli import main
from rewardctl.judges.brains import Opinion, Subject
from rewardctl.judges.minilm.brain import brain_of, judged_text, opinion
from rewardctl.judges.minilm.encoder import DIMENSIONS, MinilmError
from rewardctl.judges.minilm.features import Pair, Remembering, features, overlap
from rewardctl.judges.minilm.fit import fit, ridge
from rewardctl.judges.minilm.head import Head, read_head, text_hash
from rewardctl.judges.minilm.own_labels import pairs_of_run
from rewardctl.judges.minilm.pairs import LabelledPair, read_pairs, texts_in
from rewardctl.judges.minilm.train import train, without_texts
from rewardctl.judges.registry import is_brain, model_name
from tests.calibrate.runs import label, rows_of, score, write_definition, write_lines, write_run
from tests.factory import rollout

QUESTION = "Does the clause grant a licence?"


class Counting:
    """Encodes a text by whether it speaks of a licence, in two of the model's dimensions."""

    def vectors(self, texts: Sequence[str]) -> Any:
        rows = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0 if "licence" in text else 1] = 1.0
        return rows


def labelled(count: int = 40) -> list[LabelledPair]:
    """Half of the texts grant a licence."""
    texts = [f"Clause {n}: {'grants a licence' if n % 2 else 'sets a fee'}." for n in range(count)]
    return [LabelledPair(Pair(QUESTION, text), bool(n % 2)) for n, text in enumerate(texts)]


@pytest.fixture(scope="module")
def head() -> Head:
    return train(labelled(), [], Counting(), ["pairs.jsonl"]).head


# Features and training


def test_the_features_are_product_difference_cosine_overlap_and_lengths() -> None:
    pair = Pair("a licence", "sets a fee")
    [row] = features([pair], Counting())
    assert len(row) == 2 * DIMENSIONS + 4
    assert row[:2] == pytest.approx([0, 0]), "u = (1, 0), v = (0, 1)"
    assert row[DIMENSIONS : DIMENSIONS + 2] == pytest.approx([1, 1])
    assert row[2 * DIMENSIONS :] == pytest.approx([0, 0, math.log(10), math.log(11)])
    assert features([Pair("a licence", "licence")], Counting())[0][2 * DIMENSIONS] == 1.0


def test_the_overlap_is_the_share_of_the_questions_words() -> None:
    assert overlap("licence granted", "the LICENCES of the tenant") == 0.5
    assert overlap("is it so", "is it so") == 0.0, "no word of four letters"


def test_ridge_finds_the_minimum_of_its_loss() -> None:
    """One feature of mean 0 and variance 1, penalty 2, four observations: at the minimum the gradient,
    sum(-y·x·s(-y·w·x)) + 2w, is 0, and the bias is 0 by symmetry."""
    x, y = np.array([[1.0], [1.0], [-1.0], [-1.0]]), np.array([1.0, 1.0, 0.0, 0.0])
    weights, bias = ridge(x, y, 2.0)
    w = float(weights[0])
    assert bias == pytest.approx(0, abs=1e-9)
    assert 4 / (1 + math.exp(w)) == pytest.approx(2 * w, abs=1e-6)


def test_a_constant_feature_counts_for_nothing() -> None:
    x = np.array([[1.0, 5.0], [1.0, 5.0], [-1.0, 5.0], [-1.0, 5.0]])
    weights, _ = ridge(x, np.array([1.0, 1.0, 0.0, 0.0]), 2.0)
    assert weights[1] == 0.0


def test_noise_gets_a_larger_penalty_than_a_signal_and_the_loss_of_a_guess() -> None:
    """With noise alone any weight costs on held-out folds. A guess loses ln 2."""
    random = np.random.default_rng(3)
    texts = [str(n) for n in range(300)]
    target = random.random(300) < 0.5
    noise = random.standard_normal((300, 20))
    signal = np.column_stack([noise[:, :4], target + 0.3 * random.standard_normal(300)])
    of_noise, of_signal = (fit(each, target.tolist(), texts) for each in (noise, signal))
    assert of_noise.penalty > of_signal.penalty == 30.0
    assert of_noise.log_loss == pytest.approx(math.log(2), abs=0.01)
    assert of_signal.log_loss < 0.4


def test_the_trained_head_tells_both_kinds_apart(head: Head) -> None:
    pairs = [Pair(QUESTION, "This grants a licence."), Pair(QUESTION, "This sets a fee.")]
    yes, no = head.probabilities(features(pairs, Counting()))
    assert no < 0.5 < yes
    assert head.about["pairs"] == 40
    assert head.about["held_out_log_loss"] < math.log(2)


# What is refused


def test_a_held_out_text_is_refused_in_whatever_case_and_spacing() -> None:
    held_out = ["CLAUSE 3:  grants a\nlicence.", "another"]
    with pytest.raises(MinilmError, match="1 of the 2 held-out texts"):
        train(labelled(), held_out, Counting(), [])
    left = without_texts(labelled(60), held_out)
    assert len(left) == 59
    assert text_hash(held_out[0]) not in train(left, held_out, Counting(), []).head.trained_on


@pytest.mark.parametrize("count", [2, 38])
def test_few_pairs_are_refused(count: int) -> None:
    with pytest.raises(MinilmError, match="20 of each"):
        train(labelled(count), [], Counting(), [])


def test_the_judge_has_no_opinion_on_a_text_that_it_was_trained_on(head: Head) -> None:
    assert decide(head, "clause 3: GRANTS a licence.") is None
    assert decide(head, "Clause 3: grants a licence for a year.") is not None


def decide(head: Head, response: str, criterion: Criterion | None = None) -> Opinion | None:
    criterion = criterion or Criterion("Grants", QUESTION)
    material = Material(rollout(response), JudgeSpec(("m",), (criterion,)), {})
    return brain_of(head, Counting())(Subject(material, []), Leaf(criterion))


# Answers


def test_the_answer_is_yes_from_one_half_on_and_a_choice_at_the_probabilitys_place(head: Head) -> None:
    found = decide(head, "This grants a licence.")
    assert found is not None
    assert found.answer == "yes"
    assert found.evidence.startswith("probability of a yes 0.")
    graded = Criterion("Grants", QUESTION, choices=("a", "b", "c", "d", "e"))
    assert [opinion(graded, p).answer for p in (0.0, 0.12, 0.13, 0.5, 1.0)] == ["a", "a", "b", "c", "e"]
    plain = Criterion("Grants", QUESTION)
    assert [opinion(plain, p).answer for p in (0.49, 0.5)] == ["no", "yes"]


def test_a_question_is_encoded_once() -> None:
    class Log(Counting):
        def __init__(self) -> None:
            self.asked: list[list[str]] = []

        def vectors(self, texts: Sequence[str]) -> Any:
            self.asked.append(list(texts))
            return super().vectors(texts)

    log = Log()
    remembering = Remembering(log, most=3)
    for text in ("one", "two", "three"):
        rows = remembering.vectors([QUESTION, text])
        assert (rows == Counting().vectors([QUESTION, text])).all()
    assert log.asked == [[QUESTION, "one"], ["two"], ["three"]]
    remembering.vectors([QUESTION])
    assert log.asked[-1] == [QUESTION], "it keeps three vectors, and forgot them with the fourth"


def test_an_item_is_judged_by_its_own_text() -> None:
    criterion = Criterion("Grants", QUESTION, scope="item")
    material = Material(rollout("{}"), JudgeSpec(("m",), (criterion,)), {}, items=["one", {"k": "two"}])
    texts = [judged_text(Subject(material, []), Leaf(criterion, place)) for place in (0, 1)]
    assert texts == ["one", '{"k": "two"}']


# Files


def test_a_head_is_read_as_it_was_written(head: Head, tmp_path: Path) -> None:
    path = tmp_path / "new" / "head.json"
    head.save(path)
    read = read_head(path)
    assert read == head
    assert model_name(f"minilm:{path}") == f"minilm-{head.sha256[:12]}"
    assert model_name("siblings") == "siblings"
    assert is_brain(f"minilm:{path}")


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"minilm_head": 2}', '{"minilm_head": 1, "weights": ["x"]}']
)
def test_a_file_that_is_no_head_is_refused_with_the_remedy(tmp_path: Path, content: str) -> None:
    path = tmp_path / "head.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(MinilmError, match="train-minilm"):
        read_head(path)


def test_a_head_of_another_number_of_features_is_refused(head: Head) -> None:
    with pytest.raises(MinilmError, match="train it again"):
        head.probabilities(np.zeros((1, 3)))


def test_pairs_are_read_under_either_name_and_a_task_stands_in_for_a_question(tmp_path: Path) -> None:
    lines = [
        {"question": "Q?", "text": "T", "label": True},
        {"criterion": "", "task": "cuad_cap_on-liability", "clause": "C", "label": False},
    ]
    found = read_pairs(write_lines(tmp_path / "p", lines))
    assert found == [
        LabelledPair(Pair("Q?", "T"), True),
        LabelledPair(Pair("cuad cap on liability", "C"), False),
    ]


@pytest.mark.parametrize(
    "line", ['{"text": "T", "label": true}', '{"question": "Q", "text": "T"}', "[]", "{"]
)
def test_a_line_that_is_no_pair_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(f'{{"question": "Q?", "text": "T", "label": true}}\n{line}\n', encoding="utf-8")
    with pytest.raises(MinilmError, match=r"pairs\.jsonl, line 2"):
        read_pairs(path)


def test_held_out_texts_are_found_in_pairs_rows_and_records(tmp_path: Path) -> None:
    [row] = rows_of(["a"])
    lines = [{"clause": "C"}, row, {"trace": 1, "row": row}]
    assert list(texts_in(write_lines(tmp_path / "h", lines))) == ["C", "The answer to a.", "The answer to a."]
    with pytest.raises(MinilmError, match="line 1 holds no text"):
        list(texts_in(write_lines(tmp_path / "n", [{"id": 1}])))


def test_labels_of_ones_own_are_pairs_of_question_and_response(tmp_path: Path) -> None:
    from reward_fn.definition.load import load_definition
    from rewardctl.labels.file import read_labels
    from rewardctl.labels.label import judgements

    path = write_definition(tmp_path)
    run = write_run(tmp_path / "run", score(rows_of(["a", "b"]), path, lambda *_: "yes"), path)
    lines = [
        label("a", labels={"Grounded": "yes", "Clear": "cannot_assess"}),
        label("a", labels={"Grounded": "no"}, repeat=1),
        label("b", labels={"Clear": "no"}, overall=1),
        label("c", labels={"Clear": "no"}),
    ]
    labels = judgements(read_labels(write_lines(tmp_path / "l", lines)).labels)
    spec = load_definition(str(path)).judge
    assert spec is not None
    assert pairs_of_run(run, spec, labels) == [
        LabelledPair(Pair("Is the answer borne out by the policy?", "The answer to a."), True),
        LabelledPair(Pair("Is the answer clear to a customer?", "The answer to b."), False),
    ]


# The command


def run_command(*arguments: Any) -> Any:
    return CliRunner(mix_stderr=False).invoke(main, ["train-minilm", *map(str, arguments)])


def test_the_command_trains_and_writes_a_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rewardctl.judges.minilm.encoder.encoder", Counting)
    lines = [{"question": p.question, "text": p.text, "label": label} for p, label in labelled()]
    pairs, out = write_lines(tmp_path / "pairs.jsonl", lines), tmp_path / "head.json"
    held_out = write_lines(tmp_path / "held.jsonl", [{"text": "Another"}])
    done = run_command(pairs, "--held-out", held_out, "--out", out, "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["pairs"] == 40
    assert len(read_head(out).trained_on) == 40
    refused = run_command(pairs, "--held-out", pairs, "--out", tmp_path / "none.json")
    assert refused.exit_code == 1
    assert "40 of the 40 held-out texts" in refused.stderr
    assert not (tmp_path / "none.json").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name files of pairs"),
        (("--run", "r"), "name files of pairs"),
        (("none.jsonl",), "can't be read"),
    ],
)
def test_a_mistake_is_one_line(arguments: Sequence[str], message: str) -> None:
    done = run_command(*arguments)
    assert done.exit_code == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_judge_whose_head_is_missing_is_an_error_with_its_remedy(tmp_path: Path) -> None:
    path = write_definition(tmp_path)
    rows = write_lines(tmp_path / "rows.jsonl", rows_of(["a"]))
    arguments = ["score", str(rows), "--definition", str(path), "--judge", f"minilm:{tmp_path / 'none'}"]
    done = CliRunner(mix_stderr=False).invoke(main, [*arguments, "--run", str(tmp_path / "run")])
    assert done.exit_code == 1
    assert "train-minilm" in done.stderr.replace("\n", " ")
