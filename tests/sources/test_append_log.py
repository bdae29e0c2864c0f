"""Answers in one file that is only appended to: cut off, damaged, by two writers, compacted."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jotgraph.sources.append_log import SPARE, AppendLog

TWO = {"a": b'{"image_uri":"one"}', "b": b'{"image_uri":"two"}'}


def written(path: Path, answers: dict[str, bytes]) -> Path:
    log = AppendLog(path)
    log.put(answers)
    log.close()
    return path


def read(path: Path, *names: str) -> dict[str, bytes | None]:
    log = AppendLog(path)
    return {name: log.get(name) for name in names}


def test_an_answer_is_read_by_its_name(tmp_path: Path) -> None:
    path = written(tmp_path / "folder" / "log", TWO)
    assert read(path, "a", "b", "c") == {**TWO, "c": None}
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_an_answer_is_there_as_soon_as_it_is_put(tmp_path: Path) -> None:
    log = AppendLog(tmp_path / "log")
    log.put({"a": TWO["a"]})
    assert log.get("a") == TWO["a"]
    assert read(tmp_path / "log", "a") == {"a": TWO["a"]}, "nothing waits in this process"


def test_the_last_answer_counts_and_the_same_is_not_written_again(tmp_path: Path) -> None:
    path = written(tmp_path / "log", TWO)
    size = path.stat().st_size
    written(path, TWO)
    assert path.stat().st_size == size
    written(path, {"a": b"5", "b": TWO["b"]})
    assert read(path, "a", "b") == {"a": b"5", "b": TWO["b"]}
    assert path.read_bytes().count(b"\n") == 3, "of the two the one that is new"


def test_an_entry_that_was_cut_off_anywhere_spoils_no_other(tmp_path: Path) -> None:
    path = written(tmp_path / "log", {"a": TWO["a"]})
    start = path.stat().st_size
    whole = written(path, {"b": TWO["b"]}).read_bytes()
    for size in range(start, len(whole)):
        path.write_bytes(whole[:size])
        assert read(path, "a", "b") == {"a": TWO["a"], "b": None}
        written(path, {"c": b"3"})
        assert read(path, "a", "b", "c") == {"a": TWO["a"], "b": None, "c": b"3"}


def test_a_line_with_any_byte_changed_is_none(tmp_path: Path) -> None:
    path = written(tmp_path / "log", {"a": TWO["a"]})
    start = path.stat().st_size
    whole = written(path, {"b": TWO["b"]}).read_bytes()
    for place in range(start + 1, len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert read(path, "a", "b") == {"a": TWO["a"], "b": None}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff" * 40, b"\0" * 4096, b"[" * 100_000])
def test_a_file_of_something_else_holds_nothing_and_takes_entries(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "log"
    path.write_bytes(content)
    assert read(path, "a") == {"a": None}
    assert read(written(path, TWO), "a", "b") == TWO


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert read(written(tmp_path / "file" / "log", TWO), "a") == {"a": None}
    (tmp_path / "log").mkdir()
    assert read(written(tmp_path / "log", TWO), "a") == {"a": None}


@contextmanager
def full_from(size: int) -> Iterator[None]:
    """Files of this process end there: a write ends as on a full disk, half-way or before it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("room", [0, 1, 50, 51, 52, 101])
def test_on_a_full_disk_the_entries_that_are_whole_count(tmp_path: Path, room: int) -> None:
    path, line = tmp_path / "log", 51
    with full_from(room):
        written(path, TWO)
    assert path.stat().st_size == room
    one = TWO["a"] if room >= line else None
    assert read(path, "a", "b") == {"a": one, "b": None}
    assert read(written(path, {"c": b"3"}), "a", "b", "c") == {"a": one, "b": None, "c": b"3"}


def test_a_process_without_a_standard_input_keeps_answers(tmp_path: Path) -> None:
    program = (
        "import os, sys; os.close(0); from jotgraph.sources.append_log import AppendLog; "
        f"from pathlib import Path; AppendLog(Path(sys.argv[1])).put({TWO!r})"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "log")], check=True)
    assert read(tmp_path / "log", "a", "b") == TWO


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"precious")
    (tmp_path / "log").symlink_to(tmp_path / "target")
    written(tmp_path / "log", TWO)
    assert (tmp_path / "target").read_bytes() == b"precious"


