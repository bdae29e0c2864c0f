"""``up`` with a real engine and a real registry: there, changed, back, and gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.deploy.build.folders import BASE
from tests.live.netns import run_in_rig
from tests.rig.live import Rig
from tests.rig.python_base import build_python_base

pytestmark = pytest.mark.live_docker


def test_the_example_goes_there_and_back(engine: Rig, tmp_path: Path) -> None:
    build_python_base(engine, tmp_path / "base", BASE)
    done = run_in_rig(engine, "-m", "tests.live.up_whole", str(tmp_path), str(engine.folder))
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    stages = ("validate", "build", "test", "push", "deploy", "invoke")
    new = ("passed", "created", "passed", "created", "created", "skipped")
    there = ("passed", "there", "passed", "there", "there", "skipped")
    assert (tuple(seen["first"].items()), seen["tested"]) == (
        tuple(zip(stages, new, strict=True)),
        [True] * 3,
    )
    assert tuple(seen["again"].items()) == tuple(zip(stages, there, strict=True))
    assert seen["kinds"] == [
        *("commit", "local-image", "ecr-repo", "ecr-image"),
        *("function", "version", "alias", "role"),
    ]
    assert seen["weak"] == ["function_tag SUPPORT"], "beside the proof of the image's files"
    holding = [name for name in seen["where"]["contains"] if not name.startswith("sha256:")]
    lacking = [name for name in seen["where"]["lacks"] if not name.startswith("sha256:")]
    assert (holding, lacking) == (["quote", "quote:2", "quote:live"], ["quote:1"])
    assert (seen["back"], seen["rollback undone"]) == (["1", True], True)
    assert (seen["deleted"], seen["world"]) == (True, [])
    assert {name.partition("/")[2].partition("/")[2][:7] for name in seen["left"]} == {
        "receipt",
        "",
    }
    blocked = {block.partition(": ")[0].removeprefix("local-image:") for block in seen["blocks"]}
    assert all("[only-copy]; --ignore-doubt" in block for block in seen["blocks"])
    assert set(seen["images"]) == blocked, "the only copies are left, and nothing else"
