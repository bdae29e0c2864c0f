"""A running image that only its index has a tag for has one name in every view; of one that is
gone nobody says that it has no tag."""

from __future__ import annotations

from jotgraph import store
from jotgraph.records import Child, ImageType, Scope
from tests.functional.conftest import Run
from tests.links.build import ACCOUNT, HOST, REGION, digest, ecr, function, inventory

WORLD = inventory(
    scope=Scope(accounts=(ACCOUNT,), places=((ACCOUNT, REGION),)),
    ecr_images=(
        ecr(1, manifest_read=True),
        ecr(2, "1.1", type=ImageType.INDEX, manifest_read=True, children=(Child(digest(1)),)),
    ),
    functions=tuple(
        function(
            name,
            code_sha256=digest(n)[7:],
            image_uri=f"{HOST}/shop:1.1",
            resolved_image_uri=f"{HOST}/shop@{digest(n)}",
        )
        for n, name in ((1, "pay"), (3, "lost"))
    ),
)


def test_one_name(run: Run) -> None:
    store.save(WORLD, "w.jsonl")
    views = ("ls",), ("ls", "--tree"), ("show", "pay"), ("why", "pay"), ("trace", "pay")
    for view in views:
        shown = " ".join(run(*view, "--from", "w.jsonl").stdout.split())
        assert "1.1 @000000000" in shown, view
        assert "untagged" not in shown, view


def test_nobody_looked_for_copies_on_an_engine(run: Run) -> None:
    store.save(WORLD, "w.jsonl")
    shown = run("rescue", "--from", "w.jsonl").stdout
    assert "no known copy; no Docker engine was scanned, and one may have it" in shown
