"""What only a hint names, or what is only near, is nowhere shown as the commit that runs."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from jotgraph import store
from jotgraph.analysis.health import Code
from jotgraph.records import ContentMatch, ContentVerdict, EcrImage, Inventory, pairs
from tests.factories import (
    HERE,
    NOW,
    commit,
    content_match,
    ecr_image,
    function,
    git_repository,
    inventory,
    role,
    scope,
    sha,
)
from tests.functional.conftest import Run

REMOTE = "https://example.com/team/shop"
PLAIN = ecr_image(
    1,
    "1.0",
    repository="shop",
    config_read=True,
    created_at=NOW + timedelta(minutes=30, seconds=7),
)
LOST = msgspec.structs.replace(
    PLAIN, labels=pairs({"org.opencontainers.image.revision": sha(9),
                         "org.opencontainers.image.source": REMOTE})
)  # fmt: skip
NEAR = content_match(
    PLAIN.id,
    1,
    verdict=ContentVerdict.NEAREST,
    matched=5,
    modified=("app.py",),
    modified_count=1,
)


def world(image: EcrImage, *content: ContentMatch) -> Inventory:
    runs = function(repository="shop", image_uri=None, invocations=None)
    return inventory(
        git_repository(head=2, remote=REMOTE),
        commit(1),
        commit(2, 1, minutes=60 * 24 * 3),
        image,
        runs,
        role(),
        *content,
        scope=scope(HERE, git=("shop",)),
    )


@pytest.mark.parametrize(
    ("known", "stands", "shown", "states", "where"),
    [
        (
            world(PLAIN),
            "hint behind",
            "hint only, 1 behind",
            [],
            "only a hint (built_soon_after) says where it comes from",
        ),
        # What the builder wrote comes before a guess, be it in no repository.
        (
            world(LOST),
            "not-in-repositories",
            "not in repositories read",
            [],
            f"{sha(9)[:9]} is in no repository read",
        ),
        (
            world(PLAIN, NEAR),
            "near behind",
            "files differ, 1 behind",
            ["files-differ", "lag"],
            f"its files differ from every commit read; nearest: {sha(1)[:9]}",
        ),
    ],
    ids=["hint", "lost", "near"],
)
def test_every_view_says_the_doubt(
    run: Run,
    tmp_path: Path,
    known: Inventory,
    stands: str,
    shown: str,
    states: list[str],
    where: str,
) -> None:
    store.save(known, tmp_path / "w.jsonl")
    told = ("--from", "w.jsonl")
    assert stands in run("ls", "--format", "csv", *told).stdout
    for view in (("ls",), ("ls", "--tree"), ("show", "pay"), ("trace", "pay"), ("stale", "--all")):
        assert shown in " ".join(run(*view, *told).stdout.split())
    (entry,) = json.loads(run("stale", "--format", "json", *told).stdout)["functions"]
    assert entry["states"] == states
    unread = [
        finding["statement"] for finding in entry["findings"] if finding["unread"] == "commit"
    ]
    lost = f"its commit {sha(9)[:9]} is in no git repository read"
    assert unread == {"hint behind": [where], "not-in-repositories": [lost]}.get(stands, [])
    answer = json.loads(run("where", sha(2), "--format", "json", *told).stdout)
    assert {judgement["because"] for judgement in answer["unknown"]} == {where}
    assert not answer["contains"]
    assert not answer["lacks"]


@pytest.mark.parametrize(
    ("modified", "untracked", "words"),
    [
        (1, 0, "1 file differs"),
        (3, 2, "3 files differ, 2 untracked"),
        (0, 1, "1 untracked"),
        (0, 0, ""),
    ],
)
def test_ls_counts_the_files_that_are_not_the_commits(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    modified: int,
    untracked: int,
    words: str,
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    verdict = ContentVerdict.NEAREST if modified else ContentVerdict.EXACT
    match = msgspec.structs.replace(
        NEAR, verdict=verdict, modified_count=modified, unexplained_count=untracked
    )
    store.save(world(PLAIN, match), tmp_path / "w.jsonl")
    (jot,) = json.loads(run("ls", "--from", "w.jsonl", "--format", "json").stdout)["jots"]
    assert (jot["commit"]["modified"], jot["commit"]["untracked"]) == (modified, untracked)
    rows = run("ls", "--from", "w.jsonl", "--format", "md").stdout
    assert (f", {words} |" in rows) if words else ("differ" not in rows)
    table = run("ls", "--from", "w.jsonl").stdout
    assert (f"a0000001c, {words} " in table) if words else ("a0000001c  1 behind" in table)


def test_where_in_one_image_says_whether_it_may_come_from_the_commit(
    run: Run, tmp_path: Path
) -> None:
    match = msgspec.structs.replace(
        NEAR, verdict=ContentVerdict.EXACT, modified=(), modified_count=0
    )
    store.save(world(PLAIN, match), tmp_path / "w.jsonl")

    def asked(commit: str) -> list[tuple[str, bool]]:
        told = ("--in", "pay", "--from", "w.jsonl", "--format", "json")
        answer = json.loads(run("where", commit, *told).stdout)
        return [
            (word, holder["member"])
            for word in ("contains", "lacks", "unknown")
            for holder in answer[word]
        ]

    assert asked(sha(1)) == [("contains", True)]
    assert asked(sha(2)) == [("lacks", False)]
    shown = run("where", sha(2), "--in", "pay", "--from", "w.jsonl").stdout
    assert "this is not the commit it may come from" in " ".join(shown.split())
    both = ("--in", "pay", "--alias", "live", "--from", "w.jsonl")
    refused = run("where", sha(1), *both)
    assert (refused.exit_code, "use only one of" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("least", "commit", "standing"),
    [
        ("hint", sha(1), "near behind"),
        ("support", sha(1), "near behind"),
        ("strong", "", "unknown"),
        ("proof", "", "unknown"),
    ],
)
def test_weaker_evidence_than_was_asked_for_is_not_believed(
    run: Run, tmp_path: Path, least: str, commit: str, standing: str
) -> None:
    """The match is SUPPORT; that the function runs the image is not touched by the option."""
    store.save(world(PLAIN, NEAR), tmp_path / "w.jsonl")
    told = ("--min-confidence", least, "--from", "w.jsonl")
    (jot,) = json.loads(run("ls", "--format", "json", *told).stdout)["jots"]
    assert (jot["commit"]["commit"], jot["image"]["digest"]) == (commit, PLAIN.digest)
    assert standing in run("ls", "--format", "csv", *told).stdout
    for view in (("show", "pay"), ("trace", "pay"), ("why", "pay"), ("stale", "--all")):
        shown = run(*view, *told).stdout
        assert (sha(1)[:9] in shown) == bool(commit), view
    answer = json.loads(run("where", sha(1), "--format", "json", *told).stdout)
    assert {len(holder["commits"]) for holder in answer["unknown"]} == {1 if commit else 0}
    page = run("render", "-o", "w.mmd", *told)
    assert page.exit_code == 0
    assert (sha(1)[:8] in (tmp_path / "w.mmd").read_text()) == bool(commit)


@pytest.mark.parametrize(("least", "known"), [("support", True), ("strong", False)])
def test_summary_cannot_tell_the_lag_of_a_commit_that_is_not_believed(
    run: Run, tmp_path: Path, least: str, known: bool
) -> None:
    store.save(world(PLAIN, NEAR), tmp_path / "w.jsonl")
    told = ("--min-confidence", least, "--from", "w.jsonl")
    shown = json.loads(run("summary", "--format", "json", *told).stdout)
    plain = json.loads(run("summary", "--format", "json", "--from", "w.jsonl").stdout)
    (lag,) = (finding for finding in shown["findings"] if finding["code"] == Code.LAG)
    assert lag["unread"] == (None if known else "commit")
    unused = ("orphans", "unknown", "cost")
    assert [shown[key] for key in unused] == [plain[key] for key in unused]


@pytest.mark.parametrize(("least", "commits"), [("support", [sha(1)]), ("strong", [])])
def test_rescue_names_no_commit_of_a_lost_image_that_is_not_believed(
    run: Run, tmp_path: Path, least: str, commits: list[str]
) -> None:
    archived = msgspec.structs.replace(PLAIN, status="ARCHIVED")
    store.save(world(archived, NEAR), tmp_path / "w.jsonl")
    told = ("--min-confidence", least, "--from", "w.jsonl", "--format", "json")
    (lost,) = json.loads(run("rescue", *told).stdout)["lost"]
    assert (lost["id"], lost["commits"], len(lost["saved"])) == (PLAIN.id, commits, 1)


@pytest.mark.parametrize(
    ("least", "violated", "unknown"),
    [("support", ["max_lag"], []), ("strong", [], ["max_lag"])],
)
def test_check_cannot_tell_the_lag_of_a_commit_that_is_not_believed(
    run: Run, tmp_path: Path, least: str, violated: list[str], unknown: list[str]
) -> None:
    store.save(world(PLAIN, NEAR), tmp_path / "w.jsonl")
    (tmp_path / "lag.toml").write_text("max_lag = 0\n")
    told = ("--min-confidence", least, "--from", "w.jsonl", "--format", "json")
    answer = json.loads(run("check", "--policy", "lag.toml", *told).stdout)
    assert [violation["rule"] for violation in answer["violations"]] == violated
    assert [violation["rule"] for violation in answer["unknown"]] == unknown


@pytest.mark.parametrize(("least", "known"), [("support", True), ("strong", False)])
def test_diff_names_no_commits_between_two_that_are_not_believed(
    run: Run, tmp_path: Path, least: str, known: bool
) -> None:
    later = msgspec.structs.replace(
        ecr_image(2, "2.0", repository="shop", config_read=True), created_at=PLAIN.created_at
    )
    after = content_match(
        later.id, 2, verdict=ContentVerdict.NEAREST, modified=("app.py",), modified_count=1
    )
    now = world(later, after)
    runs = function("pay", 2, repository="shop", image_uri=None, invocations=None)
    store.save(world(PLAIN, NEAR), tmp_path / "then.jsonl")
    store.save(msgspec.structs.replace(now, functions=(runs,)), tmp_path / "now.jsonl")
    told = ("--min-confidence", least, "--format", "json")
    answer = json.loads(run("diff", "then.jsonl", "now.jsonl", *told).stdout)
    between = {"before": sha(1), "after": sha(2), "added": 1, "removed": 0} if known else None
    assert [change["commits"] for change in answer["changed"]] == [between]


@pytest.mark.parametrize(("least", "commits"), [("support", [sha(1)]), ("strong", [])])
def test_history_names_no_commit_that_is_not_believed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: str, commits: list[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    store.Snapshots().remember(world(PLAIN, NEAR), "prod")
    told = ("--name", "prod", "--min-confidence", least, "--format", "json")
    (deployment,) = json.loads(run("history", "pay", *told).stdout)["deployments"]
    assert (deployment["there"], deployment["commits"]) == (True, commits)
