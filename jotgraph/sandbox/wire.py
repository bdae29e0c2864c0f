"""Which call an HTTP request to AWS is, and answers and errors in each service's shape.

Pure but for reading botocore's bundled service models: every protocol the sandbox answers (AWS
JSON for ECR, ECS, CloudWatch and most others; REST-JSON for Lambda and those of ``REST``; Query
for IAM and STS) is told apart as botocore writes it.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from jotgraph.clients.sessions import service_models

SERVICES = {
    "monitoring": "cloudwatch",
    "awslambda": "lambda",
    "bedrock-agentcore": "bedrock-agentcore-control",
}
"""Signing names that differ from the name of the boto3 client."""
REST = frozenset(
    {"lambda", "batch", "bedrock-agentcore-control", "eks", "emr-serverless", "inspector2"}
)
"""Services whose calls are told apart by method and path, and whose errors by a header."""

_SCOPE = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]*)/([^/]+)/aws4_request")


@dataclass(frozen=True)
class Request:
    """One call as AWS would understand it; ``params`` by API member names (Query protocol:
    flattened as sent)."""

    service: str
    action: str
    region: str
    account: str
    access_key: str
    params: Mapping[str, Any]
    failures: list[Callable[[Mapping[str, Any]], tuple[str, str] | None]] = field(
        default_factory=list
    )
    """Injected failures of single items in a batch: item in, (code, reason) or None out."""

    def text(self, name: str, default: str = "") -> str:
        value = self.params.get(name)
        return default if value is None else str(value)


@dataclass(frozen=True)
class Reply:
    """A response: status, headers and body."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    code: str = ""
    """Error code when this is an error."""
    result: Any = None
    """The answer before it was serialised, for hooks."""


class AwsError(Exception):
    """An error that AWS documents for a call; made into that service's error shape."""

    def __init__(self, code: str, message: str, status: int = 400, **extra: Any) -> None:
        self.code, self.message, self.status, self.extra = code, message, status, extra
        super().__init__(f"{code}: {message}")


@cache
def model(service: str) -> Mapping[str, Any]:
    """Return botocore's bundled model of a service (``botocore/data/*/service-2.json``)."""
    loaded: Mapping[str, Any] = service_models().load_service_model(service, "service-2")
    return loaded


@cache
def _rest_routes(service: str) -> tuple[tuple[str, str, str, str, str], ...]:
    """(method, how the path begins, its pattern, fixed query, operation), the most literal first.
    Patterns are text, since of each service few are asked for."""
    routes = []
    for name, operation in model(service)["operations"].items():
        path, _, fixed = operation["http"]["requestUri"].partition("?")
        path = path.rstrip("/")
        pattern = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", path)
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        literal = len(re.sub(r"\{[^}]*\}", "", path)) + len(fixed)
        start = path.partition("{")[0]
        routes.append((-literal, name, operation["http"]["method"], start, pattern, fixed))
    routes.sort()
    return tuple(
        (method, start, pattern, fixed, name) for _, name, method, start, pattern, fixed in routes
    )


@cache
def _query_members(service: str, action: str) -> Mapping[str, tuple[str, str]]:
    """Query-string name -> (member name, shape type) of a REST operation's input."""
    described = model(service)
    shape = described["operations"][action].get("input", {}).get("shape")
    members = described["shapes"].get(shape, {}).get("members", {})
    return {
        member.get("locationName", name): (name, described["shapes"][member["shape"]]["type"])
        for name, member in members.items()
        if member.get("location") == "querystring"
    }


@cache
def _header_members(service: str, action: str) -> tuple[tuple[str, str], ...]:
    """(member name, key of a WSGI environment) of what a REST operation has in headers."""
    described = model(service)
    shape = described["operations"].get(action, {}).get("input", {}).get("shape")
    members = described["shapes"].get(shape, {}).get("members", {})
    return tuple(
        (name, f"HTTP_{member['locationName'].upper().replace('-', '_')}")
        for name, member in members.items()
        if member.get("location") == "header" and "locationName" in member
    )


@lru_cache(maxsize=4096)
def _route(service: str, method: str, path: str, query: str) -> tuple[str, Mapping[str, str]]:
    """The operation of a method and a path with a query, and its members in the path."""
    path = path.rstrip("/")
    for verb, start, pattern, fixed, name in _rest_routes(service):
        if verb == method and path.startswith(start) and fixed in query:
            matched = re.fullmatch(pattern, path)
            if matched is not None:
                return name, matched.groupdict()
    return "", {}


def _rest(service: str, method: str, path: str, query: str, body: bytes) -> tuple[str, Any]:
    """REST-JSON: match the path; merge path, query-string and body members."""
    name, named = _route(service, method, path, query)
    if not name:
        return f"{method} {path}", {}
    params: dict[str, Any] = {}
    try:
        parsed = json.loads(body) if body.strip() else {}
    except ValueError:
        parsed = {"Payload": body}
    params.update(parsed if isinstance(parsed, dict) else {"Payload": parsed})
    if name.startswith("Invoke"):
        params = {"Payload": body}
    for key, value in parse_qsl(query, keep_blank_values=True) if query else ():
        member, kind = _query_members(service, name).get(key, (key, "string"))
        if kind == "list":
            params.setdefault(member, []).append(value)
        else:
            params[member] = int(value) if kind in ("integer", "long") else value
    params.update(named)
    return name, params


@lru_cache(maxsize=256)
def _scope(signature: str) -> tuple[str, str, str]:
    """The access key, the region and the service that a request is signed for."""
    scope = _SCOPE.search(signature)
    access_key, region, signing = scope.groups() if scope else ("", "us-east-1", "")
    return access_key, region, SERVICES.get(signing, signing)


