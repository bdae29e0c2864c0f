"""The sandbox without sockets, so that a thousand runs are cheap: the bytes that botocore would
send go to the sandbox's application, the bytes that it answers go to botocore. A call costs less
than half of what it costs over HTTP."""

from __future__ import annotations

import io
import os
import pickle
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, cached_property, lru_cache
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import pytest
from botocore import UNSIGNED, parsers
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, NoCredentialsError
from urllib3.exceptions import ProtocolError

from jotgraph import clients
from jotgraph.clients import Clients
from jotgraph.clients.aws import OTHER_REGION, Aws
from jotgraph.clients.engine import connect_docker
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.accounts.sessions import assumed as by_role
from tests.rig.remembering import remember

by_sockets = clients.connect
_REQUEST = re.compile(rb"<RequestId>([^<]*)</RequestId>")
"""What no two answers of XML have in common."""
MANY_BYTES = 20_000
"""Answers that are longer are not kept."""
MANY_ANSWERS = 4_000
"""More than the calls of several tests tell apart."""
_READ: dict[tuple[str, str, int, str, bytes], bytes] = {}
"""What answers say, by the call and their bytes."""
Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""
Hook = Callable[[int, str, bool], None]
"""Told the number of a call, its name, and whether it took effect already."""


def nothing(number: int, name: str, after: bool) -> None:
    """The hook of an undisturbed run."""


def only(aws: Sandbox) -> bool:
    """Whether the environment leads to this sandbox and nowhere else, by no profile."""
    led = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    return {value for name, value in led.items() if name.startswith("AWS_ENDPOINT_URL")} == {
        aws.endpoint
    } and "AWS_PROFILE" not in led


class Wire:
    """What carries calls to the sandbox, and counts them. ``at`` is told before and after each."""

    def __init__(self, aws: Sandbox, attempts: int = 1, rounds: int = 1) -> None:
        self.aws = aws
        self.number = 0
        self.names: list[str] = []
        self.at: Hook = nothing
        self._failed = threading.local()
        self._attempts, self._rounds = attempts, rounds

    @cached_property
    def clients(self) -> Clients:
        """Those that the environment leads to, when they are first asked for."""
        made = by_sockets(
            use_docker=False,
            rates={},
            attempts=self._attempts,
            rounds=self._rounds,
            read_timeout=60,
        )
        return self.carry(made)

    def carry(self, made: Clients) -> Clients:
        """The same clients, whose calls go this way."""
        for aws in made.aws:
            self.attach(aws.session.events)
        pool: Any = self
        return replace(made, aws=tuple(replace(aws, pool=pool) for aws in made.aws))

    def attach(self, events: Any) -> None:
        """Carry the calls of a session, by its events."""
        events.register("creating-client-class", remember(self._at_once))
        self.take(events)

    def take(self, events: Any) -> None:
        """Let the calls of whoever tells these events, a session or a client, go this way."""
        events.register("before-call", self._at_once)
        events.register("choose-signer", _unsigned)
        events.register("before-sign", _name_the_caller)
        events.register("before-send", self._send)

    def restart(self) -> None:
        """Count from one, and forget what was to happen."""
        self.number, self.names = 0, []
        self.at = nothing

    def _at_once(
        self, model: Any, params: Any, request_signer: Any, event_name: str, **_more: Any
    ) -> tuple[AWSResponse, Any] | None:
        """A handler of ``before-call``: what it returns is what the call gave. To prepare, sign and
        send a request takes botocore half as long as the whole call; what did not work, and may
        be tried again, goes that way all the same."""
        if "instead" in self._failed.__dict__:  # this call was carried, and did not work
            return None
        if model.has_streaming_output or model.has_event_stream_output:
            return None
        headers = {**params["headers"], "Authorization": _caller(request_signer)}
        body = params["body"]
        if isinstance(body, dict):
            body = urlencode(list(body.items()), doseq=True)
        try:
            answer = self._carry(
                _named(event_name), params["method"], params["url"], headers, body or b""
            )
        except Exception as error:
            self._failed.instead = error
            return None
        status, given, content = answer
        response = _Answered(params["url"], status, given, content)
        raw = {
            "headers": response.headers
            if _says_by_headers(model.output_shape)
            else {name.lower(): text for name, text in given.items()},
            "status_code": status,
            "body": content,
            "context": {"operation_name": model.name},
        }
        if status >= 300 and not _is_nowhere(answer):
            self._failed.instead = answer
            return None
        request_signer._event_emitter.emit(
            event_name.replace("before-call", "before-parse", 1),
            operation_model=model,
            response_dict=raw,
            customized_response_dict={},
        )
        return response, self._parsed(model, raw)

    def _parsed(self, model: Any, raw: dict[str, Any]) -> Any:
        """What an answer says. Equal bytes say the same, but for their headers: to read them again
        takes as long as to answer does."""
        parser = _parser(model.service_model.resolved_protocol)
        if _says_by_headers(model.output_shape) or len(raw["body"]) > MANY_BYTES:
            return parser.parse(raw, model.output_shape)
        headers, body = raw["headers"], raw["body"]
        numbered = _REQUEST.search(body) if body[:1] == b"<" else None
        if numbered:
            body = body[: numbered.start()] + body[numbered.end() :]
        error = headers.get("x-amzn-errortype", "")
        key = model.service_model.service_name, model.name, raw["status_code"], error, body
        kept = _READ.get(key)
        if kept is None:
            if len(_READ) > MANY_ANSWERS:
                _READ.clear()
            kept = _READ[key] = pickle.dumps(parser.parse(raw, model.output_shape))
        parsed = pickle.loads(kept)
        told = parsed.setdefault("ResponseMetadata", {})
        told["HTTPHeaders"] = headers
        if numbered:
            told["RequestId"] = numbered[1].decode()
        elif request := headers.get("x-amzn-requestid"):
            told["RequestId"] = request
        return parsed

    def _send(self, request: Any, event_name: str, **_more: Any) -> AWSResponse:
        """A handler of botocore's ``before-send``: what it returns is the answer."""
        first = self._failed.__dict__.pop("instead", None)
        try:
            if isinstance(first, Exception):
                raise first
            answer = first or self._carry(
                _named(event_name), request.method, request.url, dict(request.headers),
                request.body or b"",
            )  # fmt: skip
        except ConnectionResetError as error:
            raise ConnectionClosedError(endpoint_url=request.url, error=error) from error
        return _response(request.url, answer)

    def request(self, method: str, url: str, **_: Any) -> _Raw:
        """As urllib3's pool does: how layers are fetched."""
        try:
            status, _headers, body = self._carry("ecr-layer:GET", method, url, {}, b"")
        except ConnectionResetError as error:
            raise ProtocolError("Connection aborted.", error) from error
        return _Raw(body, status)

    def _carry(
        self, name: str, method: str, url: str, headers: dict[str, Any], body: bytes | str
    ) -> Answer:
        self.number += 1
        number = self.number
        self.names.append(name)
        self.at(number, name, False)
        answer = _ask(self.aws, method, url, headers, body)
        self.at(number, name, True)
        return answer


