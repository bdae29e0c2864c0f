"""The minimal IAM permissions of each command, and what each is for.

One table for every call that jotgraph makes of AWS. ``Resource`` is ``*`` where the service
authorization reference lists no resource type for the action, or where a listing names none
(docs.aws.amazon.com/service-authorization). GetCallerIdentity is not here: it needs no permission
(STS API). A test runs commands under exactly these documents.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from jotgraph.errors import OptionError
from jotgraph.permissions.accounts import caller, trust
from jotgraph.permissions.deleting import (
    AROUND,
    ASIDE,
    BACK,
    BACKUP,
    BACKUP_LOGS,
    DELETE,
    DELETE_LOGS,
    KEEP,
    LOOK,
    RESTORE,
    RESTORE_LOGS,
    SEE,
)
from jotgraph.permissions.making import DEPLOY, PROMOTE, PUSH, ROLLBACK, UNMAKE, UP
from jotgraph.permissions.model import (
    ANY,
    FUNCTIONS,
    LOG_GROUPS,
    PROFILES,
    REPOSITORIES,
    ROLES,
    TRIGGERS,
    Need,
)
from jotgraph.permissions.reading import (
    CONTENT,
    DETAILS,
    INSPECTOR,
    INVOKE,
    LISTINGS,
    LOGS,
    ONE_IMAGE,
    SCANNED,
    TARGETS,
    TRAIL,
    USAGE,
)

__all__ = [
    "COMMANDS",
    "DELETES",
    "MAKES",
    "NO_CALL",
    "SCANS",
    "Need",
    "caller",
    "document",
    "needs",
    "trust",
]

NO_CALL = frozenset(
    {
        "build",
        "completion",
        "demo",
        "diff",
        "man",
        "policy",
        "purge",
        "rules",
        "settings",
        "snapshot",
        "sql",
        "test",
        "validate",
    }
)
"""Commands that never call AWS."""
SCANS = frozenset(
    {"check", "costs", "export", "impact", "lifecycle", "ls", "orphans", "plan", "render", "rescue",
     "scan", "show", "stale", "summary", "sweep", "trace", "where", "why"}
)  # fmt: skip
"""Commands that scan, unless ``--from`` names a stored inventory."""
PULLS = frozenset({"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"})
"""Calls that count as a pull, or follow one that does."""
DELETES = frozenset({"apply", "cleanup", "delete"})
MAKES = {
    "deploy": DEPLOY,
    "promote": PROMOTE,
    "push": PUSH,
    "rollback": ROLLBACK,
    "up": (*UP, *INVOKE),
}
"""Commands that create or move something, with what each needs."""
COMMANDS = tuple(
    sorted(
        NO_CALL
        | SCANS
        | DELETES
        | MAKES.keys()
        | {"content", "doctor", "history", "invoke", "release", "undo"}
    )
)
"""Every command by name."""


def needs(
    command: str,
    *,
    stored: bool = False,
    quick: bool = False,
    usage: bool = False,
    content: bool = False,
    vulnerabilities: bool = False,
    inspector: bool = False,
    logs: bool = False,
    backup: bool = True,
    quarantine: bool = False,
    pulls: bool = False,
    making: bool = False,
    cloudtrail: bool = False,
) -> tuple[Need, ...]:
    """Return the permissions that a command needs, by action; none for one that makes no call.

    ``stored``: run with ``--from``. ``quick``, ``usage``, ``content``, ``vulnerabilities``,
    ``inspector``, ``logs``: options of a scan. ``pulls``: doctor reads a manifest. ``making``: undo
    of a run that created things. ``cloudtrail``: option of history. ``backup``: what is deleted is
    copied first. ``quarantine``: resources are quarantined instead. For a sweep these are the
    permissions without ``--apply``; with it those of ``apply`` are needed as well. Raises
    OptionError for an unknown command.
    """
    if command not in COMMANDS:
        near = get_close_matches(command, COMMANDS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; one of {', '.join(COMMANDS)}"
        raise OptionError(f"no command is called {command!r}{hint}")
    if command in NO_CALL:
        return ()
    if command == "history":
        return TRAIL if cloudtrail else ()
    if command == "content":
        return ONE_IMAGE
    if command == "invoke":
        return INVOKE
    if command in MAKES:
        return _each_once(MAKES[command])
    if command == "undo" and making:
        return _each_once(UNMAKE)
    if command == "doctor":
        tried = _each_once((*LISTINGS, *DETAILS, *USAGE, *SCANNED, *INSPECTOR, *LOGS))
        return tuple(need for need in tried if pulls or need.action not in PULLS)
    if command == "undo":
        return _each_once((*RESTORE, *(RESTORE_LOGS if logs else ())))
    if command == "release":
        versions = Need("lambda:ListVersionsByFunction", FUNCTIONS, "see what its versions run")
        return _each_once((*SEE, versions, *BACK))
    reading: tuple[Need, ...] = ()
    if command != "apply" and not stored:
        reading = (
            *LISTINGS,
            *(() if quick else DETAILS),
            *(USAGE if usage else ()),
            *(CONTENT if content else ()),
            *(SCANNED if vulnerabilities else ()),
            *(INSPECTOR if inspector else ()),
            *(LOGS if logs else ()),
            *(TARGETS if command in {"plan", "delete", "cleanup"} else ()),
        )
    if command == "sweep":
        counts = Need("cloudwatch:GetMetricData", ANY, "see that nobody called what is set aside")
        return _each_once((*reading, *SEE, *AROUND, counts))
    if command in DELETES and quarantine:
        return _each_once((*reading, *SEE, *ASIDE, *BACK, *(KEEP if backup else ())))
    if command in DELETES:
        of_logs = (*DELETE_LOGS, *(BACKUP_LOGS if backup else ())) if logs else ()
        return _each_once((*reading, *LOOK, *(BACKUP if backup else ()), *DELETE, *of_logs))
    return _each_once(reading)


def document(needed: Iterable[Need]) -> dict[str, object]:
    """Return an IAM policy document that allows exactly this: a statement for each resource."""
    by_resource: dict[str, list[str]] = {}
    for need in sorted(needed):
        by_resource.setdefault(need.resource, []).append(need.action)
    named = {
        resource: f"Members{number or ''}"
        for number, resource in enumerate(
            resource for resource in by_resource if resource not in _SIDS
        )
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": sid,
                "Effect": "Allow",
                "Action": by_resource[resource],
                "Resource": resource,
            }
            for resource, sid in {**_SIDS, **named}.items()
            if resource in by_resource
        ],
    }


_SIDS = {
    ANY: "Everywhere",
    REPOSITORIES: "Repositories",
    FUNCTIONS: "Functions",
    TRIGGERS: "Triggers",
    ROLES: "Roles",
    LOG_GROUPS: "LogGroups",
    PROFILES: "InstanceProfiles",
}


def _each_once(needed: Iterable[Need]) -> tuple[Need, ...]:
    """Needs by action, with the purposes of all parts joined."""
    alike: dict[tuple[str, str], list[Need]] = {}
    for need in needed:
        alike.setdefault((need.action, need.resource), []).append(need)
    return tuple(
        sorted(
            Need(
                action,
                resource,
                "; ".join(dict.fromkeys(need.because for need in needs)),
                all(need.spares for need in needs),
            )
            for (action, resource), needs in alike.items()
        )
    )
