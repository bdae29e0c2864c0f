"""The WSGI application of the sandbox: faults, policy, our answers or those of moto, all logged."""

from __future__ import annotations

import io
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from email.utils import formatdate
from functools import lru_cache
from typing import Any

from jotgraph.sandbox import cloudtrail, organization, regions, sessions, tagging
from jotgraph.sandbox.call_log import CallLog
from jotgraph.sandbox.ecr import blobs as ecr_blobs
from jotgraph.sandbox.ecr import calls as ecr
from jotgraph.sandbox.ecr import pull_exclusions, settings
from jotgraph.sandbox.ecs import calls as ecs
from jotgraph.sandbox.faults import Fault, Faults
from jotgraph.sandbox.functions import calls as functions
from jotgraph.sandbox.functions import metrics, packages, reads
from jotgraph.sandbox.iam import calls as iam
from jotgraph.sandbox.iam import policy
from jotgraph.sandbox.wire import (
    AwsError,
    Reply,
    Request,
    denied,
    error_reply,
    read_request,
    throttled,
)
from jotgraph.sandbox.workloads import (
    agentcore,
    apprunner,
    batch,
    codebuild,
    eks,
    emr_serverless,
    gamelift,
    inspector,
    sagemaker,
)
from jotgraph.sandbox.world import ACCOUNT, Handler, World

HANDLERS: Mapping[str, Mapping[str, Handler]] = {
    "ecr": {
        **ecr.HANDLERS,
        **ecr_blobs.HANDLERS,
        **pull_exclusions.HANDLERS,
        **settings.HANDLERS,
    },
    "lambda": functions.HANDLERS,
    "ec2": regions.HANDLERS,
    "iam": iam.HANDLERS,
    "organizations": organization.HANDLERS,
    "sts": sessions.HANDLERS,
    "cloudwatch": metrics.HANDLERS,
    "tagging": tagging.HANDLERS,
    "apprunner": apprunner.HANDLERS,
    "batch": batch.HANDLERS,
    "bedrock-agentcore-control": agentcore.HANDLERS,
    "codebuild": codebuild.HANDLERS,
    "ecs": ecs.HANDLERS,
    "cloudtrail": cloudtrail.HANDLERS,
    "eks": eks.HANDLERS,
    "emr-serverless": emr_serverless.HANDLERS,
    "gamelift": gamelift.HANDLERS,
    "inspector2": inspector.HANDLERS,
    "sagemaker": sagemaker.HANDLERS,
}
"""Service -> action -> the answer that replaces moto's."""
WITHOUT_MOTO = frozenset({"apprunner", "gamelift"})
"""Services of which moto knows nothing: what has no handler here is not implemented."""

MAX_BODY = 64 * 1024 * 1024


