"""Small HTTP servers of tests: they answer on loopback while a block runs, and end at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

POLL = 0.01
"""Seconds between two looks at whether the block has ended; the standard library's own are 0.5."""


class SmallHandler(BaseHTTPRequestHandler):
    """Logs nothing, and lets no small packet wait for the one before to be acknowledged: with kept
    connections that takes 40 ms a request."""

    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None: ...


@contextmanager
def serving(*servers: ThreadingHTTPServer) -> Iterator[None]:
    """Let these servers answer within the block."""
    with ExitStack() as stack:
        for server in servers:
            stack.enter_context(server)
            thread = threading.Thread(target=server.serve_forever, args=(POLL,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        yield


def small_server(handler: type[SmallHandler], host: str = "127.0.0.1") -> ThreadingHTTPServer:
    """A server that is not running yet, on a port that is free."""
    return ThreadingHTTPServer((host, 0), handler)
