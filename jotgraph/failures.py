"""A call that was given up: why, in one word and one sentence of advice."""

from __future__ import annotations

from dataclasses import dataclass

ADVICE = {
    "credentials": "sign in again (aws sso login, aws configure) or pass --profile",
    "denied": "allow the action (jotgraph policy scan prints the policy)",
    "throttled": "scan again later, or when other tools are quiet",
    "unreachable": "check the network, the region's name and AWS_ENDPOINT_URL",
    "error": "scan again; if it stays, look at the AWS Health Dashboard",
    "unsupported": "the endpoint does not know this call",
}


@dataclass(frozen=True)
class Failure:
    """A call that was given up."""

    reason: str
    """``credentials denied throttled unreachable error unsupported``."""
    message: str
    code: str = ""
    """AWS's error code, when AWS answered."""

    @property
    def detail(self) -> str:
        """One sentence for people, with what to do."""
        return f"{self.message}; {ADVICE[self.reason]}"


class CallFailedError(Exception):
    """A call was given up; caught inside the sources and turned into a gap."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


def reason_of(error: Exception) -> str:
    """Why something went wrong, for people; of a failed call with what to do."""
    return error.failure.detail if isinstance(error, CallFailedError) else str(error)