class App:
    """One embedded AWS behind WSGI."""

    def __init__(self, world: World, moto: Any) -> None:
        self.world, self.moto = world, moto
        self.calls = CallLog()
        self.faults = Faults()
        self.allowed: policy.Policy | None = None
        self._lock = threading.RLock()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        for blobs in (ecr_blobs, packages):
            if path.startswith(blobs.PATH):
                return self._blob(
                    blobs.download_request(environ), blobs.download, environ, start_response
                )
        arrived = time.monotonic()
        body = _body(environ)
        request = read_request(environ, body, self._account_of)
        strikes = self.faults.striking(request)
        reply = self._spoiled(request, strikes, environ)
        if reply is None:
            reply = self._answer(request, environ, body)
        for fault in strikes:
            if fault.effect == "after":
                fault.value(request, reply)
        if any(fault.effect == "lose-reply" for fault in strikes):
            self._cut(request, environ)
        if cloudtrail.is_kept(request):
            with self._lock:
                cloudtrail.note(self.world, request, reply)
        self.calls.add(request, reply, arrived)
        truncate = any(fault.effect == "truncate" for fault in strikes)
        return _send(reply, start_response, truncate, ("Date", _date(int(self.world.now()))))

    def _account_of(self, access_key: str) -> str:
        """Return the account of a key; keys of AssumeRole belong to the account of the role
        (moto)."""
        if access_key in self.world.accounts:
            return self.world.accounts[access_key]
        from moto.iam.models import get_account_id_from  # noqa: PLC0415 -- slow import

        return str(get_account_id_from(access_key)) if access_key else ACCOUNT

    def _spoiled(
        self, request: Request, strikes: tuple[Fault, ...], environ: dict[str, Any]
    ) -> Reply | None:
        """Apply the faults that are set for a call. Returns the reply if a fault already decides
        it."""
        for fault in strikes:
            if fault.effect == "delay":
                time.sleep(fault.value)
            elif fault.effect == "before":
                fault.value(request)
            elif fault.effect == "items":
                request.failures.append(fault.value)
        for fault in strikes:
            if fault.effect == "reset":
                self._cut(request, environ)
            elif fault.effect == "throttle":
                return error_reply(request.service, throttled(request.service))
            elif fault.effect == "deny":
                action, resource = policy.action_of(request), policy.resource_of(request)
                return error_reply(request.service, self._denial(request, action, resource))
            elif fault.effect == "error":
                return error_reply(request.service, fault.value)
        return None

    def _denial(self, request: Request, action: str, resource: str) -> AwsError:
        user = f"arn:aws:iam::{request.account}:user/jotgraph"
        return denied(request.service, user, action, resource)

    def _answer(self, request: Request, environ: dict[str, Any], body: bytes) -> Reply:
        if self.allowed is not None and (refused := self.allowed.refuses(request)):
            return error_reply(request.service, self._denial(request, *refused))
        handler = HANDLERS.get(request.service, {}).get(request.action)
        with self._lock:
            if request.access_key not in self.world.accounts:
                iam.note_use(request)
            try:
                sessions.refuse_expired(self.world, request)
                regions.refuse_disabled(self.world, request)
                reply = handler(self.world, request) if handler else None
            except AwsError as error:
                return error_reply(request.service, error)
            if reply is None:
                return self._by_moto(request, environ, body)
            return reply if self._may_see_tags(request) else reads.untagged(reply)

    def _may_see_tags(self, request: Request) -> bool:
        """ "Lambda returns tag data only if you have explicit allow permissions for
        lambda:ListTags" (API_GetFunction)."""
        if self.allowed is None or (request.service, request.action) != ("lambda", "GetFunction"):
            return True
        return self.allowed.allows(replace(request, action="ListTags"))

    def _by_moto(self, request: Request, environ: dict[str, Any], body: bytes) -> Reply:
        """Let moto answer. A call that moto does not implement gets a clear error: moto's own is an
        HTML page with status 500, which clients take for a failure that is worth a retry."""
        replayed = {**environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        replayed["HTTP_X_MOTO_ACCOUNT_ID"] = request.account
        try:
            if request.service in WITHOUT_MOTO:
                raise NotImplementedError
            status, headers, content = self.moto.ask(request.service, replayed)
        except NotImplementedError:
            status, headers, content = 500, (), b"<!doctype html>"
        if status >= 400 and content.lstrip()[:9].lower() == b"<!doctype":
            name = f"{request.service}:{request.action}"
            error = AwsError("SandboxNotImplemented", f"{name} is not part of the sandbox", 501)
            return error_reply(request.service, error)
        dropped = {"connection", "server", "date", "transfer-encoding"}
        if environ.get("REQUEST_METHOD") != "HEAD":  # there it is the length of what is not sent
            dropped.add("content-length")
        kept = tuple((k, v) for k, v in headers if k.lower() not in dropped)
        code = _error_code(content, dict(kept)) if status >= 400 else ""
        return Reply(status, content, kept, code=code)

    def _blob(
        self,
        request: Request,
        download: Callable[[World, Request], Reply],
        environ: dict[str, Any],
        start_response: Callable[..., Any],
    ) -> Iterable[bytes]:
        strikes = self.faults.striking(request)
        reply = self._spoiled(request, strikes, environ)
        if reply is None:
            with self._lock:
                reply = download(self.world, request)
        self.calls.add(request, reply)
        return _send(reply, start_response, any(f.effect == "truncate" for f in strikes))

    def _cut(self, request: Request, environ: dict[str, Any]) -> None:
        """Reset the connection. Raises ConnectionResetError, which the server does not report."""
        self.calls.add(request, None)
        connection = environ.get("werkzeug.socket")
        if connection is not None:
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionResetError


@lru_cache(maxsize=8)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


def _body(environ: Mapping[str, Any]) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    stream = environ["wsgi.input"]
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        return bytes(stream.read(MAX_BODY))
    return bytes(stream.read(min(length, MAX_BODY))) if length else b""


def _error_code(content: bytes, headers: Mapping[str, str]) -> str:
    """The code of an error of moto's, for the log."""
    lowered = {key.lower(): value for key, value in headers.items()}
    if "x-amzn-errortype" in lowered:
        return lowered["x-amzn-errortype"]
    text = content.decode("utf-8", "replace")
    for opening, closing in (("<Code>", "</Code>"), ('"__type": "', '"'), ('"__type":"', '"')):
        if opening in text:
            return text.partition(opening)[2].partition(closing)[0].rpartition("#")[2]
    return "Error"


def _send(
    reply: Reply, start_response: Callable[..., Any], truncate: bool, *more: tuple[str, str]
) -> Iterable[bytes]:
    headers = [*reply.headers, *more]
    if "content-length" not in [name.lower() for name, _ in headers]:
        headers.append(("Content-Length", str(len(reply.body))))
    body = reply.body
    if truncate:
        headers.append(("Connection", "close"))
        body = body[: len(body) // 2]
    start_response(f"{reply.status} {'OK' if reply.status < 400 else 'Error'}", headers)
    return [body]
