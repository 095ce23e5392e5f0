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
from reward_fn.text.word_list import FORMS, PLAIN, WordList
from reward_fn.types.check import CheckResult
from tests.factory import check, rollout, score_of

DATA = tomllib.loads(WORD_LIST.read_text(encoding="utf-8"))
LISTS = {name: lists for name, lists in DATA.items() if name != PLAIN}
ALL_WORDS = WordList(DATA, set(LISTS))
USUAL_WORDS = WordList(DATA, set(WORDS))


def score(response: str, **parameters: Any) -> float:
    return score_of(check("safety", **parameters), rollout(response))


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


@pytest.mark.parametrize(
    "text",
    [
        "lend me an arrow@3x.webp and banner@1.5x.png",
        "8Q@ZK.Lt",
        "git clone git@gitlab.acme.io:team/app.git",
        "npm install vue@3.4.2 @types/node@20.1.0",
        "redis://cache:Xk3@redis.acme.io/0",
        "y = Q @ K.T / scale, out@W.shape",
        "write to you@gmail.com or user@acme.io or noreply@acme.io",
        "the sum rose by +48500000 and fell by -7300000",
        "a surplus of +36 000 000 000 forints",
        "+1234567890 and +10000000000",
        "x = 3 * +49301234567 and y = +49301234567 / 4",
        "GTIN 4006381333931, epoch 1748503543012, IMEI 356938035643809",
        "MRN 4556737586899855, account 4539578763621486",
        "order 4539578763621486 and invoice no. 5555555555554444",
        "[4539578763621486, 5555555555554444]",
        "account 47223179-9330-4259-b66c-f2db26efb20c",
        "part AB123456C or serial HR654321B",
        "212-867-5309 = -5964",
        "call (555) 867-5309 or +1 415 555 1212",
        "weights 0.4556737586899855, 1.4556737586899855",
        "ticket 536-90-4399",
        "at +51.5074 -0.1278, a factor of +3.14159265358979",
        "a loss of +36.512.345.678 and +36 512 345 678 forints",
        "this@MainActivity.window, ssh deploy@build01.acme.io",
        "gitea@code.acme.io:team/app.git",
        "x = +4930901820",
    ],
)
def test_what_its_surroundings_name_as_something_else_is_left_alone(text: str) -> None:
    assert list(find_pii(text, set(CATEGORIES))) == []


@pytest.mark.parametrize(
    "text",
    [
        "My National Insurance number is KP482913A",
        "ring +33 6 12 34 56 78 after six",
        "fax: 0171 2345678",
        "mailto:jane@doe-family.org",
        "Mastercard 5555555555554444",
        "<td>+49 30 901820</td>",
        "card=5555555555554444&phone=+4930901820",
        "ID: 536-90-4399",
        "email:joe@acme.io",
        "212-867-5309 msg me",
    ],
)
def test_what_its_surroundings_do_not_explain_away_is_found(text: str) -> None:
    assert list(find_pii(text, set(CATEGORIES)))


