"""``build`` by a real engine, with both of its builders: the image proves its commit."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import pytest

from jotgraph import sources
from jotgraph.clients import Clients
from jotgraph.content.inventory import with_content
from jotgraph.deploy.build import (
    Builder,
    BuildOptions,
    Built,
    build,
    build_image,
    subject_of,
)
from jotgraph.deploy.build.engine import pinned_by
from jotgraph.deploy.build.preparation import prepare
from jotgraph.deploy.run import Run, running
from jotgraph.errors import BuildError
from jotgraph.links import Grade, infer
from jotgraph.records import Inventory, Kind, key_of, kind_of
from jotgraph.sources.options import ScanOptions
from tests.deploy.build.folders import BASE, DOCKERFILE, REMOTE, committed
from tests.deploy.build.folders import sources as files_of
from tests.deploy.validation.test_builders import DOCKERFILES
from tests.rig.images import compiled, layer_of
from tests.rig.live import Rig
from tests.strength import MANY_PLACES, some

pytestmark = pytest.mark.live_docker

SHELL = """\
#include <stdio.h>
#include <string.h>
int main(int count, char **words) {
  for (int n = 1; n < count; n++) puts(words[n]);
  return count > 2 && strstr(words[2], "fail") ? 3 : 0;
}
"""
BUILDERS = pytest.mark.parametrize("builder", [Builder.CLASSIC, Builder.BUILDKIT])
USUAL = Builder.AUTO if MANY_PLACES else Builder.BUILDKIT
"""For what is the same by either: of the two this engine prefers the classic one."""


def by_builder(tests: str) -> pytest.MarkDecorator:
    """By BuildKit, and in CI also by the classic builder, for which the engine starts itself two or
    three times for each instruction, the eight labels among them."""
    builders = some(f"{tests} by the classic builder", [Builder.BUILDKIT, Builder.CLASSIC], 2)
    return pytest.mark.parametrize("builder", builders)


@pytest.fixture
def base(_rig: Rig) -> Rig:
    """The engine with something under the name of AWS's base, whose shell repeats its words. It
    stays from test to test: of each layer that is made the engine starts itself a few times."""
    _rig.wipe(keep=BASE)
    if not _rig.docker.api.images(BASE):
        shell = layer_of({"bin/sh": compiled(SHELL)})
        _rig.put(BASE, shell, "ENV LAMBDA_TASK_ROOT=/var/task", "WORKDIR /var/task")
    return _rig


@contextmanager
def begun(rig: Rig, folder: Path, handler: str, options: BuildOptions) -> Iterator[Run]:
    with running("build", subject_of(folder, handler, options), Clients(docker=rig.docker)) as run:
        yield run


def built(rig: Rig, folder: Path, handler: str = "", **words: object) -> Built:
    options = BuildOptions(**words)  # type: ignore[arg-type]  # any of them
    with begun(rig, folder, handler, options) as run:
        return build(folder, handler, options, run)


def scanned(rig: Rig, folder: Path, cache: Path) -> Inventory:
    """The world with the bytes of every image."""
    reached = Clients(git=(str(folder),), docker=rig.docker)
    inventory = sources.collect(ScanOptions(cache=cache), reached)
    return with_content(inventory, reached, cache=cache)


def commits(inventory: Inventory, image: Built) -> set[tuple[str, Grade, str]]:
    """What is said of an image's commit: rule, grade, and which."""
    return {
        (link.evidence.rule, link.evidence.grade, key_of(link.target))
        for link in infer(inventory)
        if link.source == image.id and kind_of(link.target) is Kind.COMMIT
    }


WAYS = product(
    ("", "fn/pay"),
    (("", DOCKERFILE), ("app.handler", "")),
    (Builder.CLASSIC, Builder.BUILDKIT),
)
"""Folder; handler and Dockerfile, one of which is there; builder."""


