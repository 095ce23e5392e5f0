"""The language of answers: shares by letters, what has no language, and where the right one comes from."""

import json
from typing import Any

import pytest

from reward_fn.text.language import detect, shares
from reward_fn.text.language_codes import UNKNOWN, code_of
from reward_fn.text.language_pieces import MAX_PIECES
from reward_fn.text.prose import letters_in, prose
from reward_fn.types.check import CheckResult
from reward_fn.types.rollout import Message
from reward_fn.types.unscored import Reason, Unscored
from tests.factory import check, rollout, score_of
from tests.guard import bounded_cpu

ENGLISH = "The tenant shall pay the rent on the third working day of each month, in advance."
GERMAN = "Der Mieter zahlt die Miete im Voraus, am dritten Werktag eines jeden Monats."
FRENCH = "Le locataire paie le loyer d'avance, le troisième jour ouvrable de chaque mois."
CZECH = "Nájemce platí nájemné předem, vždy třetí pracovní den každého měsíce v roce."
JAPANESE = "借主は毎月三営業日目に家賃を前払いしなければならない。"


def score(response: str, prompt: str = "Q", **parameters: Any) -> float:
    return score_of(check("language", **parameters), rollout(response, prompt=prompt))


@pytest.mark.parametrize("text", [ENGLISH, GERMAN, FRENCH, CZECH, JAPANESE])
def test_an_answer_in_the_prompts_language_is_right(text: str) -> None:
    assert score(text, prompt=text) == 1.0


@pytest.mark.parametrize("other", [GERMAN, FRENCH, CZECH, JAPANESE])
def test_an_answer_in_another_language_is_wrong(other: str) -> None:
    assert score(other, prompt=ENGLISH) == 0.0
    assert score(ENGLISH, prompt=other) == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "42",
        "OK.",
        "Yes, on Monday.",
        "{}",
        "[1, 2.5, null]",
        '{"risk": "HIGH", "id": "a_b_c"}',
        "🎉" * 50,
    ],
)
def test_what_has_no_known_language_is_no_failure(text: str) -> None:
    assert score(text, prompt=GERMAN) == 1.0


def test_keys_and_labels_of_json_do_not_count() -> None:
    answer = {"the_clause_in_question": "termination", "level_of_risk": "very high", "why": GERMAN}
    assert score(json.dumps(answer), prompt=GERMAN) == 1.0


def test_keys_of_json_that_is_cut_off_do_not_count_either() -> None:
    key = "what the parties to the contract should do about it"
    start = f'{{"{key}": "{GERMAN}", "{key}": "{GERMAN}'
    assert score(start, prompt=GERMAN) == 1.0


def test_thoughts_may_be_in_any_language() -> None:
    assert score(f"<think>{ENGLISH}</think>{GERMAN}", prompt=GERMAN) == 1.0


def test_code_can_be_read_too() -> None:
    answer = f"```\n{ENGLISH}\n```"
    assert score(answer, languages=["de"]) == 1.0
    assert score(answer, languages=["de"], code="read") == 0.0


def test_addresses_markup_and_identifiers_are_no_prose() -> None:
    text = "Siehe <b>hier</b> https://example.com/the-whole-agreement an@example.com max_size_of_it \\frac"
    assert prose(text).split() == ["Siehe", "hier"]


# 64 letters of English, 62 of German: 64 / 126 = 0.508
def test_the_share_is_one_of_letters() -> None:
    assert (letters_in(ENGLISH), letters_in(GERMAN)) == (64, 62)
    answer = json.dumps([ENGLISH, "x", GERMAN])
    assert score(answer, languages=["de"]) == pytest.approx(62 / 126)
    assert score(answer, languages=["en"]) == pytest.approx(64 / 126)
    assert score(answer, languages=["en", "de"]) == 1.0


@pytest.mark.parametrize(("least", "earned"), [(0.3, 1.0), (0.5, 1.0), (0.51, 0.0), (1.0, 0.0)])
def test_a_least_share_makes_it_all_or_nothing(least: float, earned: float) -> None:
    assert score(json.dumps([ENGLISH, "x", GERMAN]), languages=["en"], min_share=least) == earned


def test_a_long_answer_that_changes_its_language_halfway_is_half_right() -> None:
    assert score(f"{ENGLISH} " * 40 + f"{FRENCH} " * 41, languages=["en"]) == pytest.approx(0.5, abs=0.1)


def test_the_last_user_turn_counts_not_the_system_prompt() -> None:
    turns = (
        Message("system", ENGLISH * 10),
        Message("user", ENGLISH),
        Message("assistant", ENGLISH),
        Message("user", GERMAN),
    )
    asked = rollout(GERMAN, messages=turns)
    assert check("language")(asked) == CheckResult(1.0)


def test_a_question_about_a_text_in_another_language_may_be_answered_in_either() -> None:
    prompt = f"{GERMAN} {GERMAN}\n\n{ENGLISH} {ENGLISH} {ENGLISH}"
    assert score(GERMAN, prompt=prompt) == score(ENGLISH, prompt=prompt) == 1.0
    assert score(FRENCH, prompt=prompt) == 0.0


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [("Kdy je splatné nájemné za byt a za garáž?", "Nájomné za byt a garáž je splatné tretí deň v mesiaci.")],
)
def test_close_languages_are_not_told_apart_by_short_texts(prompt: str, answer: str) -> None:
    assert score(answer, prompt=prompt) == 1.0


@pytest.mark.parametrize(
    "prompt", ["¿Puedo pagar?", "Wie geht das?", "Où est la gare ?", "Как это?", "どうして？", "어떻게?"]
)
def test_a_short_prompt_rules_out_the_languages_that_it_cannot_be_in(prompt: str) -> None:
    assert score(ENGLISH, prompt=prompt) == 0.0


