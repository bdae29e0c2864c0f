"""What the free text of a record names: roles, functions, log groups and images, by ARN, URI or
digest, or by the name that Lambda gives a log group.

Text names a thing for a reason that no field tells: a function that assumes another role by its
ARN, a launcher that starts tasks from an image. Such a name is the weakest of links, and protects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jotgraph.records.ecr import EcrRepository
from jotgraph.records.fields import Pairs
from jotgraph.records.iam import Role
from jotgraph.records.ids import ResourceId, place_of
from jotgraph.records.inventory import Record
from jotgraph.records.lambda_ import Alias, Function, Version
from jotgraph.records.logs import log_group_id
from jotgraph.records.references import EcrReference, ecr_reference, lambda_target, role_of
from jotgraph.records.workloads import Workload

_LONGEST = 1 << 20
"""Characters looked at in one text; AWS allows fewer in a policy, tag or environment."""
_NAMES = re.compile(
    r"arn:[a-z-]+:iam::\d{12}:role/(?:(?!,arn:)[\w+=,.@/-])+"
    r"|arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(?::(?:\$LATEST(?:\.PUBLISHED)?|[A-Za-z0-9_-]+))?"
    r"|\d{12}\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]+\.[a-z.]+/[a-z0-9._/-]+"
    r"(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
    r"|sha256:[0-9a-f]{64}"
    r"|arn:[a-z-]+:logs:[a-z0-9-]+:\d{12}:log-group:[\w.#/-]+"
    r"|/aws/lambda/[A-Za-z0-9_-]+"
)
_LOG_GROUP = re.compile(
    r"(?:arn:[a-z-]+:logs:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):log-group:)?(?P<name>[\w.#/-]+)"
)


class Mention(NamedTuple):
    """A name found in a record's text, as what it is; one of the last three is set."""

    where: str
    """``environment``, ``tag owner``, ``trust policy``…"""
    name: str
    resource: ResourceId | None = None
    """A role, function, version, alias or log group."""
    image: EcrReference | None = None
    digest: str = ""


def names_in(text: str) -> tuple[str, ...]:
    """Every ARN of a role, function or log group, name of a log group that Lambda gives, ECR image
    reference and digest in a text, sorted. One that ends in punctuation, which a name may end in
    and a sentence does, is also there without it."""
    names = set(_NAMES.findall(text[:_LONGEST])) if text else None
    if not names:
        return ()
    return tuple(sorted(names | {name.rstrip(".,=@+-/") for name in names}))


def names_in_values(values: Iterable[str]) -> tuple[str, ...]:
    """The same of several texts, each by itself."""
    return tuple(sorted({name for value in values for name in names_in(value)}))


def mentions(record: Record) -> Iterator[Mention]:
    """What a record's own text names, itself and its function left out."""
    own = {record.id}
    if isinstance(record, Version | Alias):
        own.add(record.function)
    for where, names in _texts(record):
        for name in names:
            mention = _understood(record, where, name)
            if mention is not None and mention.resource not in own:
                yield mention


def _texts(record: Record) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(where, names) of each free text of a record. Images are left out: what their labels name is
    where they come from, and rules of their own read it."""
    if isinstance(record, Function | Version):
        yield "environment", record.mentions
        yield "description", names_in(record.description)
        yield from _of_tags(record.tags)
    if isinstance(record, Workload):
        yield "description", record.mentions
        yield from _of_tags(record.tags)
    elif isinstance(record, Function):
        yield "resource policy", names_in(record.policy or "")
    elif isinstance(record, Alias):
        yield "description", names_in(record.description)
    elif isinstance(record, EcrRepository):
        yield "repository policy", names_in(record.policy or "")
        yield from _of_tags(record.tags)
    elif isinstance(record, Role):
        yield "trust policy", names_in(record.trust)
        yield from _of_tags(record.tags)


def _of_tags(tags: Pairs | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key, value in tags or ():
        yield f"tag {key}", names_in(value)


def _understood(record: Record, where: str, name: str) -> Mention | None:
    if name.startswith("sha256:"):
        return Mention(where, name, digest=name)
    if image := ecr_reference(name):
        return Mention(where, name, image=image)
    resource = role_of(name) or lambda_target(name) or _log_group_of(record, name)
    return Mention(where, name, resource=resource) if resource else None


def _log_group_of(record: Record, name: str) -> ResourceId | None:
    """The log group of an ARN, or of a name alone: that is one of the record's own region."""
    match = _LOG_GROUP.fullmatch(name)
    if match is None:
        return None
    if match["region"]:
        return log_group_id(match["account"], match["region"], match["name"])
    return log_group_id(*place, name) if (place := place_of(record.id)).region else None
