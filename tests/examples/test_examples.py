"""Every example runs, on the example estate of the embedded AWS."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

import jotgraph
from jotgraph.sandbox.estate import fill, write_history
from jotgraph.sandbox.estate.workloads import CLUSTER
from jotgraph.sandbox.server import Sandbox
from tests.rig.wire import connect_by_wire, without_sockets

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example estate, scanned and stored."""
    folder = tmp_path_factory.mktemp("estate")
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
        found = jotgraph.scan(
            git=[str(folder / "shop")],
            docker=False,
            regions=["us-east-1", "eu-west-1"],
            used_by=[f"{CLUSTER}={folder / 'pods.json'}"],
        )
    jotgraph.save(found, folder / "inventory.json")
    return folder / "inventory.json"


def example(name: str, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", str(ROOT / "examples" / name), *map(str, words)],
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_from_scan_to_picture(inventory: Path, tmp_path: Path) -> None:
    done = example("scan_to_picture.py", inventory, tmp_path / "estate.svg")
    assert (done.returncode, done.stderr) == (0, "")
    assert "drift    function:123456789012/us-east-1/checkout" in done.stdout
    assert "drift    workload:123456789012/us-east-1/ecs/service/web/storefront" in done.stdout
    assert "orphan  role:123456789012/service/importer" in done.stdout
    assert "<svg" in (tmp_path / "estate.svg").read_text()


def test_orphans_in_ci(inventory: Path, tmp_path: Path) -> None:
    everything = example("orphans_in_ci.py", inventory)
    assert (everything.returncode, everything.stderr) == (1, "")
    assert everything.stdout.splitlines()[-1] == "14 new orphans of 14, 9 in doubt"
    assert "::error title=new orphan::role:123456789012/service/importer: " in everything.stdout
    again = example("orphans_in_ci.py", inventory, inventory)
    assert (again.returncode, again.stdout.splitlines()[-1]) == (
        0,
        "0 new orphans of 14, 9 in doubt",
    )
    before = jotgraph.load(inventory)
    kept = tuple(role for role in before.roles if role.name != "importer")
    jotgraph.save(msgspec.structs.replace(before, roles=kept), tmp_path / "before.json")
    grown = example("orphans_in_ci.py", inventory, tmp_path / "before.json")
    assert (grown.returncode, grown.stdout.splitlines()[-1]) == (
        1,
        "1 new orphans of 14, 9 in doubt",
    )


def test_ask_networkx(inventory: Path) -> None:
    done = example("ask_networkx.py", inventory)
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
