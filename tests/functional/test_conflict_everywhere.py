"""A label says one commit, the files another: every view says so, with the reason."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from jotgraph import store
from jotgraph.records import ContentVerdict, Inventory
from tests.factories import (
    HERE,
    NOW,
    commit,
    content_match,
    digest,
    ecr_image,
    function,
    git_repository,
    inventory,
    scope,
    sha,
)
from tests.functional.conftest import Run

REMOTE = "https://example.com/team/shop"
LABELS = {
    "org.opencontainers.image.revision": sha(1),
    "org.opencontainers.image.source": REMOTE,
}


def world(
    verdict: ContentVerdict, commits: tuple[int, ...], modified: tuple[str, ...]
) -> Inventory:
    image = ecr_image(
        1,
        "1.0",
        repository="shop",
        labels=LABELS,
        config_read=True,
        created_at=NOW + timedelta(hours=1),
    )
    match = content_match(
        image.id,
        *commits,
        verdict=verdict,
        matched=5,
        modified=modified,
        modified_count=len(modified),
    )
    runs = function(repository="shop", image_uri=None, invocations=None)
    return inventory(
        git_repository(head=3, remote=REMOTE),
        commit(1),
        commit(2, 1, minutes=1),
        commit(3, 2, minutes=2),
        image,
        runs,
        match,
        scope=scope(HERE, git=("shop",), content=True),
    )


STALE = world(ContentVerdict.EXACT, (3, 2), ())
DIRTY = world(ContentVerdict.NEAREST, (2, 1), ("app.py",))


@pytest.mark.parametrize(
    ("known", "kind", "reason"),
    [
        (STALE, "stale-label", "a stale label (build cache, build argument)"),
        (DIRTY, "dirty-build", "1 file differs (app.py) in the image: a dirty build at"),
    ],
    ids=["stale", "dirty"],
)
def test_every_view_shows_the_conflict_and_its_reason(
    run: Run, known: Inventory, kind: str, reason: str
) -> None:
    store.save(known, "world.jsonl")
    words = kind.replace("-", " ")

    def said(*arguments: str) -> str:
        result = run(*arguments, "--from", "world.jsonl")
        assert result.exit_code == 0, result.output
        return " ".join(result.stdout.split())

    assert f"conflict: {words}" in said("ls")
    for arguments in (
        ("why", "pay"),
        ("why", "pay", sha(1)),
        ("show", "pay"),
        ("show", "shop:1.0"),
    ):
        text = said(*arguments)
        assert f"CONFLICT {words}: " in text
        assert reason in text

    (jot,) = json.loads(said("ls", "--format", "json"))["jots"]
    assert "conflict" in jot["states"]
    assert (jot["commit"]["conflict_kind"], reason in jot["commit"]["conflict"]) == (kind, True)
    shown = json.loads(said("show", "pay", "--format", "json"))
    assert [explanation["kind"] for explanation in shown["explanations"]] == [kind]
    assert shown["believed"]["verdict"] == "conflict"
    graded = [commit for commit in shown["commits"] if commit["grade"] != "hint"]
    relations = {commit["relation"]: commit["candidates"] for commit in graded}
    assert relations["built-from"] == [sha(1)]
    assert relations["content-equals"][0] in (sha(3), sha(2))

    run("render", "-o", "world.svg", "--from", "world.jsonl")
    drawn = Path("world.svg").read_text()
    assert f"conflict: {words}" in drawn
    assert reason in drawn


def test_bases_of_equal_layers_are_all_named(run: Run) -> None:
    layers = (digest(70), digest(71))
    bases = [
        ecr_image(number, repository=f"base-{number}", diff_ids=layers[:1]) for number in (5, 6)
    ]
    known = inventory(ecr_image(1, "1.0", repository="shop", diff_ids=layers), *bases)
    store.save(known, "world.jsonl")
    traced = run("trace", "shop:1.0", "--from", "world.jsonl").stdout
    assert "based on one of image base-5" in traced
    assert "based on one of image base-6" in traced
    path = json.loads(run("trace", "shop:1.0", "--format", "json", "--from", "world.jsonl").stdout)
    assert path["paths"][0]["bases"] == sorted(str(base.id) for base in bases)
    shown = run("show", "shop:1.0", "--from", "world.jsonl").stdout
    assert shown.count("based-on") == 2
    why = run("why", "shop:1.0", "base-6@" + digest(6), "--from", "world.jsonl").stdout
    assert "its 2 layers begin with all 1 of it" in why
    run("render", "-o", "world.svg", "--from", "world.jsonl")
    drawn = Path("world.svg").read_text()
    assert all(f"base-{number}" in drawn for number in (5, 6))


def test_of_bases_of_equal_layers_the_one_that_a_label_names_is_first(run: Run) -> None:
    layers = (digest(70), digest(71))
    bases = [
        ecr_image(number, repository=f"base-{number}", diff_ids=layers[:1]) for number in (5, 6)
    ]
    labels = {"org.opencontainers.image.base.digest": digest(6)}
    known = inventory(
        ecr_image(1, "1.0", repository="shop", diff_ids=layers, labels=labels),
        *bases,
    )
    store.save(known, "world.jsonl")
    path = json.loads(run("trace", "shop:1.0", "--format", "json", "--from", "world.jsonl").stdout)
    assert path["paths"][0]["bases"] == [bases[1].id, bases[0].id]
