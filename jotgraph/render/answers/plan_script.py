"""A plan as a commented shell script of the docker and aws commands that would carry it out.

The script knows nothing of what ``apply`` looks at again before each call: it is for reading, and
for those who may not run anything else. It stops at the first failure, and when the plan has
expired. A trigger is deleted as it is: one that is being disabled Lambda would not delete
(ResourceInUseException, API_DeleteEventSourceMapping).
"""

from __future__ import annotations

from shlex import quote

from jotgraph.analysis.coverage import assumption, coverage_lines
from jotgraph.plan.model import Action, Plan, Step
from jotgraph.records import (
    account_of,
    digest_of,
    function_name_of,
    key_of,
    last_name_of,
    name_of,
    place_of,
    qualifier_of,
    repository_name_of,
)
from jotgraph.records.quarantine import DENY_ALL
from jotgraph.render.words import clean

_NEWLINE = "\n"
_LOCAL = frozenset({Action.REMOVE_CONTAINER, Action.REMOVE_LOCAL_IMAGE})
_SIGNED_IN = (
    "signed_in_to() { # a function of the same name in another account is another function",
    '  if [ "$(aws sts get-caller-identity --query Account --output text)" != "$1" ]; then',
    '    echo "sign in to account $1 first" >&2',
    "    exit 1",
    "  fi",
    "}",
)


def as_script(made: Plan) -> str:
    """The script, with what blocks and what is kept as comments."""
    lines = [
        "#!/bin/sh",
        f"# {_comment(made.asked)}",
        f"# Planned from a scan of {made.taken_at:%Y-%m-%d %H:%M} UTC; valid for one hour.",
        "# This script does not check anything again before it deletes; jotgraph apply does.",
        "set -eu",
        f'if [ "$(date +%s)" -ge {made.expires_at.timestamp():.0f} ]; then',
        '  echo "this plan has expired; make a new one" >&2',
        "  exit 1",
        "fi",
        "export AWS_PAGER=",
        *_SIGNED_IN,
    ]
    if made.over:
        lines += [f"# REFUSED: {_comment(made.over)}", "exit 1"]
    lines += [f"# {_comment(line)}" for line in context(made)]
    if made.undecided:
        lines.append(f"# INCOMPLETE, what may run it was not read: {', '.join(made.undecided)}")
    if made.unread:
        lines += [f"# INCOMPLETE, unread: {_comment(', '.join(made.unread))}", "exit 1"]
    before = ""
    for number, step in enumerate(made.steps, 1):
        account = account_of(step.id)
        if account not in ("", before):
            before = account
            lines += ["", f"signed_in_to {quote(account)}"]
        lines += ["", f"# {number}. {_comment(step.id)}: {_comment(step.because)}"]
        lines += commands(step)
    for title, rows in (
        ("blocked", made.blocks),
        ("left for the sweep", made.left),
        ("kept", made.kept),
    ):
        lines += [""] if rows else []
        lines += [f"# {title}: {_comment(row.id)}: {_comment(row.because)}" for row in rows]
    return _NEWLINE.join(lines) + _NEWLINE


