"""`rewardctl calibrate` from runs and labels to figures, gates and a result that goes stale."""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.calibrate.runs import (
    DEFINITION,
    HEAVY,
    MEDIUM,
    calibrate,
    label,
    part_of,
    result_of,
    rows_of,
    score,
    write_definition,
    write_lines,
    write_run,
)

IDS = [f"r{n:02}" for n in range(40)]
TRUTH = {each: n % 2 == 0 for n, each in enumerate(IDS)}
"""Twenty rows are labelled yes."""
WRONG = (*IDS[0:4:2], *IDS[1:5:2])
"""Two rows of each label on which the judges of most tests are wrong."""


def said(value: bool) -> str:
    return "yes" if value else "no"


def judged(row: str, *wrong: str) -> str:
    """The right answer, except on the rows ``wrong``."""
    return said(TRUTH[row] is not (row in (wrong or WRONG)))


@pytest.fixture
def definition(tmp_path: Path) -> Path:
    return write_definition(tmp_path)


@pytest.fixture
def records(definition: Path) -> list[dict[str, Any]]:
    """Wrong on four rows about Grounded; always yes about Clear."""
    rows = rows_of(IDS, metadata={"policy": "The policy."})
    return score(rows, definition, lambda row, name, _: judged(row) if name == "Grounded" else "yes")


