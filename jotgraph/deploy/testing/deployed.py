"""Invokes a function of Lambda with events, and reports which version and image answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import msgspec

from jotgraph.deploy.testing.cases import Case
from jotgraph.deploy.testing.replies import Reply, error_of, failed, judged
from jotgraph.deploy.testing.report_line import figures_of, tail_lines
from jotgraph.errors import ApplyError, CallFailedError, OptionError, UnknownNameError
from jotgraph.queries.answers.testing import (
    CaseResult,
    CaseStatus,
    Figures,
    FunctionError,
    TestReport,
)
from jotgraph.records import (
    ResourceId,
    as_id,
    function_name_of,
    function_of,
    kind_of,
    qualifier_of,
)
from jotgraph.records.kinds import Kind
from jotgraph.records.references import ecr_reference, lambda_target, unqualified
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.classify import classify
from jotgraph.sources.connections import is_gone
from jotgraph.sources.functions.requests import get_function

_LATEST = "$LATEST"
_TIMED_OUT = ("Sandbox.Timedout", "Task timed out after")
_SHOWN = 50
"""Log lines in a report of one case."""


class Calls(Protocol):
    """Gives the clients for the account and region of a resource: a session, or connections."""

    def client(self, resource: ResourceId) -> RegionClient: ...


class Invocation(msgspec.Struct, frozen=True):
    """One answer of a function of Lambda."""

    reply: Reply
    version: str
    """The version that ran, a number or ``$LATEST``; an alias may route to either of two."""
    figures: Figures
    log: tuple[str, ...]
    seconds: float


class _Code(NamedTuple):
    """What a version ran when it was looked at."""

    digest: str
    """The digest of the image; empty for a zip package."""
    revision: str


def function_named(name: str, account: str, region: str) -> ResourceId:
    """Return the function, version or alias in ``NAME[:QUALIFIER]``, an ARN or an id. Raises
    OptionError for other text."""
    resource = as_id(name) or lambda_target(name)
    if resource is not None:
        if kind_of(resource) in (Kind.FUNCTION, Kind.VERSION, Kind.ALIAS):
            return resource
        raise OptionError(f"{name} is not a function, version or alias")
    resource = lambda_target(f"arn:aws:lambda:{region}:{account}:function:{name.removesuffix(':')}")
    if resource is None:
        raise OptionError(f"{name!r} is not a function: write NAME, NAME:QUALIFIER or an ARN")
    return resource


def invoke(calls: Calls, function: ResourceId, qualifier: str, payload: bytes) -> Invocation:
    """Invoke a function once and wait for its answer with the end of its log. ``function`` is its
    id; ``qualifier`` a version, an alias or empty. The call is repeated only when Lambda throttled
    it. Raises ApplyError when Lambda does not run it."""
    client = calls.client(function)
    begun = time.monotonic()
    try:
        answer = client.ask(
            "lambda",
            "Invoke",
            FunctionName=function_name_of(function),
            Qualifier=qualifier or _LATEST,
            InvocationType="RequestResponse",
            LogType="Tail",
            Payload=payload,
        )
        body = _body(answer)
    except CallFailedError as error:
        raise ApplyError(_lost(function, error)) from error
    seconds = round(time.monotonic() - begun, 3)
    log = tail_lines(str(answer.get("LogResult") or ""))
    return Invocation(
        reply=_reply(body, str(answer.get("FunctionError") or "")),
        version=str(answer.get("ExecutedVersion") or ""),
        figures=figures_of(log),
        log=log[-_SHOWN:],
        seconds=seconds,
    )


def _lost(function: ResourceId, error: CallFailedError) -> str:
    """What is known of a call without an answer: only a refused call certainly did not run."""
    refused = bool(error.failure.code)
    what = "was not invoked" if refused else "may have run, but its answer was not read"
    return f"{function} {what}: {error.failure.detail}"


def _body(answer: Mapping[str, object]) -> bytes:
    """The whole payload. Raises CallFailedError when the connection breaks."""
    stream = answer.get("Payload")
    try:
        return bytes(stream.read()) if stream is not None else b""  # type: ignore[attr-defined] # botocore's StreamingBody
    except Exception as error:  # botocore, urllib3 and sockets have their own
        raise CallFailedError(classify(error)) from error


def _reply(body: bytes, function_error: str) -> Reply:
    if not function_error:
        return Reply(body)
    error = error_of(body)
    slow = error.type == _TIMED_OUT[0] or _TIMED_OUT[1] in error.message
    if not error.type:
        error = FunctionError(error.message, function_error, error.trace)
    return failed(error, CaseStatus.TIMEOUT if slow else CaseStatus.ERROR)


def invoke_cases(
    calls: Calls,
    target: ResourceId,
    cases: Sequence[Case],
    *,
    now: datetime,
    tell: Callable[[CaseResult], None] = lambda result: None,
) -> TestReport:
    """Invoke a function, version or alias with each case in turn.

    The image is read for the version that ran; ``$LATEST`` is read before and after, and if it
    changed meanwhile no image is reported. Raises UnknownNameError for an unknown function,
    ApplyError when Lambda does not run it, or when what it runs cannot be read.
    """
    function, qualifier = function_of(target), qualifier_of(target)
    client = calls.client(function)
    arn = _arn(client, target)
    before = {_LATEST: _code(client, function, _LATEST)}
    results: list[CaseResult] = []
    for case in cases:
        invocation = invoke(calls, function, qualifier, case.event)
        result = msgspec.structs.replace(
            judged(case, invocation.reply, invocation.seconds),
            figures=invocation.figures,
            version=invocation.version,
            log=invocation.log,
        )
        results.append(result)
        tell(result)
    digests = _digests(client, function, before, {result.version for result in results})
    results = [
        msgspec.structs.replace(result, digest=digests.get(result.version, ""))
        for result in results
    ]
    images = {result.digest for result in results}
    return TestReport(
        at=now,
        image=images.pop() if len(images) == 1 else "",
        where=arn,
        function=target,
        results=tuple(results),
    )


def _arn(client: RegionClient, target: ResourceId) -> str:
    """The ARN of what is invoked. Raises UnknownNameError when it does not exist."""
    try:
        answer = get_function(client, function_name_of(target), qualifier_of(target) or _LATEST)
    except CallFailedError as error:
        if is_gone(error):
            whole = function_name_of(target)
            listed = f"jotgraph show {whole} lists its versions and aliases"
            advice = listed if qualifier_of(target) else "jotgraph ls lists the functions"
            message = f"there is no {target}"
            raise UnknownNameError(target, (), advice, message=message) from error
        raise ApplyError(f"{target} cannot be read: {error.failure.detail}") from error
    return unqualified(str(answer["Configuration"]["FunctionArn"]))


def _code(client: RegionClient, function: ResourceId, version: str) -> _Code:
    """What a version runs now. Raises ApplyError."""
    try:
        answer = get_function(client, function_name_of(function), version)
    except CallFailedError as error:
        raise ApplyError(
            f"version {version} of {function} cannot be read: {error.failure.detail}"
        ) from error
    image = ecr_reference((answer.get("Code") or {}).get("ResolvedImageUri"))
    return _Code(image.digest if image else "", str(answer["Configuration"].get("RevisionId")))


def _digests(
    client: RegionClient, function: ResourceId, before: Mapping[str, _Code], versions: set[str]
) -> dict[str, str]:
    """The digest of each version that ran; none for one that changed meanwhile."""
    digests: dict[str, str] = {}
    for version in versions - {""}:
        code = _code(client, function, version)
        if version not in before or before[version] == code:
            digests[version] = code.digest
    return digests
