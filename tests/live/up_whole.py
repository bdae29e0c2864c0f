"""The example goes all the way beside a real engine and a real registry: what was seen of it.

Lambda is the embedded one; what it is asked, the engine answers: it starts the image of the digest
that a version runs, on the runtime API, for each call. What of Lambda is not shown by that: its
sandbox, its limits, and that it keeps a started image warm.

It is called in the engine's network: containers answer there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import docker

import jotgraph
from jotgraph import clients, sources
from jotgraph.apply import apply
from jotgraph.apply.undo import undo
from jotgraph.clients import Clients
from jotgraph.content.inventory import with_content
from jotgraph.deploy.build import BuildOptions
from jotgraph.deploy.rollout import DeployOptions, rollback
from jotgraph.deploy.run import running
from jotgraph.deploy.testing import RunOptions, read_cases
from jotgraph.deploy.testing.container import started
from jotgraph.deploy.testing.image import engine_image
from jotgraph.deploy.testing.leftovers import living
from jotgraph.deploy.undo import undo_making
from jotgraph.deploy.up import UpOptions, up
from jotgraph.deploy.up.workshop import EngineWorkshop
from jotgraph.graph import ResourceGraph
from jotgraph.plan import Plan, plan_delete
from jotgraph.plan.outcome import UndoReceipt
from jotgraph.queries.answers.lineage import Trace
from jotgraph.queries.answers.up import Up
from jotgraph.records import ResourceId, kind_of, name_of
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import Invoked
from jotgraph.sources.options import ScanOptions
from tests.deploy.build.folders import BASE
from tests.examples.two_functions import project
from tests.rig.bridge import copy_to_ecr
from tests.rig.git import Repository
from tests.rig.kept import state
from tests.rig.live import Rig
from tests.rig.wire import Wire

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
        digest = copy_to_ecr(self._rig, self._aws.client("ecr"), repository.partition("/")[2], tag)
        self._aws.answer(digest, partial(self._answered, f"{repository}@{digest}"))

    def _answered(self, image: str, event: Any, call: Invoked) -> Any:
        """What the image of a digest answers, started by the engine."""
        assert image.endswith(call.digest)
        name, api = engine_image(self._rig.docker.api, image), self._rig.docker.api
        with living() as run, started(api, name, run, RunOptions()) as container:
            reply = container.function.invoke(json.dumps(event).encode())
            for line in container.log(50):
                call.log(line)
        if reply.error is not None:
            raise RuntimeError(reply.error.message)
        return json.loads(reply.body)


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
        reached = clients.connect(git=[str(self.project.path)], use_docker=False, rates={})
        self.reached = replace(Wire(aws).carry(reached), docker=rig.docker)
        self.workshop = Workshop(self.reached, rig, aws)

    def up(self, function: str) -> Up:
        root = self.project.path
        options = UpOptions(
            build=BuildOptions(dockerfile=f"Dockerfile.{function}", network="none"),
            deploy=DeployOptions(alias="live"),
            cases=read_cases((), (), root / "cases" / function),
        )
        handler = f"{function}.app.handler"
        made, _ = up(root, handler, function, self.reached, self.workshop, options, patience=2)
        return made

    def scan(self) -> ResourceGraph:
        cache = self.folder / "scanned"
        options = ScanOptions(cache=cache, env_key=b"k", usage_days=30)
        inventory = sources.collect(options, self.reached)
        return jotgraph.build(with_content(inventory, self.reached, cache=cache))

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


def there_and_away(whole: Whole) -> dict[str, Any]:
    """What was seen of one function that is deployed, deployed again, and taken back."""
    bare, empty = whole.images(), _world(whole.aws)
    first = whole.up("quote")
    seen = {
        "first": _results(first),
        "asked": _asked(first),
        "lineage": _lineage(jotgraph.trace(whole.scan(), QUOTE)),
        "again": _results(whole.up("quote")),
        "undone": undo_making(first.run, whole.reached, patience=2).whole,
    }
    return seen | {"as before": (whole.images(), _world(whole.aws)) == (bare, empty)}


def there_and_back(whole: Whole) -> dict[str, Any]:
    """What was seen at each step."""
    seen: dict[str, Any] = {}
    bare, empty = whole.images(), set(state(whole.aws))
    first, later = whole.up("quote"), whole.up("receipt")
    seen["first"] = _results(first)
    seen["asked"] = [*_asked(first), *_asked(later)]
    seen["lineage"] = _lineage(jotgraph.trace(whole.scan(), QUOTE))
    before = _world(whole.aws)
    second = _changed(whole, seen)
    undone = undo_making(second.run, whole.reached, patience=2)
    seen["second undone"] = [undone.whole, _world(whole.aws) == before]
    seen["once more"] = _results(whole.up("quote"))
    with running("rollback", {"function": "quote"}, whole.reached, patience=2) as run:
        moved = rollback(run, "quote", "live")
    seen["back"] = [moved.version, moved.after == _digest(first)]
    seen["rollback undone"] = undo_making(moved.run, whole.reached, patience=2).whole
    seen["again"] = _results(whole.up("quote"))
    seen |= _deleted(whole, empty)
    undone = undo_making(later.run, whole.reached, patience=2)
    seen["other undone"] = _said(undone)
    seen["world"] = sorted(set(state(whole.aws)) - empty)
    seen["images"] = [image for image in whole.images() if image not in bare]
    return seen


def _results(made: Up) -> dict[str, str]:
    return {done.stage: done.result for done in made.stages}


def _asked(made: Up) -> list[tuple[str, list[bool]]]:
    """Where each case was asked, and whether it passed."""
    return [
        (where.where.partition(":")[0], [result.passed for result in where.results])
        for where in (made.test, made.invocation)
        if where
    ]


def _world(aws: Sandbox) -> dict[str, str]:
    """What there is, and what each function and alias leads to."""
    lambdas = aws.world.lambda_of("123456789012", "us-east-1")
    leads = {name: function.latest["CodeSha256"] for name, function in lambdas.functions.items()}
    for name, function in lambdas.functions.items():
        for alias, routed in function.aliases.items():
            leads[f"{name}:{alias}"] = routed["FunctionVersion"]
    return {**dict.fromkeys(state(aws), ""), **leads}


def _lineage(lineage: Trace) -> dict[str, Any]:
    """The kinds from the commit to the role, and the pairs of neighbours without a PROOF."""
    chain = lineage.paths[-1]
    pairs: dict[tuple[str, str], set[str]] = {}
    for link in chain.links:
        pairs.setdefault((link.source, link.target), set()).add(link.grade.name)
    return {
        "kinds": [kind_of(resource) for resource in chain.ids],
        "unproven": [pair for pair, grades in pairs.items() if "PROOF" not in grades],
    }


def _said(receipt: UndoReceipt) -> dict[str, str]:
    """What an undo says of each resource that is not as it was."""
    return {
        outcome.id.replace("123456789012/us-east-1/", ""): f"{outcome.status}: {outcome.because}"
        for outcome in receipt.outcomes
    }


def _changed(whole: Whole, seen: dict[str, Any]) -> Up:
    """One line is another, with the answer that is expected then; and up again."""
    answer = whole.project.path / "cases" / "quote" / "two-coffees.expect.json"
    app = whole.project.path / "quote" / "app.py"
    sha = whole.project.commit(
        {
            "quote/app.py": app.read_text().replace('"total": money', '"price": money'),
            "cases/quote/two-coffees.expect.json": answer.read_text().replace("total", "price"),
        }
    )
    second = whole.up("quote")
    holders = jotgraph.where(whole.scan(), ResourceId(f"commit:{sha}"))
    seen["where"] = {
        "contains": sorted(name_of(place.id) for place in holders.contains if "@" not in place.id),
        "lacks": sorted(name_of(place.id) for place in holders.lacks if "@" not in place.id),
    }
    return second


def _deleted(whole: Whole, empty: set[str]) -> dict[str, Any]:
    """The deployment goes, comes back from its backup, and goes for good."""
    seen: dict[str, Any] = {}
    before = _world(whole.aws)
    plan = _plan(whole)
    seen["blocks"] = [f"{block.id}: {block.because}" for block in plan.blocks]
    receipt = apply(plan, whole.reached, now=datetime.now(UTC), patience=2)
    seen["deleted"] = receipt.proven
    seen["left"] = sorted(name for name in set(state(whole.aws)) - empty)
    restored = undo(receipt.run, whole.reached, patience=2)
    seen["restored"] = _said(restored)
    after = _world(whole.aws)
    seen["same image"] = [before["quote"] == after["quote"], sorted(after.keys() ^ before.keys())]
    again = apply(_plan(whole), whole.reached, now=datetime.now(UTC), patience=2, backup=False)
    seen["deleted again"] = again.proven
    return seen


def _plan(whole: Whole) -> Plan:
    graph = whole.scan()
    return plan_delete(graph, [jotgraph.deployment(graph, "quote")], now=datetime.now(UTC))


def _digest(made: Up) -> str:
    return made.deployment.images[0].partition("@")[2]
