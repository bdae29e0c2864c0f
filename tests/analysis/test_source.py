"""Which handler a function calls, who says so, and which package its files are."""

from __future__ import annotations

from typing import Any

import pytest

from jotgraph.analysis.lag.model import HandlerFrom, Source
from jotgraph.analysis.lag.source import source_of
from jotgraph.graph import build
from jotgraph.records import ImageType, Record, ResourceId
from tests.factories import (
    child,
    commit,
    content_match,
    digest,
    ecr_image,
    ecr_repository,
    function,
    git_repository,
    inventory,
    local_image,
    role,
    sha,
    version,
)

ENTRY, CMD = ("/lambda-entrypoint.sh",), ("app.handler",)
READ: dict[str, Any] = {"entry_point": ENTRY, "command": CMD}
PLAIN: dict[str, Any] = {"entry_point": (), "command": ()}


def told(resource: ResourceId, *records: Record) -> tuple[str, HandlerFrom]:
    source = source_of(build(inventory(ecr_repository(), role(), *records)), resource)
    return source.handler, source.handler_from


def of_function(image: Record, **fields: Any) -> tuple[str, HandlerFrom]:
    asked = function(**{**PLAIN, **fields})
    return told(asked.id, image, asked)


def test_an_image_says_it_where_the_function_does_not() -> None:
    assert of_function(ecr_image(1, "v1", **READ)) == ("app.handler", HandlerFrom.IMAGE)
    started = ecr_image(1, "v1", entry_point=("/main",), command=())
    assert of_function(started) == ("/main", HandlerFrom.IMAGE)


def test_what_the_function_sets_goes_before_what_its_image_says() -> None:
    image = ecr_image(1, "v1", **READ)
    assert of_function(image, command=("b.run",)) == ("b.run", HandlerFrom.FUNCTION)
    bare = ecr_image(1, "v1", entry_point=ENTRY, command=())
    assert of_function(bare, entry_point=("/main",)) == ("/main", HandlerFrom.IMAGE)


@pytest.mark.parametrize("fields", [{"command": None}, {"command": None, "entry_point": None}])
def test_a_function_that_was_only_listed_may_set_another(fields: dict[str, Any]) -> None:
    assert of_function(ecr_image(1, "v1", **READ), **fields) == ("", HandlerFrom.UNREAD)


def test_an_image_whose_configuration_was_not_read_is_not_one_without_a_handler() -> None:
    assert of_function(ecr_image(1, "v1")) == ("", HandlerFrom.UNREAD)
    assert of_function(ecr_image(2, "v2", **READ)) == ("", HandlerFrom.UNREAD)


def test_a_proven_copy_speaks_for_its_image_and_another_image_does_not() -> None:
    image = ecr_image(1, "v1", config_digest=digest("made"))
    asked = function(**PLAIN)
    copy = local_image("made", "app:dev", config_digest=digest("made"), **READ)
    assert told(asked.id, image, asked, copy) == ("app.handler", HandlerFrom.IMAGE)
    other = local_image("else", "app:v1", config_digest=digest("else"), **READ)
    assert told(asked.id, image, asked, other) == ("", HandlerFrom.UNREAD)


def test_an_index_starts_what_the_images_in_it_start() -> None:
    index = ecr_image(1, "v1", type=ImageType.INDEX, children=(child(2),))
    asked = function(**PLAIN)
    assert told(asked.id, index, ecr_image(2, **READ), asked) == ("app.handler", HandlerFrom.IMAGE)


def test_of_a_package_of_a_version_and_of_an_image_itself() -> None:
    zipped = function("zip", None, handler="a.b")
    assert told(zipped.id, zipped) == ("a.b", HandlerFrom.PACKAGE)
    listed, routed = version(1), version(2, tag="v1", **PLAIN)
    image = ecr_image(1, "v1", **READ)
    assert told(listed.id, image, function(), listed) == ("", HandlerFrom.UNREAD)
    assert told(routed.id, image, function(), routed) == ("app.handler", HandlerFrom.IMAGE)
    assert told(image.id, image) == ("app.handler", HandlerFrom.IMAGE)
    assert told(role().id) == ("", HandlerFrom.NONE)


def test_folders_and_the_packages_that_they_are_in() -> None:
    image = ecr_image(1, "v1", **READ)
    match: dict[str, Any] = {
        "repository": "shop",
        "maps": (("srv", "fn"), ("lib", ""), ("x", "lib/x")),
    }
    records = (git_repository(key="shop"), commit("a", repositories=("shop",)), ecr_repository())
    sources = []
    for packages in ((("", "shop"), ("fn", "pay"), ("lib/x", "shop")), (), None):
        told_of = content_match(image.id, sha("a"), packages=packages, **match)
        sources.append(source_of(build(inventory(*records, image, told_of)), image.id))
    folders = ("fn", ".", "lib/x")
    assert sources == [
        Source("shop", folders, packages, "app.handler", HandlerFrom.IMAGE)
        for packages in (("shop", "pay"), (), None)
    ]
