"""Which fault a call meets: a hash of seed, content and attempt, so that the order of calls plays no part."""

import hashlib
import math
import re
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from statistics import NormalDist

from rewardctl.emulate.settings import EmulatorSettings, Fault

MAX_CONTENTS = 100_000
"""So many different requests are told apart; the one not seen for longest is forgotten first."""

_FENCE = re.compile(rb"<<([0-9A-Fa-f]{8,64}) begin ")
_BIT_RANGE = 2.0**53
_STANDARD_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Draw:
    """What is in store for one attempt: ``variant`` picks among the forms of a fault."""

    fault: Fault | None
    latency_s: float
    variant: int


def content_key(model_id: str, body: bytes) -> bytes:
    """16 bytes, the same for two requests that differ in nothing but the random codes of their fences."""
    for code in set(_FENCE.findall(body)):
        body = body.replace(code, b"")
    seen = hashlib.sha256(model_id.encode())
    seen.update(b"\x00")
    seen.update(body)
    return seen.digest()[:16]


def draw(settings: EmulatorSettings, key: bytes, attempt: int) -> Draw:
    """The fate of the ``attempt``-th call (from 1) with the content ``key``.

    A repeated call with the same content draws anew, so a retry can succeed. The latency is lognormal with
    the mean ``latency_s`` and the sigma ``latency_spread``.
    """
    text = b"%d:%d:%b" % (settings.seed, attempt, key)
    bits = hashlib.blake2b(text, digest_size=24).digest()
    chance, variant, luck = (int.from_bytes(bits[i : i + 8], "big") for i in (0, 8, 16))
    latency_s = settings.latency_s
    if latency_s and (sigma := settings.latency_spread):
        z = _STANDARD_NORMAL.inv_cdf(((luck >> 11) + 0.5) / _BIT_RANGE)
        latency_s *= math.exp(sigma * z - sigma * sigma / 2)
    return Draw(_fault(settings, (chance >> 11) / _BIT_RANGE), latency_s, variant)


def _fault(settings: EmulatorSettings, chance: float) -> Fault | None:
    """``chance`` in [0, 1) falls into the stretch of one fault, or behind the last of them."""
    return next((fault for reached, fault in _stretches(settings) if chance < reached), None)


@lru_cache(maxsize=16)
def _stretches(settings: EmulatorSettings) -> tuple[tuple[float, Fault], ...]:
    """Each fault with the end of its stretch of [0, 1)."""
    faults = [(fault, share) for fault, share in settings.shares.items() if share]
    return tuple(zip(accumulate(share for _, share in faults), (fault for fault, _ in faults), strict=True))


class Attempts:
    """Counts how often each content was asked for."""

    def __init__(self, max_contents: int = MAX_CONTENTS) -> None:
        self._counts: OrderedDict[bytes, int] = OrderedDict()
        self._max_contents = max_contents
        self.distinct = 0

    def next(self, key: bytes) -> int:
        """The number of this attempt, from 1."""
        count = self._counts.pop(key, 0) + 1
        self.distinct += count == 1
        self._counts[key] = count
        if len(self._counts) > self._max_contents:
            self._counts.popitem(last=False)
        return count