def commands(step: Step) -> list[str]:
    """The commands of one step."""
    facts = dict(step.fingerprint)
    account, region = place_of(step.id)
    repository = repository_name_of(step.id)
    function, qualifier = function_name_of(step.id), qualifier_of(step.id)
    match step.action:
        case Action.DELETE_TRIGGER:
            which = f"--region {quote(region)} --uuid {quote(name_of(step.id))}"
            return [f"aws lambda delete-event-source-mapping {which}"]
        case Action.DELETE_ALIAS:
            call = f"aws lambda delete-alias --region {quote(region)}"
            return [f"{call} --function-name {quote(function)} --name {quote(qualifier)}"]
        case Action.DELETE_VERSION:
            call = f"aws lambda delete-function --region {quote(region)}"
            return [f"{call} --function-name {quote(function)} --qualifier {quote(qualifier)}"]
        case Action.DELETE_FUNCTION:
            call = f"aws lambda delete-function --region {quote(region)}"
            return [f"{call} --function-name {quote(function)}"]
        case Action.DELETE_IMAGE:
            call = f"aws ecr batch-delete-image --region {quote(region)}"
            where = f"--registry-id {quote(account)} --repository-name {quote(repository)}"
            asked = f"{call} {where} --image-ids {quote(f'imageDigest={digest_of(step.id)}')}"
            return [f'test "$({asked} --query "length(failures)" --output text)" = 0']
        case Action.DELETE_REPOSITORY:
            call = f"aws ecr delete-repository --region {quote(region)}"
            where = f"--registry-id {quote(account)} --repository-name {quote(repository)}"
            return [f"{call} {where}  # never with --force"]
        case Action.DELETE_ROLE:
            return _role(last_name_of(step.id), facts)
        case Action.REMOVE_CONTAINER:
            return [f"docker rm {quote(key_of(step.id))}  # never with --force"]
        case Action.REMOVE_LOCAL_IMAGE:
            names = facts.get("tags", "").split() or [key_of(step.id)]
            return [f"docker rmi --no-prune {quote(name)}" for name in names]
        case (
            Action.DISABLE_TRIGGER
            | Action.THROTTLE_FUNCTION
            | Action.ARCHIVE_IMAGE
            | Action.DENY_ROLE
        ):
            return _aside(step)


def _aside(step: Step) -> list[str]:
    """The commands that set one resource aside; how it was is for whoever runs them to note."""
    if step.action is Action.DENY_ROLE:
        name = quote(last_name_of(step.id))
        return [
            f"aws iam get-role --role-name {name}  # note its trust policy: it is replaced",
            f"aws iam update-assume-role-policy --role-name {name} --policy-document "
            + quote(DENY_ALL),
        ]
    account, region = place_of(step.id)
    name = name_of(step.id)
    if step.action is Action.DISABLE_TRIGGER:
        call = f"aws lambda update-event-source-mapping --region {quote(region)}"
        return [f"{call} --uuid {quote(name)} --no-enabled"]
    if step.action is Action.THROTTLE_FUNCTION:
        named = f"--region {quote(region)} --function-name {quote(name)}"
        return [
            f"aws lambda get-function-concurrency {named}  # note it: it is replaced",
            f"aws lambda put-function-concurrency {named} --reserved-concurrent-executions 0",
        ]
    repository = repository_name_of(step.id)
    call = f"aws ecr update-image-storage-class --region {quote(region)}"
    where = f"--registry-id {quote(account)} --repository-name {quote(repository)}"
    image = quote(f"imageDigest={digest_of(step.id)}")
    return [f"{call} {where} --image-id {image} --target-storage-class ARCHIVE"]


def _role(name: str, facts: dict[str, str]) -> list[str]:
    role = f"--role-name {quote(name)}"
    inline = [pair.rpartition("=")[0] for pair in facts.get("inline", "").split()]
    return [
        *(
            f"aws iam remove-role-from-instance-profile {role} "
            f"--instance-profile-name {quote(profile)}"
            for profile in facts.get("profiles", "").split()
        ),
        *(
            f"aws iam detach-role-policy {role} --policy-arn {quote(policy)}"
            for policy in facts.get("attached", "").split()
        ),
        *(f"aws iam delete-role-policy {role} --policy-name {quote(policy)}" for policy in inline),
        f"aws iam delete-role {role}",
    ]


def _comment(text: str) -> str:
    """Text that cannot leave its comment."""
    return clean(text, 400)


def context(made: Plan) -> list[str]:
    """What the plan rests on: which services were read where, and what is assumed of others."""
    assumed = assumption(made.assumed)
    return [*coverage_lines(made.scope), *([assumed] if assumed else [])]
