"""``undo`` of a build, on a real engine: what was built goes, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jotgraph.cli import cli
from jotgraph.clients import Clients
from jotgraph.deploy.build import Builder, BuildOptions, build, image
from jotgraph.deploy.undo import undo_making
from jotgraph.store.folders import runs_folder
from tests.deploy.build.folders import DOCKERFILE, HANDLER, committed
from tests.deploy.build.folders import sources as files_of
from tests.functional.test_cli_json import problems
from tests.live.test_build import USUAL, base, begun, built, by_builder
from tests.rig.git import Repository
from tests.rig.live import Rig

pytestmark = pytest.mark.live_docker
__all__ = ["base"]


def images(rig: Rig) -> dict[str, list[str]]:
    """All images with their names, the classic builder's steps too."""
    return {
        image["Id"]: sorted(image["RepoTags"] or []) for image in rig.docker.api.images(all=True)
    }


def undone(rig: Rig, run: str, *, only_look: bool = False) -> list[tuple[str, str]]:
    receipt = undo_making(run, Clients(docker=rig.docker), patience=5, only_look=only_look)
    return [(outcome.status.value, outcome.because) for outcome in receipt.outcomes]


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    return committed(tmp_path / "shop", files_of() | {"Dockerfile": DOCKERFILE})


@by_builder("undone builds")
def test_what_was_built_goes_and_a_name_goes_back(
    base: Rig, shop: Repository, builder: Builder
) -> None:
    first = built(base, shop.path, builder=builder, tags=("shop",))
    before = images(base)
    shop.commit({"app.py": HANDLER + "\n# more\n"})
    second = built(base, shop.path, builder=builder, tags=("shop", "shop:two"))
    assert second.created
    there = images(base)
    assert undone(base, second.run, only_look=True) == [
        ("there", "undo would remove it, put shop:latest back")
    ]
    assert images(base) == there
    assert undone(base, second.run) == [
        ("removed", "removed: this run made it; shop:latest is what it was")
    ]
    assert images(base) == before
    assert undone(base, second.run) == [("removed", "it is not there")]
    assert base.docker.images.get("shop").id == first.image_id


@by_builder("undone names")
def test_an_image_that_was_there_loses_a_name_alone(
    base: Rig, shop: Repository, builder: Builder
) -> None:
    first = built(base, shop.path, builder=builder, tags=("shop",))
    before = images(base)
    second = built(base, shop.path, builder=builder, tags=("shop:two",))
    assert (second.result, second.image_id) == ("changed", first.image_id)
    assert undone(base, second.run) == [
        ("restored", f"its name shop:two was taken ({first.image_id[:16]} stays)")
    ]
    assert images(base) == before


def test_what_is_used_stays(base: Rig, shop: Repository) -> None:
    """Of the classic builder, whose images of steps go too, but for those of another image."""
    before = images(base)
    made = built(base, shop.path, tags=("shop",))
    container = base.docker.containers.create(made.image_id, command="x", name="worker")
    assert undone(base, made.run) == [("cannot", "container worker (created) uses it")]
    container.remove()
    base.docker.api.tag(made.image_id, "mine")
    assert undone(base, made.run) == [("cannot", "somebody named it mine:latest since")]
    base.docker.api.remove_image("mine")
    base.build(shop.path, "child:1")
    base.docker.api.remove_image("child:1")
    assert undone(base, made.run)[0][0] == "removed"
    assert images(base) == before


class KilledError(BaseException):
    """The end of the program, as far as what is on the disk and in the engine goes."""


def kill(*_: object) -> None:
    raise KilledError


def to_be_pulled(base: Rig) -> str:
    """The name of a base that is in a registry and not in the engine."""
    name = base.name("lambda/python", "3.12")
    (known,) = {image["Id"] for image in base.docker.api.images()}
    base.docker.api.tag(known, name)
    base.push("lambda/python", "3.12")
    base.docker.api.remove_image(name)
    base.docker.api.remove_image(known, force=True)
    return name


@pytest.mark.parametrize("again", [False, True])
def test_a_base_that_was_pulled_just_before_a_kill(
    base: Rig, tmp_path: Path, again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, folder = to_be_pulled(base), committed(tmp_path / "shop", files_of()).path
    with monkeypatch.context() as patch:
        patch.setattr(image, "_note_bases", kill)
        with pytest.raises(KilledError):
            built(base, folder, "app.handler", base=name, builder=USUAL)
    assert list(images(base).values()) == [[name]]
    (run,) = (path.name for path in runs_folder().iterdir())
    if again:
        assert built(base, folder, "app.handler", base=name, builder=USUAL).run == run
    assert [outcome for outcome in undone(base, run) if outcome[0] != "removed"] == []
    assert images(base) == {}


@by_builder("undone builds on a base that is pulled")
def test_a_base_that_was_pulled_goes_too(base: Rig, tmp_path: Path, builder: Builder) -> None:
    name = to_be_pulled(base)
    folder = committed(tmp_path / "shop", files_of()).path
    made = built(base, folder, "app.handler", builder=builder, base=name)
    assert {tag for tags in images(base).values() for tag in tags if "<" not in tag} == {
        made.reference, name,
    }  # fmt: skip
    assert [status for status, _ in undone(base, made.run)] == ["removed", "removed"]
    assert images(base) == {}


@by_builder("interrupted builds")
@pytest.mark.parametrize("at", ["tag", "after the build"])
def test_a_build_that_was_interrupted_is_taken_back_or_gone_on_with(
    base: Rig, shop: Repository, builder: Builder, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = images(base)
    options = BuildOptions(builder=builder, tags=("shop",))
    with monkeypatch.context() as patch:
        where, method = (base.docker.api, "tag") if at == "tag" else (image, "_finished")
        patch.setattr(where, method, kill)
        with pytest.raises(KilledError):
            built(base, shop.path, builder=builder, tags=("shop",))
    assert images(base) != before
    with begun(base, shop.path, "", options) as run:
        assert run.resumed
        name = run.name
        if at == "tag":
            assert build(shop.path, "", options, run).result == "created"
    assert [status for status, _ in undone(base, name)] == ["removed"]
    assert images(base) == before


def test_the_commands(base: Rig, shop: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", base.docker_host)
    monkeypatch.delenv("JOTGRAPH_PROGRESS", raising=False)  # what is built is told step by step
    before = images(base)

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, words)

    with monkeypatch.context() as patch:
        patch.setattr(image, "_finished", kill)
        with pytest.raises(KilledError):
            built(base, shop.path, tags=("shop",), builder=USUAL)
    assert images(base) != before
    (name,) = (path.name for path in runs_folder().iterdir())
    assert run("undo", name).exit_code == 0
    assert images(base) == before
    done = run("build", str(shop.path), "--tag", "shop", "--label", "team=pay")
    assert (done.exit_code, done.stdout) == (0, "shop:latest\n")
    steps = [line for line in done.stderr.splitlines() if line.startswith("build: Step ")]
    words = [step.partition(" : ")[2].split()[0] for step in steps]
    assert words == ["FROM", "COPY", "CMD", *["LABEL"] * 8]
    last = done.stderr.splitlines()[-1]
    assert f" of commit {shop.head[:9]}, " in last
    again = run("build", str(shop.path), "--tag", "shop", "--label", "team=pay", "--format", "json")
    answer = json.loads(again.stdout)
    assert (answer["result"], answer["labels"]["team"], problems(answer)) == ("there", "pay", [])
    assert run("undo", last.split("jotgraph undo ")[1].split()[0]).exit_code == 0
    assert images(base) == before
