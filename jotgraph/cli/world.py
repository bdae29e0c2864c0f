"""Where a command gets its inventory: a stored one, or a scan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jotgraph.cli import plugged
from jotgraph.cli.answer import refuse_old, refuse_unread
from jotgraph.cli.defaults import files
from jotgraph.cli.progress import progress
from jotgraph.cli.scan_options import Reading

if TYPE_CHECKING:
    from jotgraph.cli.engine import Engine
    from jotgraph.clients import Clients
    from jotgraph.graph import ResourceGraph
    from jotgraph.plan import Plan
    from jotgraph.queries.answers.orphans import Orphans
    from jotgraph.records import Convention, Inventory, ResourceId
    from jotgraph.scale.judging import Question
    from jotgraph.sources import SoFar


def graph_of(reading: Reading, confidence: str = "hint") -> ResourceGraph:
    """The graph of the inventory that ``reading`` names, of commits only what some grade or better
    says. Raises Failure when nothing was read."""
    return graph_with(inventory_of(reading), confidence)


def graph_with(inventory: Inventory, confidence: str) -> ResourceGraph:
    """The graph of an inventory, with what rules of installed packages find, of commits only what
    evidence of some grade or better says."""
    from jotgraph.graph import build  # noqa: PLC0415 -- networkx takes 0.2 s to import
    from jotgraph.links import Grade, Relation, infer  # noqa: PLC0415 -- msgspec

    least = Grade[confidence.upper()]
    inventory, more = plugged.with_rules(inventory)
    if least is min(Grade) and not more:
        return build(inventory)
    of_commits = (Relation.BUILT_FROM, Relation.CONTENT_EQUALS)
    return build(
        inventory,
        (
            link
            for link in (*infer(inventory), *more)
            if link.evidence.grade >= least or link.evidence.relation not in of_commits
        ),
    )


def judged(
    inventory: Inventory, reading: Reading, question: Question, engine: Engine
) -> tuple[Orphans, Callable[[ResourceId], str]]:
    """The verdicts on an inventory, which ``reading`` names, by the engine asked for, and by which
    names people are shown what they are about."""
    from jotgraph.scale.engines import Where, verdicts  # noqa: PLC0415 -- networkx takes 0.2 s
    from jotgraph.scale.titles import Titles  # noqa: PLC0415 -- as above

    inventory, links = plugged.with_rules(inventory)
    written = reading.stored if reading.stored and is_dataset(reading.stored) else ""
    where = Where(engine.name, engine.jobs, engine.master, written)
    return verdicts(inventory, question, where, links), Titles(inventory)


def plan_of(
    reading: Reading, decide: Callable[[ResourceGraph], Plan], *, exact: bool = False
) -> tuple[Plan, ResourceGraph]:
    """What is decided on the graph that ``reading`` names, and that graph. After a scan,
    what it left out of the functions that would go is read, and it is decided again; ``exact``
    reads the manifests of the repositories that something goes from, too."""
    inventory = inventory_of(reading)
    graph = graph_with(inventory, "hint")
    planned = decide(graph)
    if reading.stored:
        if exact:
            raise click.UsageError("--exact reads the registry, and --from a stored inventory")
        return planned, graph
    from jotgraph.records import Kind, kind_of, repository_of  # noqa: PLC0415 -- msgspec
    from jotgraph.sources.ecr.whole import unweighed, with_manifests  # noqa: PLC0415 -- as above
    from jotgraph.sources.targets import left_out, read_again  # noqa: PLC0415 -- as above

    steps = {step.id for step in planned.steps}
    functions = left_out(inventory, steps)
    repositories = {repository_of(step) for step in steps if kind_of(step) is Kind.ECR_IMAGE}
    images = unweighed(inventory, repositories) if exact else ()
    if not functions and not images:
        return planned, graph
    clients = clients_of(reading, sorted({record.region for record in (*functions, *images)}))
    if functions:
        inventory = read_again(inventory, functions, clients)
    if images:
        inventory = with_manifests(inventory, images, clients)
    graph = graph_with(inventory, "hint")
    return decide(graph), graph


def clients_of(reading: Reading, regions: Iterable[str]) -> Clients:
    """The sessions that a scan was made by, for what is read of AWS after it."""
    from jotgraph import clients  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.sources.accounts import (  # noqa: PLC0415 -- as above
        AccountChoice,
        in_every_account,
    )

    made = clients.connect(use_docker=False, profiles=reading.profiles, regions=regions)
    choice = AccountChoice(reading.account_list, reading.role_arns, reading.external_id)
    return in_every_account(made, choice)


def inventory_of(reading: Reading, so_far: SoFar | None = None) -> Inventory:
    """The stored inventory that ``reading`` names, or what a scan finds now, of which ``so_far`` is
    told what it has before it has read all.

    Raises Failure when no source at all could be read, or no account of the AWS that was asked for;
    SnapshotError for a file that is none.
    """
    stored = reading.stored
    return usable(
        told(_stored(reading), reading) if stored else scan(reading, so_far=so_far), reading
    )


def usable(inventory: Inventory, reading: Reading) -> Inventory:
    """An inventory with the conventions of this directory. Raises Failure when no source at all
    was read, or no account of the AWS that was asked for."""
    whole = with_evidence(inventory)
    refuse_unread(whole.scope, whole.gaps, aws=reading.aws and not reading.stored)
    return whole


def _stored(reading: Reading) -> Inventory:
    """The stored inventory that ``reading`` names. Raises Failure for one that is too old."""
    inventory = stored(reading.stored or "")
    if reading.max_age is not None:
        refuse_old(inventory.taken_at, reading.max_age, reading.stored or "")
    return inventory


def stored(reference: str) -> Inventory:
    """A stored inventory: a file, a Parquet dataset, or ``prod``, ``prod#42``, ``prod~1``,
    ``prod@{2.weeks.ago}``."""
    if is_dataset(reference):
        from jotgraph.scale.dataset.reading import load  # noqa: PLC0415 -- rarely used

        return load(reference)
    from jotgraph.cli.stores import snapshots  # noqa: PLC0415 -- what only a run needs

    return snapshots().load(reference)


def is_dataset(reference: str) -> bool:
    """Whether a reference names a Parquet dataset: a prefix of a bucket, a folder by a path, or
    one here that an export wrote to; each may end in ``#SCAN``."""
    folder = Path(reference.partition("#")[0])
    by_path = "/" in reference and folder.is_dir()
    return reference.startswith("s3://") or by_path or (folder / "scans").is_dir()


