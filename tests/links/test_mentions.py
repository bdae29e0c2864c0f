"""The rule on names in free text."""

from __future__ import annotations

from typing import Any

from jotgraph.links import infer, mentions
from jotgraph.records import Inventory
from tests.factories import (
    ACCOUNT,
    REGION,
    digest,
    ecr_image,
    ecr_repository,
    function,
    inventory,
    role,
    uri,
    version,
)


def named(*records: object) -> list[tuple[str, str, str]]:
    known: Inventory = inventory(*records)
    return sorted(
        (str(link.source), str(link.target), link.evidence.statement)
        for link in infer(known, [mentions.named_in_text])
    )


def launcher(name: str) -> Any:
    return function("launcher", mentions=(name,))


def test_a_role_in_an_environment_is_named() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/worker"
    assert named(launcher(arn), role("worker")) == [
        (launcher(arn).id, role("worker").id, f"its environment names {arn}")
    ]
    assert named(launcher(arn), role("worker-2")) == []
    assert named(launcher("arn:aws:iam::999999999999:role/worker"), role("worker")) == []


def test_an_image_is_named_by_tag_by_reference_and_by_bare_digest() -> None:
    estate = (ecr_repository(), ecr_image(1, "v1"), ecr_image(2))
    for name, number in (
        (f"{uri('app')}:v1", 1),
        (f"{uri('app')}@{digest(2)}", 2),
        (digest(2), 2),
    ):
        assert [target for _, target, _ in named(launcher(name), *estate)] == [ecr_image(number).id]
    for near in (f"{uri('app')}:v2", f"{uri('web')}@{digest(2)}", digest(3), uri("app")):
        assert named(launcher(near), *estate) == []


def test_a_version_is_named_by_its_arn() -> None:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pay:3"
    assert [target for _, target, _ in named(launcher(arn), version(3))] == [version(3).id]
