"""The inventory of a command: a stored one, or a scan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jotgraph.cli import plugged
from jotgraph.cli.answer import refuse_old, refuse_unread
from jotgraph.cli.defaults import files
from jotgraph.cli.progress import progress
from jotgraph.cli.saying import say
from jotgraph.cli.scan_options import Reading

if TYPE_CHECKING:
    from jotgraph.clients import Clients
    from jotgraph.records import Convention, Inventory
    from jotgraph.sources import SoFar


def clients_of(reading: Reading, regions: Iterable[str]) -> Clients:
    """Return the sessions of a scan, for further reads of AWS after it."""
    from jotgraph import clients  # noqa: PLC0415 -- boto3 is heavy
    from jotgraph.sources.accounts import (  # noqa: PLC0415 -- as above
        AccountChoice,
        in_every_account,
    )

    made = clients.connect(use_docker=False, profiles=reading.profiles, regions=regions)
    choice = AccountChoice(reading.account_list, reading.role_arns, reading.external_id)
    return in_every_account(made, choice)


def inventory_of(reading: Reading, so_far: SoFar | None = None) -> Inventory:
    """Return the stored inventory that ``reading`` names, or the result of a scan. ``so_far`` is
    called with what a scan has before it is complete. Raises CommandError when no source could be
    read, or no account of the requested AWS; SnapshotError for an invalid file."""
    stored = reading.stored
    return usable(
        told(_stored(reading), reading) if stored else scan(reading, so_far=so_far), reading
    )


def usable(inventory: Inventory, reading: Reading) -> Inventory:
    """Return an inventory with the conventions of this directory. Raises CommandError when no
    source was read, or no account of the requested AWS."""
    whole = with_evidence(inventory)
    refuse_unread(whole.scope, whole.gaps, aws=reading.aws and not reading.stored)
    return whole


def _stored(reading: Reading) -> Inventory:
    """The stored inventory that ``reading`` names. Raises CommandError for one that is too old."""
    inventory = stored(reading.stored or "")
    if reading.max_age is not None:
        refuse_old(inventory.taken_at, reading.max_age, reading.stored or "")
    return inventory


def stored(reference: str) -> Inventory:
    """Return a stored inventory: a file, a Parquet dataset, or ``prod``, ``prod#42``, ``prod~1``,
    ``prod@{2.weeks.ago}``."""
    if is_dataset(reference):
        from jotgraph.scale.dataset.reading import load  # noqa: PLC0415 -- rarely used

        return load(reference)
    from jotgraph.cli.stores import snapshots  # noqa: PLC0415 -- what only a run needs

    return snapshots().load(reference)


def is_dataset(reference: str) -> bool:
    """Return whether a reference names a Parquet dataset, possibly with ``#SCAN`` at its end. That
    is a prefix of a bucket, a folder given by path, or one here that an export wrote."""
    folder = Path(reference.partition("#")[0])
    by_path = "/" in reference and folder.is_dir()
    return reference.startswith("s3://") or by_path or (folder / "scans").is_dir()


def snapshot_name(reading: Reading) -> str:
    """Return ``prod#42`` for a snapshot, and nothing for a file or a scan."""
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
    """Return the inventory with the conventions of this directory added to its own."""
    here = _conventions()
    if not here:
        return inventory
    import msgspec  # noqa: PLC0415 -- what only a run needs

    from jotgraph.settings.evidence import merged  # noqa: PLC0415 -- as above

    every = merged(here, inventory.scope.evidence)
    scope = msgspec.structs.replace(inventory.scope, evidence=every)
    return msgspec.structs.replace(inventory, scope=scope)


def told(inventory: Inventory, reading: Reading) -> Inventory:
    """Return a stored inventory with the content of the ``--used-by`` files."""
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
    """Scan; what ``previous`` knows of unchanged functions is not read again. ``so_far`` is called
    with what is read before the end, and ``kept`` says where that is stored."""
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
    """Report what an interrupted scan leaves behind, and how to resume; ``kept`` says where what it
    read is stored, or nothing. Listings that were read are stored, too."""
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
            f"What was read is stored as {where}, which lists what was not read. "
            if where
            else "Nothing of this scan was stored; earlier inventories are as they were. "
        )
        say(
            f"{stored}Manifests, layers and history that were read are kept in {cache_folder()}"
            f"{again} goes on from there.",
        )
        raise


def repositories_at(paths: Iterable[str]) -> None:
    """Raise OptionError for a typed path that is no git repository."""
    if not paths:
        return
    from jotgraph.errors import OptionError, SourceError  # noqa: PLC0415 -- what only a run needs
    from jotgraph.sources.git.place import require_repository  # noqa: PLC0415 -- as above

    for path in paths:
        try:
            require_repository(Path(path).expanduser())
        except SourceError as error:
            raise OptionError(f"--git: {error}") from error


def here(directory: Path) -> tuple[str, ...]:
    """Return the git repository of a directory, if any (a worktree's ``.git`` is a file)."""
    for parent in (directory, *directory.parents):
        if (parent / ".git").exists():
            return (str(parent),)
    return ()
