"""The part of ``jotgraph demo`` that deploys two functions of one repository, and undoes that."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jotgraph.cli.demo import PODS, step
from jotgraph.records.ids import short, shortened

if TYPE_CHECKING:
    from jotgraph.clients import Clients
    from jotgraph.deploy.up.workshop import Workshop
    from jotgraph.graph import ResourceGraph
    from jotgraph.sandbox.server import Sandbox

_FUNCTIONS = ("quote", "receipt")
_PATIENCE = 5.0


def deploy_example(folder: Path, aws: Sandbox, now: datetime) -> None:
    """Deploy the example project in the embedded AWS, change it, and undo everything."""
    from jotgraph import clients  # noqa: PLC0415 -- what only a run needs
    from jotgraph.sandbox.project import EXAMPLE, write_project  # noqa: PLC0415 -- as above
    from jotgraph.sandbox.workshop import SandboxWorkshop  # noqa: PLC0415 -- as above

    if not EXAMPLE.is_dir():
        step(
            "The project of two functions is left out: only the repository of jotgraph contains it"
        )
        return
    project = folder / "till"
    write_project(project, now)
    connect = partial(clients.connect, git=[str(project)], use_docker=False, rates={})
    reached = connect(regions=["us-east-1"])
    everywhere = connect(regions=["us-east-1", "eu-west-1"])
    with _state_in(folder):
        _there_and_back(project, reached, everywhere, SandboxWorkshop(aws), now)


def _there_and_back(
    project: Path, reached: Clients, everywhere: Clients, workshop: Workshop, now: datetime
) -> None:
    """Each step with its answer."""
    from jotgraph.sandbox.project import rename_the_answer  # noqa: PLC0415 -- only a run needs it

    for function in _FUNCTIONS:
        step(f"From a commit to a function: jotgraph up till:{function}.app.handler")
        _up(project, function, reached, workshop)
    commit = rename_the_answer(project, now)
    step(f"Change one line, deploy again, and ask where it runs: jotgraph where {short(commit)}")
    _up(project, "quote", reached, workshop)
    _where(_scan(project, everywhere), commit)
    step("Roll back to the previous version, and undo that: jotgraph rollback, jotgraph undo")
    _undo(_rollback(reached), reached)
    step(
        "Delete both deployments, nothing else: jotgraph delete deployment:quote deployment:receipt"
    )
    _delete(_scan(project, everywhere), everywhere)


def _up(project: Path, function: str, reached: Clients, workshop: Workshop) -> None:
    """One ``up`` without an engine: its stages and the resulting lineage."""
    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.build import BuildOptions  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.rollout import DeployOptions  # noqa: PLC0415 -- as above
    from jotgraph.deploy.testing import read_cases  # noqa: PLC0415 -- as above
    from jotgraph.deploy.up import UpOptions, up  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.up import as_table  # noqa: PLC0415 -- as above

    options = UpOptions(
        build=BuildOptions(dockerfile=f"Dockerfile.{function}"),
        deploy=DeployOptions(alias="live"),
        cases=read_cases((), (), project / "cases" / function),
    )
    handler = f"{function}.app.handler"
    made, graph = up(project, handler, function, reached, workshop, options, patience=_PATIENCE)
    answer.draw(as_table(graph, made), None)


def _scan(project: Path, reached: Clients) -> ResourceGraph:
    """The graph of what exists, with the files of the images."""
    from jotgraph import sources  # noqa: PLC0415 -- what only a run needs
    from jotgraph.content.inventory import with_content  # noqa: PLC0415 -- as above
    from jotgraph.graph import build  # noqa: PLC0415 -- as above
    from jotgraph.sandbox.estate.workloads import CLUSTER  # noqa: PLC0415 -- with the sandbox
    from jotgraph.sources.options import ScanOptions  # noqa: PLC0415 -- as above
    from jotgraph.sources.used_by import read_all  # noqa: PLC0415 -- as above

    cache, pods = project.parent / "cache", f"{CLUSTER}={project.parent / PODS}"
    options = ScanOptions(
        cache=cache,
        env_key=b"demo",
        usage_days=30,
        used_by=read_all([pods], datetime.now(UTC)),
    )
    inventory = sources.collect(options, reached)
    ours = {image.id for image in inventory.ecr_images if image.repository in _FUNCTIONS}
    return build(with_content(inventory, reached, cache=cache, wanted=ours))


def _where(graph: ResourceGraph, commit: str) -> None:
    import msgspec  # noqa: PLC0415 -- what only a run needs

    from jotgraph.cli import answer  # noqa: PLC0415 -- what only a run needs
    from jotgraph.queries.where import where  # noqa: PLC0415 -- as above
    from jotgraph.records import commit_id  # noqa: PLC0415 -- as above
    from jotgraph.render.answers import grid  # noqa: PLC0415 -- as above
    from jotgraph.render.answers import where as drawn  # noqa: PLC0415 -- as above

    holders = where(graph, commit_id(commit))
    lists = {name: tuple(filter(_is_ours, getattr(holders, name))) for name in _LISTS}
    answer.draw(grid.listing(drawn.grid(msgspec.structs.replace(holders, **lists))), None)


_LISTS = ("contains", "lacks", "unknown")


def _is_ours(place: Any) -> bool:
    """Whether it belongs to the two functions, and not to the estate around them."""
    from jotgraph.records import function_name_of, repository_name_of  # noqa: PLC0415 -- what only a run needs

    return {function_name_of(place.id), repository_name_of(place.id)} & {*_FUNCTIONS} != set()


def _rollback(reached: Clients) -> str:
    """Roll the alias back; return the name of the run."""
    from jotgraph.deploy.rollout import rollback  # noqa: PLC0415 -- what only a run needs
    from jotgraph.deploy.run import running  # noqa: PLC0415 -- as above

    subject = {"function": "quote", "alias": "live"}
    with running("rollback", subject, reached, patience=_PATIENCE) as run:
        moved = rollback(run, "quote", "live")
        click.echo(f"alias live is on version {moved.version}: {shortened(moved.after)}")
        return run.name


def _undo(run: str, reached: Clients) -> None:
    """Undo a run."""
    from jotgraph.deploy.undo import undo_making  # noqa: PLC0415 -- what only a run needs
    from jotgraph.records.titles import title  # noqa: PLC0415 -- as above

    for outcome in undo_making(run, reached, patience=_PATIENCE).outcomes:
        click.echo(f"undo {run}: {title(outcome.id)} {outcome.because}")


def _delete(graph: ResourceGraph, reached: Clients) -> None:
    """Delete both deployments, with what only they use."""
    from jotgraph.apply import apply  # noqa: PLC0415 -- what only a run needs
    from jotgraph.cli import answer  # noqa: PLC0415 -- as above
    from jotgraph.plan import plan_delete  # noqa: PLC0415 -- as above
    from jotgraph.queries.deployment import deployment  # noqa: PLC0415 -- as above
    from jotgraph.render.answers.outcomes import writers  # noqa: PLC0415 -- as above

    handles = [deployment(graph, function) for function in _FUNCTIONS]
    plan = plan_delete(graph, handles, now=datetime.now(UTC))
    receipt = apply(plan, reached, now=datetime.now(UTC), patience=_PATIENCE, backup=False)
    answer.draw(writers()["table"](receipt), None)


@contextmanager
def _state_in(folder: Path) -> Iterator[None]:
    """Store the runs of the demo in its folder."""
    home = folder.resolve()  # a relative one is not looked at (XDG base directory specification)
    before = {name: os.environ.get(name) for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME")}
    os.environ.update(XDG_STATE_HOME=f"{home}/state", XDG_CACHE_HOME=f"{home}/cache")
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
