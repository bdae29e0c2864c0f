"""A running image that only its index has a tag for has one name in every view; of one that is
gone nobody says that it has no tag."""

from __future__ import annotations

from jotgraph import store
from jotgraph.records import ImageType
from tests.factories import (
    HERE,
    child,
    ecr_image,
    function,
    inventory,
    scope,
)
from tests.functional.conftest import Run

WORLD = inventory(
    ecr_image(1),
    ecr_image(2, "1.1", type=ImageType.INDEX, children=(child(1),)),
    *(
        function(name, runs, tag="1.1", invocations=None)
        for runs, name in ((1, "pay"), (3, "lost"))
    ),
    scope=scope(HERE, engine=""),
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
    assert "no known copy; a Docker engine may have one: scan on the machine that built it" in shown
