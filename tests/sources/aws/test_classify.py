"""Every shape of failure, and the word and advice it gets."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
    UnauthorizedSSOTokenError,
)
from botocore.parsers import ResponseParserError

from jotgraph.errors import ADVICE
from jotgraph.sources.aws.classify import classify


def _answer(code: str, status: int, operation: str = "ListFunctions") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]  # the rest is not needed
        operation,
    )


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (_answer("AccessDeniedException", 403), "denied"),
        (_answer("AccessDenied", 403, "AssumeRole"), "credentials"),
        (_answer("ExpiredTokenException", 403), "credentials"),
        (_answer("UnrecognizedClientException", 400), "credentials"),
        (_answer("TooManyRequestsException", 429), "throttled"),
        (_answer("ThrottlingException", 400), "throttled"),
        (_answer("Throttling", 400), "throttled"),
        (_answer("InternalFailure", 500), "error"),
        (_answer("500", 500), "error"),
        (_answer("404", 404), "unsupported"),
        (_answer("SandboxNotImplemented", 501), "unsupported"),
        (_answer("ResourceNotFoundException", 404), "error"),
        (NoCredentialsError(), "credentials"),
        (UnauthorizedSSOTokenError(), "credentials"),
        (EndpointConnectionError(endpoint_url="https://x"), "unreachable"),
        (ConnectTimeoutError(endpoint_url="https://x"), "unreachable"),
        (ReadTimeoutError(endpoint_url="https://x"), "unreachable"),
        (ConnectionResetError("reset"), "unreachable"),
        (ResponseParserError("not XML"), "error"),
        (KeyError("surprise"), "error"),
    ],
)
def test_reasons(error: Exception, reason: str) -> None:
    failure = classify(error)
    assert failure.reason == reason
    assert failure.detail.endswith(ADVICE[reason])
    assert "\n" not in failure.detail
