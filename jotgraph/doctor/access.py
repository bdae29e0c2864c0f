"""The IAM actions that a scan needs, and whether each was permitted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from jotgraph import permissions
from jotgraph.doctor.samples import MOVES_PULL_TIMES, Samples
from jotgraph.doctor.sampling import PULL
from jotgraph.errors import Failure
from jotgraph.queries.answers.diagnosis import Access, Attempt, Value, Words, term, words
from jotgraph.sources.consumers import CONSUMERS

_PREFIXES: Mapping[str, str] = {
    "resourcegroupstaggingapi": "tag",
    **{entry.client: entry.service for entry in CONSUMERS if entry.client},
}
"""boto3's name of a service -> the prefix of its IAM actions, where they differ."""
_ANSWERS = ("NotFound", "NoSuchEntity", "Unsupported")
"""Part of an error code which shows that the caller was permitted, and nothing was found."""
_NOTHING = words("nothing there to ask it about")
_UNREAD = words("another call of the service failed, so nothing is known to ask it about")
_ABSENT = words("the service is not offered in this region")
_SPARED = words("needed only where tag:GetResources may not be called, or for disabled triggers")
_DEPLOYED = words("needed only where something was deployed while the scan was reading")
_NEEDED_SELDOM: Mapping[str, Words] = {
    "ecr:ListTagsForResource": _SPARED,
    "lambda:ListTags": _SPARED,
    "lambda:ListVersionsByFunction": _DEPLOYED,
}
_ONE_EACH_ACCOUNT = frozenset({"iam", "ec2"})


def needed() -> dict[str, str]:
    """Return each action that a scan with every option needs, and its purpose."""
    used: dict[str, list[str]] = {}
    for need in permissions.needs("doctor", pulls=True):
        used.setdefault(need.action, []).append(need.because)
    return {action: "; ".join(reasons) for action, reasons in used.items()}


def access(
    samples: Samples,
    places: Iterable[tuple[str, str]],
    absent: Collection[tuple[str, str, str]] = (),
) -> tuple[Access, ...]:
    """Return a row for each action and place; for a service that is called once an account, for
    each of its calls. ``absent`` are account, region and service where a service is not offered."""
    allowed: dict[tuple[str, str], set[str]] = {}
    for sample in samples.answers:
        action = _action(sample.service, sample.action)
        allowed.setdefault((sample.account, sample.region), set()).add(action)
    failed: dict[tuple[str, str, str], Failure] = {
        (account, region, _action(service, action)): failure
        for (account, region, service, action), failure in samples.failures.items()
    }
    unread = {
        (account, region, action.partition(":")[0])
        for (account, region, action), failure in failed.items()
        if not _let_in(failure)
    }
    rows: list[Access] = []
    homes: set[tuple[str, str]] = set()
    for account, region in places:
        for action, because in needed().items():
            once = action.partition(":")[0] in _ONE_EACH_ACCOUNT
            if once and (account, action) in homes:
                continue
            if once:
                homes.add((account, action))
            here = (account, region, action.partition(":")[0])
            failure = failed.get((account, region, action))
            if failure is None and action not in allowed.get((account, region), ()):
                state, detail = Attempt.UNTRIED, _why_not(action, here, unread, absent)
            else:
                state, detail = _ended(failure)
            rows.append(
                Access(
                    account=Value(account), region=region, action=action, because=because,
                    state=state, detail=detail,
                )
            )  # fmt: skip
    return tuple(rows)


def _ended(failure: Failure | None) -> tuple[Attempt, Words]:
    if failure is None or _let_in(failure):
        return Attempt.ALLOWED, Words()
    state = Attempt.DENIED if failure.reason == "denied" else Attempt.FAILED
    return state, why(failure)


def _let_in(failure: Failure) -> bool:
    """Whether the caller was permitted, and nothing was found."""
    return any(sign in failure.code for sign in _ANSWERS)


def _why_not(
    action: str,
    here: tuple[str, str, str],
    unread: Collection[tuple[str, str, str]],
    absent: Collection[tuple[str, str, str]],
) -> Words:
    """Why nothing was called."""
    if here in absent:
        return _ABSENT
    if action.partition(":")[2] in MOVES_PULL_TIMES:
        return words(PULL.message)
    if here in unread:
        return _UNREAD
    return _NEEDED_SELDOM.get(action, _NOTHING)


def why(failure: Failure) -> Words:
    """Return the reason of a failure: the code is a term of AWS, the message may contain
    anything."""
    message = failure.said or failure.message
    if failure.code:
        return words("{}, {}: {}", term(failure.reason), term(failure.code), message)
    return words("{}: {}", term(failure.reason), message)


def _action(service: str, action: str) -> str:
    return f"{_PREFIXES.get(service, service)}:{action}"
