"""The reply of a function to one event, and the result of the case."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from jotgraph.deploy.testing.cases import Case
from jotgraph.deploy.testing.matching import ERROR, differences, shortened
from jotgraph.queries.answers.testing import CaseResult, CaseStatus, FunctionError, Mismatch
from jotgraph.records.json_text import NOT_JSON

_SHOWN = 20
"""The most differences in a result."""
_TRACE = 30
_LONGEST = 2000
"""Characters of a message, and of an answer, that are shown."""


class Reply(NamedTuple):
    """The reply to one event."""

    body: bytes = b""
    status: CaseStatus = CaseStatus.PASSED
    """``PASSED`` when there is an answer to compare."""
    error: FunctionError | None = None


def failed(error: FunctionError, status: CaseStatus = CaseStatus.ERROR) -> Reply:
    """Return a reply without an answer, with the reason."""
    return Reply(b"", status, error)


def error_of(body: bytes) -> FunctionError:
    """Parse the body of an error (Lambda guide, "errorMessage, errorType, stackTrace")."""
    try:
        document = msgspec.json.decode(body)
    except NOT_JSON:
        document = {}
    if not isinstance(document, dict):
        document = {}
    trace = document.get("stackTrace") or document.get("trace") or ()
    lines = [str(line).rstrip("\n") for line in trace] if isinstance(trace, list) else []
    message = document.get("errorMessage")
    return FunctionError(
        message=str(message if message is not None else text_of(body) or "no message")[:_LONGEST],
        type=str(document.get("errorType") or "")[:200],
        trace=tuple(line[:_LONGEST] for line in lines[-_TRACE:]),
    )


def is_error(body: bytes) -> bool:
    """Return whether an answer is the emulator's report that the function failed. The emulator
    reports that in the body alone, with the status of a success."""
    try:
        document = msgspec.json.decode(body)
    except NOT_JSON:
        return False
    return isinstance(document, dict) and "errorMessage" in document and "errorType" in document


def judged(case: Case, reply: Reply, seconds: float) -> CaseResult:
    """Return the result of a case, by comparing its answer with the expectation."""
    expectation = case.expectation or {}
    expected_error = expectation.get(ERROR)
    if reply.status is CaseStatus.ERROR and expected_error is not None and reply.error:
        return _by_error(case, reply.error, str(expected_error), seconds)
    if reply.status is not CaseStatus.PASSED:
        return CaseResult(name=case.name, status=reply.status, seconds=seconds, error=reply.error)
    answer = text_of(reply.body)
    try:
        value: Any = msgspec.json.decode(reply.body) if reply.body else None
    except NOT_JSON:
        if case.expectation is None:
            return CaseResult(
                name=case.name, status=CaseStatus.PASSED, seconds=seconds, answer=answer
            )
        error = FunctionError(f"its answer is not JSON: {answer[:200]}")
        return CaseResult(
            name=case.name, status=CaseStatus.ERROR, seconds=seconds, error=error, answer=answer
        )
    if expected_error is not None:
        mismatches: tuple[Mismatch, ...] = (
            Mismatch(ERROR, shortened(expected_error), shortened(value)),
        )
    else:
        mismatches = differences(expectation, value)
    return CaseResult(
        name=case.name,
        status=CaseStatus.DIFFERS if mismatches else CaseStatus.PASSED,
        seconds=seconds,
        differences=mismatches[:_SHOWN],
        differing=len(mismatches),
        answer=answer,
    )


def _by_error(case: Case, error: FunctionError, expected: str, seconds: float) -> CaseResult:
    """The result of a case that expects an error, by the error's type with or without module."""
    if expected in (error.type, error.type.rpartition(".")[2]):
        return CaseResult(name=case.name, status=CaseStatus.PASSED, seconds=seconds, error=error)
    return CaseResult(
        name=case.name,
        status=CaseStatus.DIFFERS,
        seconds=seconds,
        differences=(Mismatch(ERROR, shortened(expected), shortened(error.type)),),
        differing=1,
        error=error,
    )


def text_of(body: bytes) -> str:
    """Return bytes as text, shortened."""
    text = body[: _LONGEST * 4].decode("utf-8", "replace")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
