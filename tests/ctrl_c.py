"""Ctrl-C for programs that tests start."""

import signal


def heed_ctrl_c() -> None:
    """For `preexec_fn`: undo a shell's setting, which lets all programs in the background ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
