"""Which fault a call meets: decided by a hash of seed, content and attempt, not by the order of calls."""

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
"""The number of different requests that are counted; the one seen least recently is dropped first."""

_FENCE = re.compile(rb"<<([0-9A-Fa-f]{8,64}) begin ")
_BIT_RANGE = 2.0**53
_STANDARD_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Draw:
    """What happens to one attempt; ``variant`` picks among the forms of a fault."""

    fault: Fault | None
    latency_s: float
    variant: int


def content_key(model_id: str, body: bytes) -> bytes:
    """16 bytes, equal for two requests that differ only in the random codes of their fences."""
    for code in set(_FENCE.findall(body)):
        body = body.replace(code, b"")
    content = hashlib.sha256(model_id.encode())
    content.update(b"\x00")
    content.update(body)
    return content.digest()[:16]


def draw(settings: EmulatorSettings, key: bytes, attempt: int) -> Draw:
    """The draw for the ``attempt``-th call, from 1, with the content ``key``.

    A repeated call with the same content is drawn again, so a retry can succeed. The latency is lognormal,
    with mean ``latency_s`` and sigma ``latency_spread``.
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
    """The fault into whose interval ``chance``, in [0, 1), falls; None beyond the last interval."""
    return next((fault for end, fault in _intervals(settings) if chance < end), None)


@lru_cache(maxsize=16)
def _intervals(settings: EmulatorSettings) -> tuple[tuple[float, Fault], ...]:
    """Each fault with the end of its interval in [0, 1)."""
    faults = [(fault, share) for fault, share in settings.shares.items() if share]
    return tuple(zip(accumulate(share for _, share in faults), (fault for fault, _ in faults), strict=True))


class Attempts:
    """Counts the calls with each content."""

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
