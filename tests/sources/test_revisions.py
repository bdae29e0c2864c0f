"""What is kept for ever, and where the promise that it never changes does not hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph.clients import connect
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.places import open_threads, places_of
from jotgraph.sources.revisions import Revisions

ASKED = ("ecs", "DescribeTaskDefinition", "arn:aws:ecs:web:1")


@pytest.fixture
def place(aws_environment: Sandbox) -> RegionClient:
    sessions = connect(use_docker=False).aws
    with open_threads(sessions, lambda what, done, total: None) as threads:
        return places_of(sessions, threads)[0][0]


def test_an_answer_is_kept_by_what_names_it(place: RegionClient, tmp_path: Path) -> None:
    Revisions(tmp_path).put(place, *ASKED, {"family": "web"})
    assert Revisions(tmp_path).get(place, *ASKED) == {"family": "web"}
    assert Revisions(tmp_path).get(place, *ASKED[:2], "arn:aws:ecs:web:2") is None
    assert Revisions(tmp_path).get(place, "ecs", "DescribeServices", ASKED[2]) is None


def test_what_nothing_names_for_ever_is_not_kept(place: RegionClient, tmp_path: Path) -> None:
    Revisions(tmp_path).put(place, *ASKED[:2], None, {"family": "web"})
    Revisions(tmp_path).put(place, *ASKED[:2], "", {"family": "web"})
    assert list(tmp_path.iterdir()) == []


def test_an_emulator_makes_no_promise_unless_a_folder_is_named(
    place: RegionClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    Revisions(None).put(place, *ASKED, {"family": "web"})
    assert Revisions(None).get(place, *ASKED) is None
    assert list(tmp_path.rglob("*")) == []


def test_aws_itself_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    (session,) = connect(use_docker=False, regions=("eu-west-1",)).aws
    with open_threads((session,), lambda what, done, total: None) as threads:
        place = RegionClient(session, "1", "eu-west-1", threads.buckets, threads.pool)
    Revisions(None).put(place, *ASKED, {"family": "web"})  # no call is made
    assert Revisions(None).get(place, *ASKED) == {"family": "web"}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"of": "another", "answer": 1}'])
def test_a_file_that_is_no_answer_is_none(
    place: RegionClient, tmp_path: Path, content: bytes
) -> None:
    Revisions(tmp_path).put(place, *ASKED, {"family": "web"})
    (kept,) = [each for each in tmp_path.rglob("*") if each.is_file()]
    kept.write_bytes(content)
    assert Revisions(tmp_path).get(place, *ASKED) is None
