"""Files that are whole: by a link, or by a copy where there can be none; and what is left of one
whose writer was killed."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from jotgraph.store.durable import link_whole, remove_unfinished, write_whole


def refusing(number: int) -> object:
    def link(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return link


@pytest.mark.parametrize("number", [0, errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK])
def test_another_disk_gets_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    source, target = tmp_path / "one" / "blob", tmp_path / "two" / "blob"
    write_whole(source, b"bytes" * 1000)
    if number:
        monkeypatch.setattr(os, "link", refusing(number))
    link_whole(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert target.samefile(source) == (not number)
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in target.parent.iterdir()] == ["blob"]


def test_any_other_refusal_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(tmp_path / "blob", b"bytes")
    monkeypatch.setattr(os, "link", refusing(errno.ENOSPC))
    with pytest.raises(OSError, match="No space left"):
        link_whole(tmp_path / "blob", tmp_path / "other" / "blob")


def test_what_was_not_finished_goes_and_nothing_else(tmp_path: Path) -> None:
    write_whole(tmp_path / "a" / "whole", b"x")
    (tmp_path / "a" / ".whole.123").write_bytes(b"half")
    (tmp_path / ".link").symlink_to(tmp_path / "a" / "whole")
    remove_unfinished(tmp_path)
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert left == [".link", "a", "a/whole"]
    remove_unfinished(tmp_path / "nowhere")
