"""STS: whose keys are used, who may assume a role, and how long its keys are valid.

Corrections to moto 5.2, in which anybody can assume any role, even one that does not exist, and
keys never expire.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from jotgraph.sandbox.wire import AwsError, Reply, Request, denied, query_reply
from jotgraph.sandbox.world import Handler, World, iam_backend

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_ROLE = re.compile(r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):role/(?:.+/)?[^/]+")
SECONDS = 3600
"""How long a session lasts unless DurationSeconds says (API_AssumeRole)."""


def assume_role(world: World, request: Request) -> Reply:
    """Return keys of a role whose trust policy admits the caller. A caller who is not admitted, and
    one who names a role that does not exist, get the same AccessDenied (IAM guide, "Troubleshoot
    IAM roles")."""
    arn = request.text("RoleArn")
    named = _ROLE.fullmatch(arn)
    if named is None:
        raise AwsError("ValidationError", f"{arn} is invalid")
    roles = iam_backend(named["account"]).roles.values()
    role = next((role for role in roles if role.arn == arn), None)
    if role is None or not _trusts(role.assume_role_policy_document, request):
        user = f"arn:aws:iam::{request.account}:user/jotgraph"
        raise denied("sts", user, "sts:AssumeRole", arn)
    seconds = int(request.text("DurationSeconds", str(SECONDS)))
    if not 900 <= seconds <= 43200:
        raise AwsError("ValidationError", "DurationSeconds must be from 900 to 43200")
    session = _moto_session(request, arn, seconds)
    world.sessions[session.access_key_id] = expires = world.now() + seconds
    ends = datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return query_reply(
        "AssumeRole",
        f"<Credentials><AccessKeyId>{session.access_key_id}</AccessKeyId>"
        f"<SecretAccessKey>{session.secret_access_key}</SecretAccessKey>"
        f"<SessionToken>{session.session_token}</SessionToken><Expiration>{ends}</Expiration>"
        f"</Credentials><AssumedRoleUser><Arn>{session.arn}</Arn>"
        f"<AssumedRoleId>{session.user_id}</AssumedRoleId></AssumedRoleUser>",
        NAMESPACE,
    )


def get_caller_identity(world: World, request: Request) -> Reply:
    """Return whose keys are used (API_GetCallerIdentity)."""
    from moto.sts.models import sts_backends  # noqa: PLC0415 -- moto takes a second to import
    from moto.utilities.utils import get_partition  # noqa: PLC0415 -- with moto

    backend: Any = sts_backends[request.account][get_partition(request.region)]
    user, arn, account = backend.get_caller_identity(request.access_key, request.region)
    return query_reply(
        request.action,
        f"<UserId>{user}</UserId><Account>{account}</Account><Arn>{escape(arn)}</Arn>",
        NAMESPACE,
    )


def _moto_session(request: Request, arn: str, seconds: int) -> Any:
    """moto's own session, by which its STS and IAM know the keys."""
    from moto.sts.models import sts_backends  # noqa: PLC0415 -- moto takes a second to import

    return sts_backends[request.account]["aws"].assume_role(
        request.region, request.text("RoleSessionName"), arn, "", seconds, ""
    )


def _trusts(document: str, request: Request) -> bool:
    """Whether a trust policy admits the caller's account, with the external id that it requires."""
    policy = json.loads(document)
    statements = policy.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        actions = statement.get("Action")
        named = {request.account, f"arn:aws:iam::{request.account}:root", "*"}
        if (
            statement.get("Effect") == "Allow"
            and "sts:AssumeRole" in (actions if isinstance(actions, list) else [actions])
            and named.intersection(_principals(statement))
            and _external_id(statement) in (None, request.params.get("ExternalId"))
        ):
            return True
    return False


def _principals(statement: Mapping[str, Any]) -> Iterator[str]:
    principals = (statement.get("Principal") or {}).get("AWS", ())
    yield from [principals] if isinstance(principals, str) else principals


def _external_id(statement: Mapping[str, Any]) -> str | None:
    equals = (statement.get("Condition") or {}).get("StringEquals", {})
    wanted: str | None = equals.get("sts:ExternalId")
    return wanted


def refuse_expired(world: World, request: Request) -> None:
    """Raise AwsError(ExpiredToken) for keys of a session that has ended."""
    ends = world.sessions.get(request.access_key)
    if ends is not None and ends < world.now():
        short = "ExpiredToken" if request.service in ("iam", "sts") else "ExpiredTokenException"
        raise AwsError(short, "The security token included in the request is expired", 403)


HANDLERS: Mapping[str, Handler] = {
    "AssumeRole": assume_role,
    "GetCallerIdentity": get_caller_identity,
}
