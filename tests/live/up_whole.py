"""The example goes all the way beside a real engine and a real registry, and prints what it saw.

Run as ``-m tests.live.up_whole FOLDER RIG``, in the engine's network: containers answer there.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docker

import jotgraph
from jotgraph import clients, sources
from jotgraph.apply import apply
from jotgraph.clients import Clients
from jotgraph.content.inventory import with_content
from jotgraph.deploy.build import BuildOptions
from jotgraph.deploy.rollout import DeployOptions, rollback
from jotgraph.deploy.run import running
from jotgraph.deploy.testing import read_cases
from jotgraph.deploy.undo import undo_making
from jotgraph.deploy.up import UpOptions, up
from jotgraph.deploy.up.workshop import EngineWorkshop
from jotgraph.graph import ResourceGraph
from jotgraph.plan import plan_delete
from jotgraph.queries.answers.up import Stage, Up
from jotgraph.records import ResourceId, kind_of, name_of
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.options import ScanOptions
from tests.deploy.build.folders import BASE
from tests.examples.two_functions import project
from tests.rig.bridge import copy_to_ecr
from tests.rig.engine import docker_socket
from tests.rig.git import Repository
from tests.rig.kept import state
from tests.rig.live import Rig
from tests.rig.registry import RegistryClient
from tests.rig.supervisor import registry_socket

QUOTE = ResourceId("function:123456789012/us-east-1/quote")


class Bridged:
    """The engine, whose pushes arrive in ECR as well as in the registry that stands for it."""

    def __init__(self, rig: Rig, aws: Sandbox) -> None:
        self._rig, self._aws, self.api = rig, aws, self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rig.docker.api, name)

    def push(self, repository: str, tag: str, **words: Any) -> Iterator[Any]:
        """The engine pushes; then the registry's bytes are put into the embedded ECR."""
        yield from self._rig.docker.api.push(repository, tag=tag, **words)
        copy_to_ecr(self._rig, self._aws.client("ecr"), repository.partition("/")[2], tag)


class Workshop(EngineWorkshop):
    """Pushes over the bridge."""

    def __init__(self, reached: Clients, rig: Rig, aws: Sandbox) -> None:
        super().__init__(reached)
        self._bridged: Any = Bridged(rig, aws)

    @property
    def engine(self) -> docker.DockerClient:
        engine: docker.DockerClient = self._bridged
        return engine


class Whole:
    """One folder, one engine, one embedded AWS."""

    def __init__(self, folder: Path, rig: Rig, aws: Sandbox) -> None:
        self.folder, self.rig, self.aws = folder, rig, aws
        self.project = based(project(folder / "till"))
        self.reached = replace(
            clients.connect(git=[str(self.project.path)], use_docker=False, rates={}),
            docker=rig.docker,
        )
        self.workshop = Workshop(self.reached, rig, aws)

    def up(self, function: str) -> Up:
        root = self.project.path
        options = UpOptions(
            build=BuildOptions(dockerfile=f"Dockerfile.{function}", network="none"),
            deploy=DeployOptions(alias="live"),
            cases=read_cases((), (), root / "cases" / function),
            skip=frozenset({Stage.INVOKE}),  # the embedded AWS runs no image
        )
        handler = f"{function}.app.handler"
        made, _ = up(root, handler, function, self.reached, self.workshop, options, patience=2)
        return made

    def scan(self) -> ResourceGraph:
        cache = self.folder / "scanned"
        options = ScanOptions(cache=cache, env_key=b"k", usage_days=30)
        found = sources.collect(options, self.reached)
        return jotgraph.build(with_content(found, self.reached, cache=cache))

    def images(self) -> list[str]:
        return sorted(str(image["Id"]) for image in self.rig.docker.api.images())


def based(repository: Repository) -> Repository:
    """The Dockerfiles on a base that the engine has."""
    files = {}
    for path in repository.path.glob("Dockerfile.*"):
        lines = path.read_text().splitlines(keepends=True)
        files[path.name] = "".join(
            f"ARG BASE={BASE}\n" if line.startswith("ARG BASE=") else line for line in lines
        )
    repository.commit(files)
    return repository


def there_and_back(whole: Whole) -> dict[str, Any]:
    """What was seen at each step."""
    seen: dict[str, Any] = {}
    bare, empty = whole.images(), set(state(whole.aws))
    first, other = whole.up("quote"), whole.up("receipt")
    seen["first"] = {done.stage: done.result for done in first.stages}
    seen["tested"] = [result.passed for made in (first, other) for result in made.test.results]  # type: ignore[union-attr]  # there are cases
    graph = whole.scan()
    lineage = jotgraph.trace(graph, QUOTE)
    seen["kinds"] = [kind_of(one) for one in lineage.paths[-1].ids]
    seen["weak"] = sorted(
        {f"{link.rule} {link.grade.name}" for path in lineage.paths for link in path.links}
        - {f"{link.rule} PROOF" for path in lineage.paths for link in path.links}
    )
    before, rest = set(state(whole.aws)), whole.images()
    answer = whole.project.path / "cases" / "quote" / "two-coffees.expect.json"
    app = whole.project.path / "quote" / "app.py"
    sha = whole.project.commit(
        {
            "quote/app.py": app.read_text().replace('"total": money', '"price": money'),
            "cases/quote/two-coffees.expect.json": answer.read_text().replace("total", "price"),
        }
    )
    second = whole.up("quote")
    found = jotgraph.where(whole.scan(), ResourceId(f"commit:{sha}"))
    seen["where"] = {
        "contains": sorted(name_of(one.id) for one in found.contains if "@" not in one.id),
        "lacks": sorted(name_of(one.id) for one in found.lacks if "@" not in one.id),
    }
    with running("rollback", {"function": "quote"}, whole.reached, patience=2) as run:
        moved = rollback(run, "quote", "live")
    seen["back"] = [moved.version, moved.after == _digest(first)]
    seen["rollback undone"] = undo_making(moved.run, whole.reached, patience=2).whole
    third = whole.up("quote")
    seen["again"] = {done.stage: done.result for done in third.stages}
    seen["runs"] = [first.run, second.run, third.run]
    graph = whole.scan()
    handles = [jotgraph.deployment(graph, "quote")]
    plan = plan_delete(graph, handles, now=datetime.now(UTC))
    seen["blocks"] = [f"{block.id}: {block.because}" for block in plan.blocks]
    receipt = apply(plan, whole.reached, now=datetime.now(UTC), patience=2, backup=False)
    seen["deleted"] = receipt.proven
    seen["left"] = sorted(name for name in set(state(whole.aws)) - empty)
    undone = undo_making(other.run, whole.reached, patience=2)
    seen["undone"] = [f"{one.id}: {one.because}" for one in undone.outcomes if one.status != "gone"]
    seen["world"] = sorted(set(state(whole.aws)) - empty)
    seen["images"] = [image for image in whole.images() if image not in bare]
    seen["counted"] = [len(before), len(rest)]
    return seen


def _digest(made: Up) -> str:
    return made.deployment.images[0].partition("@")[2]


def main() -> None:
    folder, rig_folder = Path(sys.argv[1]), Path(sys.argv[2])
    os.environ["XDG_STATE_HOME"] = f"{folder}/state"
    os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
    engine = docker.DockerClient(f"unix://{docker_socket(rig_folder)}", timeout=60)
    rig = Rig(engine, RegistryClient(registry_socket(rig_folder)), rig_folder, folder)
    with Sandbox() as aws:
        os.environ.update(aws.environment())
        print(json.dumps(there_and_back(Whole(folder, rig, aws))))


if __name__ == "__main__":
    main()
