"""The web server of the sandbox, and the one place that imports moto."""

from __future__ import annotations

import socket
import traceback
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib import import_module
from itertools import count
from typing import Any, Final

with warnings.catch_warnings():  # notices of moto's and its dependencies' own modules
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", PendingDeprecationWarning)
    import moto.backends
    import moto.core.errors
    import moto.core.responses
    import moto.settings
    from botocore.exceptions import ClientError
    from moto.core.base_backend import BackendDict
    from moto.core.model_instances import reset_model_data
    from moto.moto_server.werkzeug_app import (
        BackendRequest,
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.exceptions import HTTPException
    from werkzeug.serving import ThreadedWSGIServer

    ONE_ADDRESS: Final = ("ecr", "iam", "sts", "cloudwatch", "logs")
    """Services of which every call goes to ``/``."""
    for _name in ONE_ADDRESS:
        moto.backends.get_backend(_name)

    # moto's EC2, which its IAM wakes, makes 650 machine images at each start and reset, 0.25 s a
    # time; its setting for that is a variable of the environment, which is not ours to change.
    moto.settings.ec2_load_default_amis = lambda: False

    # moto lists its own package's directory at each call to find out whose it is: 0.4 ms a time.
    _modules = tuple(moto.backends.list_of_moto_modules())
    moto.backends.list_of_moto_modules = lambda: iter(_modules)

    # At each call it also lists the methods of the class that answers: 0.1 ms.
    _responses: Any = moto.core.responses
    _responses.method_names_from_class = cache(_responses.method_names_from_class)

    # At each error it reads all errors of the service from botocore's model: 0.3 ms.
    _errors: Any = moto.core.errors
    _lookups = _errors.ErrorLookupFactory()
    _errors.ErrorLookupFactory = lambda: _lookups

    # For the id of each answer it draws 52 letters, one by one: 0.05 ms.
    _REQUESTS = count(1)

    def _number_request(headers: dict[str, Any]) -> str:
        headers["x-amzn-requestid"] = request = f"{next(_REQUESTS):052}"
        return request

    _responses.gen_amzn_requestid_long = _number_request

from jotgraph.sandbox.app import MAX_BODY, App
from jotgraph.sandbox.world import World


class _Handler(MotoRequestHandler):
    """HTTP/1.1 with kept connections, no log lines, no delay of small packets."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 5.0
    """Seconds that an unused connection is kept; a client that comes later opens another."""
    server: Server

    def log(self, type: str, message: str, *args: Any) -> None:
        return None

    def handle(self) -> None:
        """Answer the requests of one connection."""
        self.server.open.add(self.connection)
        try:
            super().handle()
        finally:
            self.server.open.discard(self.connection)

    def finish(self) -> None:
        """End the connection, and ignore errors of a client that has gone."""
        with suppress(ConnectionError):
            super().finish()

    def handle_expect_100(self) -> bool:
        told = super().handle_expect_100()
        self.wfile.flush()
        return told

    def run_wsgi(self) -> None:
        """Answer one request and keep its connection, as AWS does. werkzeug closes it each time,
        for an application may leave some of the body unread; ours reads what has a length."""
        if self.headers.get("Transfer-Encoding"):
            super().run_wsgi()
            return
        if int(self.headers.get("Content-Length") or 0) > MAX_BODY:
            self.close_connection = True
        head: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]]) -> None:
            head[:] = [*status.split(" ", 1), headers]

        application: Callable[..., Iterable[bytes]] = self.server.app
        try:
            body = b"".join(application(self.make_environ(), start))
        except ConnectionError:
            self.close_connection = True
            return
        except Exception:
            traceback.print_exc()
            head, body = ["500", "Error", [("Content-Length", "0"), ("Connection", "close")]], b""
        code, reason, headers = head
        self.send_response_only(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


class Server(ThreadedWSGIServer):
    """A server that knows its open connections."""

    def __init__(self, host: str, port: int, app: App) -> None:
        self.open: set[socket.socket] = set()
        super().__init__(host, port, app, _Handler)

    def hang_up(self) -> None:
        """Close every connection, so that no client with a kept connection is answered after the
        end."""
        for connection in tuple(self.open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


Answer = tuple[int, Iterable[tuple[str, str]], bytes]


class Moto:
    """moto's answers. Where all calls of a service go to one address, the class that answers is
    asked directly: to find it through Flask takes half of the time of such a call."""

    def __init__(self) -> None:
        self._everything = DomainDispatcherApplication(create_backend_app)
        self._direct: Mapping[str, Callable[..., Any]] = {
            name: import_module(f"moto.{name}.urls").url_paths["{0}/$"] for name in ONE_ADDRESS
        }

    def ask(self, service: str, environ: dict[str, Any]) -> Answer:
        """Status, headers and body. Raises NotImplementedError for a call that moto lacks."""
        dispatch = self._direct.get(service)
        if dispatch is None or environ["PATH_INFO"] != "/":
            return self._through_flask(environ)
        request = BackendRequest(environ)
        try:
            status, headers, body = dispatch(request, request.raw_url, dict(request.headers))
        except ClientError as error:
            status, headers, body = 400, {}, error.response["Error"]["Message"]
        except HTTPException as error:
            response = error.get_response(environ)
            status, headers, body = response.status_code, response.headers, response.get_data()
        content = body.encode() if isinstance(body, str) else body
        return int(status), [(name, str(text)) for name, text in headers.items()], content

    def _through_flask(self, environ: dict[str, Any]) -> Answer:
        head: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], exc: Any = None) -> None:
            head[:] = [int(status.split()[0]), headers]

        content = b"".join(self._everything(environ, start))
        status, headers = head
        return status, headers, content


def application(world: World) -> App:
    return App(world, Moto())


def forget_everything() -> None:
    """Drop all of moto's state."""
    reset_model_data()
    BackendDict.reset()
