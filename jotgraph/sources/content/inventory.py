"""An inventory and its clients in, the same inventory with its content evidence out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from jotgraph.clients import Aws, Clients
from jotgraph.records import GitRepository, Inventory, ResourceId
from jotgraph.sources.calls import fold
from jotgraph.sources.content.cache import cache_folder
from jotgraph.sources.content.engine import content_of
from jotgraph.sources.content.origins import origins
from jotgraph.sources.content.unread import by_repository, left_out

Progress = Callable[[str, int, "int | None"], None]


def with_content(
    inventory: Inventory,
    clients: Clients,
    *,
    cache: Path | None = None,
    wanted: Iterable[ResourceId] | None = None,
    progress: Progress | None = None,
) -> Inventory:
    """Match every image and zip package that was read (or those ``wanted``) with every git
    repository that was read. What cannot be read is one more gap, and so is what is left out: an
    image of ECR that nothing runs and that no local image has.

    ``cache`` is the folder of layers and indexes, ``$XDG_CACHE_HOME/jotgraph`` when None.
    """
    api = clients.docker.api if clients.docker is not None else None
    client_of = _by_account(clients.aws) if clients.aws else None
    found = list(origins(inventory, api, client_of, wanted))
    done = 0

    def tell(_: ResourceId) -> None:
        nonlocal done
        if progress is not None:
            progress("content", done, len(found))
        done += 1

    content = content_of(
        found,
        [(each.key, Path(each.path)) for each in inventory.git],
        cache or cache_folder(),
        tips={each.key: _tips(each) for each in inventory.git},
        progress=tell,
    )
    # Reading git for the inventory has already said whose history is cut.
    gaps = [each for each in content.gaps if each.reason != "shallow"]
    gaps += (
        left_out(inventory, (resource for resource, _ in found), wanted) if inventory.git else ()
    )
    return msgspec.structs.replace(
        inventory,
        content=content.matches,
        gaps=fold((*inventory.gaps, *by_repository(gaps))),
        scope=msgspec.structs.replace(inventory.scope, content=True),
    )


def _tips(repository: GitRepository) -> set[str]:
    tips = {sha for _, sha in repository.refs}
    return tips | {repository.head} if repository.head else tips


def _by_account(sessions: tuple[Aws, ...]) -> Callable[[str, str, str], Any]:
    accounts: dict[str, Aws] = {}

    def client(service: str, account: str, region: str) -> Any:
        if not accounts:
            for session in sessions:
                identity = session.client("sts", session.regions[0]).get_caller_identity()
                accounts.setdefault(identity["Account"], session)
        if account not in accounts:
            raise LookupError(f"no session reaches account {account}")
        return accounts[account].client(service, region)

    return client
