"""What is kept for ever, and where the promise that it never changes does not hold."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from jotgraph.clients import connect
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.append_log import SPARE
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.places import open_threads, places_of
from jotgraph.sources.revisions import Revisions

ASKED = ("ecs", "DescribeTaskDefinition", "arn:aws:ecs:web:1")
WEB = {"family": "web"}


@pytest.fixture
def place(aws_environment: Sandbox) -> RegionClient:
    sessions = connect(use_docker=False).aws
    with open_threads(sessions, lambda what, done, total: None) as threads:
        return places_of(sessions, threads)[0][0]


def keep(folder: Path | None, place: RegionClient, named: str = ASKED[2]) -> None:
    with closing(Revisions(folder, "ecs")) as revisions:
        revisions.put(place, *ASKED[:2], {named: WEB})


def kept(folder: Path | None, place: RegionClient, *asked: str) -> Any:
    return Revisions(folder, "ecs").get(place, *(asked or ASKED))


def files_in(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def test_an_answer_is_kept_by_what_names_it(place: RegionClient, tmp_path: Path) -> None:
    keep(tmp_path, place)
    assert kept(tmp_path, place) == WEB
    assert kept(tmp_path, place, *ASKED[:2], "arn:aws:ecs:web:2") is None
    assert kept(tmp_path, place, "ecs", "DescribeServices", ASKED[2]) is None
    assert kept(tmp_path, place.in_region("eu-west-1")) is None
    assert Revisions(tmp_path, "another reader").get(place, *ASKED) is None


def test_answers_of_one_call_are_in_one_file(place: RegionClient, tmp_path: Path) -> None:
    for number in range(5):
        keep(tmp_path, place, f"arn:aws:ecs:web:{number}")
    assert len(files_in(tmp_path)) == 1


def test_what_nothing_names_for_ever_is_not_kept(place: RegionClient, tmp_path: Path) -> None:
    keep(tmp_path, place, "")
    assert kept(tmp_path, place, *ASKED[:2], "") is None
    assert list(tmp_path.iterdir()) == []


def test_an_emulator_makes_no_promise_unless_a_folder_is_named(
    place: RegionClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    keep(None, place)
    assert kept(None, place) is None
    assert list(tmp_path.rglob("*")) == []


def test_aws_itself_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    (session,) = connect(use_docker=False, regions=("eu-west-1",)).aws
    with open_threads((session,), lambda what, done, total: None) as threads:
        place = RegionClient(session, "1", "eu-west-1", threads.buckets, threads.pool)
    keep(None, place)  # no call is made
    assert kept(None, place) == WEB


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"of": "another", "answer": 1}'])
def test_a_file_that_holds_no_answer_is_none(
    place: RegionClient, tmp_path: Path, content: bytes
) -> None:
    keep(tmp_path, place)
    (file,) = files_in(tmp_path)
    file.write_bytes(content)
    assert kept(tmp_path, place) is None


def test_an_answer_of_another_type_is_none(place: RegionClient, tmp_path: Path) -> None:
    keep(tmp_path, place)
    assert Revisions(tmp_path, "ecs").get(place, *ASKED, int) is None


def test_the_files_of_earlier_versions_are_removed(place: RegionClient, tmp_path: Path) -> None:
    """They held one answer each; it is asked for again."""
    before = tmp_path / "workload-revisions" / "ab" / ("ab" * 32)
    before.parent.mkdir(parents=True)
    before.write_bytes(b'{"of":"https://ecs DescribeTaskDefinition arn:aws:ecs:web:1","answer":{}}')
    (tmp_path / "manifests").mkdir()
    assert kept(tmp_path, place) is None
    assert [folder.name for folder in tmp_path.iterdir()] == ["manifests"]


def test_what_is_gone_is_forgotten_once_it_is_much(place: RegionClient, tmp_path: Path) -> None:
    names = [f"arn:aws:ecs:web:{number}" for number in range(SPARE + 3)]
    with closing(Revisions(tmp_path, "ecs")) as revisions:
        for name in names:
            revisions.put(place, *ASKED[:2], {name: WEB})
        revisions.keep_only(place, *ASKED[:2], {names[0]})
    assert kept(tmp_path, place, *ASKED[:2], names[0]) == WEB
    assert kept(tmp_path, place, *ASKED[:2], names[1]) is None
