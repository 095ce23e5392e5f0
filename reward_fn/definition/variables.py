"""Environment variables, read and checked one type of value at a time."""

import re
from collections.abc import Collection, Mapping
from typing import TypeVar

from reward_fn.definition.pin import is_sha256, is_stored, parse_pin
from reward_fn.judge.base import Price
from reward_fn.judge.models.price_text import parse_prices
from reward_fn.judge.models.tiers import TIERS

BOUNDS: Mapping[str, tuple[float, float]] = {
    "JUDGE_MAX_WORKERS": (1, 256),
    "JUDGE_MAX_ATTEMPTS": (1, 20),
    "JUDGE_TIMEOUT_S": (1, 300),
    "DEADLINE_S": (0, 900),
    "DEADLINE_MARGIN_S": (0.1, 60),
    "TRACE_SHARE": (0, 1),
    "VERDICT_MEMORY": (0, 500_000),
    "VERDICT_TTL_S": (60, 864_000),
    "MAX_COST_USD": (0, 100),
}
MAY_BE_SECRET = ("JUDGE_API_KEY", "JUDGE_API_KEY_SECRET", "JUDGE_URLS_ALLOWED")
"""A wrong value may be the key itself, or a URL with a password: it must not reach the log or the caller."""
_MODEL = re.compile(r"(?=.*[.:/])[A-Za-z0-9.:/@_~-]{1,2048}")
_URL = r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~-]+)*/?"
Choice = TypeVar("Choice", bound=str)
MAX_METADATA = 16
"""Entries of ``requestMetadata`` in Converse (botocore's service model), as are the characters below."""
_METADATA = re.compile(r"[a-zA-Z0-9\s:_@$#/+.-]{1,256}=[a-zA-Z0-9\s:_@$#=/+.-]{0,256}")
_SWITCH = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}


class Variables:
    """Reads environment variables, one method for each type of value; ``mistakes`` collects wrong values."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.mistakes: list[str] = []

    def text(self, name: str) -> str:
        """The value without surrounding white space; "" if unset."""
        return self._environ.get(name, "").strip()

    def definition(self, name: str) -> str:
        """The name or URI of a definition."""
        text = self.text(name)
        try:
            if is_stored(text):
                parse_pin(text)
        except ValueError as error:
            self.refuse(name, str(error))
        return text

    def sha256(self, name: str) -> str:
        """64 hex digits in lower case, or ""."""
        text = self.text(name).lower()
        if text and not is_sha256(text):
            self.refuse(
                name, "set the 64 hex digits of the definition's SHA-256; rewardctl check prints them"
            )
        return text

    def number(self, name: str, default: float) -> float:
        """A number within BOUNDS."""
        value = self._bounded(name, default)
        if value is None:
            self.refuse(name, f"set a number {_span(name)}, or leave it unset ({default:g})")
        return default if value is None else value

    def count(self, name: str, default: int) -> int:
        """A whole number within BOUNDS."""
        value = self._bounded(name, default)
        if value is None or value != int(value):
            self.refuse(name, f"set a whole number {_span(name)}, or leave it unset ({default})")
            return default
        return int(value)

    def switch(self, name: str, default: bool) -> bool:
        """True or false."""
        text = self.text(name).lower()
        if text and text not in _SWITCH:
            self.refuse(name, f"set true or false, or leave it unset ({str(default).lower()})")
        return _SWITCH.get(text, default)

    def choice(self, name: str, default: Choice, allowed: Collection[Choice]) -> Choice:
        """One of the allowed words."""
        text = self.text(name).lower() or default
        chosen = next((word for word in allowed if word == text), None)
        if chosen is None:
            self.refuse(name, f"set one of {', '.join(allowed)}, or leave it unset ({default})")
        return chosen or default

    def model(self, name: str) -> str:
        """A tier or the name of a model, or ""."""
        text = self.text(name)
        if text and not _is_model(text):
            self.refuse(name, f"set a tier ({', '.join(TIERS)}), a model id or an inference profile's ARN")
        return text

    def models(self, name: str) -> tuple[str, ...]:
        """Tiers and names of models."""
        names = tuple(part for entry in self.text(name).split(",") if (part := entry.strip()))
        if not all(map(_is_model, names)):
            self.refuse(name, f"set tiers ({', '.join(TIERS)}) and model ids, with a comma between them")
        return names

    def urls(self, name: str) -> tuple[str, ...]:
        """URLs of servers."""
        urls = tuple(part for entry in self.text(name).split(",") if (part := entry.strip()))
        if not all(re.fullmatch(_URL, url) for url in urls):
            self.refuse(name, "set URLs such as https://judge.example/v1, with a comma between them")
        return urls

    def prices(self, name: str) -> tuple[tuple[str, Price], ...]:
        """Prices of models."""
        try:
            return parse_prices(self.text(name))
        except ValueError:
            self.refuse(name, "set MODEL=INPUT/OUTPUT, in US dollars for a million tokens, with commas")
            return ()

    def metadata(self, name: str) -> tuple[tuple[str, str], ...]:
        """Pairs of a key and its value, each key once."""
        texts = [part for entry in self.text(name).split(",") if (part := entry.strip())]
        pairs = [text.partition("=")[::2] for text in texts]
        well_formed = all(map(_METADATA.fullmatch, texts)) and len(dict(pairs)) == len(pairs)
        if not well_formed or len(pairs) > MAX_METADATA:
            self.refuse(
                name,
                f"set up to {MAX_METADATA} pairs key=value with a comma between them, each key once, of "
                "letters, digits, spaces and :_@$#/+.-, at most 256 characters each",
            )
            return ()
        return tuple(pairs)

    def matching(self, name: str, pattern: str, remedy: str) -> str:
        """A text that matches a pattern as a whole, or ""."""
        text = self.text(name)
        if text and not re.fullmatch(pattern, text):
            self.refuse(name, remedy)
        return text

    def _bounded(self, name: str, default: float) -> float | None:
        """The number, or its default if unset; None if it is not a number or out of bounds."""
        text = self.text(name)
        low, high = BOUNDS[name]
        try:
            value = float(text) if text else default
        except ValueError:
            return None
        return value if low <= value <= high else None

    def refuse(self, name: str, remedy: str) -> None:
        """Record a wrong value with its remedy. A value that may hold a secret is not shown."""
        value = "(hidden)" if name in MAY_BE_SECRET else repr(self.text(name)[:80])
        self.mistakes.append(f"{name}={value}: {remedy}")


def _is_model(text: str) -> bool:
    return text in TIERS or _MODEL.fullmatch(text) is not None


def _span(name: str) -> str:
    low, high = BOUNDS[name]
    return f"from {low:g} to {high:g}"