Connected = dict[tuple[object, ...], tuple[Aws, ...]]
"""Sessions by what they were asked for: making their clients takes longer than a scan."""


def connect_by_wire(aws: Sandbox, known: Connected, patch: pytest.MonkeyPatch) -> None:
    """Let everybody who connects as the environment says call this sandbox without sockets, by
    sessions that are made once; those of roles once for each test."""

    def connect(**how: Any) -> Clients:
        if how.get("profiles") or not only(aws):
            return by_sockets(**how)
        git, use_docker = tuple(how.pop("git", ())), how.pop("use_docker", True)
        led = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
        key = (*sorted(led.items()), repr(sorted(how.items())))
        if key not in known:
            known[key] = Wire(aws).carry(by_sockets(use_docker=False, **how)).aws
        made = Clients(known[key], git)
        return clients.with_engine(made, connect_docker()) if use_docker else made

    roles = dict[tuple[object, ...], Aws]()

    def assumed(base: Aws, *role: str) -> Aws:
        if not only(aws):
            return by_role(base, *role)
        if (id(base), *role) not in roles:
            (roles[id(base), *role],) = Wire(aws).carry(Clients((by_role(base, *role),))).aws
        return roles[id(base), *role]

    patch.setattr(clients, "connect", connect)
    patch.setattr("jotgraph.sources.accounts.assumed", assumed)


def without_sockets(aws: Sandbox) -> None:
    """Let the sandbox's own clients, by which tests look and disturb, call it without sockets."""
    wire, session = Wire(aws), aws.session

    def carried(region: str | None = None, account: str | None = None) -> Any:
        made = session(region, account)
        wire.attach(made.events)
        return made

    aws.session = carried  # type: ignore[method-assign]  # of this one


