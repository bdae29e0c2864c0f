"""Run command lines beside the engine, each in a child of this process, and end some without a word
at one call of the Docker engine: ``python -m tests.live.killed_at``.

Each line of the standard input is an ``Order``, each of the output its ``Ending``s. The program
itself starts once: that takes longer than most commands.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from importlib import import_module
from typing import IO, Any

import msgspec
from docker.transport import UnixHTTPAdapter

from jotgraph.__main__ import main
from tests.live.netns import Ending, Order

_send = UnixHTTPAdapter.send
LOADED = (
    "docker", "jotgraph.cli", "jotgraph.cli.testing", "jotgraph.deploy.testing",
    "jotgraph.deploy.testing.cases", "jotgraph.deploy.testing.container",
    "jotgraph.render.answers.testing",
)  # fmt: skip
"""What a command would load, which its process has then."""


def run(order: Order, out: IO[bytes], err: IO[bytes], calls: IO[bytes]) -> None:
    """Be the command, which ends at its call; each call is a byte of ``calls``."""
    count = 0

    def send(self: Any, *args: Any, **words: Any) -> Any:
        nonlocal count
        count += 1
        os.write(calls.fileno(), b".")
        if count == order.place + 1 and order.when == "before":
            os._exit(9)
        answer = _send(self, *args, **words)
        if count == order.place + 1:
            os._exit(9)
        return answer

    UnixHTTPAdapter.send = send  # type: ignore[method-assign] # in this process, to end it
    os.environ.clear()
    os.environ.update(order.environment)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    sys.argv[1:] = order.words
    main()


def ended(order: Order) -> list[Ending]:
    """How commands ended that were children of this process, all at the same time."""
    with ExitStack() as stack:
        begun = [
            begin(order, [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)])
            for _ in range(order.at_once)
        ]
        return [end(child, files) for child, files in begun]


def begin(order: Order, files: list[IO[bytes]]) -> tuple[int, list[IO[bytes]]]:
    """Let a child of this process run a command, and write to these files."""
    child = os.fork()
    if not child:
        status = 1
        try:
            run(order, *files)
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else int(left.code is not None)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    return child, files


def end(child: int, files: list[IO[bytes]]) -> Ending:
    """How a child ended."""
    _, status = os.waitpid(child, 0)
    out, err, calls = map(_text, files)
    return Ending(os.waitstatus_to_exitcode(status), out, err, len(calls))


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


if __name__ == "__main__":
    for name in LOADED:
        import_module(name)
    for line in sys.stdin:
        print(
            msgspec.json.encode(ended(msgspec.json.decode(line, type=Order))).decode(), flush=True
        )
