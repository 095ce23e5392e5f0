"""Find social security and tax numbers of eight countries.

They are the United States, Canada, Brazil, Switzerland, France, India, Italy and Britain. python-stdnum
computes the checksums; each of its modules is imported for the first number of its form.
"""

import re
from collections.abc import Callable, Iterator
from importlib import import_module

from reward_fn.text.findings import Finding
from reward_fn.text.lazy import lazy
from reward_fn.text.number_context import is_other


def is_valid_by(module: str) -> Callable[[str], bool]:
    """The checksum test of a python-stdnum module, which is imported at the first call."""
    return lambda number: bool(import_module(f"stdnum.{module}").is_valid(number))


_NATIONAL: tuple[tuple[re.Pattern[str], Callable[[str], bool]], ...] = (
    (lazy(r"(?<![\w-])(?!123-45-6789)\d{3}-\d\d-\d{4}(?![\w-])"), is_valid_by("us.ssn")),
    (lazy(r"(?<![\w-])\d{3}-\d{3}-\d{3}(?![\w-])"), is_valid_by("ca.sin")),
    (lazy(r"(?<![\w.-])\d{3}\.\d{3}\.\d{3}-\d\d(?![\w-])"), is_valid_by("br.cpf")),
    (lazy(r"(?<![\w.-])756\.\d{4}\.\d{4}\.\d\d(?!\w)"), is_valid_by("ch.ssn")),
    (lazy(r"(?<![\w-])[12] ?\d\d ?\d\d ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d(?!\w)"), is_valid_by("fr.nir")),
    (lazy(r"(?<![\w-])(?!20\d\d )[2-9]\d{3} \d{4} \d{4}(?! ?\w)"), is_valid_by("in_.aadhaar")),
    (lazy(r"\b[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]\b"), is_valid_by("it.codicefiscale")),
    (
        lazy(r"\b(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: \d\d){3} [A-D]\b"),
        lambda _: True,
    ),
    (
        lazy(r"(?i:\b(?:national insurance|nino|ni)\b[^\n]{0,16}?)\b[A-CEGHJ-PR-TW-Z]{2}\d{6}[A-D]\b"),
        lambda _: True,
    ),
)
"""Patterns and checksum tests. A British number without spaces, like a part number, needs its name."""


def find_national_ids(text: str) -> Iterator[Finding]:
    """Yield the numbers with a valid checksum, unless the text beside one shows that it is something else."""
    for pattern, is_valid in _NATIONAL:
        for match in pattern.finditer(text):
            if not is_other(match, of_a_person=True) and is_valid(match[0]):
                yield Finding("national_id", match[0])
