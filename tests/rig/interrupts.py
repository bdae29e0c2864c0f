"""Ctrl-C for programs that tests start."""

from __future__ import annotations

import signal


def interruptible() -> None:
    """Let Ctrl-C reach a process, where a shell started the tests in the background: it has
    whatever it starts ignore it. To be called in that process, before its program."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
