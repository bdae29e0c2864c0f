"""Every example runs, on the example estate: as it is stored, or with CI=true as it is scanned."""

from __future__ import annotations

import io
import runpy
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import msgspec
import pytest

import jotgraph
from jotgraph.sandbox.estate import fill, write_history
from jotgraph.sandbox.estate.workloads import CLUSTER
from jotgraph.sandbox.server import Sandbox
from tests.render.goldens import DEMO
from tests.rig.wire import connect_by_wire, without_sockets
from tests.strength import LEFT, MANY_PLACES

ROOT = Path(__file__).parents[2]
LEFT["examples on a new scan, in processes of their own"] = 0 if MANY_PLACES else 1


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example estate in a file."""
    folder = tmp_path_factory.mktemp("estate")
    found = scanned(folder) if MANY_PLACES else jotgraph.load(DEMO)
    jotgraph.save(found, folder / "inventory.json")
    return folder / "inventory.json"


def scanned(folder: Path) -> jotgraph.Inventory:
    now = datetime.now(UTC).replace(microsecond=0)
    with Sandbox() as aws, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        for key, value in aws.environment().items():
            patch.setenv(key, value)
        without_sockets(aws)
        connect_by_wire(aws, {}, patch)
        estate = fill(aws, write_history(folder / "shop", now), now)
        (folder / "pods.json").write_text(estate.pods, encoding="utf-8")
        return jotgraph.scan(
            git=[str(folder / "shop")],
            docker=False,
            regions=["us-east-1", "eu-west-1"],
            used_by=[f"{CLUSTER}={folder / 'pods.json'}"],
        )


def example(name: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Run an example in a process of its own."""
    return subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "examples" / name), *map(str, words)],
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def example_here(name: str, *words: object) -> subprocess.CompletedProcess[str]:
    """Run an example in this process, which spares the start of one; with CI=true in its own."""
    if MANY_PLACES:
        return example(name, *words)
    path, code = str(ROOT / "examples" / name), 0
    argv = [path, *map(str, words)]
    out, err = io.StringIO(), io.StringIO()
    with mock.patch.object(sys, "argv", argv), redirect_stdout(out), redirect_stderr(err):
        try:
            runpy.run_path(path, run_name="__main__")
        except SystemExit as end:
            code = int(end.code or 0)
    return subprocess.CompletedProcess(argv, code, out.getvalue(), err.getvalue())


ORPHANS, DOUBTED = (14, 9) if MANY_PLACES else (17, 12)
"""As stored it has the images of an engine, too."""


def test_from_scan_to_picture(inventory: Path, tmp_path: Path) -> None:
    done = example("scan_to_picture.py", inventory, tmp_path / "estate.svg")
    assert (done.returncode, done.stderr) == (0, "")
    assert "drift    function:123456789012/us-east-1/checkout" in done.stdout
    assert "drift    workload:123456789012/us-east-1/ecs/service/web/storefront" in done.stdout
    assert "orphan  role:123456789012/service/importer" in done.stdout
    assert "<svg" in (tmp_path / "estate.svg").read_text()


def test_orphans_in_ci(inventory: Path, tmp_path: Path) -> None:
    everything = example_here("orphans_in_ci.py", inventory)
    assert (everything.returncode, everything.stderr) == (1, "")
    assert (
        everything.stdout.splitlines()[-1]
        == f"{ORPHANS} new orphans of {ORPHANS}, {DOUBTED} in doubt"
    )
    assert "::error title=new orphan::role:123456789012/service/importer: " in everything.stdout
    again = example_here("orphans_in_ci.py", inventory, inventory)
    assert (again.returncode, again.stdout.splitlines()[-1]) == (
        0,
        f"0 new orphans of {ORPHANS}, {DOUBTED} in doubt",
    )
    before = jotgraph.load(inventory)
    kept = tuple(role for role in before.roles if role.name != "importer")
    jotgraph.save(msgspec.structs.replace(before, roles=kept), tmp_path / "before.json")
    grown = example_here("orphans_in_ci.py", inventory, tmp_path / "before.json")
    assert (grown.returncode, grown.stdout.splitlines()[-1]) == (
        1,
        f"1 new orphans of {ORPHANS}, {DOUBTED} in doubt",
    )


def test_ask_networkx(inventory: Path) -> None:
    done = example_here("ask_networkx.py", inventory)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "4 functions need role:123456789012/service/lambda-basic"
    assert any("islands, the largest of" in line for line in lines)
    assert any(
        line.endswith(
            "in common: function:123456789012/us-east-1/reports, "
            "function:123456789012/us-east-1/reports-preview"
        )
        for line in lines
    )
