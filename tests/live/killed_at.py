"""Run the command line, and end without a word at one call of the Docker engine:
``python -m tests.live.killed_at PLACE before|after WORD..``.

The call of that place (from 0) was not made, or was made and its answer not seen. Prints how many
calls there were where the command ended by itself.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from docker.transport import UnixHTTPAdapter

from jotgraph.__main__ import main

_send = UnixHTTPAdapter.send


def killed_at(place: int, when: str) -> None:
    """Let the process end at that call; prints how many there were, at the end."""
    calls = 0

    def send(self: Any, *args: Any, **words: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == place + 1 and when == "before":
            os._exit(9)
        answer = _send(self, *args, **words)
        if calls == place + 1:
            os._exit(9)
        return answer

    UnixHTTPAdapter.send = send  # type: ignore[method-assign] # in this process, to end it
    try:
        main()
    finally:
        print(f"calls: {calls}", file=sys.stderr)


if __name__ == "__main__":
    where, moment = int(sys.argv[1]), sys.argv[2]
    del sys.argv[1:3]
    killed_at(where, moment)
