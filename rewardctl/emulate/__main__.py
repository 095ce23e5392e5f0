"""The child process behind :class:`rewardctl.emulate.Emulator`; its one argument is the settings as JSON."""

import json
import sys

from rewardctl.emulate.foreground import ready_line, run
from rewardctl.emulate.settings import EmulatorSettings


def main() -> None:
    """Serve until the parent closes the pipe or sends SIGTERM; exit with 1 if the port is not available."""
    settings = EmulatorSettings.from_dict(json.loads(sys.argv[1]))
    try:
        run(settings, lambda url: print(ready_line(url), flush=True), as_child=True)
    except OSError as error:
        sys.exit(f"the stand-in cannot serve on port {settings.port}: {error}")


if __name__ == "__main__":
    main()
