"""Temporary files are in memory where there is room for them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.rig import in_memory
from tests.rig.in_memory import FOLDER, has_room, move_temporary_files


def test_a_folder_has_room_or_not(tmp_path: Path) -> None:
    assert has_room(str(tmp_path), 0)
    assert not has_room(str(tmp_path), 1 << 60)
    assert not has_room(str(tmp_path / "none"), 0)
    assert not has_room("/proc/self", 0)


@pytest.mark.parametrize(("folder", "room"), [("", True), ("", False), ("/elsewhere", True)])
def test_who_says_where_is_obeyed(folder: str, room: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_memory, "has_room", lambda _folder: room)
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("TMPDIR", folder) if folder else monkeypatch.delenv("TMPDIR", raising=False)
    move_temporary_files()
    assert os.environ.get("TMPDIR", "") == (folder or (FOLDER if room else ""))
