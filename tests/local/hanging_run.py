"""`rewardctl run` with a function that sleeps for a minute, for tests that cut it short.

python hanging_run.py FUNCTION_FOLDER EVENT_FILE [ARGUMENT...]
"""

import signal
import sys
from pathlib import Path

from rewardctl.cli import main
from rewardctl.local import artifact


def stub_artifact(to: Path) -> artifact.Artifact:
    """The stub in the place of the built function, with the real runtime beside it."""
    folder = Path(sys.argv[1])
    return artifact.Artifact(function=folder, layer=folder, runtime=artifact.copy_runtime(to / "runtime"))


def stub_function(to: Path) -> Path:
    """The stub in the place of the built function, for a direct call."""
    to.mkdir(exist_ok=True)
    return Path(sys.argv[1])


# A shell that started the tests in the background has made them deaf to Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
artifact.build_artifact = stub_artifact
artifact.build_function = stub_function
main(["run", "--event", sys.argv[2], *sys.argv[3:]])
