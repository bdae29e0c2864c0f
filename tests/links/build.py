"""Short constructors of records for tests of rules, and what the rules say of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from jotgraph.links import Rule, infer
from jotgraph.records import (
    Commit,
    EcrImage,
    Function,
    GitRepository,
    ImageType,
    Inventory,
    LocalImage,
    UsedImage,
    Workload,
    pairs,
)

ACCOUNT = "123456789012"
REGION = "eu-west-1"
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)

Found = list[tuple[str, str]]


def sha(number: int) -> str:
    """A full revision whose digits begin with a letter."""
    return f"a{number:07x}" + "c" * 32


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def found(rule: Rule, inventory: Inventory) -> Found:
    """(source, target) of each match of one rule, sorted."""
    return sorted((str(each.source), str(each.target)) for each in infer(inventory, [rule]))


def statements(rule: Rule, inventory: Inventory) -> list[str]:
    return sorted(each.evidence.statement for each in infer(inventory, [rule]))


def inventory(**parts: Any) -> Inventory:
    return Inventory(taken_at=NOON, **parts)


def commit(number: int, *parents: int, minutes: int = 0, repository: str = "shop") -> Commit:
    return Commit(
        sha=sha(number),
        parents=tuple(sha(each) for each in parents),
        committed_at=NOON + timedelta(minutes=minutes),
        repositories=(repository,),
    )


def git(
    key: str = "shop",
    head: int | None = None,
    remote: str = "",
    tags: dict[str, int] | None = None,
    heads: dict[str, int] | None = None,
) -> GitRepository:
    refs = {f"refs/tags/{name}": sha(number) for name, number in (tags or {}).items()}
    refs |= {f"refs/heads/{name}": sha(number) for name, number in (heads or {}).items()}
    return GitRepository(
        key=key,
        remotes=(remote,) if remote else (),
        head=None if head is None else sha(head),
        refs=pairs(refs),
    )


def ecr(
    number: int,
    *tags: str,
    repository: str = "shop",
    labels: dict[str, str] | None = None,
    type: ImageType = ImageType.IMAGE,
    **more: Any,
) -> EcrImage:
    known: dict[str, Any] = {"account": ACCOUNT, "region": REGION} | more
    return EcrImage(
        repository=repository,
        digest=digest(number),
        tags=tags,
        labels=pairs(labels),
        type=type,
        **known,
    )


def local(number: int, *tags: str, labels: dict[str, str] | None = None, **more: Any) -> LocalImage:
    return LocalImage(
        image_id=digest(number),
        tags=tags,
        labels=pairs(labels),
        **more,
    )


def function(name: str = "pay", **more: Any) -> Function:
    known: dict[str, Any] = {"account": ACCOUNT, "region": REGION} | more
    return Function(name=name, **known)


def workload(
    *images: tuple[str, str] | str,
    service: str = "ecs",
    type: str = "service",
    name: str = "prod/web",
    **more: Any,
) -> Workload:
    """One user of images; each image is a reference, or one with the digest it was resolved to."""
    known: dict[str, Any] = {"account": ACCOUNT, "region": REGION} | more
    used = (image if isinstance(image, tuple) else (image, "") for image in images)
    return Workload(
        service=service,
        type=type,
        name=name,
        images=tuple(sorted(UsedImage(*each) for each in used)),
        **known,
    )