@pytest.fixture
def run(tmp_path: Path, definition: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    return write_run(tmp_path / "run", records, definition, cost_usd=0.02)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Both criteria of every row, and the whole answer."""
    lines = [
        label(each, labels={"Grounded": said(TRUTH[each]), "Clear": said(TRUTH[each])}, overall=TRUTH[each])
        for each in IDS
    ]
    return write_lines(tmp_path / "labels.jsonl", lines)


# Figures


def test_the_table_and_figures_of_a_criterion_are_as_by_hand(run: Path, labels: Path) -> None:
    """18 and 18 right, 2 and 2 wrong: p_o = .9, chance .5, so kappa .8; q = .5, so AC1 is the same."""
    part = part_of(result_of("--run", run, "--labels", labels), "Grounded")
    assert part["table"] == {"true_yes": 18, "false_yes": 2, "false_no": 2, "true_no": 18}
    assert part["labels"] == 40
    assert part["kappa"]["value"] == pytest.approx(0.8)
    assert part["ac1"]["value"] == pytest.approx(0.8)
    assert part["tpr"]["value"] == part["tnr"]["value"] == 0.9
    assert part["auc"]["value"] == pytest.approx(0.9)
    assert part["constant"] == {"accuracy": 0.5, "kappa": 0.0, "auc": 0.5}
    assert part["coverage"]["value"] == 1.0


def test_every_interval_that_is_printed_has_a_width(run: Path, labels: Path) -> None:
    result = result_of("--run", run, "--labels", labels)
    figures = [figure for part in result["judges"][0]["parts"] for figure in part.values()]
    intervals = [figure for figure in figures if isinstance(figure, dict) and "low" in figure]
    assert len(intervals) > 20
    assert [figure for figure in intervals if not figure["low"] < figure["high"]] == []


def test_criteria_come_first_then_all_of_them_then_the_whole_answer(run: Path, labels: Path) -> None:
    """The reward is the mean of both criteria; with Clear always yes, .5 or more everywhere."""
    result = result_of("--run", run, "--labels", labels)
    names = [part["part"] for part in result["judges"][0]["parts"]]
    assert names == ["Grounded", "Clear", "all criteria", "overall"]
    assert part_of(result, "all criteria")["labels"] == 80
    assert part_of(result, "overall")["table"] == {
        "true_yes": 20,
        "false_yes": 20,
        "false_no": 0,
        "true_no": 0,
    }
    assert part_of(result, "overall")["auc"]["value"] == pytest.approx(0.9), "0.5 or 1.0 as Grounded says"


def test_a_threshold_decides_what_counts_as_a_yes(run: Path, labels: Path) -> None:
    result = result_of("--run", run, "--labels", labels, "--threshold", 0.75)
    part = part_of(result, "overall")
    assert part["table"] == {"true_yes": 18, "false_yes": 2, "false_no": 2, "true_no": 18}
    assert part["threshold"]["at"] == 1.0
    assert (
        part_of(result_of("--run", run, "--labels", labels, "--threshold", "Clear=1.5"), "Clear")["table"][
            "true_no"
        ]
        == 20
    )


def test_unlabelled_rollouts_count_for_the_pass_rates(run: Path, tmp_path: Path) -> None:
    """Of 40 the judge passes 20; labelled are the first 24, on 12 of which it says yes."""
    lines = [label(each, labels={"Grounded": said(TRUTH[each])}) for each in IDS[:24]]
    part = part_of(result_of("--run", run, "--labels", write_lines(tmp_path / "l", lines)), "Grounded")
    assert part["labels"] == 24
    assert part["pass_rate"]["value"] == 0.5
    # TPR = TNR = 10/12: (.5 + 10/12 - 1) / (20/12 - 1) = .5
    assert part["pass_rate_rogan_gladen"]["value"] == pytest.approx(0.5)
    assert part["pass_rate_prediction_powered"]["value"] == pytest.approx(0.5)


def test_labels_missing_for_a_half_width_are_counted(run: Path, labels: Path) -> None:
    part = part_of(result_of("--run", run, "--labels", labels, "--half-width", 0.1), "Grounded")
    half = (part["kappa"]["high"] - part["kappa"]["low"]) / 2
    missing = part["labels_missing"]
    assert missing["half_width"] == 0.1
    assert missing["kappa"] == -(-40 * (half / 0.1) ** 2 // 1) - 40
    assert missing["kappa"] > 50


def test_boundary_cases_are_measured_apart(run: Path, tmp_path: Path) -> None:
    """The four wrong rows are boundary cases: without them the judge is perfect."""
    lines = [label(each, labels={"Grounded": said(TRUTH[each])}, boundary=each in WRONG) for each in IDS]
    part = part_of(result_of("--run", run, "--labels", write_lines(tmp_path / "l", lines)), "Grounded")
    assert (part["labels"], part["kappa"]["value"]) == (36, 1.0)
    assert part["boundary"]["table"] == {"true_yes": 0, "false_yes": 2, "false_no": 2, "true_no": 0}


def test_disagreements_are_listed_with_evidence_and_false_yes_first(run: Path, labels: Path) -> None:
    found = result_of("--run", run, "--labels", labels)["judges"][0]["disagreements"]
    grounded = [each for each in found if each["part"] == "Grounded"]
    assert [each["judge"] for each in grounded] == ["yes", "yes", "no", "no"]
    assert {each["id"] for each in grounded} == set(WRONG)
    assert grounded[0]["evidence"] == "evidence on Grounded"
    assert "Clear yes (evidence on Clear)" in next(e for e in found if e["part"] == "overall")["evidence"]


def test_items_are_labelled_and_judged_one_by_one(tmp_path: Path) -> None:
    text = DEFINITION.replace('model = "medium"', 'model = "medium"\nitems = "comments"\nmax_items = 3')
    definition = write_definition(tmp_path, text)
    rows = rows_of(IDS)
    for each in rows:
        each["messages"][-1]["content"] = json.dumps({"comments": [{"type": "a"}, {"type": "b"}]})
    records = score(rows, definition, lambda row, _, item: said(TRUTH[row] is (item == 0)))
    run = write_run(tmp_path / "run", records, definition)
    lines = [
        label(each, items={"0": {"Grounded": said(TRUTH[each])}, "1": {"Grounded": "yes"}}) for each in IDS
    ]
    part = part_of(result_of("--run", run, "--labels", write_lines(tmp_path / "l", lines)), "Grounded")
    # Item 0 is always right; item 1 is yes for the rows labelled no.
    assert part["table"] == {"true_yes": 40, "false_yes": 0, "false_no": 20, "true_no": 20}


def test_an_answer_that_the_judge_did_not_give_lowers_the_coverage(tmp_path: Path, definition: Path) -> None:
    rows = rows_of(IDS)
    records = score(rows, definition, lambda row, _, __: "cannot_assess" if row == "r00" else judged(row))
    run = write_run(tmp_path / "run", records, definition)
    lines = [label(each, labels={"Grounded": said(TRUTH[each])}) for each in IDS]
    part = part_of(result_of("--run", run, "--labels", write_lines(tmp_path / "l", lines)), "Grounded")
    assert part["labels"] == 39
    assert part["coverage"]["value"] == pytest.approx(39 / 40)


def test_traces_without_lines_are_read_like_runs(
    tmp_path: Path, records: Sequence[Mapping[str, Any]], labels: Path, definition: Path
) -> None:
    traces = tmp_path / "traces" / "date=2026-11-28"
    traces.mkdir(parents=True)
    lines = [json.dumps({k: v for k, v in each.items() if k != "line"}) for each in records]
    (traces / "a.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    result = result_of("--run", tmp_path / "traces", "--labels", labels, "--definition", definition)
    assert part_of(result, "Grounded")["kappa"]["value"] == pytest.approx(0.8)


# People


def test_several_labellers_are_combined_by_majority_and_their_agreement_is_alpha(
    run: Path, tmp_path: Path
) -> None:
    """Ann and Bob say the truth, Cid the contrary on two rows; without a majority a row is left out."""
    lines = [
        label(each, who, labels={"Grounded": said(TRUTH[each] is not (who == "cid" and each in IDS[:2]))})
        for who in ("ann", "bob", "cid")
        for each in IDS[:30]
    ]
    lines += [label("r39", "ann", labels={"Grounded": "yes"}), label("r39", "bob", labels={"Grounded": "no"})]
    lines += [label("r38", "ann", labels={"Grounded": "cannot_assess"})]
    result = result_of("--run", run, "--labels", write_lines(tmp_path / "l", lines))
    assert part_of(result, "Grounded")["labels"] == 30
    assert (result["undecided"], result["without_worth"]) == (1, 1)
    [people] = result["people"]
    assert people["shared"] == 31
    assert 0.85 < people["alpha"]["value"] < 0.97
    assert people["alpha"]["low"] < people["alpha"]["value"]


def test_a_persons_second_answer_does_not_count_but_shows_how_sure_they_are(
    run: Path, tmp_path: Path
) -> None:
    """Ten rows again, of which one differs."""
    lines = [label(each, labels={"Grounded": said(TRUTH[each])}) for each in IDS]
    lines += [
        label(each, labels={"Grounded": said(TRUTH[each] is not (each == "r00"))}, repeat=1)
        for each in IDS[:10]
    ]
    arguments = ("--run", run, "--labels", write_lines(tmp_path / "l", lines))
    result = result_of(*arguments)
    assert part_of(result, "Grounded")["kappa"]["value"] == pytest.approx(0.8)
    [people] = result["people"]
    assert (people["repeated"], people["repeat_agreement"]["value"]) == (10, 0.9)
    assert "the same answer again in 90% of 10 cases" in " ".join(calibrate(*arguments).stdout.split())


# Labels in the rows


def in_rows(definition: Path, **metadata: Any) -> list[dict[str, Any]]:
    """Records whose rows hold their label, and all have the same id."""
    rows = [
        row
        for each in IDS
        for row in rows_of([each], metadata={"policy": f"P {each}", "good": TRUTH[each], **metadata})
    ]
    answers = lambda row, _, __: judged(row)  # noqa: E731 - one line for both
    return [{**each, "id": "same"} for each in score(rows, definition, answers)]


def test_labels_may_stand_in_the_rows_whose_ids_need_not_differ(tmp_path: Path, definition: Path) -> None:
    run = write_run(tmp_path / "run", in_rows(definition), definition)
    fields = ("--label-field", "metadata.good", "--label-field", "Clear=metadata.good")
    result = result_of("--run", run, *fields)
    assert part_of(result, "overall")["kappa"]["value"] == pytest.approx(0.8)
    assert part_of(result, "Clear")["kappa"]["value"] == pytest.approx(0.8)


@pytest.mark.parametrize("path", ["metadata.policy", "metadata.policy.label", "metadata"])
def test_a_label_among_the_judged_fields_is_refused(tmp_path: Path, definition: Path, path: str) -> None:
    run = write_run(tmp_path / "run", in_rows(definition), definition)
    result = calibrate("--run", run, "--label-field", path)
    assert result.exit_code == 1
    assert "leaks" in result.stderr
    assert "metadata.policy" in result.stderr


def test_a_judged_field_that_equals_the_label_is_refused_whatever_its_name(
    tmp_path: Path, definition: Path
) -> None:
    rows = [row for each in IDS for row in rows_of([each], metadata={"policy": said(TRUTH[each])})]
    records = score(rows, definition, lambda row, _, __: judged(row))
    run = write_run(tmp_path / "run", records, definition)
    lines = [label(each, overall=TRUTH[each]) for each in IDS]
    result = calibrate("--run", run, "--labels", write_lines(tmp_path / "l", lines))
    assert result.exit_code == 1
    assert "metadata.policy, which equals the label of the whole answer in every row" in " ".join(
        result.stderr.split()
    )


def test_labels_in_rows_need_the_definition_as_it_was(tmp_path: Path, definition: Path) -> None:
    run = write_run(tmp_path / "run", in_rows(definition), definition)
    definition.write_text(DEFINITION.replace("clear to", "plain to"), encoding="utf-8")
    result = calibrate("--run", run, "--label-field", "metadata.good")
    assert result.exit_code == 1
    assert "score the rows again" in result.stderr


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("metadata.none", "no row has a value at metadata.none"),
        ("prompt", "leads to no label"),
        ("nonsense", "leads to no label"),
        ("metadata.text", "is no label: overall is"),
    ],
)
def test_a_path_without_labels_is_named(tmp_path: Path, definition: Path, field: str, message: str) -> None:
    run = write_run(tmp_path / "run", in_rows(definition, text="so so"), definition)
    result = calibrate("--run", run, "--label-field", field)
    assert result.exit_code == 1
    assert message in " ".join(result.stderr.split())


# Input that can't be used


def test_labels_of_other_data_are_refused_and_missing_rollouts_are_noticed(run: Path, tmp_path: Path) -> None:
    others = write_lines(tmp_path / "o", [label("x", overall=1)])
    assert (
        "holds none of the 1 labelled rows, for example 'x'"
        in calibrate("--run", run, "--labels", others).stderr
    )
    some = write_lines(
        tmp_path / "s", [label(each, overall=TRUTH[each]) for each in IDS] + [label("x", overall=1)]
    )
    result = result_of("--run", run, "--labels", some)
    assert result["notices"] == [f"1 of 41 labelled rows are not in {run}, for example 'x'"]


def test_a_run_that_was_interrupted_is_noticed(
    tmp_path: Path, definition: Path, records: Sequence[Mapping[str, Any]], labels: Path
) -> None:
    run = write_run(tmp_path / "run", records, definition, finished_at=None)
    notices = result_of("--run", run, "--labels", labels)["notices"]
    assert notices == [f"{run} is not finished: 40 rows are scored so far"]


def test_a_labelled_id_that_is_there_twice_is_refused(
    tmp_path: Path, definition: Path, records: Sequence[Mapping[str, Any]], labels: Path
) -> None:
    run = write_run(tmp_path / "run", [*records, records[3]], definition)
    result = calibrate("--run", run, "--labels", labels)
    assert result.exit_code == 1
    assert "'r03' is in the run twice" in result.stderr


def test_records_of_two_definitions_are_refused(
    tmp_path: Path, definition: Path, records: Sequence[Mapping[str, Any]], labels: Path
) -> None:
    other = {**records[3], "definition_version": "0123456789ab"}
    run = write_run(tmp_path / "run", [*records[:3], other], definition)
    result = calibrate("--run", run, "--labels", labels)
    assert result.exit_code == 1
    assert "records of two definitions" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name a run with --run"),
        (("--run", "none", "--labels", "L"), "none does not exist"),
        (("--run", "RUN"), "give either --labels FILE, or --label-field"),
        (("--run", "RUN", "--labels", "none.jsonl"), "none.jsonl can't be read"),
        (("--run", "RUN", "--labels", "L", "--require", "cappa=0.6"), "the figures are kappa"),
        (("--run", "RUN", "--labels", "L", "--require", "kappa=high"), "write FIGURE=NUMBER"),
        (("--run", "RUN", "--labels", "L", "--threshold", "x"), "'x' is not a number"),
        (("--run", "RUN", "--labels", "L", "--production", "none.csv"), "can't be read as CSV"),
        (("--run", "RUN", "--labels", "L", "--definition", "no-such"), "no-such"),
        (("--verify", "none.json"), "--verify needs --definition"),
    ],
)
def test_a_mistake_is_one_line_with_its_remedy(
    run: Path, labels: Path, arguments: Sequence[str], message: str
) -> None:
    places = {"RUN": run, "L": labels}
    result = calibrate(*(places.get(each, each) for each in arguments))
    assert result.exit_code == 1
    assert message in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_missing_packages_are_named_with_the_command_that_adds_them(
    run: Path, labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "scipy.stats", None)
    result = calibrate("--run", run, "--labels", labels)
    assert result.exit_code == 1
    assert "run `make analysis`" in result.stderr


# Gates


@pytest.mark.parametrize(
    ("requirement", "code"),
    [
        ("Grounded.kappa=0.79", 0),
        ("Grounded.kappa>=0.79", 0),
        ("Grounded.kappa=0.81", 1),
        ("Grounded.kappa.low=0.4", 0),
        ("Grounded.kappa.low=0.79", 1),
        ("Grounded.tnr=0.9", 0),
        ("kappa=0.1", 1),  # Clear is always yes
        ("Clear.accuracy=0.5", 0),
        ("Clear.spearman=0", 1),  # undefined for a constant judge
        ("all.accuracy=0.7", 0),
        ("overall.auc=0.9", 0),
        ("Nameless.kappa=0", 1),
    ],
)
def test_a_requirement_is_a_gate_with_an_exit_code(
    run: Path, labels: Path, requirement: str, code: int
) -> None:
    result = calibrate("--run", run, "--labels", labels, "--require", requirement)
    assert result.exit_code == code
    assert ("failed" in result.stdout) is bool(code)


def test_a_judge_that_always_says_yes_is_rejected(tmp_path: Path, definition: Path, labels: Path) -> None:
    run = write_run(tmp_path / "yes", score(rows_of(IDS), definition, lambda *_: "yes"), definition)
    result = calibrate("--run", run, "--labels", labels, "--require", "kappa=0.6")
    assert result.exit_code == 1
    assert "can't be told from a judge that guesses" in " ".join(result.stdout.split())


def test_few_labels_pass_no_gate(run: Path, tmp_path: Path) -> None:
    """Ten labels on rows that the judge gets right: kappa 1, and no proof of it."""
    lines = [label(each, labels={"Grounded": said(TRUTH[each])}) for each in IDS[10:20]]
    few = ("--run", run, "--labels", write_lines(tmp_path / "l", lines), "--require", "kappa=0.6")
    assert "10 labels, fewer than 20" in " ".join(calibrate(*few).stdout.split())
    assert calibrate(*few).exit_code == 1
    assert calibrate(*few, "--min-labels", 10).exit_code == 0


def test_rollouts_of_few_prompts_pass_no_gate(tmp_path: Path, definition: Path, labels: Path) -> None:
    """Forty rollouts of two prompts: there is a kappa, but no interval, so nothing is shown."""
    rows = rows_of(IDS)
    for n, each in enumerate(rows):
        each["messages"][0]["content"] = f"Question {n % 2}"
    records = score(rows, definition, lambda row, _, __: judged(row))
    run = write_run(tmp_path / "run", records, definition)
    result = result_of("--run", run, "--labels", labels, "--require", "Grounded.kappa=0.6")
    assert part_of(result, "Grounded")["kappa"]["value"] == pytest.approx(0.8)
    assert "of 2 prompts" in result["requirements"][0]["words"]
    assert result["requirements"][0]["passed"] is False


# Results that are kept


def kept(run: Path, labels: Path) -> Path:
    out = run.parent / "calibration.json"
    assert calibrate("--run", run, "--labels", labels, "--out", out).exit_code == 0
    return out


def test_a_kept_result_is_a_gate_while_nothing_has_changed(run: Path, labels: Path, definition: Path) -> None:
    verify = ("--verify", kept(run, labels), "--definition", definition, "--require")
    assert calibrate(*verify, "Grounded.kappa=0.7").exit_code == 0
    assert calibrate(*verify, "Grounded.kappa=0.9").exit_code == 1


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Is the answer clear", "Is the answer quite clear", "has changed since"),
        ('model = "medium"', 'model = "heavyweight"', "has changed since"),
        ('name = "support"', 'name = "sales"', "it is of the definition 'support'"),
    ],
)
def test_a_result_goes_stale_with_the_definition(
    run: Path, labels: Path, definition: Path, old: str, new: str, reason: str
) -> None:
    out = kept(run, labels)
    definition.write_text(DEFINITION.replace(old, new, 1), encoding="utf-8")
    result = calibrate("--verify", out, "--definition", definition)
    assert result.exit_code == 1
    assert reason in " ".join(result.stdout.split())


def test_a_result_of_another_model_or_prompt_is_stale(run: Path, labels: Path, definition: Path) -> None:
    out = kept(run, labels)
    content = json.loads(out.read_text(encoding="utf-8"))
    for key, value, reason in (
        ("models", [HEAVY], f"it is of {HEAVY}"),
        ("prompt_sha256", "0", "prompt has changed"),
    ):
        changed = json.loads(json.dumps(content))
        changed["judges"][0]["binding"][key] = value
        out.write_text(json.dumps(changed), encoding="utf-8")
        result = calibrate("--verify", out, "--definition", definition)
        assert result.exit_code == 1
        assert reason in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    "content", ["", "[]", '{"judges": []}', '{"calibration": 9}', '{"calibration": 1, "judges": [{}]}']
)
def test_a_file_that_is_no_result_is_refused(tmp_path: Path, definition: Path, content: str) -> None:
    path = tmp_path / "c.json"
    path.write_text(content, encoding="utf-8")
    result = calibrate("--verify", path, "--definition", definition)
    assert result.exit_code == 1
    assert str(path) in result.stderr.replace("\n", "")


def test_a_run_whose_definition_is_gone_is_measured_but_bound_to_no_prompt(
    run: Path, labels: Path, definition: Path
) -> None:
    definition.unlink()
    out = kept(run, labels)
    result = json.loads(out.read_text(encoding="utf-8"))
    assert result["judges"][0]["binding"]["prompt_sha256"] == ""
    assert len(result["notices"]) == 1
    write_definition(definition.parent)
    assert "prompt has changed since, or was not recorded" in " ".join(
        calibrate("--verify", out, "--definition", definition).stdout.split()
    )


def test_a_result_that_can_not_be_written_leaves_nothing(run: Path, labels: Path, tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("", encoding="utf-8")
    result = calibrate("--run", run, "--labels", labels, "--out", place / "c.json")
    assert result.exit_code == 1
    assert "can't be written" in result.stderr


# Several runs


def tiers(
    tmp_path: Path, definition: Path, heavy_wrong: Sequence[str], medium_wrong: Sequence[str]
) -> tuple[Path, Path]:
    """Runs of two tiers, of which the heavyweight costs ten times as much."""
    both = []
    for name, model, wrong, cost in (
        ("heavy", HEAVY, heavy_wrong, 0.4),
        ("medium", MEDIUM, medium_wrong, 0.04),
    ):
        records = score(rows_of(IDS), definition, lambda row, _, __, wrong=wrong: judged(row, *wrong))  # type: ignore[misc]
        both.append(write_run(tmp_path / name, records, definition, models=[model], cost_usd=cost))
    return both[0], both[1]


def test_a_dearer_judge_that_is_no_better_is_not_worth_it(
    tmp_path: Path, definition: Path, labels: Path
) -> None:
    heavy, medium = tiers(tmp_path, definition, IDS[:3], IDS[:4])
    result = result_of("--run", heavy, "--run", medium, "--labels", labels)
    assert result["summary"].startswith("Stay with medium: heavyweight is right on 1 of 40 labels")
    assert "$10.00 instead of $1.00 for 1,000 rollouts" in result["summary"]
    assert [judge["name"] for judge in result["judges"]] == ["heavyweight", "medium"]


def test_a_dearer_judge_that_is_better_is_worth_it_with_its_reason(
    tmp_path: Path, definition: Path, labels: Path
) -> None:
    """The second is right on 12 labels where the first is wrong: McNemar p = 2 / 2^12."""
    heavy, medium = tiers(tmp_path, definition, ["none"], IDS[:12])
    result = result_of("--run", heavy, "--run", medium, "--labels", labels)
    assert result["summary"].startswith(
        "heavyweight is worth it, because heavyweight is right on 12 of 40 labels"
    )
    comparison = next(each for each in result["comparisons"] if each["part"] == "overall")
    assert (comparison["first"], comparison["second"]) == ("medium", "heavyweight")
    assert comparison["mcnemar"] == {"only_first": 0, "only_second": 12, "p": pytest.approx(2 / 2**12)}
    assert comparison["kappa_gain"]["low"] > 0


def test_a_dearer_judge_that_is_worse_is_said_to_be(tmp_path: Path, definition: Path, labels: Path) -> None:
    heavy, medium = tiers(tmp_path, definition, IDS[:12], ["none"])
    summary = result_of("--run", medium, "--run", heavy, "--labels", labels)["summary"]
    assert summary.startswith("Stay with medium: heavyweight is right on 0 of 40 labels")
    assert "so it is worse beyond chance" in summary


def test_runs_of_the_same_judge_are_repeats(
    tmp_path: Path, definition: Path, run: Path, records: Sequence[Mapping[str, Any]], labels: Path
) -> None:
    """The second run answers three rows differently about Grounded."""
    again = score(
        rows_of(IDS, metadata={"policy": "The policy."}),
        definition,
        lambda row, name, _: judged(row, *WRONG, *IDS[20:23]) if name == "Grounded" else "yes",
    )
    second = write_run(tmp_path / "again", again, definition)
    result = result_of("--run", run, "--run", second, "--labels", labels)
    assert len(result["judges"]) == 1
    grounded = result["judges"][0]["consistency"][0]
    assert (grounded["part"], grounded["runs"], grounded["flipped"]) == ("Grounded", 2, 3)
    assert grounded["agreement"]["value"] == pytest.approx(37 / 40)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_criteria_are_aligned_with_the_production_metric_that_they_name(
    run: Path, labels: Path, tmp_path: Path, suffix: str
) -> None:
    """Grounded maps to accept_rate, which follows the truth: the judge is right on 36 of 40."""
    path = tmp_path / f"production{suffix}"
    if suffix == ".csv":
        lines = [f"{each},{int(TRUTH[each])},text" for each in IDS]
        path.write_text("\n".join(["id,accept_rate,note", *lines]), encoding="utf-8")
    else:
        write_lines(path, [{"id": each, "accept_rate": TRUTH[each], "note": "text"} for each in IDS])
    result = result_of("--run", run, "--labels", labels, "--production", path)
    [alignment] = result["judges"][0]["production"]
    assert (alignment["criterion"], alignment["column"], alignment["rows"]) == ("Grounded", "accept_rate", 40)
    assert alignment["auc"]["value"] == pytest.approx(0.9)
    assert alignment["spearman"]["value"] == pytest.approx(0.8), "of two balanced binary series"


def test_rows_without_labels_count_for_production_metrics(run: Path, tmp_path: Path) -> None:
    lines = [label(each, labels={"Grounded": said(TRUTH[each])}) for each in IDS[:24]]
    production = write_lines(tmp_path / "p.jsonl", [{"id": each, "accept_rate": TRUTH[each]} for each in IDS])
    arguments = ("--run", run, "--labels", write_lines(tmp_path / "l", lines), "--production", production)
    [judge] = result_of(*arguments)["judges"]
    assert judge["production"][0]["rows"] == 40
    assert judge["labelled_rows"] == 24
    assert part_of({"judges": [judge]}, "Grounded")["pass_rate"]["value"] == 0.5, "20 of 40, as without it"


# The terminal


def test_the_output_fits_80_columns_and_shows_texts_as_they_are(
    tmp_path: Path, definition: Path, labels: Path
) -> None:
    records = score(rows_of(IDS), definition, lambda row, _, __: judged(row))
    hostile = "[bold red]not markup[/] \x1b[31m" + "long " * 100
    for each in records:
        each["verdicts"] = [{**verdict, "evidence": hostile} for verdict in each["verdicts"]]
    run = write_run(tmp_path / "run", records, definition)
    text = calibrate("--run", run, "--labels", labels, "--require", "kappa=0.6").stdout
    assert max(map(len, text.splitlines())) <= 80
    assert "[bold red]not markup[/]" in text
    assert "\x1b" not in text
    assert "always yes" in text


def test_a_name_in_a_file_of_labels_cannot_steer_the_terminal(run: Path, tmp_path: Path) -> None:
    lines = [label(each, labels={"\x1b[2J": "yes"}) for each in IDS]
    done = calibrate("--run", run, "--labels", write_lines(tmp_path / "l", lines))
    assert "\x1b" not in done.stdout + done.stderr
    assert "␛[2J" in done.stdout
    lost = calibrate("--run", run, "--labels", write_lines(tmp_path / "m", [label("\x1b[2J", overall=1)]))
    assert "\x1b" not in lost.stderr
