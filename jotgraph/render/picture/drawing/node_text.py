"""The few words on a card, and the many in its tooltip.

Every kind has a card from its row in ``KINDS``; further facts of its record are registered here.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import singledispatch

from jotgraph.records import (
    KINDS,
    Alias,
    Commit,
    Container,
    EcrImage,
    EcrRepository,
    Function,
    ImageType,
    Kind,
    LocalImage,
    LogGroup,
    Missing,
    Node,
    Role,
    Trigger,
    Version,
    Workload,
    hex_of,
    kind_of,
    last_name_of,
    name_of,
)
from jotgraph.records.ids import short
from jotgraph.records.kind_traits import Home
from jotgraph.records.phrases import counted
from jotgraph.records.references import arn_of, reference
from jotgraph.render.words import day, size


@singledispatch
def title(record: Node) -> str:
    """Return the first line of a card: the name in its id, unless people use another."""
    of_account = KINDS[kind_of(record.id)].home is Home.ACCOUNT
    return last_name_of(record.id) if of_account else name_of(record.id)


@singledispatch
def line(record: Node) -> str:
    """Return the second line of a card; by default the kind."""
    return KINDS[kind_of(record.id)].title


@singledispatch
def _more(record: Node) -> Iterable[str | None]:
    """The facts in a tooltip beside id and ARN."""
    return ()


def facts(record: Node) -> list[str]:
    """Return the facts in a tooltip: one on each line, the full id first."""
    return [fact for fact in (record.id, getattr(record, "arn", ""), *_more(record)) if fact]


def commit_title(commit: Commit, refs: tuple[str, ...]) -> str:
    """Return the first line of a commit's card, with its branches and tags."""
    return " · ".join((short(commit.sha), *refs[:2]))


@title.register
def _(commit: Commit) -> str:
    return commit_title(commit, ())


@line.register
def _(commit: Commit) -> str:
    return commit.subject


@_more.register
def _(commit: Commit) -> Iterable[str | None]:
    return commit.subject, f"{commit.author} · {commit.committed_at:%Y-%m-%d %H:%M} UTC"


@title.register
def _(image: LocalImage) -> str:
    return _without_host(image.tags[0]) if image.tags else short(image.image_id)


@line.register
def _(image: LocalImage) -> str:
    name = short(image.image_id) if image.tags else "untagged"
    return _dotted(name, size(image.size or None), _tag_count(image.tags))


@_more.register
def _(image: LocalImage) -> Iterable[str | None]:
    return *image.tags, *image.repo_digests


@title.register
def _(container: Container) -> str:
    return container.name.lstrip("/") or short(container.container_id)


@line.register
def _(container: Container) -> str:
    return _dotted("container", container.state)


@_more.register
def _(container: Container) -> Iterable[str | None]:
    return (container.image_name,)


@line.register
def _(repository: EcrRepository) -> str:
    return "empty repository"


@_more.register
def _(repository: EcrRepository) -> Iterable[str | None]:
    return (repository.uri,)


@title.register
def _(image: EcrImage) -> str:
    tags = sorted(image.tags, key=lambda tag: (_is_revision(tag), image.tags.index(tag)))
    name = ", ".join(short(tag) if _is_revision(tag) else tag for tag in tags[:2]) or "untagged"
    if image.type in (ImageType.IMAGE, ImageType.UNKNOWN):
        return name if image.tags or not image.architecture else image.architecture
    return f"{image.type} {name}" if image.tags else str(image.type)


@line.register
def _(image: EcrImage) -> str:
    if not image.tags and image.architecture:
        return _dotted(short(image.digest), "untagged")
    return _dotted(short(image.digest), size(image.size or None), _tag_count(image.tags))


@_more.register
def _(image: EcrImage) -> Iterable[str | None]:
    names = (f"{image.repository}:{tag}" for tag in image.tags)
    return *names, f"pushed {day(image.pushed_at)}" if image.pushed_at else ""


@line.register
def _(configuration: Function | Version) -> str:
    what = "image" if configuration.may_run_image else f"zip {configuration.runtime}".strip()
    return _dotted(what, day(configuration.last_modified))


@_more.register
def _(configuration: Function | Version) -> Iterable[str | None]:
    return configuration.image_uri, configuration.resolved_image_uri


@title.register
def _(version: Version) -> str:
    return f"version {version.number}"


@title.register
def _(alias: Alias) -> str:
    return alias.name


@line.register
def _(alias: Alias) -> str:
    return _routes(alias)


@_more.register
def _(alias: Alias) -> Iterable[str | None]:
    return (_routes(alias),)


@title.register
def _(trigger: Trigger) -> str:
    source = arn_of(trigger.source_arn)
    return source.name if source else trigger.uuid.partition("-")[0]


@line.register
def _(trigger: Trigger) -> str:
    source = arn_of(trigger.source_arn)
    return _dotted(f"{source.service if source else ''} trigger".strip(), trigger.state.lower())


@_more.register
def _(trigger: Trigger) -> Iterable[str | None]:
    return trigger.source_arn, trigger.function_arn


@title.register
def _(workload: Workload) -> str:
    return workload.name


@line.register
def _(workload: Workload) -> str:
    runs = counted(workload.tasks, "task") if workload.tasks else str(workload.state)
    return _dotted(f"{workload.service} {workload.type.replace('-', ' ')}", runs)


@_more.register
def _(workload: Workload) -> Iterable[str | None]:
    return (used.image for used in workload.images)


@line.register
def _(role: Role) -> str:
    made = f"made {day(role.created_at)}" if role.created_at else ""
    return _dotted(role.path.strip("/"), made) or "IAM role"


@_more.register
def _(role: Role) -> Iterable[str | None]:
    used = f"last used {day(role.last_used_at)} in {role.last_used_region}"
    return (used if role.last_used_at else "",)


@line.register
def _(group: LogGroup) -> str:
    return _dotted("log group", size(group.size or None))


@_more.register
def _(group: LogGroup) -> Iterable[str | None]:
    days = group.retention_days
    return (f"events kept for {counted(days, 'day')}" if days else "events kept for ever",)


@title.register
def _(missing: Missing) -> str:
    digits = hex_of(missing.resource)
    if KINDS[kind_of(missing.resource)].by_prefix and len(digits) >= 40:
        return short(digits)
    return last_name_of(missing.resource)


@line.register
def _(missing: Missing) -> str:
    """That it was not found, or not read; a commit may be in any repository that was not read."""
    if kind_of(missing.id) is Kind.COMMIT:
        return "in no repository read"
    return "referenced, not found" if missing.looked else "referenced, not read"


@_more.register
def _(missing: Missing) -> Iterable[str | None]:
    return (line(missing),)


def _is_revision(tag: str) -> bool:
    """Whether a tag is a full commit id, of which a prefix suffices."""
    return len(tag) in (40, 64) and all(character in "0123456789abcdef" for character in tag)


def _routes(record: Alias) -> str:
    """``v7 90 %, v8 10 %``; ``v7`` when nothing is weighted."""
    if not record.weights:
        return f"to {record.version}" if record.version.startswith("$") else f"to v{record.version}"
    rest = 1 - sum(share for _, share in record.weights)
    parts = [(record.version, rest), *record.weights]
    return ", ".join(f"v{number} {share:.0%}" for number, share in parts)


def _without_host(image: str) -> str:
    named = reference(image)
    return named.path + (f":{named.tag}" if named.tag else "")


def _tag_count(names: tuple[str, ...]) -> str:
    return f"{len(names)} tags" if len(names) > 2 else ""


def _dotted(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
