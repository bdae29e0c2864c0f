"""The default role of a function, which may write to the function's own log group."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from jotgraph.analysis.usage.principals import trusts_lambda
from jotgraph.deploy.run import Made, Run
from jotgraph.errors import ApplyError, CallFailedError, NotThereError, OptionError, RefusedError
from jotgraph.records import ResourceId, last_name_of, name_of, place_of, role_id
from jotgraph.records.references import role_of
from jotgraph.sources.aws.roles import document, get_inline_policy, get_role
from jotgraph.sources.connections import is_gone

FUNCTION_TAG = "jotgraph:function"
"""Tag of a role that was created for a function; its value is the function's id."""
POLICY = "logs"
_LONGEST = 64
"""Longest name of a role (IAM quotas)."""


def role_name(function: ResourceId) -> str:
    """Return ``jotgraph-<function>-<region>``; a long name is cut and ends with digits of a
    hash."""
    name = f"jotgraph-{name_of(function)}-{place_of(function)[1]}"
    if len(name) <= _LONGEST:
        return name
    digits = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _LONGEST - 9]}-{digits}"


def find_role(run: Run, name: str) -> str:
    """Return the ARN of a role given by name. Raises OptionError for an invalid name,
    NotThereError, CallFailedError."""
    if name.startswith("arn:"):
        if role_of(name) is None:
            raise OptionError(f"{name} is not the ARN of a role; write its name or its ARN")
        return name
    account, region = run.place
    try:
        return str(get_role(run.connections.region(account, region), name)["Arn"])
    except CallFailedError as error:
        if is_gone(error):
            raise NotThereError(
                f"there is no role {name} in account {account}: create it, or leave out --role for "
                "one that may write the function's log"
            ) from error
        raise


def ensure_role(run: Run, function: ResourceId) -> tuple[str, bool]:
    """Return the ARN of the function's own role, and whether this run created it. Raises
    RefusedError when a role of that name belongs to somebody else, CallFailedError."""
    account, _ = place_of(function)
    name = role_name(function)
    resource = role_id(account, name)
    role = _role(run, resource, name)
    if role is None:
        run.tell(f"creating the role {name}")
        _create(run, resource, function)
        role = _role(run, resource, name)
        if role is None:
            raise ApplyError(f"the role {name} was created but cannot be found; run again")
    tags = role_tags(role)
    if not run.is_ours(tags) and tags.get(FUNCTION_TAG) != function:
        raise of_others(name)
    _ensure_policy(run, resource, name, function)
    result = Made.CREATED if run.is_ours(tags) else Made.THERE
    now = {"role_id": role.get("RoleId", "")}
    return str(role["Arn"]), run.made(resource, result, now=now) is Made.CREATED


def role_tags(role: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of a role from GetRole's answer."""
    return {tag["Key"]: tag["Value"] for tag in role.get("Tags") or ()}


def of_others(name: str) -> RefusedError:
    """Return why a role with the name of a function's own is not used."""
    return RefusedError(
        f"there is a role {name} that was not created for this function; pass --role {name} "
        "to use it all the same"
    )


def _role(run: Run, resource: ResourceId, name: str) -> dict[str, Any] | None:
    try:
        return get_role(run.session.client(resource), name)
    except CallFailedError as error:
        if is_gone(error):
            return None
        raise


def _create(run: Run, resource: ResourceId, function: ResourceId) -> None:
    tags = {**run.tags, FUNCTION_TAG: function}
    try:
        run.session.call(
            (resource,),
            "iam",
            "CreateRole",
            RoleName=role_name(function),
            AssumeRolePolicyDocument=json.dumps(TRUST),
            Description=f"Lets {name_of(function)} write its log; created by {run.description}",
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
    except CallFailedError as error:
        if error.failure.code != "EntityAlreadyExists":
            raise


def _ensure_policy(run: Run, resource: ResourceId, name: str, function: ResourceId) -> None:
    client = run.session.client(resource)
    try:
        get_inline_policy(client, name, POLICY)
    except CallFailedError as error:
        if not is_gone(error):
            raise
        partition = client.caller.split(":")[1] if client.caller.startswith("arn:") else "aws"
        document = json.dumps(log_policy(function, partition))
        run.session.call(
            (resource,),
            "iam",
            "PutRolePolicy",
            RoleName=name,
            PolicyName=POLICY,
            PolicyDocument=document,
        )


def once_assumable(run: Run, role: str, call: Callable[[], object]) -> None:
    """Make a call that gives a function a role, again while Lambda does not yet accept the role.
    Raises RefusedError at once if its trust policy does not let Lambda assume it, ApplyError when
    the run's patience is used up, CallFailedError."""
    doubt = ""
    for _ in run.session.pauses():
        try:
            call()
        except CallFailedError as error:
            if not error.failure.says_it_cannot_assume:
                raise
            doubt = doubt or _why_unassumable(run, role)
        else:
            return
    raise ApplyError(
        f"Lambda cannot assume the role {role} after {run.session.patience:g} s: {doubt}"
    )


def _why_unassumable(run: Run, arn: str) -> str:
    """Why Lambda may not accept a role, according to IAM. Raises RefusedError if only a change of
    the role helps."""
    role = role_of(arn)
    name = last_name_of(role) if role else arn
    again = "run the same command again, or with a longer --wait"
    try:
        found = get_role(run.connections.region(*run.place), name)
        trusts = trusts_lambda(document(found.get("AssumeRolePolicyDocument")))
    except CallFailedError as error:
        if is_gone(error):
            raise NotThereError(
                f"there is no role {arn}: create it, or leave out --role"
            ) from error
        return f"its trust policy was not read ({error.failure.message}); {again}"
    except ValueError:
        return f"its trust policy is not understood; {again}"
    if not trusts:
        raise RefusedError(
            f"Lambda may not assume the role {arn}: its trust policy does not name "
            f"lambda.amazonaws.com (aws iam update-assume-role-policy --role-name {name})"
        )
    run.tell(f"waiting until Lambda can assume the role {name}")
    return f"its trust policy allows Lambda, but the role is not known to Lambda yet; {again}"


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def log_policy(function: ResourceId, partition: str = "aws") -> dict[str, Any]:
    """Return the policy that lets a function write its log, and nothing else."""
    account, region = place_of(function)
    group = f"arn:{partition}:logs:{region}:{account}:log-group:/aws/lambda/{name_of(function)}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "logs:CreateLogGroup", "Resource": group},
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": f"{group}:*",
            },
        ],
    }
