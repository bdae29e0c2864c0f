"""Lambda's runtime API, for images without the emulator.

The image's runtime client fetches events here and posts its answers (Lambda guide, "Using the
Lambda runtime API for custom runtimes"). Only the container may connect: other addresses get no
answer. Bodies are bounded.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from jotgraph.deploy.testing.cases import LARGEST
from jotgraph.deploy.testing.replies import Reply, error_of, failed

_API = "/2018-06-01/runtime"
_ARN = "arn:aws:lambda:us-east-1:012345678912:function:function"
"""The ARN that AWS's emulator reports."""
_TURN = 0.2
"""Seconds between two checks whether anybody still waits."""


class _Event(NamedTuple):
    id: str
    body: bytes
    deadline: float


class RuntimeApi:
    """A server of the runtime API on one address; use it as a context manager."""

    def __init__(self, address: str) -> None:
        self._events: queue.Queue[_Event] = queue.Queue()
        self._replies: queue.Queue[tuple[str, Reply]] = queue.Queue()
        self._peer: str | None = None
        self._known = threading.Event()
        self.closed = threading.Event()
        self.asked = threading.Event()
        """Set once the runtime client has asked for an event."""
        self._server = _Server((address, 0), _Handler, self)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_TURN,))

    def __enter__(self) -> RuntimeApi:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        self._known.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer_only(self, peer: str) -> None:
        """Accept only this address; an empty one accepts any."""
        self._peer = peer
        self._known.set()

    def admits(self, peer: str) -> bool:
        """Return whether an address may connect; waits until that is decided."""
        self._known.wait(10)
        return not self.closed.is_set() and self._peer in ("", peer)

    def give(self, body: bytes, seconds: float) -> str:
        """Give an event to the next request. Returns its id."""
        event = _Event(str(uuid.uuid4()), body, time.time() + seconds)
        self._events.put(event)
        return event.id

    def reply_to(self, event: str, seconds: float) -> Reply | None:
        """Return the answer to an event, or that the runtime failed to start; None after this many
        seconds without one."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                of, reply = self._replies.get(timeout=left)
            except queue.Empty:
                return None
            if of in ("", event):
                return reply
        return None

    def next_event(self) -> _Event | None:
        """Wait for an event; None once the server is closed."""
        self.asked.set()
        while not self.closed.is_set():
            try:
                return self._events.get(timeout=_TURN)
            except queue.Empty:
                continue
        return None

    def take(self, event: str, reply: Reply) -> None:
        """Store an answer; without an event, that the runtime failed to start."""
        self._replies.put((event, reply))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: Any, api: RuntimeApi) -> None:
        self.api = api
        super().__init__(address, handler)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        return self.api.admits(str(client_address[0]))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a broken connection: the container has exited, which is handled elsewhere."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits for its headers to be acknowledged: 40 ms
    timeout = None
    server: _Server

    def do_GET(self) -> None:
        if self.path != f"{_API}/invocation/next":
            return self._send(404, b"")
        event = self.server.api.next_event()
        if event is None:
            self.close_connection = True
            return None
        return self._send(
            200,
            event.body,
            {
                "Lambda-Runtime-Aws-Request-Id": event.id,
                "Lambda-Runtime-Deadline-Ms": str(int(event.deadline * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": _ARN,
                "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{event.id[-12:]:0>24}",
            },
        )

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            return self._send(413, b"")
        if self.path == f"{_API}/init/error":
            self.server.api.take("", failed(error_of(body)))
            return self._send(202, b"")
        event, _, what = self.path.removeprefix(f"{_API}/invocation/").partition("/")
        if what == "response":
            self.server.api.take(event, Reply(body))
        elif what == "error":
            self.server.api.take(event, failed(error_of(body)))
        else:
            return self._send(404, b"")
        return self._send(202, b"")

    def _body(self) -> bytes | None:
        """The whole body; None for one longer than Lambda accepts."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LARGEST:
            return None
        return self.rfile.read(int(length))

    def _chunks(self) -> bytes | None:
        """A body in chunks (RFC 9112, 7.1)."""
        body = b""
        while True:
            size = self.rfile.readline(100).split(b";")[0].strip()
            try:
                length = int(size, 16)
            except ValueError:
                return None
            if length < 0 or len(body) + length > LARGEST:
                return None
            body += self.rfile.read(length)
            self.rfile.readline(100)
            if not length:
                return body

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the container's log is enough."""


def can_bind(address: str) -> bool:
    """Return whether an address belongs to this machine."""
    try:
        with socket.socket() as trial:
            trial.bind((address, 0))
    except OSError:
        return False
    return True
