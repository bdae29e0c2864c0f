"""Images whose files were not compared: told once for a repository, and none passed over."""

from __future__ import annotations

import msgspec

from jotgraph.content.unread import by_repository, left_out
from jotgraph.records import Gap, ImageType, Inventory
from tests.factories import ACCOUNT, REGION, digest, ecr_image, function, gap, inventory


def world() -> Inventory:
    return inventory(
        *(ecr_image(number) for number in range(1, 6)),
        ecr_image(6, repository="other"),
        ecr_image(7, status="ARCHIVED"),
        ecr_image(8, type=ImageType.INDEX),
        ecr_image(9, type=ImageType.ATTESTATION),
        function(code_sha256=digest(1)[7:]),
        function("zip", package_type="Zip"),
    )


def test_what_no_one_looks_at_is_told_once_for_a_repository() -> None:
    known = world()
    gaps = left_out(known, [ecr_image(5).id], None)
    assert [gap.resource for gap in gaps] == [ecr_image(n).id for n in range(1, 5)] + [
        ecr_image(6, repository="other").id,
        ecr_image(7).id,
    ]
    merged = by_repository(gaps)
    assert [(gap.resource, gap.reason) for gap in merged] == [
        (ecr_image(1).id, "error"),  # a function runs it: its manifest was asked for in vain
        (ecr_image(7).id, "left-out"),
        (ecr_image(6, repository="other").id, "left-out"),
        ("app", "left-out"),
    ]
    (many,) = [gap for gap in merged if gap.resource == "app"]
    assert (many.account, many.region, many.facts) == (ACCOUNT, REGION, ("content",))
    assert many.detail == "layers of 3 images of app that nothing runs"
    assert [gap.option for gap in merged] == [
        "", "", "jotgraph content", "jotgraph content"
    ]  # fmt: skip
    assert [gap.resource for gap in left_out(known, [], [ecr_image(2).id])] == [ecr_image(2).id]


def test_gaps_of_one_reason_become_one_and_others_stay() -> None:
    def unread(number: int, detail: str = "denied") -> Gap:
        return gap(
            "content:read layers",
            resource=ecr_image(number).id,
            reason="error",
            detail=detail,
            facts=("content",),
            account="",
            region="",
        )

    local = msgspec.structs.replace(unread(1), resource=f"local-image:{digest(1)}")
    assert by_repository([]) == ()
    assert by_repository([unread(1), local]) == tuple(sorted([unread(1), local]))
    merged = by_repository([unread(n, f"wrong digest: {digest(n)}") for n in (3, 1, 2, 4)])
    assert [gap.detail for gap in merged] == [
        f"4 images ({digest(1)[:16]}, {digest(2)[:16]}, {digest(3)[:16]} and 1 more), each: "
        f"wrong digest: {digest(1)}"
    ]
    assert merged == by_repository([unread(n, f"wrong digest: {digest(n)}") for n in (1, 2, 3, 4)])
    assert len(by_repository([unread(1), unread(2, "throttled")])) == 2
