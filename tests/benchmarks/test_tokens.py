"""Where tokens are counted: each side gets the same rubric, and evidence as long as it asks for."""

import json
import sys
from typing import Any

import pytest

from benchmarks import token_answers, tokens
from benchmarks.results import Table
from benchmarks.size import TINY
from benchmarks.token_answers import allowed_words, chat_answer, chat_texts, converse_texts, lengthened
from benchmarks.token_cases import cases
from benchmarks.token_environments import EnvironmentMissingError, run_script
from benchmarks.token_report import BEFORE, MOST, OURS, PRICED, Spent, goals_of
from benchmarks.token_server import Exchange
from benchmarks.tokens import Other
from reward_fn.judge.models.prices import price_of

DOCUMENT = "one two three four five six seven eight nine ten"
REQUEST: dict[str, Any] = {
    "system": [{"text": "Copy at most 4 words of it, or give a reason in at most 3 words."}],
    "messages": [
        {
            "role": "user",
            "content": [
                {"text": f"<<0123456789abcdef begin document d>>\n{DOCUMENT}\n<<0123456789abcdef end>>"}
            ],
        }
    ],
    "toolConfig": {"tools": [{"toolSpec": {"name": "record", "inputSchema": {"json": {"type": "object"}}}}]},
}


def reply(value: Any) -> dict[str, Any]:
    return {"output": {"message": {"content": [{"toolUse": {"input": value}}]}}}


def test_the_words_asked_for_are_the_most_that_the_prompt_names() -> None:
    assert allowed_words("At most 40 words of it.") == 40
    assert allowed_words("5 to 12 words; or a reason in 10 words") == 12
    assert allowed_words("Give the verdict.") == token_answers.DEFAULT_EVIDENCE_WORDS


def test_evidence_is_lengthened_wherever_it_stands_and_nowhere_else() -> None:
    value = {
        "items": [{"item": 1, "Quoted": {"evidence": "x", "verdict": "yes"}, "Bare": "no"}],
        "answer": {"Covered": {"evidence": "", "verdict": "no"}},
    }
    found = lengthened(reply(value), REQUEST)["output"]["message"]["content"][0]["toolUse"]["input"]
    assert found == {
        "items": [{"item": 1, "Quoted": {"evidence": "one two three four", "verdict": "yes"}, "Bare": "no"}],
        "answer": {"Covered": {"evidence": "five six seven eight", "verdict": "no"}},
    }


def test_a_model_reads_tools_system_and_messages_and_writes_the_tools_input() -> None:
    read, written = converse_texts(REQUEST, reply({"a": 1}))
    assert read[0] == '{"name":"record","inputSchema":{"json":{"type":"object"}}}'
    assert read[1:] == [REQUEST["system"][0]["text"], REQUEST["messages"][0]["content"][0]["text"]]
    assert written == ['{"a": 1}']


def chat(text: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **more}


def test_verifiers_gets_one_named_verdict_a_criterion() -> None:
    text = (
        "Task:\n```\nWrite.\n```\n\nCriteria:\n"
        "- Clear: Is it clear (to a child)? (answer one of, worst to best: no, yes)\n"
        "- Tone_2: Which tone? (answer one of, worst to best: rude, plain, kind)\n\nRespond with JSON."
    )
    verdicts = json.loads(chat_answer(chat(text)))["verdicts"]
    assert [(each["name"], each["verdict"]) for each in verdicts] == [("Clear", "yes"), ("Tone_2", "kind")]
    assert {len(each["reason"].split()) for each in verdicts} == {20}


def test_autorubric_gets_one_judgment_or_one_for_each_criterion() -> None:
    one = json.loads(chat_answer(chat("criterion_status <input>Some words to cite</input>")))
    assert (one["criterion_status"], len(one["explanation"].split())) == ("MET", 30)
    text = 'criterion_status <rubric_criterion id="c0">A</rubric_criterion><rubric_criterion id="c1">B'
    several = json.loads(chat_answer(chat(text)))["judgments"]
    assert [each["criterion_id"] for each in several] == ["c0", "c1"]


