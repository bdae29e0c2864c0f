"""Images that run and are gone from ECR or archived, and what is left of them."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
import pytest

from jotgraph.analysis.health import Code
from jotgraph.graph import build
from jotgraph.links import Grade
from jotgraph.queries.answers.rescue import Lost
from jotgraph.queries.jots import jots
from jotgraph.queries.rescue import rescue
from jotgraph.records import (
    Gap,
    Inventory,
    Kind,
    LocalImage,
)
from tests.factories import (
    ACCOUNT,
    HOST,
    REGION,
    alias,
    digest,
    ecr_image,
    ecr_repository,
    function,
    gap,
    inventory,
    local_image,
    role,
    version,
)

shop_image = partial(ecr_image, repository="shop")
LOST = shop_image(1).id
HELD = local_image(11, repo_digests=(f"{HOST}/shop@{digest(1)}",))
TARGET = f"{HOST}/shop:rescued-{digest(1)[7:19]}"


def world(*images: Any, gaps: tuple[Gap, ...] = (), other: tuple[Any, ...] = ()) -> Inventory:
    runs = function(repository="shop", image_uri=None, invocations=5)
    return inventory(
        *gaps,
        ecr_repository("shop"),
        role(),
        *other,
        *(image for image in images if isinstance(image, LocalImage)),
        runs,
    )


def lost(known: Inventory) -> Lost:
    (found,) = rescue(build(known)).lost
    return found


def words(known: Inventory) -> list[Code]:
    return [state for jot in jots(build(known)).jots for state in jot.states]


def test_a_local_copy_of_what_runs_and_is_gone() -> None:
    known = world(HELD)
    found = lost(known)
    assert (found.id, found.state) == (LOST, "gone")
    assert found.runners == (f"function:{ACCOUNT}/{REGION}/pay",)
    (saved,) = found.saved
    assert (saved.id, saved.grade) == (HELD.id, Grade.STRONG)
    assert saved.commands == (
        f"aws ecr get-login-password --region {REGION} | docker login --username AWS "
        f"--password-stdin {HOST}",
        f"docker tag {digest(11)} {TARGET}",
        f"docker push {TARGET}",
        f"aws ecr describe-images --registry-id {ACCOUNT} --region {REGION} --repository-name shop "
        f"--image-ids imageTag={TARGET.rpartition(':')[2]} "
        "--query 'imageDetails[0].imageDigest' --output text",
    )
    assert saved.otherwise == (
        f"aws lambda update-function-code --region {REGION} --function-name {ACCOUNT}:pay "
        f"--image-uri {TARGET}",
    )
    assert words(known) == [Code.BROKEN, Code.RESCUABLE]


def test_the_id_of_an_image_in_the_containerd_store_is_its_digest() -> None:
    (saved,) = lost(world(local_image(1))).saved
    assert saved.id == local_image(1).id
    # It keeps the layers as they were packed, so the pushed digest is the same.
    assert saved.because.startswith("the Docker engine has this image, byte for byte")
    assert saved.otherwise == ()


def test_an_image_of_the_same_name_may_be_it() -> None:
    named = local_image(12, f"{HOST}/shop:prod")
    known = world(named)
    (saved,) = lost(known).saved
    assert (saved.id, saved.grade) == (named.id, Grade.HINT)
    assert saved.because == "same repository name, so possibly the lost image"
    assert Code.RESCUABLE in words(known)


@pytest.mark.parametrize("name", ["other/shopping:1", "shop-2:1", "web:shop"])
def test_an_image_of_another_name_is_not(name: str) -> None:
    known = world(local_image(12, name))
    assert lost(known).saved == ()
    assert words(known) == [Code.BROKEN]


def test_a_copy_in_another_repository() -> None:
    other = shop_image(1, "1.0", repository="mirror")
    (saved,) = lost(world(other=(other,))).saved
    assert (saved.id, saved.names, saved.grade) == (other.id, ("mirror:1.0",), Grade.PROOF)
    assert saved.commands == (
        f"skopeo copy --all --preserve-digests docker://{HOST}/mirror@{digest(1)} "
        f"docker://{TARGET}",
    )


def test_an_archived_image_is_restored() -> None:
    found = lost(world(other=(shop_image(1, status="ARCHIVED"),)))
    assert found.state == "archived"
    assert found.saved[0].commands == (
        f"aws ecr update-image-storage-class --registry-id {ACCOUNT} --region {REGION} "
        f"--repository-name shop --image-id imageDigest={digest(1)} "
        "--target-storage-class STANDARD",
    )


def test_an_image_that_is_there_needs_no_rescue() -> None:
    assert rescue(build(world(HELD, other=(shop_image(1),)))).lost == ()


def test_an_image_that_was_not_read_is_not_gone() -> None:
    unread = gap("ecr:DescribeImages", Kind.ECR_IMAGE)
    assert rescue(build(world(HELD, gaps=(unread,)))).lost == ()


def test_of_another_digest_a_version_is_published_anew_and_latest_is_given_back() -> None:
    own = f"{HOST}/shop@{digest(2)}"
    known = msgspec.structs.replace(
        world(HELD, other=(shop_image(2),)),
        functions=(function(runs=2, repository="shop", image_uri=None),),
        versions=(version(4, repository="shop", tag="v4"),),
        aliases=(alias("live", 4),),
    )
    (saved,) = lost(known).saved
    update = f"--region {REGION} --function-name {ACCOUNT}:pay"
    assert saved.otherwise == (
        f"aws lambda update-function-code {update} --image-uri {TARGET} --publish",
        f"aws lambda update-alias {update} --name live --function-version NEW"
        "  # the Version in the output of the update",
        f"aws lambda update-function-code {update} --image-uri {own}"
        "  # sets $LATEST back to its own image",
    )
