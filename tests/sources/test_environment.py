"""What is kept of environment variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.sources.environment import (
    Commits,
    TeamVariables,
    env_hash,
    env_of_config,
    known_revisions,
    looks_like_revision,
    machine_key,
    revision_env,
)
from tests.factories import commit, sha

SHA = "a1b2c3d4" * 5


@pytest.mark.parametrize(
    "value",
    [SHA, SHA[:7], f"{SHA}-dirty", "v1.2.3", "1.2", "v1.2.3-4-gabc1234", "web@1.4.0", f"web@{SHA}"],
)
def test_revisions(value: str) -> None:
    assert looks_like_revision(value)


@pytest.mark.parametrize(
    "value", ["", "main", "hunter2", "postgres://u:p@host/db", "abc123", "a" * 200, f"{SHA}\n"]
)
def test_what_is_no_revision(value: str) -> None:
    assert not looks_like_revision(value)


def test_only_revisions_under_known_names_are_kept() -> None:
    found = revision_env({"GIT_SHA": SHA, "SECRET": SHA, "COMMIT_SHA": "hunter2"})
    assert found == (("GIT_SHA", SHA),)


def test_of_open_telemetry_only_version_control_is_kept() -> None:
    value = f"service.name=web,token={SHA},vcs.ref.head.revision={SHA}"
    kept = (("OTEL_RESOURCE_ATTRIBUTES", f"vcs.ref.head.revision={SHA}"),)
    assert revision_env({"OTEL_RESOURCE_ATTRIBUTES": value}) == kept


def test_the_list_of_an_image_config() -> None:
    assert env_of_config(["PATH=/bin", f"GIT_SHA={SHA}", "bare"]) == (("GIT_SHA", SHA),)
    assert env_of_config(None) == ()


def test_the_hash_tells_values_apart_and_needs_the_key() -> None:
    one = env_hash({"A": "1", "B": "2"}, b"key")
    assert one == env_hash({"B": "2", "A": "1"}, b"key")
    assert one != env_hash({"A": "1", "B": "3"}, b"key")
    assert one != env_hash({"A": "1", "B": "2"}, b"other")
    assert env_hash({}, b"key") == ""


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    key = machine_key(tmp_path / "state")
    assert machine_key(tmp_path / "state") == key
    (path,) = (tmp_path / "state").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_gives_a_key_all_the_same(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert len(machine_key(blocked / "state")) == 32


def test_a_name_that_a_team_has_set_is_kept_where_its_value_begins_a_commit() -> None:
    read = Commits((commit(1), commit(500)))
    variables = {
        "ACME_REV": sha(500),
        "ACME_SHORT": f"{sha(1)[:9]}-dirty",
        "ACME_TOKEN": "0123456789abcdef" * 2,
        "ACME_TEXT": "hunter2",
        "OTHER": sha(500),
        "GIT_SHA": sha(499),
    }
    names = frozenset({"ACME_REV", "ACME_SHORT", "ACME_TOKEN", "ACME_TEXT"})
    by_form = revision_env(variables, names)
    assert dict(by_form).keys() == {"ACME_REV", "ACME_SHORT", "ACME_TOKEN", "GIT_SHA"}
    assert known_revisions(by_form, names, read) == (
        ("ACME_REV", sha(500)),
        ("ACME_SHORT", f"{sha(1)[:9]}-dirty"),
        ("GIT_SHA", sha(499)),
    )
    assert known_revisions(by_form, names, Commits(())) == (("GIT_SHA", sha(499)),)


def test_of_what_is_not_kept_it_is_known_whether_a_commit_begins_so() -> None:
    env = (("ACME_REV", sha(500)), ("ACME_TOKEN", "0123456789abcdef" * 2), ("GIT_SHA", sha(499)))
    names = frozenset({"ACME_REV", "ACME_TOKEN"})
    before, after = (
        TeamVariables(names, commits, b"key") for commits in ((commit(1),), (commit(500),))
    )
    assert before.kept(env) == (("GIT_SHA", sha(499)),)
    assert after.kept(env) == (("ACME_REV", sha(500)), ("GIT_SHA", sha(499)))
    left_out = before.left_out(env)
    assert len(left_out) == 2
    assert not any(sha(500)[:7] in mark or "01234567" in mark for mark in left_out)
    assert not before.would_keep(left_out)
    assert after.would_keep(left_out)
    assert not after.would_keep(after.left_out(env))
    assert not TeamVariables(names, (commit(500),), b"another").would_keep(left_out)


def test_a_name_that_is_no_longer_set_keeps_nothing() -> None:
    env = (("ACME_REV", sha(500)), ("GIT_SHA", sha(499)))
    assert TeamVariables().kept(env) == (("GIT_SHA", sha(499)),)
    assert not TeamVariables().would_keep(("any",))