def _unsigned(**_request: Any) -> object:
    """A handler of botocore's ``choose-signer``: a signature costs a tenth of a call, and the
    sandbox checks none; those over sockets are signed."""
    return UNSIGNED


def _name_the_caller(request: Any, request_signer: Any, **_more: Any) -> None:
    """A handler of ``before-sign``."""
    request.headers["Authorization"] = _caller(request_signer)


def _caller(signer: Any) -> str:
    """The scope of a signature, by which the sandbox knows the account, the region and the
    service."""
    credentials = signer._credentials
    if credentials is None:
        raise NoCredentialsError
    elsewhere = OTHER_REGION.get()
    region = signer.region_name
    if elsewhere and elsewhere.client._request_signer is signer:
        region = elsewhere.region
    return _signed(credentials.access_key, region, signer.signing_name)


@cache
def _signed(access_key: str, region: str, service: str) -> str:
    scope = f"{access_key}/20260101/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, Signature=none"


def _is_nowhere(answer: Answer) -> bool:
    """Whether an answer says that something is not there, which botocore takes at its word."""
    status, headers, content = answer
    return (status == 400 and b"NotFound" in content) or (
        status == 404 and (b"NoSuchEntity" in content or "NotFound" in str(headers))
    )


@cache
def _named(event: str) -> str:
    """A call by the event that botocore tells of it: ``before-send.ecr.PutImage``."""
    _event, service, action = event.rsplit(".", 2)
    return f"{service}:{action}"


def _response(url: str, answer: Answer) -> AWSResponse:
    status, given, body = answer
    headers: Any = HTTPHeaders.from_dict(given)
    return AWSResponse(url, status, headers, _Raw(body))


@cache
def _says_by_headers(shape: Any) -> bool:
    """Whether a part of an answer is not in its body; so is one that is its body as it is."""
    return shape is not None and (
        "payload" in shape.serialization
        or any(
            member.serialization.get("location") in ("header", "headers", "statusCode")
            for member in shape.members.values()
        )
    )


@cache
def _parser(protocol: str) -> Any:
    return parsers.create_parser(protocol)


class _Raw:
    """As much of urllib3's response as is used."""

    def __init__(self, body: bytes, status: int = 200) -> None:
        self._body, self.status = body, status
        self.headers: dict[str, str] = {}

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self._body

    def read1(self, *_: Any, **__: Any) -> bytes:
        piece, self._body = self._body, b""
        return piece

    read = read1
    """A payload that is streamed is read whole."""

    def close(self) -> None:
        return None

    def release_conn(self) -> None:
        return None


class _Answered(AWSResponse):
    """botocore's response, whose headers are looked at by few."""

    def __init__(self, url: str, status: int, given: dict[str, str], content: bytes) -> None:
        self.url, self.status_code, self.raw = url, status, _Raw(content)
        self._given, self._content = given, content

    @cached_property
    def headers(self) -> Any:  # type: ignore[override]  # in botocore made at once
        """By name in any case."""
        return HeadersDict(self._given)


def _bytes(body: Any) -> bytes:
    """The bytes of a body; what is read from a file may be sent again."""
    if isinstance(body, str):
        return body.encode()
    if not hasattr(body, "read"):
        return bytes(body)
    content: bytes = body.read()
    body.seek(0)
    return content


@lru_cache(maxsize=4096)
def _environ(method: str, url: str, headers: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """What a server says of a request, but for its body."""
    parts = urlsplit(url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(parts.path, encoding="latin-1"),
        "RAW_URI": f"{parts.path}?{parts.query}" if parts.query else parts.path,
        "REQUEST_URI": f"{parts.path}?{parts.query}" if parts.query else parts.path,
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "",
        "SERVER_PORT": str(parts.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for key, value in headers:
        said = value.decode() if isinstance(value, bytes) else str(value)
        environ[f"HTTP_{key.upper().replace('-', '_')}"] = said
    environ["HTTP_HOST"] = parts.netloc
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    return environ


def _ask(aws: Sandbox, method: str, url: str, headers: dict[str, Any], body: bytes | str) -> Answer:
    content = _bytes(body)
    environ = {
        **_environ(method, url, tuple(headers.items())),
        "wsgi.input": io.BytesIO(content),
        "wsgi.errors": io.StringIO(),
        "CONTENT_LENGTH": str(len(content)),
    }
    head: list[Any] = []
    answer = aws.app(environ, lambda status, given, exc=None: head.extend((status, given)))
    made = b"".join(answer)
    return int(head[0].split()[0]), {key: str(value) for key, value in head[1]}, made
