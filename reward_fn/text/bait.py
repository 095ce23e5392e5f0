"""Bait for a pattern: texts that nearly match it, which make a backtracking search take longest."""

import re
from collections.abc import Iterator

BAIT_CHARS = 64
"""Bait of this length takes a polynomial pattern milliseconds, and an exponential one practically forever."""
MAX_PROBED_ATOMS = 40

_ATOM = re.compile(
    r"\\(?:[pP]\{[^{}]*\}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)"
    r"|\[\^?\]?(?:\\.|[^\\\]])*\]"
    r"|\(\?(?:P?<[A-Za-z_]\w*>|P[=>]\w+\)|#[^)]*\)|<?[=!:>|]|[a-zA-Z^0-9-]*[:)])?"
    r"|\{\d*,?\d*\}|.",
    re.DOTALL,
)
_COUNT = re.compile(r"\{(\d*),?\d*\}")
_CLASS_SAMPLES = {"d": "0", "D": "a", "w": "a", "W": "-", "s": " ", "S": "a", "n": "\n", "t": "\t", "r": "\r"}
_NO_TEXT = frozenset("bBAzZGKmM")


def atoms_of(pattern: str) -> list[str]:
    """The pieces of a pattern: characters, classes, groups' brackets, repeats and places."""
    return [match[0] for match in _ATOM.finditer(pattern)]


def copies(atoms: list[str]) -> int:
    """The number of atoms of a pattern with all repeat counts expanded."""
    totals, last = [0], 0
    for atom in atoms:
        if count := _COUNT.fullmatch(atom):
            totals[-1] += last * (int(count[1] or 1) - 1)
        elif atom == ")" and len(totals) > 1:
            last = totals.pop()
            totals[-1] += last
        elif atom[0] == "(" and atom[-1] != ")":
            totals.append(0)
        else:
            last = 1
            totals[-1] += 1
    return sum(totals)


def baits(atoms: list[str]) -> Iterator[str]:
    """Texts that nearly match: a part of the pattern over and over, its surroundings, and a stray sign."""
    samples = [sample for atom in atoms if (sample := _sample(atom))][:MAX_PROBED_ATOMS]
    for width in (1, 2, 3, 4):
        for start in range(len(samples) - width + 1):
            unit = "".join(samples[start : start + width])
            before, after = "".join(samples[:start]), "".join(samples[start + width :])
            for stray in ("!", "\n!"):
                yield before + unit * (BAIT_CHARS // len(unit)) + stray + after


def _sample(atom: str) -> str:
    """A text that one atom of a pattern matches; "" for groups, repeats and places."""
    if atom.startswith("["):
        return _sample_of_class(atom)
    if atom.startswith("\\"):
        name = atom[1]
        if name in "xu":
            return chr(int(atom[2:], 16)) if len(atom) > 2 else name
        if name in _NO_TEXT or name.isdigit():
            return ""
        return _CLASS_SAMPLES.get(name, "a" if name in "pP" else name)
    if atom == ".":
        return "a"
    return "" if atom[0] in "(|)*+?^$" or (atom[0] == "{" and len(atom) > 1) else atom


def _sample_of_class(atom: str) -> str:
    inside = atom[1:-1]
    if inside.startswith("^"):
        return next((sign for sign in "a0 -" if sign not in inside), "~")
    first = _ATOM.match(inside)
    return (_sample(first[0]) or first[0][:1]) if first else ""
