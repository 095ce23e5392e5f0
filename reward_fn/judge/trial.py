"""Does slowing down help? The share of calls that come through, before and after the rate was halved.

A quota lets twice that share through at half the rate, up to all. Where nothing like it happens, the
throttles come from elsewhere: other users of the account, or a service that is short of room.
"""

TRIAL_CALLS = 16
SEEN_SHARE = 0.5
"""Where fewer come through than this, the rate may still be a multiple of the quota: no trial."""
ENOUGH_SHARE = 0.8
"""Where more come through, slowing down has worked: those who share a quota take what one of them leaves."""
SLOWER = 2.0
WORSE = 0.9


class Trial:
    """One after the other, each as long as it takes to halve the rate. Not for several threads."""

    def __init__(self) -> None:
        self.begun_per_s = 0.0
        self._from_per_s = 0.0
        self._highest_per_s = 0.0
        self._calls = self._accepted = 0
        self._before: float | None = None

    def count(self, *, accepted: bool) -> None:
        """A call came through, or was throttled."""
        self._calls += 1
        self._accepted += accepted

    def rose_to(self, rate_per_s: float) -> None:
        """A trial begins at the highest rate; small steps up are part of it."""
        if rate_per_s > 1.5 * self._from_per_s:
            self._from_per_s = rate_per_s

    def in_vain(self, rate_per_s: float) -> bool:
        """Told the rate after a cut: whether it is half of ``begun_per_s``, and that was of no use."""
        slower = self._from_per_s / rate_per_s
        if slower < SLOWER or self._calls < TRIAL_CALLS:
            return False
        before, self.begun_per_s = self._before, max(self._from_per_s, self._highest_per_s)
        share = self._before = self._share()
        self._from_per_s = rate_per_s
        hoped = min(1.0, slower * before) if before else 1.0
        if before is None or before < SEEN_SHARE or share >= min(ENOUGH_SHARE, (before + hoped) / 2):
            self._highest_per_s = slower * rate_per_s
            return False
        return True

    def worse(self) -> bool:
        """Whether a good part less of the last calls came through than in the trial before them."""
        return self._calls >= TRIAL_CALLS and self._share() < WORSE * (self._before or 0.0)

    def _share(self) -> float:
        """Of the calls since it was last asked for."""
        share, self._calls, self._accepted = self._accepted / self._calls, 0, 0
        return share