def read_request(
    environ: Mapping[str, Any], body: bytes, account_of: Callable[[str], str]
) -> Request:
    """Tell which call a WSGI request is. ``account_of`` turns an access key into an account."""
    access_key, region, service = _scope(environ.get("HTTP_AUTHORIZATION", ""))
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    params: Mapping[str, Any] = {}
    if target:
        action = target.rpartition(".")[2]
        try:
            params = json.loads(body or b"{}")
        except ValueError:
            params = {}
    elif service in REST:
        action, members = _rest(
            service,
            environ["REQUEST_METHOD"],
            environ.get("PATH_INFO", ""),
            environ.get("QUERY_STRING", ""),
            body,
        )
        for name, key in _header_members(service, action):
            if key in environ:
                members[name] = environ[key]
        params = members
    else:
        form = body.decode("utf-8", "replace") or environ.get("QUERY_STRING", "")
        params = dict(parse_qsl(form, keep_blank_values=True))
        action = params.get("Action") or f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
    return Request(service, action, region, account_of(access_key), access_key, params)


def json_reply(result: Any, status: int = 200) -> Reply:
    """Serialise an answer of a JSON protocol; keys whose value is None are left out."""
    if status == 204:
        return Reply(204, result=result)
    body = json.dumps(without_none(result), separators=(",", ":")).encode()
    return Reply(status, body, (("Content-Type", "application/json"),), result=result)


def without_none(result: Any) -> Any:
    """Drop keys whose value is None, at the top two levels that answers are built of."""
    if not isinstance(result, dict):
        return result
    return {
        key: {k: v for k, v in value.items() if v is not None} if type(value) is dict else value
        for key, value in result.items()
        if value is not None
    }


def query_reply(action: str, inner: str, namespace: str) -> Reply:
    """Wrap the XML of a Query-protocol answer."""
    body = (
        f'<{action}Response xmlns="{namespace}"><{action}Result>{inner}</{action}Result>'
        f"<ResponseMetadata><RequestId>{request_id()}</RequestId></ResponseMetadata>"
        f"</{action}Response>"
    )
    return Reply(200, body.encode(), (("Content-Type", "text/xml"),))


def request_id() -> str:
    return secrets.token_hex(16)


def error_reply(service: str, error: AwsError) -> Reply:
    """Give an error in the shape of its service (botocore/parsers.py reads these)."""
    headers: tuple[tuple[str, str], ...] = (("x-amzn-RequestId", request_id()),)
    if service in ("iam", "sts"):
        sender = "Sender" if error.status < 500 else "Receiver"
        body = (
            f"<ErrorResponse><Error><Type>{sender}</Type><Code>{escape(error.code)}</Code>"
            f"<Message>{escape(error.message)}</Message></Error>"
            f"<RequestId>{request_id()}</RequestId></ErrorResponse>"
        ).encode()
        headers += (("Content-Type", "text/xml"),)
    elif service == "ec2":
        body = (
            f"<Response><Errors><Error><Code>{escape(error.code)}</Code>"
            f"<Message>{escape(error.message)}</Message></Error></Errors>"
            f"<RequestID>{request_id()}</RequestID></Response>"
        ).encode()
        headers += (("Content-Type", "text/xml"),)
    elif service == "s3":
        body = (
            f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
            f"<RequestId>{request_id()}</RequestId></Error>"
        ).encode()
        headers += (("Content-Type", "application/xml"),)
    elif service in REST:
        kind = "User" if error.status < 500 else "Service"
        fields = {"Type": kind, "Message": error.message, "message": error.message}
        body = json.dumps({**fields, **error.extra}).encode()
        headers += (("x-amzn-ErrorType", error.code), ("Content-Type", "application/json"))
    else:
        fields = {"__type": error.code, "message": error.message}
        body = json.dumps({**fields, **error.extra}).encode()
        headers += (("Content-Type", "application/x-amz-json-1.1"),)
    return Reply(error.status, body, headers, code=error.code)


def throttled(service: str) -> AwsError:
    """The throttling error of a service: ``TooManyRequestsException`` (429) of Lambda and Batch,
    ``Throttling`` of IAM and STS, ``SlowDown`` (503) of S3, ``ThrottlingException`` elsewhere
    (botocore's ``_retry.json`` and each service's model), with the status 429 where paths tell
    calls apart."""
    if service == "lambda":
        return AwsError(
            "TooManyRequestsException", "Rate Exceeded.", 429, Reason="CallerRateLimitExceeded"
        )
    if service == "ec2":
        return AwsError("RequestLimitExceeded", "Request limit exceeded.", 503)
    if service in ("iam", "sts", "cloudwatch"):
        return AwsError("Throttling", "Rate exceeded")
    if service == "s3":
        return AwsError("SlowDown", "Please reduce your request rate.", 503)
    if service == "batch":
        return AwsError("TooManyRequestsException", "Too Many Requests", 429)
    status = 429 if service in REST else 400
    return AwsError("ThrottlingException", "Rate exceeded", status)


def denied(service: str, principal: str, action: str, resource: str = "*") -> AwsError:
    """The refusal of IAM: ``AccessDeniedException`` (403 of ``REST``, 400 of JSON services),
    ``AccessDenied`` (403) of IAM, STS, CloudWatch and S3, ``UnauthorizedOperation`` (403) of
    EC2."""
    message = (
        f"User: {principal} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )
    if service in ("iam", "sts", "cloudwatch", "s3"):
        return AwsError("AccessDenied", message, 403)
    if service == "ec2":
        return AwsError("UnauthorizedOperation", message, 403)
    return AwsError("AccessDeniedException", message, 403 if service in REST else 400)