def snapshot_name(reading: Reading) -> str:
    """``prod#42`` for the snapshot that is read, and nothing for a file or a scan."""
    if not reading.stored or is_dataset(reading.stored):
        return ""
    from jotgraph.cli.stores import snapshots  # noqa: PLC0415 -- what only a run needs

    return snapshots().name_of(reading.stored)


def _conventions() -> tuple[Convention, ...]:
    """The conventions of this directory and of the user."""
    here = [layer.evidence for layer in files()]
    if not any(here):
        return ()
    from jotgraph.settings.evidence import merged  # noqa: PLC0415 -- what only a run needs

    return merged(*here)


def with_evidence(inventory: Inventory) -> Inventory:
    """The inventory with the conventions of this directory, beside those it was stored with."""
    here = _conventions()
    if not here:
        return inventory
    import msgspec  # noqa: PLC0415 -- what only a run needs

    from jotgraph.settings.evidence import merged  # noqa: PLC0415 -- as above

    every = merged(here, inventory.scope.evidence)
    scope = msgspec.structs.replace(inventory.scope, evidence=every)
    return msgspec.structs.replace(inventory, scope=scope)


def told(inventory: Inventory, reading: Reading) -> Inventory:
    """A stored inventory with what the files of ``--used-by`` say."""
    if not reading.used_by:
        return inventory
    from jotgraph.sources.used_by import read_all, with_used_by  # noqa: PLC0415 -- rarely needed

    return with_used_by(inventory, read_all(reading.used_by, datetime.now(UTC)))


def scan(
    reading: Reading,
    previous: Inventory | None = None,
    so_far: SoFar | None = None,
    kept: Callable[[], str] = str,
) -> Inventory:
    """Scan; what ``previous`` knows of unchanged functions is not asked again. ``so_far`` is told
    what is read before all is, and ``kept`` says where that is kept."""
    import jotgraph  # noqa: PLC0415 -- the library as its users have it

    repositories_at(reading.git)
    with progress() as tell, telling_what_is_kept(kept, listings=reading.unfinished is not None):

        def told_so_far(scanned: Inventory) -> None:
            if so_far is not None:
                with tell.paused() if tell else nullcontext():
                    so_far(usable(plugged.with_unread_consumers(scanned), reading))

        scanned = jotgraph.scan(
            git=reading.git or here(Path.cwd()),
            docker=reading.docker,
            aws=reading.aws,
            profiles=reading.profiles,
            regions=reading.regions,
            accounts=reading.account_list,
            role_arns=reading.role_arns,
            external_id=reading.external_id,
            content=reading.content,
            quick=reading.quick,
            refresh=reading.refresh,
            details=reading.details,
            days=reading.days,
            used_by=reading.used_by,
            labels=reading.labels,
            vulnerabilities=reading.vulnerabilities,
            inspector=reading.inspector,
            logs=reading.logs,
            unfinished=reading.unfinished,
            previous=previous,
            consumers=plugged.consumers(),
            evidence=_conventions(),
            progress=tell,
            so_far=told_so_far if so_far else None,
        )
        return plugged.with_unread_consumers(scanned)


@contextmanager
def telling_what_is_kept(
    kept: Callable[[], str] = str, *, listings: bool = False
) -> Iterator[None]:
    """Say what an interrupted scan leaves behind, and how to go on; ``kept`` says where what it
    read is stored, or nothing. ``listings`` that were read are kept, too."""
    try:
        yield
    except KeyboardInterrupt:
        from jotgraph.store.folders import cache_folder  # noqa: PLC0415 -- only when interrupted

        where = kept()
        again = (
            ", listings for a day: with --resume the same command"
            if listings
            else ": the same command"
        )
        stored = (
            f"What was read is stored as {where}, which says what was not. "
            if where
            else "Nothing of this scan was stored; earlier inventories are as they were. "
        )
        click.echo(
            f"{stored}Manifests, layers and history that were read are kept in {cache_folder()}"
            f"{again} goes on from there.",
            err=True,
        )
        raise


def repositories_at(paths: Iterable[str]) -> None:
    """Raise OptionError for a path that was typed and is no git repository."""
    if not paths:
        return
    from jotgraph.errors import OptionError, SourceError  # noqa: PLC0415 -- what only a run needs
    from jotgraph.sources.git.repository import require_repository  # noqa: PLC0415 -- as above

    for path in paths:
        try:
            require_repository(Path(path).expanduser())
        except SourceError as error:
            raise OptionError(f"--git: {error}") from error


def here(directory: Path) -> tuple[str, ...]:
    """The git repository that a directory is in, if any (a worktree's ``.git`` is a file)."""
    for parent in (directory, *directory.parents):
        if (parent / ".git").exists():
            return (str(parent),)
    return ()
