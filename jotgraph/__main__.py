"""``jotgraph`` and ``python -m jotgraph``: run the command line and exit."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

INTERRUPTED = (129, 130, 143)
"""Exit codes after SIGHUP, Ctrl-C and SIGTERM."""


def main() -> None:
    """Run the command line; never returns. A command is short-lived: the collector runs rarely
    meanwhile, and not at all at its end (together a fifth of the time of ``ls`` on a small estate,
    benchmarks/commands.py)."""
    gc.set_threshold(50_000, 20, 50)
    from jotgraph.cli import cli  # noqa: PLC0415 -- importing this module runs nothing

    try:
        sys.exit(cli.main(prog_name="jotgraph", standalone_mode=True))
    except SystemExit as ended:
        if ended.code in INTERRUPTED:
            _leave_at_once(int(ended.code))
        raise
    finally:
        gc.freeze()


def _leave_at_once(code: int) -> None:
    """Exit without waiting for the threads of a scan, whose calls may take a minute. They only
    read, and an interrupted scan has reported what is stored."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
