"""Texts cut into pieces of about one size, whose languages are then detected one by one."""

import re

MAX_PIECES = 24
MAX_PIECE_CHARS = 700
FEW_PIECES = 4
"""A text is cut into about this many pieces of at least ``PIECE_CHARS``; a long text into more."""
PIECE_CHARS = 120
_ENDS = re.compile(r"[.!?:;,\u3002\uff01\uff1f\u0964\u061f\u06d4]\s*|\s+")


def cut_into_pieces(texts: list[str]) -> list[str]:
    """Texts cut or joined into pieces of about one size; at most ``MAX_PIECES``, evenly spread."""
    size = min(MAX_PIECE_CHARS, max(PIECE_CHARS, sum(map(len, texts)) // FEW_PIECES))
    pieces: list[str] = []
    held = ""
    for text in texts:
        start = 0
        while start < len(text):
            rest = len(held) + len(text) - start
            end = len(text) if rest < 1.5 * size else _end(text, start + size - len(held))
            held += text[start:end]
            start = end
            if len(held) >= size / 2:
                pieces.append(held)
                held = ""
        held += "\n" if held else ""
    pieces += [held] if held.strip() else []
    return pieces[:: -(-len(pieces) // MAX_PIECES) or 1]


def _end(text: str, place: int) -> int:
    """Where to cut at ``place`` or soon after: at the end of a sentence or a word if possible."""
    if place >= len(text):
        return len(text)
    match = _ENDS.search(text, place, place + PIECE_CHARS // 2)
    return match.end() if match else place
