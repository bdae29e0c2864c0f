"""ARNs, image URIs, digests and log group names in the free text of records.

Text names a resource for a reason that no field states: a function that assumes another role by its
ARN, a launcher that starts tasks from an image. Such a mention is the weakest kind of link and only
protects.
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
"""Longest text that is searched, in characters; AWS allows less in policies, tags and
environments."""
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
    """A resource named in the text of a record; exactly one of the last three fields is set."""

    where: str
    """``environment``, ``tag owner``, ``trust policy``…"""
    name: str
    resource: ResourceId | None = None
    """A role, function, version, alias or log group."""
    image: EcrReference | None = None
    digest: str = ""


def names_in(text: str) -> tuple[str, ...]:
    """Return every mention in a text, sorted: ARNs of roles, functions and log groups, default log
    group names, ECR image references and digests. A name that ends in punctuation is returned with
    and without it, because the punctuation may belong to the sentence."""
    names = set(_NAMES.findall(text[:_LONGEST])) if text else None
    if not names:
        return ()
    return tuple(sorted(names | {name.rstrip(".,=@+-/") for name in names}))


def names_in_values(values: Iterable[str]) -> tuple[str, ...]:
    """Return every mention in several texts, each searched by itself."""
    return tuple(sorted({name for value in values for name in names_in(value)}))


def mentions(record: Record) -> Iterator[Mention]:
    """Return what the text of a record mentions, except the record itself and its function."""
    own = {record.id}
    if isinstance(record, Version | Alias):
        own.add(record.function)
    for where, names in _texts(record):
        for name in names:
            mention = _understood(record, where, name)
            if mention is not None and mention.resource not in own:
                yield mention


def _texts(record: Record) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (where, mentions) for each free text of a record. Images are left out: their labels
    name where an image comes from, and other rules read those."""
    if isinstance(record, Function | Version):
        yield "environment", record.mentions
        yield "description", names_in(record.description)
        yield from _of_tags(record.tags)
    if isinstance(record, Workload):
        yield "description", record.mentions
        yield from _of_tags(record.tags)
    elif isinstance(record, Function):
        yield "configuration in an earlier scan", record.used_before
        yield "resource policy", names_in(record.policy or "")
    elif isinstance(record, Alias):
        yield "description", names_in(record.description)
    elif isinstance(record, EcrRepository):
        yield "repository policy", names_in(record.policy or "")
        yield from _of_tags(record.tags)
    elif isinstance(record, Role):
        yield "trust policy", names_in(record.trust)
        yield "inline policy", record.invokes
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
    """Return the log group of an ARN or of a bare name, which means the record's own region."""
    match = _LOG_GROUP.fullmatch(name)
    if match is None:
        return None
    if match["region"]:
        return log_group_id(match["account"], match["region"], match["name"])
    return log_group_id(*place, name) if (place := place_of(record.id)).region else None