@pytest.mark.parametrize("prompt", ["Paris?", "OK", "SQL 2016", "2 + 2 = ?", "🎉", "Hotel Berlin?"])
def test_a_short_prompt_that_may_be_in_many_languages_rules_out_none(prompt: str) -> None:
    assert score(GERMAN, prompt=prompt) == score(ENGLISH, prompt=prompt) == 1.0


@pytest.mark.parametrize("answer", ["Конечно, да.", "はい、できます。", "물론 가능합니다"])
def test_a_few_letters_of_another_script_are_told(answer: str) -> None:
    assert score(answer, prompt=ENGLISH) == 0.0


@pytest.mark.parametrize("answer", ["東京", "Ναι.", "Да."])
def test_a_word_in_another_script_may_be_a_name(answer: str) -> None:
    assert score(answer, prompt=ENGLISH) == 1.0


def test_a_phrase_in_quotation_marks_is_no_change_of_language() -> None:
    for phrase in ("« Je vous prie d'agréer mes salutations »", "“Mit freundlichen Grüßen aus der Stadt”"):
        assert (
            score(f"At the end of the letter you can write {phrase}, as it is usual.", languages=["en"])
            == 1.0
        )
    assert score(f"“{FRENCH}”", languages=["en"]) == 0.0  # all of it is quoted: that is the answer
    assert score(f"“{FRENCH} {FRENCH}” he says, and then it goes on", languages=["en"]) < 1.0  # too long


def test_names_say_nothing_of_the_language() -> None:
    names = "Chair: Jean-Luc Moreau, Zoë Müller, Søren Kjær, Łucja Wójcik, Íñigo Núñez"
    assert score(names, languages=["en"]) == 1.0
    assert score(names, prompt=JAPANESE) == 1.0


def test_han_by_themselves_are_japanese_where_that_is_wanted() -> None:
    title = "独立行政法人国立文化財研究所年次研究報告書目次"
    assert score(title, languages=["ja"]) == 1.0
    assert score("合同双方应当按照约定全面履行自己的义务。", languages=["ja"]) == 0.0


def test_another_text_can_say_what_is_right() -> None:
    judged = check("language", same_as=["reference_answer.summary"])
    assert judged(rollout(GERMAN, prompt=ENGLISH, reference_answer={"summary": GERMAN})) == CheckResult(1.0)
    missing = judged(rollout(GERMAN, prompt=ENGLISH))
    assert missing == Unscored(Reason.NO_SOURCE, "no text under reference_answer.summary")


@pytest.mark.parametrize("named", ["de", "de-AT", ["fr", "DE"]])
def test_the_row_can_name_languages(named: Any) -> None:
    judged = check("language", languages_from=["metadata.language"])
    assert judged(rollout(GERMAN, metadata={"language": named})) == CheckResult(1.0)


@pytest.mark.parametrize("named", [None, "", [], 7, "Klingon", ["de", "tlh"]])
def test_a_row_that_names_none_that_is_known_is_unscored(named: Any) -> None:
    result = check("language", languages_from=["metadata.language"])(
        rollout(GERMAN, metadata={"language": named})
    )
    assert isinstance(result, Unscored)
    assert result.reason is Reason.NO_SOURCE


def test_quotes_of_a_source_do_not_count_where_they_are_not_to() -> None:
    source = {"contract": f"1. {ENGLISH} {ENGLISH} 2. Payment is due."}
    for answer in (json.dumps({"quote": ENGLISH, "why": GERMAN}), f"{GERMAN} {GERMAN} „{ENGLISH} {ENGLISH}“"):
        judged = check("language", languages=["de"], quotes_of=["reference_answer.contract"])
        assert judged(rollout(answer, reference_answer=source)) == CheckResult(1.0)
        assert score(answer, languages=["de"]) < 1.0


def test_a_quote_that_is_not_in_the_source_counts() -> None:
    judged = check("language", languages=["de"], quotes_of=["reference_answer"])
    assert (
        score_of(
            judged, rollout(f"{GERMAN} {GERMAN} „{ENGLISH} {ENGLISH}“", reference_answer="Something else.")
        )
        < 1.0
    )


def test_the_detail_names_languages_alone() -> None:
    result = check("language", languages=["de"])(rollout(ENGLISH))
    assert result == CheckResult(0.0, "0% of the text is in de, 100% in en")


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("PT_br", "pt"),
        ("nb", "no"),
        ("iw", "he"),
        ("fil", "tl"),
        ("zh-Hans", "zh"),
    ],
)
def test_tags_come_in_several_forms(tag: str, code: str) -> None:
    assert code_of(tag) == code


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"languages": ["English"]}, "'English' is not a language that can be detected; use one of af, am"),
        (
            {"languages": ["en"], "same_as": ["prompt"]},
            "languages, languages_from and same_as exclude",
        ),
    ],
)
def test_parameters_that_can_not_be_used_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check("language", **parameters)


@pytest.mark.parametrize("text", ["word " * 3, "漢字漢字漢", "\ud800" * 100, "\x00" * 100, "12345 " * 50])
def test_the_language_of_too_little_is_unknown(text: str) -> None:
    assert detect(text) == UNKNOWN
    assert shares([text]) == {}


def test_of_a_long_text_so_many_pieces_are_read_that_it_costs_no_more_than_a_short_one() -> None:
    text = f"{GERMAN} " * 12_000
    with bounded_cpu(1.0):
        assert shares([text]) == {"de": 1.0}
    assert MAX_PIECES < 100
