"""Translates exceptions of boto3 into failures with a reason."""

from __future__ import annotations

from typing import Any

from jotgraph.errors import Failure

CREDENTIALS = frozenset(
    {
        "ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId",
        "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch",
        "InvalidSignatureException", "MissingAuthenticationToken", "IncompleteSignature",
        "MissingAuthenticationTokenException", "IncompleteSignatureException",
        "TokenRefreshRequired", "NotSignedUp", "OptInRequired",
    }
)  # fmt: skip
"""Common error codes of AWS APIs for an unknown caller; a region that the account has not opted in
to answers UnrecognizedClientException too."""

DENIED = frozenset(
    {
        "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError",
        "UnauthorizedException", "NotAuthorized", "Forbidden", "ForbiddenException",
    }
)  # fmt: skip

THROTTLED = frozenset(
    {
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
        "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
        "BandwidthLimitExceeded", "SlowDown", "PriorRequestNotComplete", "LimitExceededException",
        "ProvisionedThroughputExceededException", "TransactionInProgressException",
        "EC2ThrottledException",
    }
)  # fmt: skip
"""Error codes of throttling: botocore/retries/standard.py, ThrottledRetryableChecker, and that of
GetMetricData."""

UNSUPPORTED = frozenset(
    {
        "InvalidAction", "UnknownOperationException", "NotImplemented", "SandboxNotImplemented",
        "UnsupportedOperation", "UnsupportedCommandException",
    }
)  # fmt: skip


def classify(error: Exception) -> Failure:
    """Return the failure for any exception of a call; an unknown one has the reason ``error``."""
    from botocore import exceptions as e  # noqa: PLC0415 -- botocore takes 0.3 s to import
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 -- as above

    if isinstance(error, e.ClientError):
        answered = _answered(dict(error.response), error.operation_name)
        repeated = bool(error.response.get("ResponseMetadata", {}).get("RetryAttempts"))
        return answered._replace(repeated=True) if repeated else answered
    text = _line(str(error)) or type(error).__name__
    unknown_caller = (
        e.NoCredentialsError, e.PartialCredentialsError, e.CredentialRetrievalError,
        e.NoAuthTokenError, e.TokenRetrievalError, e.SSOError, e.ProfileNotFound,
        e.RefreshWithMFAUnsupportedError, e.InvalidConfigError,
    )  # fmt: skip
    if isinstance(error, unknown_caller):
        return Failure("credentials", text)
    if isinstance(error, ResponseParserError | e.IncompleteReadError):
        return Failure("error", f"the answer was not readable ({text})")
    if isinstance(error, e.HTTPClientError | e.ConnectionError | OSError):
        return Failure("unreachable", text)
    return Failure("error", f"{type(error).__name__}: {text}")


def _answered(response: dict[str, Any], operation: str) -> Failure:
    code = str(response.get("Error", {}).get("Code", ""))
    message = _line(str(response.get("Error", {}).get("Message", "")))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) or 0)
    text = f"{code}: {message}" if message else code

    def answered(reason: str) -> Failure:
        return Failure(reason, text, code, said=message)

    signing_in = operation.startswith(("AssumeRole", "GetRoleCredentials", "CreateToken"))
    if signing_in and code not in THROTTLED:
        return Failure("credentials", f"{operation} failed ({text})", code)
    if code in CREDENTIALS:
        return answered("credentials")
    if code in THROTTLED or status == 429:
        return answered("throttled")
    if code in DENIED:
        return answered("denied")
    if code in UNSUPPORTED or (status in (404, 501) and code in ("404", "501", "Unknown", "")):
        return answered("unsupported")
    if status == 403:
        return answered("denied")
    if code.isdigit() or not code:
        # A page of HTML instead of an AWS error: a proxy, or an emulator that lacks the call.
        return Failure("error", f"HTTP {status or code} without an AWS error", code)
    return answered("error")


def not_understood(error: Exception) -> Failure:
    """Return the failure for a response whose form the reader does not know."""
    message = f"an answer could not be understood ({type(error).__name__}: {error})"
    return Failure("error", message, understood=False)


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
