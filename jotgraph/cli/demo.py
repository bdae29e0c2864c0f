"""The command ``jotgraph demo``, which runs everything on an embedded AWS."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jotgraph.cli.lazy import CommandError
from jotgraph.cli.options import debug

if TYPE_CHECKING:
    import docker

    from jotgraph.graph import ResourceGraph
    from jotgraph.records import Inventory
    from jotgraph.sandbox.estate import Estate
    from jotgraph.sandbox.server import Sandbox

_MARK = ".jotgraph-demo"
QUESTIONS = ("summary", "trace checkout", "why reports", "orphans", "plan delete refunds")
"""Suggested next questions, each with ``--from`` the stored inventory."""
PODS = "pods.json"
"""Output of kubectl for the example's EKS cluster, which no call of AWS returns."""


@click.command(epilog="Example: jotgraph demo --keep")
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="demo",
    show_default=True,
    help="Folder for the repository, the picture and the inventory; emptied first.",
)
@click.option(
    "--docker/--no-docker",
    "use_docker",
    default=True,
    help="Use the Docker engine, if one is running.",
)
@click.option(
    "--keep", is_flag=True, help="Leave the embedded AWS running, and print how to reach it."
)
@debug
def demo(folder: Path, use_docker: bool, keep: bool) -> None:
    """Run everything on an example estate, without an AWS account.

    Scans, lists deployments, what is wrong and what is unused, and draws the picture. Then it
    deploys two functions of one repository from a commit, invokes them, changes one, and deletes
    both.

    Needs no Docker and no Graphviz either: AWS is emulated on a loopback port. A git repository is
    created; if a Docker engine is running, it gets a few small images until the demo ends. Nothing
    leaves this machine.
    """
    from jotgraph.cli.demo_deploy import deploy_example  # noqa: PLC0415 -- what only a run needs
    from jotgraph.sandbox.server import require_moto  # noqa: PLC0415 -- as above

    require_moto()
    now = datetime.now(UTC).replace(microsecond=0)
    _fresh(folder)
    with ExitStack() as stack:
        step("Starting an embedded AWS with an example estate")
        aws, estate = stack.enter_context(_world(folder, now))
        engine = _engine() if use_docker else None
        if engine is not None:
            stack.enter_context(_loaded(engine, estate))
        else:
            step("No Docker engine: the local images of the example are left out")
        (folder / PODS).write_text(estate.pods, encoding="utf-8")
        inventory = _scan(folder, engine)
        graph = _answers(inventory)
        _files(folder, inventory, graph)
        deploy_example(folder, aws, now)
        _next(folder, aws, keep)
        if keep:
            _wait()


def step(what: str) -> None:
    """Print a step on stderr."""
    click.secho(f"▸ {what}", err=True, bold=True)


def _fresh(folder: Path) -> None:
    """Empty the demo's own folder; refuse any other."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / _MARK).exists():
            raise CommandError(f"{folder} is not empty; choose another folder with --dir")
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _MARK).touch()


@contextmanager
def _world(folder: Path, now: datetime) -> Iterator[tuple[Sandbox, Estate]]:
    from jotgraph.sandbox.estate import fill, write_history  # noqa: PLC0415 -- with moto
    from jotgraph.sandbox.server import Sandbox  # noqa: PLC0415 -- moto takes a second to import

    with Sandbox() as aws:
        estate = fill(aws, write_history(folder / "shop", now), now)
        for key in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[key]
        os.environ.update(aws.environment())
        yield aws, estate


def _engine() -> docker.DockerClient | None:
    from jotgraph.clients.engine import NoEngine, connect_docker  # noqa: PLC0415 -- docker is heavy

    reached = connect_docker()
    return None if isinstance(reached, NoEngine) else reached


@contextmanager
def _loaded(engine: docker.DockerClient, estate: Estate) -> Iterator[None]:
    from jotgraph.sandbox.estate.engine import load, unload  # noqa: PLC0415 -- docker is heavy

    step("Loading a few small images into your Docker engine, until the demo ends")
    try:
        load(engine, estate.local)
        yield
    finally:
        unload(engine, estate.local)


def _scan(folder: Path, engine: docker.DockerClient | None) -> Inventory:
    from jotgraph import clients, sources  # noqa: PLC0415 -- boto3 and docker are heavy
    from jotgraph.content.inventory import with_content  # noqa: PLC0415 -- as above
    from jotgraph.sandbox.estate.workloads import CLUSTER  # noqa: PLC0415 -- with the sandbox
    from jotgraph.sources.options import ScanOptions  # noqa: PLC0415 -- as above
    from jotgraph.sources.used_by import read_all  # noqa: PLC0415 -- as above

    pods = f"{CLUSTER}={folder / PODS}"
    step("Scanning git, Docker, ECR, IAM and every service that runs images, in two regions")
    step(f"Reading what runs in the EKS cluster from kubectl's list: --used-by {pods}")
    reached = clients.connect(
        git=[str(folder / "shop")],
        use_docker=engine is not None,
        regions=["us-east-1", "eu-west-1"],
        rates={},  # the embedded AWS has no quotas to respect
    )
    options = ScanOptions(
        usage_days=30,
        cache=folder / "cache",
        env_key=b"demo",
        used_by=read_all([pods], datetime.now(UTC)),
    )
    inventory = _only_ours(sources.collect(options, reached))
    step("Comparing the files in every image with the commits")
    # not the package of the zip function: the embedded AWS keeps no code
    readable = {image.id for image in inventory.ecr_images if image.manifest_read}
    wanted = readable | {image.id for image in inventory.local_images}
    return with_content(inventory, reached, cache=folder / "cache", wanted=wanted)


def _only_ours(inventory: Inventory) -> Inventory:
    """Leave out the images and containers of the user's engine: the demo is about the example."""
    import msgspec  # noqa: PLC0415 -- with the records

    from jotgraph.sandbox.estate.images import MARK  # noqa: PLC0415 -- with the sandbox

    images = tuple(image for image in inventory.local_images if MARK in dict(image.labels))
    ids = {image.image_id for image in images}
    containers = tuple(container for container in inventory.containers if container.image_id in ids)
    return msgspec.structs.replace(inventory, local_images=images, containers=containers)