WRITER = """
import sys
from pathlib import Path
from jotgraph.sources.append_log import AppendLog

path, who, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
log = AppendLog(path)
sys.stdin.readline()
for number in range(count):
    log.put({f"{who}{number}": b'"%d"' % number})
    print(number, flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, text=True, **pipes)  # type: ignore[call-overload, no-any-return]  # of a dict


def test_two_processes_append_at_once(tmp_path: Path) -> None:
    path = tmp_path / "log"
    writers = [writer(path, name, 500) for name in "xy"]
    for process in writers:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    for process in writers:
        process.communicate()
        assert process.returncode == 0
    log = AppendLog(path)
    assert all(log.get(f"{name}{n}") == b'"%d"' % n for name in "xy" for n in range(500))


def test_of_a_writer_that_is_killed_at_most_the_entry_under_way_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "log"
    process = writer(path, "x", 1_000_000)
    assert process.stdin
    assert process.stdout
    process.stdin.write("\n")
    process.stdin.flush()
    while process.stdout.readline() != "200\n":
        pass
    os.kill(process.pid, signal.SIGKILL)
    rest = process.communicate()[0].split()
    done = int(rest[-1]) if rest else 200
    log = AppendLog(path)
    assert all(log.get(f"x{n}") == b'"%d"' % n for n in range(done + 1))
    assert read(written(path, TWO), "a", "x0") == {"a": TWO["a"], "x0": b'"0"'}


def many(count: int) -> dict[str, bytes]:
    return {f"old{number}": b"1" for number in range(count)}


def test_what_nobody_wants_is_dropped_when_it_is_most_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "log", {**TWO, **many(SPARE + 3)})
    log = AppendLog(path)
    log.compact({"a", "b"})
    assert log.get("a") == TWO["a"]
    assert read(path, "a", "b", "old0") == {**TWO, "old0": None}
    assert path.read_bytes().count(b"\n") == 2
    assert [file.name for file in tmp_path.iterdir()] == ["log"]


def test_a_little_that_nobody_wants_stays(tmp_path: Path) -> None:
    path = written(tmp_path / "log", {**TWO, **many(SPARE)})
    AppendLog(path).compact({"a", "b"})
    assert read(path, "a", "old0") == {"a": TWO["a"], "old0": b"1"}


def test_entries_of_one_name_and_damaged_lines_count_as_unwanted(tmp_path: Path) -> None:
    path = written(tmp_path / "log", TWO)
    log, every = AppendLog(path), range(SPARE // 2 + 2)
    for number in every:
        log.put({"a": b"%d" % number})
    log.close()
    with path.open("ab") as file:
        file.write(b"\n01234567 {}" * len(every))
    AppendLog(path).compact({"a", "b"})
    assert path.read_bytes().count(b"\n") == 2
    assert read(path, "a", "b") == {"a": b"%d" % (SPARE // 2 + 1), "b": TWO["b"]}


def test_what_another_writer_has_added_meanwhile_stays(tmp_path: Path) -> None:
    path = written(tmp_path / "log", {**TWO, **many(SPARE + 3)})
    log = AppendLog(path)
    assert log.get("a")
    written(path, {"new": b"1"})
    log.compact({"a"})
    assert read(path, "a", "b", "new") == {"a": TWO["a"], "b": None, "new": b"1"}


def test_a_file_that_another_writer_has_open_is_not_compacted(tmp_path: Path) -> None:
    path = written(tmp_path / "log", many(SPARE + 3))
    other = AppendLog(path)
    other.put({"x": b"1"})
    AppendLog(path).compact(())
    other.put({"y": b"2"})
    assert read(path, "old0", "x", "y") == {"old0": b"1", "x": b"1", "y": b"2"}
    other.close()
    AppendLog(path).compact({"x", "y"})
    assert read(path, "old0", "x", "y") == {"old0": None, "x": b"1", "y": b"2"}


def test_nobody_waits_for_a_file_that_is_being_compacted(tmp_path: Path) -> None:
    path = written(tmp_path / "log", {"a": TWO["a"]})
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        log = AppendLog(path)
        log.put({"b": TWO["b"]})
        log.put({"c": b"3"})
        assert log.get("b") == TWO["b"]
        log.close()
    assert read(path, "a", "b", "c") == {"a": TWO["a"], "b": None, "c": None}


def test_a_file_that_was_replaced_before_it_was_locked_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "log", {**TWO, **many(SPARE + 3)})
    lock = fcntl.flock
    compacted: list[int] = []

    def late(number: int, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", lock)
        if not compacted:
            compacted.append(number)
            AppendLog(path).compact({"a"})
        lock(number, how)

    monkeypatch.setattr(fcntl, "flock", late)
    written(path, {"new": b"1"})
    assert compacted
    assert read(path, "a", "b", "new") == {"a": TWO["a"], "b": None, "new": b"1"}