def test_a_response_formats_schema_is_read_too() -> None:
    form = {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}
    assert chat_texts(chat("Hello", response_format=form), "{}") == (['{"type":"object"}', "Hello"], ["{}"])


def test_the_others_get_each_verdict_that_ours_gives() -> None:
    made = cases()
    assert set(made) == set(BEFORE)
    # Three criteria of each comment, and one of the whole answer.
    assert {len(each["criteria"]) for each in made["contract-review, 5 comments"].others} == {16}
    assert {len(each["criteria"]) for each in made["contract-review, 20 comments"].others} == {61}
    for name, case in made.items():
        assert BEFORE[name].verdicts == pytest.approx(case.verdicts / len(case.rows)), name
        for row, other in zip(case.rows, case.others, strict=True):
            assert other["response"] == row["messages"][-1]["content"]
            names = [each["name"] for each in other["criteria"]]
            assert len(set(names)) == len(names)


def test_a_rollout_is_priced_as_of_the_medium_judge() -> None:
    price = price_of(PRICED)
    assert Spent(1000.0, 100.0, 1.0, 4.0).usd == pytest.approx(price.of(1000, 100))


def test_goals_are_against_before_and_the_cheapest_other() -> None:
    spent = {(name, OURS): Spent(each.read / 2, each.written / 2, 1.0, 1.0) for name, each in BEFORE.items()}
    name = "rag-faithfulness"
    spent[name, "dear"] = BEFORE[name]
    spent[name, "cheap"] = Spent(BEFORE[name].read / 4, BEFORE[name].written / 4, 1.0, 1.0)
    goals = goals_of(spent, estimated=False)
    assert [goal.value for goal in goals] == pytest.approx([0.5, 0.5, 2.0])
    assert [goal.limit for goal in goals] == [*MOST.values(), 1.0]
    assert "(cheap)" in goals[-1].what
    assert goals_of(spent, estimated=True) == []


def test_a_case_is_told_by_the_name_of_its_model() -> None:
    made = {name: case for name, case in cases().items() if name.startswith("contract")}
    exchanges = [
        Exchange(tokens._model_of(name), ["four", "four"], ["x" * words])
        for name, words in (("contract-review, 5 comments", 3), ("contract-review, 20 comments", 7))
    ]
    spent = tokens._others_spent(
        Other("A", "a", (), "a.py"), exchanges, made, lambda texts: list(map(len, texts))
    )
    # Four rollouts a case: 8 characters read and 3 or 7 written, by one call.
    assert spent["contract-review, 5 comments", "A"] == Spent(2.0, 0.75, 0.25, 16.0)
    assert spent["contract-review, 20 comments", "A"] == Spent(2.0, 1.75, 0.25, 61.0)


def test_what_cannot_be_installed_is_said_and_ours_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any) -> Any:
        raise EnvironmentMissingError("no network")

    monkeypatch.setattr(tokens, "python_of", missing)
    monkeypatch.setattr(tokens, "tokenizer", missing)
    monkeypatch.setattr(tokens, "OTHERS", [Other("A", "a", (), "a.py"), Other("B", "b", (), "b.py")])
    size = type(TINY)("tiny", other_judges=True)
    monkeypatch.setattr(tokens, "measure_prefixes", lambda _: (Table("", (), ()), [], {}))
    section = tokens.measure(size, lambda _: None)
    assert [note for note in section.notes if "not measured" in note] == [
        "a was not measured: no network.",
        "b was not measured: no network.",
    ]
    assert any("estimated" in note for note in section.notes)
    assert len(section.data["sides"]) == len(BEFORE)


def test_a_scripts_last_line_is_its_answer_and_its_last_error_the_reason(tmp_path: Any) -> None:
    from pathlib import Path

    script = tmp_path / "script.py"
    script.write_text("import sys, json\nprint('advice')\nprint(json.dumps(json.load(sys.stdin) + [3]))\n")
    assert run_script(Path(sys.executable), str(script), [1, 2]) == [1, 2, 3]
    script.write_text("raise SystemExit('it fails')\n")
    with pytest.raises(EnvironmentMissingError, match="it fails"):
        run_script(Path(sys.executable), str(script), [])