def test_a_number_is_never_cut_out_of_a_longer_one() -> None:
    """The surroundings of a number end at a whole word: 0.94556737586899855 holds a card's digits."""
    row = ", ".join(["0.45567375868998551", "0.94556737586899855", "1.04556737586899855"])
    assert list(find_pii(row, set(CATEGORIES))) == []


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
    "-----BEGIN OPENSSH PRIVATE" + " KEY-----\n" + random_looking(64),
    "mysql://root:" + "S3cr3t9xQ@prod-db.acme.io/app",
    "client_secret: '" + "9f8b7c6d5e4f3a2b1c0d'",
    "https://hooks.slack.com/services/T0" + "1234567/B01234567/" + random_looking(24),
    "GOCSPX" + "-" + random_looking(28),
    "xoxp" + "-523423-234243-234233-e039d02840a0b9379c",
    "7213808860" + ":AA" + random_looking(33),
    "sk" + "-" + random_looking(20) + "T3BlbkFJ" + random_looking(20),
    "password is " + "Spring2031!",
    "DB_PASSWORD=" + "Sup3rL0ng!2031",
    "dop_v1" + "_" + "0a1b2c3d" * 8,
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
        "token = secrets.token_hex(24)",
        "const apiKey = generateApiKey('v2', 32)",
        'secret = crypto.createHmac("sha256", seed1)',
        "session_token = session.new_v3(account)",
        "password = os.environ['DB_PASSWORD_2']",
        "api_key = process.env.SERVICE_API_KEY_1",
        "api_key: ${{ secrets.API_KEY_V2 }}",
        "token = $CI_JOB_TOKEN_1",
        "password: max_length=72",
        "PublicKeyToken=b77a5c561934e089",
        "password: /run/secrets/db_password_1",
        "secret_name = 'prod/app/db-credentials-1'",
        "token_url = 'https://auth.acme.io/oauth2/token'",
        "mysql://${USER1}:${PASSWORD1}@db.acme.io/app",
        "redis://:s3cr3tpw9@localhost:6379/0",
        "amqp://guest:guest@mq.acme.io",
        "postgres://app:app12345@db:5432/app",
        '"nextForwardToken": "f/319612091224474885830558794647"',
        '"AWS::Sample::ApiKey": "4b1f88c0a9d7e352"',
        "token: 9f1c2b34-5a6d-4e7f-8a9b-0c1d2e3f4a5b",
        "if '-----BEGIN EC PRIVATE" + " KEY-----' in text:",
        "sk-spinner-with-a-very-long-name-of-a-class-2",
        "mergedRowsOfSheet2093317745Overview",
        "api_key = YOUR_KEY_987654",
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
        "She gave niggardly rations; a snigger ran through the room.",
        "The bitch fed her puppies; blue tits nest here; a coon cat from Maine",
        "chinks in the armor, doo wop records, honky tonk bars, spic and span, Nob Hill",
        "Za kunt u betalen. U kunt ook later bestellen.",
        "Slut med detta. Tack och slut.",
        "Slut i lager",
        "Fag: norsk og matematikk",
        "Ta en prat med naboen din i morgen.",
        "Das Kind war munter und froh.",
        "il bimbo gioca nel parco con la mamma",
        "Mae moron yn dda i chi.",
        "def get_ass_item(self): mp_ass_subscript = 1",
        '{"moon": 1, "cricket": 2}',
        "b = c**t and p**n for n in range(9)",
    ],
)
def test_words_that_only_look_like_them_are_not(text: str) -> None:
    assert list(USUAL_WORDS.find(text)) == []


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("that bitch ruined it", "profanity"),
        ("she is a slut and you know it", "sexual"),
        ("he is a moron", "insult"),
        ("those coons should leave", "slur"),
        ("this is _shit_ work", "profanity"),
        ("Das ist fucking gut gemacht und fertig", "profanity"),
    ],
)
def test_the_same_words_count_where_they_are_meant(text: str, category: str) -> None:
    assert category in {found.category for found in USUAL_WORDS.find(text)}


def test_a_digest_holds_no_word() -> None:
    assert list(USUAL_WORDS.find("a9fuckb3" * 5)) == []


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
    assert {*WORDS, "mild"} == LISTS.keys()


def terms(form: str) -> Iterator[str]:
    for lists in LISTS.values():
        yield from lists.get(form, ())


def test_the_list_is_well_formed() -> None:
    assert {form for lists in LISTS.values() for form in lists} <= set(FORMS)
    assert [term for term in terms("inside") if not re.fullmatch("[a-z]+", term)] == []
    for form in ("strong", "words", "english"):
        assert [
            term for term in terms(form) if not re.fullmatch("[a-z]+(?:/[a-z]+(?:,[a-z]+)*)?", term)
        ] == []
    assert [term for term in terms("phrases") if not re.fullmatch("[a-z0-9]+(?: [a-z0-9]+)+", term)] == []


@pytest.mark.parametrize("form", ["words", "strong", "english", "phrases", "inside"])
def test_every_term_of_the_list_is_found(form: str) -> None:
    for term in terms(form):
        stem, _, endings = term.partition("/")
        for word in (stem, *(stem + ending for ending in endings.split(",") if ending)):
            assert any(ALL_WORDS.find(f"the {word} and")), word
