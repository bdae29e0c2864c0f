"""Temporary files of tests are in memory where there is room: a journal, a snapshot and each layer
of an image are flushed to the disk, which takes milliseconds a time, and no test can tell."""

from __future__ import annotations

import os
import shutil
import tempfile

FOLDER = "/dev/shm"
ROOM = 4 << 30
"""Bytes, several times what a run leaves there until its end."""


def has_room(folder: str, room: int = ROOM) -> bool:
    """Whether a folder is there with so much room, and programs in it can be run."""
    if not os.path.isdir(folder) or os.statvfs(folder).f_flag & os.ST_NOEXEC:
        return False
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > room


def move_temporary_files() -> None:
    """Let this process and those that it starts keep temporary files in memory, unless whoever runs
    the tests has said where."""
    if "TMPDIR" not in os.environ and has_room(FOLDER):
        os.environ["TMPDIR"] = tempfile.tempdir = FOLDER
