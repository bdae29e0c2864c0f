"""The same run is the same subject: everything that decides what is made is in it, and no value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from jotgraph.deploy.build import BuildOptions
from jotgraph.deploy.build.options import Builder
from jotgraph.deploy.push import PushOptions
from jotgraph.deploy.rollout import DeployOptions
from jotgraph.deploy.testing import Case, RunOptions
from jotgraph.deploy.up import UpOptions
from jotgraph.deploy.up.run_up import subject_of
from jotgraph.queries.answers.up import Stage
from tests.deploy.build.folders import DOCKERFILE, committed, sources
from tests.rig.git_answers import remember_answers

OTHER: dict[str, dict[str, Any]] = {
    "build": {
        "dockerfile": "Other", "base": "slim", "python": "3.12", "platform": "linux/arm64",
        "tags": ("a",), "labels": {"a": "b"}, "arguments": {"A": "b"}, "builder": Builder.CLASSIC,
        "network": "none", "pull": True, "cache": False, "allow_dirty": True, "validate": False,
    },
    "push": {
        "tag": "v2", "scan_on_push": True, "immutable": True, "lifecycle_policy": "{}",
        "allow_index": True,
    },
    "deploy": {
        "role": "mine", "alias": "live", "weight": 0.5, "memory": 512, "timeout": 9,
        "environment": {"A": "b"}, "architecture": "arm64",
    },
    "up": {
        "repository": "team/app", "cases": (Case("a", b"{}", None),),
        "skip": frozenset({Stage.INVOKE}), "test": RunOptions(timeout=7),
    },
}  # fmt: skip
PLAIN: dict[str, Any] = {"build": BuildOptions(), "push": PushOptions(), "deploy": DeployOptions()}


@pytest.fixture
def repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for repositories, of which git is asked the same question once."""
    remember_answers(tmp_path, monkeypatch)
    return tmp_path


def test_every_option_makes_another_run(repositories: Path) -> None:
    root = committed(repositories / "shop", sources() | {"Dockerfile": DOCKERFILE}).path
    wholes = [UpOptions()]
    for part, plain in PLAIN.items():
        assert set(OTHER[part]) == set(type(plain).__struct_fields__), part
        for name, value in OTHER[part].items():
            wholes.append(UpOptions(**{part: msgspec.structs.replace(plain, **{name: value})}))
    assert {*OTHER["up"], *PLAIN, "test"} == set(UpOptions.__struct_fields__)
    wholes += [UpOptions(**{name: value}) for name, value in OTHER["up"].items()]
    subjects = {
        str(subject_of(root, "app.handler", "app", options))
        for options in wholes
        if options.build.dockerfile != "Other"
    }
    assert len(subjects) == len(wholes) - 1
    again = subject_of(root, "app.handler", "app", UpOptions())
    assert again == subject_of(root, "app.handler", "app", UpOptions())


def test_files_that_are_in_no_commit(tmp_path: Path) -> None:
    shop = committed(tmp_path / "shop", sources() | {"Dockerfile": DOCKERFILE})
    options = UpOptions(build=BuildOptions(allow_dirty=True))
    clean = subject_of(shop.path, "app.handler", "app", options)
    subjects = {str(clean)}
    for text in ("# one\n", "# two\n"):
        with (shop.path / "app.py").open("a") as file:
            file.write(text)
        subjects.add(str(subject_of(shop.path, "app.handler", "app", options)))
    assert (len(subjects), clean["content"]) == (3, "")


@pytest.mark.parametrize("part", ["build", "deploy"])
def test_no_value_is_in_it(tmp_path: Path, part: str) -> None:
    """A plain digest could be guessed: on another machine it is another."""
    name = {"build": "arguments", "deploy": "environment"}[part]

    def subject(value: str) -> str:
        options = msgspec.structs.replace(PLAIN[part], **{name: {"TOKEN": value}})
        return str(subject_of(tmp_path, "app.handler", "app", UpOptions(**{part: options})))

    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / "app.py").write_text("def handler(event, context): ...\n")
    assert subject("hunter22") != subject("hunter23")
    assert "hunter" not in subject("hunter22")
    assert "hunter" not in str(DeployOptions(environment={"A": "hunter22"}).subject)
