"""Nothing of the rig outlives the tests, even when they are killed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.rig.engine import PATIENCE
from tests.rig.live import ROOT, open_rig

pytestmark = [pytest.mark.in_ci, pytest.mark.live_docker]
"""Each starts an engine of its own, and few changes touch the rig."""

HOLD = """
import sys, time
from pathlib import Path
from tests.rig.live import open_rig
with open_rig(Path(sys.argv[1])) as rig:
    print(rig.folder, flush=True)
    time.sleep(3600)
"""


def _processes(folder: str) -> set[str]:
    """Programs whose command line names the folder."""
    programs = set()
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes().split(b"\0")
        except OSError:  # it has just ended
            continue
        if any(folder.encode() in word for word in words):
            programs.add(Path(words[0].decode()).name)
    return programs


def test_it_is_gone_when_closed(tmp_path: Path) -> None:
    with open_rig(tmp_path) as rig:
        folder = rig.folder
        assert {"dockerd", "docker-registry", "unshare"} <= _processes(str(folder))
    assert not folder.exists()
    assert _gone(str(folder))
    assert sorted(log.name for log in tmp_path.iterdir()) == [
        "dockerd.log",
        "registry.log",
        "supervisor.log",
    ]


def test_it_is_gone_when_the_tests_are_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        folder = process.stdout.readline().strip() if process.stdout else ""
        assert "dockerd" in _processes(folder)
        process.kill()
    try:
        assert _gone(folder)
    finally:
        shutil.rmtree(folder)


def _gone(folder: str) -> bool:
    deadline = time.monotonic() + PATIENCE
    while _processes(folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
