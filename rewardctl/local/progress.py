"""Report progress at intervals during a long step."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

FIRST_AFTER_S = 2.0
EVERY_S = 5.0


@contextmanager
def ticking(
    say: Callable[[str], None],
    detail: Callable[[], str],
    *,
    first_after_s: float = FIRST_AFTER_S,
    every_s: float = EVERY_S,
) -> Iterator[None]:
    """Call `say` with the elapsed seconds and `detail()` at intervals while the block runs."""
    done = threading.Event()
    start_s = time.monotonic()

    def tick() -> None:
        pause_s = first_after_s
        while not done.wait(pause_s):
            say(f"  {time.monotonic() - start_s:.0f} s: {detail()}")
            pause_s = every_s

    thread = threading.Thread(target=tick, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