@pytest.mark.parametrize(
    ("folder", "handler", "dockerfile", "builder"),
    some("folders that are built", [(folder, *made, by) for folder, made, by in WAYS], 7),
)
def test_the_bytes_prove_the_commit(
    base: Rig, tmp_path: Path, folder: str, handler: str, dockerfile: str, builder: Builder
) -> None:
    files = files_of(folder) | {"README.md": "read me\n", "other.txt": "something else\n"}
    if dockerfile:
        files[f"{folder}/Dockerfile".lstrip("/")] = dockerfile
    made = committed(tmp_path / "shop", files)
    image = built(base, made.path / folder, handler, builder=builder)
    assert (image.result, image.dirty, image.commit) == ("created", False, made.head)
    name = folder.rpartition("/")[2] or "shop"
    assert image.names == (f"{name}:{made.head[:12]}",)
    assert commits(scanned(base, made.path, tmp_path / "cache"), image) == {
        ("content_exact", Grade.PROOF, made.head),
        ("revision_label", Grade.STRONG, made.head),
        ("tag_short_sha", Grade.SUPPORT, made.head),
        ("tree_label", Grade.STRONG, made.head),
    }


@by_builder("builds of one commit")
def test_the_same_commit_is_the_same_image(base: Rig, tmp_path: Path, builder: Builder) -> None:
    """By the engine's cache, also from another clone. Without it, the times in the configuration
    differ: neither builder of this engine takes SOURCE_DATE_EPOCH."""
    made = committed(tmp_path / "shop", files_of() | {"Dockerfile": DOCKERFILE})
    made.git("clone", "-q", str(made.path), str(tmp_path / "clone"))
    subprocess.run(["git", "-C", str(tmp_path / "clone"), "remote", "set-url", "origin", REMOTE])
    first = built(base, made.path, builder=builder, tags=("shop",))
    second = built(base, tmp_path / "clone", builder=builder, tags=("shop", "shop:two"))
    third = built(base, tmp_path / "clone", builder=builder, tags=("shop:two",))
    assert first.image_id == second.image_id == third.image_id
    assert [first.result, second.result, third.result] == ["created", "changed", "there"]
    assert second.names == ("shop:latest", "shop:two")
    anew = built(base, made.path, builder=builder, cache=False)
    assert anew.image_id != first.image_id
    assert anew.labels == first.labels


@BUILDERS
def test_a_step_that_fails(base: Rig, tmp_path: Path, builder: Builder) -> None:
    text = DOCKERFILE.replace("\n", "\nRUN echo one\nRUN fail with this\n", 1)
    made = committed(tmp_path / "shop", files_of() | {"Dockerfile": text})
    with pytest.raises(BuildError) as failure:
        built(base, made.path, builder=builder, network="none")
    step, *lines = str(failure.value).splitlines()
    assert "RUN fail with this: " in step
    assert "code: 3" in step
    assert lines == ["    -c", "    fail with this"]
    assert base.docker.api.containers(all=True) == []


@BUILDERS
@pytest.mark.parametrize(
    ("image", "words"),
    [
        ("localhost:80/none/such:1", "the base localhost:80/none/such:1 could not be pulled: "),
        ("registry.example.com/none:1", "the base registry.example.com/none:1 could not be pulled"),
    ],
)
def test_a_base_that_cannot_be_pulled(
    base: Rig, tmp_path: Path, builder: Builder, image: str, words: str
) -> None:
    text = DOCKERFILE.replace(BASE, image)
    made = committed(tmp_path / "shop", files_of() | {"Dockerfile": text})
    with pytest.raises(BuildError, match=words):
        built(base, made.path, builder=builder)


@by_builder("builds on a base that is pulled")
def test_a_base_that_is_pulled_is_written_with_its_digest(
    base: Rig, tmp_path: Path, builder: Builder
) -> None:
    name = base.name("lambda/python", "3.12")
    base.docker.api.tag(BASE, name)
    digest = base.push("lambda/python", "3.12")
    base.docker.api.remove_image(name)
    made = committed(tmp_path / "shop", files_of())
    words = {"builder": builder, "base": name, "platform": "linux/amd64"}
    image = built(base, made.path, "app.handler", **words)
    with begun(base, made.path, "app.handler", BuildOptions(base=name)) as run:
        prepared = prepare(
            made.path, "app.handler", BuildOptions(base=name), pinned_by(run.connections.docker())
        )
    assert prepared.text.decode().splitlines()[0] == f"FROM {name}@{digest}"
    assert image.generated
    again = built(base, made.path, "app.handler", **words)
    assert [finding.code.value for finding in again.findings] == []


