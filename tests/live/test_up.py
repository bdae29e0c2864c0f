"""``up`` with a real engine and a real registry: there, changed, back, and gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.build.folders import BASE
from tests.live.netns import run_in_rig
from tests.rig.live import Rig
from tests.rig.python_base import put_python_base

pytestmark = pytest.mark.live_docker
STAGES = ("validate", "build", "test", "push", "deploy", "invoke")
NEW = ("passed", "created", "passed", "created", "created", "passed")
CHANGED = ("passed", "created", "passed", "created", "changed", "passed")
THERE = ("passed", "there", "passed", "there", "there", "passed")


def test_the_example_goes_there_and_back(engine: Rig, tmp_path: Path) -> None:
    put_python_base(engine, BASE)
    done = run_in_rig(engine, "-m", "tests.live.up_whole", str(tmp_path), str(engine.folder))
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    for step, results in (("first", NEW), ("once more", CHANGED), ("again", THERE)):
        assert tuple(seen[step].items()) == tuple(zip(STAGES, results, strict=True)), step
    asked_of_image, asked_of_function = seen["asked"][0::2], seen["asked"][1::2]
    assert [answers for _, answers in asked_of_image] == [[True, True], [True]]
    assert asked_of_function == [["arn", [True, True]], ["arn", [True]]]
    assert seen["lineage"]["kinds"] == [
        *("commit", "local-image", "ecr-repo", "ecr-image"),
        *("function", "version", "alias", "role"),
    ]
    (beside,) = seen["lineage"]["unproven"]
    assert [end.partition(":")[0] for end in beside] == ["function", "commit"], (
        "the function's own tag is no more than SUPPORT, beside the proof by its image's files"
    )
    holding = [name for name in seen["where"]["contains"] if not name.startswith("sha256:")]
    lacking = [name for name in seen["where"]["lacks"] if not name.startswith("sha256:")]
    assert (holding, lacking) == (["quote", "quote:2", "quote:live"], ["quote:1"])
    assert seen["second undone"] == [True, True], "the world is as it was before the change"
    assert (seen["back"], seen["rollback undone"]) == (["1", True], True)
    it_is_deleted_and_restored(seen)


def it_is_deleted_and_restored(seen: dict[str, Any]) -> None:
    """The whole goes and nothing else; it comes back but for the numbers of its versions."""
    left, restored = seen["left"], seen["restored"]
    assert seen["deleted"] is True
    assert {name.partition("/")[2].partition("/")[2][:7] for name in left} == {"receipt", ""}
    lost = {name: why for name, why in restored.items() if not why.startswith("restored")}
    assert {name.partition(":")[0] for name in lost} == {"version"}
    assert all("version numbers are not reused" in why for why in lost.values())
    assert {name.partition(":")[0] for name in restored.keys() - lost.keys()} == {
        "role", "ecr-repo", "ecr-image", "function", "alias",
    }  # fmt: skip
    same, numbers = seen["same image"]
    assert same is True
    assert {name.partition(":")[0] for name in numbers} == {"version"}
    assert seen["deleted again"] is True
    undone, world = seen["other undone"], seen["world"]
    assert {why.partition(":")[0] for why in undone.values()} == {"removed"}
    assert {name.partition(":")[0] for name in world} <= {"ecr-image", "ecr-repo"}, (
        "what was restored for versions that do not come back, and nothing runs"
    )
    blocks, images = seen["blocks"], seen["images"]
    assert all("[only-copy]; --ignore-doubt" in block for block in blocks)
    blocked = {block.partition(": ")[0].removeprefix("local-image:") for block in blocks}
    assert set(images) == blocked, "the only copies are left, and nothing else"
