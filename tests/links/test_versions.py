"""Version labels and names of branches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from jotgraph.links import versions
from jotgraph.records import Inventory, commit_id, pairs
from tests.factories import (
    NOW,
    commit,
    digest,
    ecr_image,
    git_repository,
    inventory,
    local_image,
    sha,
)
from tests.links.found import found, statements

REMOTE = "https://example.com/team/shop"
VERSION = "org.opencontainers.image.version"
SOURCE = "org.opencontainers.image.source"
MINUTE = timedelta(minutes=1)
HISTORY = (
    commit(1),
    commit(2, 1, minutes=10),
    commit(3, 1, minutes=15),  # came in by the merge
    commit(4, 2, 3, minutes=20),
)


def world(*tags: str, repository: str = "shop", heads: int = 4, **fields: Any) -> Inventory:
    """Image 1, of no known time unless told."""
    shop = git_repository(
        remote=REMOTE, tags={"v1.2.0": 2, "2.0.0": 3}, heads={"main": heads, "feat/x": 3}
    )
    return inventory(
        shop, *HISTORY, ecr_image(1, *tags, repository=repository, **({"pushed_at": None} | fields))
    )


def labelled(
    version: str, repository: str = "shop", name: str = VERSION, **labels: str
) -> list[str]:
    known = world(repository=repository, labels={name: version, **labels})
    return [target for _, target in found(versions.version_label, known)]


@pytest.mark.parametrize("version", ["1.2.0", "v1.2.0", "1.2.0+build.7"])
def test_a_version_that_is_a_git_tag(version: str) -> None:
    assert labelled(version) == [commit_id(sha(2))]
    assert labelled(version, name="version") == [commit_id(sha(2))]
    assert labelled(version, repository="other") == []
    assert labelled(version, repository="other", **{SOURCE: REMOTE}) == [commit_id(sha(2))]
    assert labelled(version, repository="other", **{SOURCE: f"{REMOTE}-2"}) == []


@pytest.mark.parametrize("version", ["1.2.1", "v2", "24.04", "", "latest"])
def test_a_version_that_is_none(version: str) -> None:
    assert labelled(version) == []


@pytest.mark.parametrize("form", ["{}", "sha-{}", "g{}", "v1.2.0-2-g{}", "{}-dirty"])
def test_an_abbreviated_revision_in_a_version(form: str) -> None:
    assert labelled(form.format(sha(4)[:9]), repository="other") == [commit_id(sha(4))]
    assert labelled(form.format("abcdef123"), repository="other") == []
    assert labelled(f"x{form}x".format(sha(4)[:9])) == []


def test_a_version_of_the_base_image_says_nothing() -> None:
    base = ecr_image(2, repository="base", labels={VERSION: "1.2.0"}, diff_ids=(digest(7),))
    known = world(labels={VERSION: "1.2.0"}, diff_ids=(digest(7), digest(8)))
    whole = msgspec.structs.replace(known, ecr_images=(*known.ecr_images, base))
    assert len(found(versions.version_label, known)) == 1
    assert found(versions.version_label, whole) == []
    annotated = world(annotations=pairs({VERSION: "1.2.0"}))
    assert len(found(versions.version_label, annotated)) == 1


def branch(*tags: str, **fields: Any) -> list[str]:
    return [target for _, target in found(versions.branch_name, world(*tags, **fields))]


def test_the_newest_commit_of_a_branch_that_an_image_may_be_of() -> None:
    assert branch("main") == [commit_id(sha(4))]  # no time is known
    assert branch("main", created_at=NOW + 19 * MINUTE) == [commit_id(sha(2))]
    assert branch("main", pushed_at=NOW + 10 * MINUTE) == [commit_id(sha(2))]
    assert branch("main", created_at=NOW.replace(year=1970), pushed_at=NOW) == [commit_id(sha(1))]
    assert branch("main", created_at=NOW - MINUTE) == []
    assert branch("feat-x") == [commit_id(sha(3))]
    assert branch(labels={VERSION: "main"}) == [commit_id(sha(4))]
    assert statements(versions.branch_name, world("main")) == [
        f"its tag main is a branch of shop, whose newest commit by then was {sha(4)[:9]}"
    ]


def test_what_is_no_branch_of_the_images_repository() -> None:
    assert branch("feat/x") == branch("latest") == branch("mai") == []
    assert branch("main", repository="other") == []
    assert branch("main", repository="other", labels={SOURCE: REMOTE}) == [commit_id(sha(4))]
    assert branch("main", heads=9) == []  # its tip was not read


def test_local_images_too() -> None:
    known = world()
    images = (
        local_image(1, "host/team/shop:main"),
        local_image(2, "host/other:main"),
        local_image(3),
    )
    known = msgspec.structs.replace(known, ecr_images=(), local_images=images)
    assert found(versions.branch_name, known) == [(local_image(1).id, commit_id(sha(4)))]