@by_builder("builds of a folder with a hostile name")
def test_a_folder_with_a_hostile_name(base: Rig, tmp_path: Path, builder: Builder) -> None:
    name = "$(x) \x1b[31m\nUPPER;rm -rf ~"
    made = committed(tmp_path / "r", files_of(name) | {f"{name}/a \x1b'\".txt": "x\n"})
    lines: list[str] = []
    image = build_image(
        made.path / name,
        "app.handler",
        BuildOptions(builder=builder),
        clients=Clients(docker=base.docker),
        tell=lines.append,
    )
    assert image.reference == f"x-31m-upper-rm-rf:{made.head[:12]}"
    assert all(line.isprintable() for line in lines)
    assert "jotgraph.folder" not in image.labels
    claims = commits(scanned(base, made.path, tmp_path / "cache"), image)
    assert {sha for _, _, sha in claims} == {made.head}
    assert ("revision_label", Grade.STRONG, made.head) in claims


def test_what_is_not_committed_is_named_by_the_image(base: Rig, tmp_path: Path) -> None:
    made = committed(tmp_path / "shop", files_of() | {"Dockerfile": DOCKERFILE})
    made.write({"app.py": "def handler(event, context):\n    return 'changed'\n"})
    image = built(base, made.path, allow_dirty=True, builder=USUAL)
    assert image.names == (f"shop:{made.head[:12]}-dirty",)
    assert image.labels["org.opencontainers.image.revision"] == f"{made.head}-dirty"
    claims = commits(scanned(base, made.path, tmp_path / "cache"), image)
    assert {grade for _, grade, _ in claims} == {Grade.STRONG, Grade.SUPPORT}


@by_builder("builds without what is ignored")
def test_what_is_ignored_is_not_in_the_image(base: Rig, tmp_path: Path, builder: Builder) -> None:
    ignore = "*.md\n.dockerignore\nDockerfile\n"
    files = files_of() | {"Dockerfile": DOCKERFILE, ".dockerignore": ignore, "README.md": "x\n"}
    made = committed(tmp_path / "shop", files)
    image = built(base, made.path, builder=builder)
    container = base.docker.containers.create(image.image_id, command="x")
    stream, _ = container.get_archive("/var/task")
    container.remove()
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
        names = {entry.name.partition("/")[2] for entry in archive if entry.isfile()}
    # BuildKit, asked without a session, finds the recipe in the context and takes it along
    recipe = {"Dockerfile", ".dockerignore"} if builder is Builder.BUILDKIT else set()
    assert names == {*files_of(), *recipe}


@BUILDERS
def test_an_engine_takes_what_validate_lets_pass(base: Rig, builder: Builder) -> None:
    """That validate says so of each is a test of its own, without an engine."""
    rows = dict(some("Dockerfiles that an engine is given", DOCKERFILES.items(), 8))
    taken = {
        text: takes(
            base, {"Dockerfile": text.replace("{base}", BASE).encode(), "app.py": b"x = 1"}, builder
        )
        for text in rows
    }
    assert taken == rows


def takes(rig: Rig, files: Mapping[str, bytes], builder: Builder) -> bool:
    """Whether the engine builds from these files."""
    sent = io.BytesIO()
    with tarfile.open(fileobj=sent, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    version = "2" if builder is Builder.BUILDKIT else "1"
    api = rig.docker.api
    answer = api.post(
        f"{api.base_url}/v{api.api_version}/build",
        params={"rm": "1", "forcerm": "1", "version": version},
        data=sent.getvalue(),
        headers={"Content-Type": "application/x-tar"},
        timeout=600,
    )
    return answer.ok and b'"error"' not in answer.content
