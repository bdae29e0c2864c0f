"""``up`` with a real engine and a real registry: there, changed, back, and gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jotgraph.sandbox.server import Sandbox
from tests.deploy.build.folders import BASE
from tests.live.netns import called_in_rig
from tests.live.up_whole import Whole, there_and_away, there_and_back
from tests.rig.live import Rig
from tests.rig.python_base import put_python_base

pytestmark = pytest.mark.live_docker
STAGES = ("validate", "build", "test", "push", "deploy", "invoke")
NEW = ("passed", "created", "passed", "created", "created", "passed")
CHANGED = ("passed", "created", "passed", "created", "changed", "passed")
THERE = ("passed", "there", "passed", "there", "there", "passed")


@pytest.fixture
def whole(engine: Rig, aws: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Whole:
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    put_python_base(engine, BASE)
    return Whole(tmp_path, engine, aws)


def test_a_function_goes_there_and_away(whole: Whole) -> None:
    seen = called_in_rig(whole.rig, lambda: there_and_away(whole))
    for step, results in (("first", NEW), ("again", THERE)):
        assert tuple(seen[step].items()) == tuple(zip(STAGES, results, strict=True)), step
    (_, of_image), of_function = seen["asked"]
    assert (of_image, of_function) == ([True, True], ("arn", [True, True]))
    the_lineage_is_proven(seen["lineage"])
    assert (seen["undone"], seen["as before"]) == (True, True)


def the_lineage_is_proven(lineage: dict[str, Any]) -> None:
    """From the commit to the role."""
    assert lineage["kinds"] == [
        *("commit", "local-image", "ecr-repo", "ecr-image"),
        *("function", "version", "alias", "role"),
    ]
    (beside,) = lineage["unproven"]
    assert [end.partition(":")[0] for end in beside] == ["function", "commit"], (
        "the function's own tag is no more than SUPPORT, beside the proof by its image's files"
    )


@pytest.mark.in_ci
def test_the_example_goes_there_and_back(whole: Whole) -> None:
    seen = called_in_rig(whole.rig, lambda: there_and_back(whole))
    for step, results in (("first", NEW), ("once more", CHANGED), ("again", THERE)):
        assert tuple(seen[step].items()) == tuple(zip(STAGES, results, strict=True)), step
    asked_of_image, asked_of_function = seen["asked"][0::2], seen["asked"][1::2]
    assert [answers for _, answers in asked_of_image] == [[True, True], [True]]
    assert asked_of_function == [("arn", [True, True]), ("arn", [True])]
    the_lineage_is_proven(seen["lineage"])
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
