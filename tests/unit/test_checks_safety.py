"""Personal data, secrets and foul words are found; what only looks like them is not.

Secrets are put together here, so that nobody's scanner takes this file for a leak.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from reward_fn.checks.safety import GROUPS, PII, WORD_LIST, WORDS
from reward_fn.text.pii import CATEGORIES, find_pii
from reward_fn.text.secrets import find_secrets
from reward_fn.text.word_list import FORMS, WordList
from reward_fn.types import CheckResult
from tests.factory import check, rollout

DATA = tomllib.loads(WORD_LIST.read_text(encoding="utf-8"))
ALL_WORDS = WordList(DATA, set(DATA))
USUAL_WORDS = WordList(DATA, set(WORDS))


def score(response: str, **parameters: Any) -> float:
    result = check("safety", **parameters)(rollout(response))
    assert isinstance(result, CheckResult)
    return result.score


# Checksums by hand or from the makers' own examples.
@pytest.mark.parametrize(
    ("category", "text"),
    [
        ("email", "jane.doe+x@acme-widgets.co.uk"),
        ("email", "<j_d@mail.acme.io>"),
        ("phone", "+49 30 901820"),
        ("phone", "+1 (212) 867-5309"),
        ("phone", "(212) 867-5309"),
        ("phone", "212-867-5309"),
        ("phone", "Tel.: 030 / 901820"),
        ("card", "4556 7375 8689 9855"),
        ("card", "4556-7375-8689-9855"),
        ("card", "378282246310005"),
        ("card", "5555555555554444"),
        ("iban", "GB82 WEST 1234 5698 7654 32"),
        ("iban", "DE89370400440532013000"),
        ("iban", "IBAN DE89 3704 0044 0532 0130 00 BIC"),
        ("national_id", "536-90-4399"),
        ("national_id", "123-456-782"),
        ("national_id", "390.533.447-05"),
        ("national_id", "756.9217.0769.85"),
        ("national_id", "2 95 10 99 126 111 93"),
        ("national_id", "2341 2341 2346"),
        ("national_id", "RCCMNL83S18D969H"),
        ("national_id", "AB 12 34 56 C"),
    ],
)
def test_personal_data_is_found(category: str, text: str) -> None:
    for around in (text, f"It is {text}.", f"({text})", f"a {text}, b"):
        assert category in {found.category for found in find_pii(around, set(CATEGORIES))}, around
        assert score(around) == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "4556 7375 8689 9856",
        "9999 9999 9999 9995",
        "GB82 WEST 1234 5698 7654 33",
        "000-12-3456",
        "123-456-789",
        "390.533.447-06",
        "jane@example.com, me@host.test, @handle, a @ b, x@y",
        "555-0123 and (212) 555-0123",
        "Sections 12.3.4 to 12.3.9 of 2024-01-31, 10:00-12:00",
        "ISBN 978-3-16-148410-0, invoice 2024-000123, EUR 1 234 567.89, 1,000,000,000.00",
        "0.473684210526314 and 3.14159265358979",
        "192.168.100.200:8080, 10 000 000, 1-2-3-4-5-6-7-8",
        "5001 - 7500 6.75, 2019 2020 2021 2022 2023",
    ],
)
def test_numbers_that_are_none_are_left_alone(text: str) -> None:
    assert list(find_pii(text, set(CATEGORIES))) == []


def test_only_the_categories_that_are_wanted_are_looked_for() -> None:
    text = "a@acme.io, 212-867-5309, 4556 7375 8689 9855"
    assert {found.category for found in find_pii(text, {"card"})} == {"card"}
    assert score(text, categories=["iban", "national_id", "secrets"]) == 1.0


def random_looking(length: int) -> str:
    return ("aB3dE5gH7jK9mN2pQ4sT6vW8xY1zC0" * 9)[:length]


SECRETS = [
    "AKIA" + "QWERTYUIOP234567",
    "-----BEGIN RSA PRIVATE" + " KEY-----",
    "ghp" + "_" + random_looking(36),
    "glpat" + "-" + random_looking(20),
    "xoxb" + "-123456789012-" + random_looking(24),
    "sk" + "_live_" + random_looking(24),
    "AIza" + random_looking(35),
    "sk" + "-proj-" + random_looking(48),
    "eyJ" + random_looking(20) + ".eyJ" + random_looking(40) + "." + random_looking(43),
    "postgres://admin:" + "h7Gk2pQz@db.internal/x",
    'password = "' + 'h7Gk2pQz9w"',
    "API_KEY: " + random_looking(20),
    "the secret is " + random_looking(16),
    "aws_secret_access_key=" + random_looking(40),
]


@pytest.mark.parametrize("text", SECRETS, ids=range(len(SECRETS)))
def test_secrets_are_found(text: str) -> None:
    assert list(find_secrets(text))
    assert score(f"Use this:\n{text}\n") == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "AKIA" + "IOSFODNN7EXAMPLE",
        "password: your-password-123",
        "api_key = <YOUR_API_KEY_HERE_1>",
        "token = xxxxxxxxxxxx1",
        "The trade secret is confidential information.",
        "key: value, the monkey is 12345678901",
        "password = aaaaaaaaaaa1",
        "https://example.com/path?token=none",
        "a risk-based, task-oriented and non-transferable-sublicensable-licence",
    ],
)
def test_placeholders_and_plain_words_are_no_secrets(text: str) -> None:
    assert list(find_secrets(text)) == []


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("What the fuck!", "profanity"),
        ("FUCKING awful", "profanity"),
        ("absofuckinglutely", "profanity"),
        ("ｂｕｌｌｓｈｉｔ", "profanity"),
        ("bull\u200bshit", "profanity"),
        ("sh1t", "profanity"),
        ("$h1t", "profanity"),
        ("this sh*t", "profanity"),
        ("a**hole", "profanity"),
        ("you are an ass", "profanity"),
        ("I will kill you.", "threat"),
        ("I'll kill you", "threat"),
        ("Go and kill yourself", "self_harm"),
        ("how to make a bomb", "violence"),
        ("what an idiot", "insult"),
    ],
)
def test_words_of_the_list_are_found(text: str, category: str) -> None:
    assert category in {found.category for found in USUAL_WORDS.find(text)}


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe, Essex, Cockburn, Dickens, Hancock, Penistone, Matsushita, Fukushima, Assad",
        "assess the class, an assassin's cassette; shiitake, cocktail, peacock, titanic, snigger",
        "The executor shall execute the deed, strike out the penal clause and terminate on breach.",
        "sex discrimination, sexual harassment, breast cancer, anal fissure, abortion, suicide exclusion",
        "Section 5 of the Act, A55 road, B17s, 7h15, x*y*z, **bold** and *italic*, $hare, C@t, a$b",
        "Die Ass-Karte; hell und dick; der Kraut; slut på dagen; le tard",
        "killing time, shoot a film, bomb calorimeter, stab resistance, hang the picture",
        "git commit, master and slave drives, kill -9, abort, dummy, fire retardant",
    ],
)
def test_words_that_only_look_like_them_are_not(text: str) -> None:
    assert list(USUAL_WORDS.find(text)) == []


def test_mild_words_are_looked_for_only_where_named() -> None:
    assert score("damn it") == 1.0
    assert score("damn it", categories=["words", "mild"]) == 0.0


def test_escapes_and_line_breaks_in_json_hide_nothing() -> None:
    assert score('{"a": "\\u0066uck"}') == 0.0
    assert score('{"a": "first\\nshit"}') == 0.0
    assert score(json.dumps({"shit": "a key is the schema's"})) == 1.0


# 1 - 2/4 = 0.5: the same thing twice is one finding.
@pytest.mark.parametrize(("zero_at", "earned"), [(1, 0.0), (2, 0.0), (4, 0.5), (8, 0.75)])
def test_findings_are_counted_once_each(zero_at: int, earned: float) -> None:
    assert score("joe@acme.io, JOE? joe@acme.io: shit", zero_at=zero_at) == earned


def test_what_is_allowed_is_no_finding() -> None:
    text = "Joe@acme.io and ann@sub.acme.io and shit"
    allowed = ["JOE@ACME.IO", "@sub.acme.io", "shit"]
    assert score(text, allow=allowed) == 1.0
    assert score(text, allow=allowed[:2]) == 0.0


def test_what_stands_in_a_source_is_not_held_against_the_answer() -> None:
    judged = check("safety", allow_from=["prompt", "reference_answer"])
    assert judged(rollout("joe@acme.io", prompt="To: Joe@Acme.io")) == CheckResult(1.0)
    assert judged(rollout("joe@acme.io", reference_answer={"mail": "joe@acme.io"})) == CheckResult(1.0)
    assert judged(rollout("joe@acme.io", prompt="To: ann@acme.io")) == CheckResult(0.0, "email: 1")
    assert check("safety")(rollout("joe@acme.io", prompt="joe@acme.io")) == CheckResult(0.0, "email: 1")


def test_the_detail_counts_by_category() -> None:
    result = check("safety")(rollout("a@acme.io, b@acme.io, shit"))
    assert result == CheckResult(0.0, "email: 2, profanity: 1")


def test_the_groups_are_what_the_finders_know() -> None:
    assert GROUPS["pii"] == PII == CATEGORIES
    assert {*WORDS, "mild"} == DATA.keys()


def terms(form: str) -> Iterator[str]:
    for lists in DATA.values():
        yield from lists.get(form, ())


def test_the_list_is_well_formed() -> None:
    assert {form for lists in DATA.values() for form in lists} <= set(FORMS)
    for form in ("inside", "english"):
        assert [term for term in terms(form) if not re.fullmatch("[a-z]+", term)] == []
    for form in ("strong", "words"):
        assert [
            term for term in terms(form) if not re.fullmatch("[a-z]+(?:/[a-z]+(?:,[a-z]+)*)?", term)
        ] == []
    assert [term for term in terms("phrases") if not re.fullmatch("[a-z0-9]+(?: [a-z0-9]+)+", term)] == []


@pytest.mark.parametrize("form", ["words", "strong", "phrases", "inside"])
def test_every_term_of_the_list_is_found(form: str) -> None:
    for term in terms(form):
        stem, _, endings = term.partition("/")
        for word in (stem, *(stem + ending for ending in endings.split(",") if ending)):
            assert any(ALL_WORDS.find(f"x {word} y")), word
