"""Images whose files were not compared: told once for a repository, and none passed over."""

from __future__ import annotations

import msgspec

from jotgraph.content.unread import by_repository, left_out
from jotgraph.records import Gap, ImageType, Inventory
from tests.links.build import ACCOUNT, REGION, digest, ecr, function, inventory


def world() -> Inventory:
    return inventory(
        ecr_images=(
            *(ecr(number) for number in range(1, 6)),
            ecr(6, repository="other"),
            ecr(7, status="ARCHIVED"),
            ecr(8, type=ImageType.INDEX),
            ecr(9, type=ImageType.ATTESTATION),
        ),
        functions=(function(code_sha256=digest(1)[7:]), function("zip", package_type="Zip")),
    )


def test_what_no_one_looks_at_is_told_once_for_a_repository() -> None:
    known = world()
    gaps = left_out(known, [ecr(5).id], None)
    assert [gap.resource for gap in gaps] == [ecr(n).id for n in range(1, 5)] + [
        ecr(6, repository="other").id,
        ecr(7).id,
    ]
    told = by_repository(gaps)
    assert [(each.resource, each.reason) for each in told] == [
        (ecr(6, repository="other").id, "left-out"),
        (ecr(1).id, "error"),  # a function runs it: its manifest was asked for in vain
        (ecr(7).id, "left-out"),
        ("shop", "left-out"),
    ]
    (many,) = [each for each in told if each.resource == "shop"]
    assert (many.account, many.region, many.facts) == (ACCOUNT, REGION, ("content",))
    assert many.detail == "layers of 3 images of shop that nothing runs"
    assert [each.option for each in told] == [
        "jotgraph content", "", "restore them first", "jotgraph content"
    ]  # fmt: skip
    assert [gap.resource for gap in left_out(known, [], [ecr(2).id])] == [ecr(2).id]


def test_gaps_of_one_reason_become_one_and_others_stay() -> None:
    def gap(number: int, detail: str = "denied") -> Gap:
        return Gap(
            service="content", action="read layers", resource=ecr(number).id,
            reason="error", detail=detail, facts=("content",),
        )  # fmt: skip

    local = msgspec.structs.replace(gap(1), resource=f"local-image:{digest(1)}")
    assert by_repository([]) == ()
    assert by_repository([gap(1), local]) == tuple(sorted([gap(1), local]))
    merged = by_repository([gap(n, f"wrong digest: {digest(n)}") for n in (3, 1, 2, 4)])
    assert [each.detail for each in merged] == [
        f"4 images ({digest(1)[:19]}, {digest(2)[:19]}, {digest(3)[:19]} and 1 more), each: "
        f"wrong digest: {digest(1)}"
    ]
    assert merged == by_repository([gap(n, f"wrong digest: {digest(n)}") for n in (1, 2, 3, 4)])
    assert len(by_repository([gap(1), gap(2, "throttled")])) == 2