def _answers(inventory: Inventory) -> ResourceGraph:
    from jotgraph.analysis.health.names import titled  # noqa: PLC0415 -- only a run needs it
    from jotgraph.cli import answer, not_read  # noqa: PLC0415 -- what only a run needs
    from jotgraph.graph import build  # noqa: PLC0415 -- only a run needs it
    from jotgraph.queries.jots import jots  # noqa: PLC0415 -- as above
    from jotgraph.queries.orphans import orphans  # noqa: PLC0415 -- as above
    from jotgraph.render.answers import grid  # noqa: PLC0415 -- rich
    from jotgraph.render.answers import jots as drawn  # noqa: PLC0415 -- as above
    from jotgraph.render.answers import orphans as verdicts  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.jots_table import as_table  # noqa: PLC0415 -- as above

    graph = build(inventory)
    deployments = jots(graph)
    step("What runs where")
    answer.draw(as_table(deployments), None)
    step("What is wrong")
    answer.draw(drawn.wrong(deployments), None)
    step("What is unused")
    unused = orphans(graph)
    answer.draw(grid.listing(verdicts.grid(unused, named=partial(titled, graph))), None)
    click.echo(verdicts.note(unused))
    not_read.tell_gaps(inventory.gaps)
    return graph


def _files(folder: Path, inventory: Inventory, graph: ResourceGraph) -> None:
    from jotgraph import store, views  # noqa: PLC0415 -- msgspec and zstandard
    from jotgraph.render.files import export  # noqa: PLC0415 -- the painter

    step(f"Drawing graph.svg and graph.html, storing inventory.json: all in {folder}")
    store.save(inventory, folder / "inventory.json")
    asked = views.options(graph, page=True, title="The example estate")
    for suffix in (".svg", ".html"):
        drawn = str(export.render(graph, suffix, asked))
        (folder / f"graph{suffix}").write_text(drawn, encoding="utf-8")


def _next(folder: Path, aws: Sandbox, keep: bool) -> None:
    program, stored = this_program(), f"--from {shlex.quote(str(folder / 'inventory.json'))}"
    lines = "".join(f"  {program} {question} {stored}\n" for question in QUESTIONS)
    click.echo(
        f"\nOpen the picture or the page, or query the stored inventory:\n{lines}",
        err=True,
        nl=False,
    )
    if keep:
        click.echo("\nThe embedded AWS keeps running. In another terminal:", err=True)
        for key, value in aws.environment().items():
            click.echo(f"export {key}={value}")
        repository = shlex.quote(str(folder / "shop"))
        click.echo(f"  {program} ls --git {repository} --no-docker", err=True)


def this_program() -> str:
    """Return the program as a shell finds it here: ``jotgraph``, or the path of its script."""
    script = Path(sys.executable).with_name("jotgraph")
    if not script.is_file():
        return f"{shlex.quote(_near(Path(sys.executable)))} -m jotgraph"
    # uvx and uv run, which set UV, add to the PATH of what they run alone
    known = None if os.environ.get("UV") else shutil.which("jotgraph")
    if known and Path(known).resolve() == script.resolve():
        return "jotgraph"
    return shlex.quote(_near(script))


def _near(path: Path) -> str:
    """A path relative to here, if it is below."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _wait() -> None:
    click.echo("\nPress Ctrl-C to stop it.", err=True)
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    done.wait()
