"""Downloads have a deadline as a whole, and redirects lead to https or the same server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from jotgraph.errors import CallFailedError, Failure
from jotgraph.sources.downloads import download
from tests.rig.small_server import SmallHandler, serving, small_server

SECRET = b"what another server has"


class Handler(SmallHandler):
    """``/whole``, ``/slow`` (a byte at a time), ``/short``, ``/to/<where>``, ``/<status>``."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(f"{self.connection.getsockname()[0]}{self.path}")
        kind, _, rest = self.path[1:].partition("/")
        if kind == "to":
            self.send_response(307)
            self.send_header("Location", rest)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif kind.isdigit():
            self.send_response(int(kind))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self.send_response(200)
            length = len(SECRET) + 5 * (kind == "short") + 999 * (kind == "slow")
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(SECRET)
            with suppress(ConnectionError):  # it was given up
                while kind == "slow":
                    self.wfile.write(b".")
                    time.sleep(0.02)


@pytest.fixture
def server() -> Iterator[str]:
    """``http://127.0.0.1:port``; the same port of 127.0.0.2 is another server."""
    Handler.asked = []
    one = small_server(Handler)
    other = ThreadingHTTPServer(("127.0.0.2", one.server_port), Handler)
    with serving(one, other):
        yield f"http://127.0.0.1:{one.server_port}"


def failure(url: str, seconds: float = 60) -> Failure:
    with pytest.raises(CallFailedError) as caught:
        b"".join(download(url, plain=True, seconds=seconds))
    return caught.value.failure


def test_a_download(server: str) -> None:
    assert b"".join(download(f"{server}/whole", plain=True)) == SECRET


def test_one_that_drips_is_given_up_as_a_whole(server: str) -> None:
    found = failure(f"{server}/slow", seconds=0.2)
    assert (found.reason, found.message) == (
        "unreachable",
        "the download took more than 0.2 seconds",
    )


def test_one_that_ends_early_broke_off(server: str) -> None:
    assert failure(f"{server}/short").message == "the download broke off (ProtocolError)"


def test_redirects_on_the_same_server_are_followed(server: str) -> None:
    for url in (f"{server}/to//whole", f"{server}/to/{server}/to//whole"):
        assert b"".join(download(url, plain=True)) == SECRET


def test_a_redirect_to_another_server_is_not_followed(server: str) -> None:
    other = server.replace("127.0.0.1", "127.0.0.2")
    found = failure(f"{server}/to/{other}/latest/meta-data")
    assert found.message == "the download is redirected to http on another server"
    assert failure(f"{server}/to/file:///etc/hostname").message == (
        "the download is redirected to file on another server"
    )
    assert not any(path.startswith("127.0.0.2") for path in Handler.asked)


def test_redirects_without_end(server: str, tmp_path: Path) -> None:
    again = f"{server}/to/"
    assert failure(again * 9 + "/whole").message == "the download is redirected 3 times"


@pytest.mark.parametrize(("status", "reason"), [(403, "denied"), (404, "error"), (304, "error")])
def test_what_is_refused(server: str, status: int, reason: str) -> None:
    assert failure(f"{server}/{status}").reason == reason


def test_plain_http_is_for_plain_endpoints_alone(server: str) -> None:
    with pytest.raises(CallFailedError, match="not https"):
        list(download(f"{server}/whole"))
    assert Handler.asked == []
