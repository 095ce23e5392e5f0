"""The API keys of OpenAI-compatible servers: from the environment, or from a secret that is fetched.

A key is one text for all servers, or a JSON object with one key for each URL.
"""

import re
import threading
import time
from collections.abc import Callable

from reward_fn.errors import JudgeFailure
from reward_fn.judge.providers.openai_compatible.names import normal_url
from reward_fn.text.bounded_json import parse_json
from reward_fn.types.unscored import Reason

_MALFORMED = " "
REFRESH_S = 60.0
"""A refused key is fetched again at most once a minute: the secret may have been rotated."""
FAILED_S = 2.0
"""The failure to fetch a secret stands for so long. A fetch may take eight seconds: if each call of a batch
fetched for itself, one after the other, a batch would spend all its time on them."""


class Keys:
    """The keys, from many threads. ``fetch`` returns the secret's text, or raises JudgeFailure."""

    def __init__(self, text: str, fetch: Callable[[], str] | None) -> None:
        self._text: str | None = text if fetch is None else None
        self._fetch = fetch
        self._fetched_at_s = 0.0
        self._failed: tuple[JudgeFailure, float] | None = None  # the last failure, and until when it stands
        self._lock = threading.Lock()

    def of(self, url: str) -> str:
        """The key for a server, "" if it has none. Raises JudgeFailure if none can be read."""
        with self._lock:
            if self._text is None and self._fetch is not None:
                self._text = self._fetched(self._fetch)
            text = (self._text or "").strip()
        key = _in(text, url)
        if not re.fullmatch(r"[\x21-\x7e]*", key):
            raise JudgeFailure(
                Reason.DENIED,
                "the API key is malformed",
                remedy="store the key alone, or a JSON object of URLs and keys, without spaces in a key",
            )
        return key

    def _fetched(self, fetch: Callable[[], str]) -> str:
        """The secret's text. Raises JudgeFailure, the same one as the last time if that was just now."""
        if self._failed is not None and time.monotonic() < self._failed[1]:
            failure = self._failed[0]
            raise JudgeFailure(failure.reason, failure.detail, remedy=failure.remedy)
        try:
            text = fetch()
        except JudgeFailure as failure:
            self._failed = failure, time.monotonic() + FAILED_S
            raise
        self._fetched_at_s, self._failed = time.monotonic(), None
        return text

    def is_replaced(self, url: str, refused: str) -> bool:
        """Whether a server that refused a key has another one by now; the secret may be fetched for that.

        Raises JudgeFailure if it can't be.
        """
        with self._lock:
            if self._fetch is not None and time.monotonic() - self._fetched_at_s >= REFRESH_S:
                self._text = None
        return self.of(url) != refused


def _in(text: str, url: str) -> str:
    if not text.startswith("{"):
        return text
    keys = parse_json(text).value
    if not isinstance(keys, dict):
        return _MALFORMED
    key = {normal_url(name): key for name, key in keys.items()}.get(url, "")
    return key if isinstance(key, str) else _MALFORMED
