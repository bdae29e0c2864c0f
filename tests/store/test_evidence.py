"""What tests found, kept by digest: whole files, and damage that is a gap."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from jotgraph.errors import ApplyError
from jotgraph.store.evidence import evidence_folder, keep_test, read_tests
from tests import factories
from tests.apply.file_ops import WAYS, FileOperations


def test_what_is_kept_is_read_back_by_time() -> None:
    later = factories.image_test(2)
    earlier = factories.image_test(1, at=factories.NOW - timedelta(days=1), passed=False)
    paths = [keep_test(later), keep_test(earlier)]
    assert read_tests() == ((earlier, later), ())
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert paths[0].parent == evidence_folder() / factories.digest(2).partition(":")[2]


@pytest.mark.parametrize(
    ("earlier", "later", "left"),
    [
        (("a",), ("a", "b"), [("a", "b")]),
        (("a", "b"), ("a",), [("a", "b"), ("a",)]),
        (("a", "b"), ("b", "a"), [("b", "a")]),
    ],
)
def test_what_is_superseded_is_not_kept(
    earlier: tuple[str, ...], later: tuple[str, ...], left: list[tuple[str, ...]]
) -> None:
    keep_test(factories.image_test(1, *earlier, at=factories.days_ago(1), passed=False))
    keep_test(factories.image_test(1, *later))
    tests, _ = read_tests()
    assert [tuple(case.name for case in test.cases) for test in tests] == left


def test_a_test_supersedes_none_of_another_place_or_digest_or_time() -> None:
    function = factories.function().id
    others = [
        factories.image_test(1, function=function, where="arn", at=factories.days_ago(1)),
        factories.image_test(2, at=factories.days_ago(1)),
        factories.image_test(1, at=factories.days_ago(-1)),
    ]
    for test in (*others, factories.image_test(1)):
        keep_test(test)
    assert len(read_tests().tests) == 4


def test_nothing_kept_is_nothing_read() -> None:
    assert read_tests() == ((), ())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text[: len(text) // 2], "it is damaged"),
        (lambda text: b"", "it is damaged"),
        (lambda text: text.replace(b"true", b"false"), "was edited"),
        (lambda text: text.replace(b"image-test/1", b"image-test/9"), "its format is"),
        (lambda text: b"[" * 5000, "it is damaged"),
        (lambda text: b" " * (5 << 20), "too long"),
    ],
)
def test_a_damaged_file_is_a_gap_beside_the_whole_ones(change: object, reason: str) -> None:
    whole = factories.image_test(1)
    keep_test(whole)
    path = keep_test(factories.image_test(2))
    path.write_bytes(change(path.read_bytes()))  # type: ignore[operator]
    tests, gaps = read_tests()
    assert tests == (whole,)
    (gap,) = gaps
    assert (gap.service, gap.action, gap.resource, gap.facts) == (
        "tests", "read", str(path), ("tests",),
    )  # fmt: skip
    assert reason in gap.detail


def test_a_file_in_the_folder_of_another_digest_counts_for_none() -> None:
    path = keep_test(factories.image_test(1))
    other = evidence_folder() / factories.digest(2).partition(":")[2]
    other.mkdir()
    path.rename(other / path.name)
    tests, (gap,) = read_tests()
    assert tests == ()
    assert "another digest than its folder" in gap.detail


def test_a_writer_that_was_stopped_left_nothing_that_is_read() -> None:
    path = keep_test(factories.image_test(1))
    path.rename(path.with_name(f".{path.name}.{os.getpid()}"))
    assert read_tests() == ((), ())


@pytest.mark.parametrize("way", WAYS)
def test_a_writer_that_is_disturbed_leaves_a_whole_file_or_none(way: str) -> None:
    """At each operation on a file: it fails, the disk is full, the program or the power goes."""
    earlier, test = factories.image_test(1), factories.image_test(1, "new")
    with FileOperations(within="/tests") as counted:
        keep_test(earlier)
    assert {"open", "write", "fsync", "replace", "mkdir"} <= set(counted.names)
    for place in range(len(counted.names)):
        shutil.rmtree(evidence_folder())

        def kill() -> None:
            raise Stopped

        stopped = suppress(Stopped, ApplyError)
        with FileOperations(way, place, kill, within="/tests") as operations, stopped:
            keep_test(test)
        if way == "power":
            operations.lose_what_was_not_flushed()
        tests, gaps = read_tests()
        assert (tests in ((), (test,)), gaps) == (True, ())
        keep_test(earlier)
        assert earlier in read_tests().tests


class Stopped(BaseException):
    """The program ends here."""


def test_a_pipe_does_not_hang_the_reader(tmp_path: Path) -> None:
    path = keep_test(factories.image_test(1))
    path.unlink()
    os.mkfifo(path)
    tests, (gap,) = read_tests()
    assert (tests, gap.resource) == ((), str(path))


def test_a_test_is_one_line_of_a_snapshot(tmp_path: Path) -> None:
    from jotgraph import store  # noqa: PLC0415 -- what this test alone needs

    inventory = factories.inventory(factories.image_test(1), factories.image_test(2, passed=False))
    store.save(inventory, tmp_path / "a.jsonl")
    assert store.load(tmp_path / "a.jsonl") == inventory
    line = (tmp_path / "a.jsonl").read_text().splitlines()[-2]
    assert msgspec.json.decode(line)["kind"] == "image-test"
