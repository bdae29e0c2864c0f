"""Adds to an inventory the commits that the bytes of its images equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from jotgraph.clients import Clients
from jotgraph.clients.aws import Aws
from jotgraph.content.engine import content_of
from jotgraph.content.image.bounded_stream import LIMITS
from jotgraph.content.origins import origins
from jotgraph.content.unread import by_repository, left_out
from jotgraph.records import Carrier, GitRepository, Inventory, LocalImage, ResourceId
from jotgraph.sources.cache import Cache
from jotgraph.sources.merge import fold
from jotgraph.store.folders import cache_folder

Progress = Callable[[str, int, "int | None"], None]


def with_content(
    inventory: Inventory,
    clients: Clients,
    *,
    cache: Path | None = None,
    wanted: Iterable[ResourceId] | None = None,
    progress: Progress | None = None,
) -> Inventory:
    """Match every image and zip package (or those ``wanted``) with every git repository that was
    read.

    What cannot be read is a further gap, and so is what is left out: an ECR image that nothing runs
    and no local image equals. ``cache`` is the folder of layers and indexes, by default
    :func:`folders.cache_folder`.
    """
    api = clients.docker.api if clients.docker is not None else None
    client_of = _by_account(clients.aws) if clients.aws else None
    folder = cache or cache_folder()
    configs: dict[str, str] = {}
    images = list(origins(inventory, api, client_of, wanted, configs.__setitem__))
    done = 0

    def tell(_: ResourceId) -> None:
        nonlocal done
        if progress is not None:
            progress("content", done, len(images))
        done += 1

    content = content_of(
        images,
        [(repository.key, Path(repository.path)) for repository in inventory.git],
        folder,
        tips={repository.key: _tips(repository) for repository in inventory.git},
        limits=msgspec.structs.replace(LIMITS, own=_own(inventory)),
        progress=tell,
    )
    # Reading git for the inventory has already said whose history is cut.
    gaps = [gap for gap in content.gaps if gap.reason != "shallow"]
    if inventory.git:
        gaps += left_out(inventory, (resource for resource, _ in images), wanted)
    return msgspec.structs.replace(
        inventory,
        local_images=_with_configs(inventory.local_images, configs, Cache(folder)),
        content=content.matches,
        gaps=fold((*inventory.gaps, *by_repository(gaps))),
        scope=msgspec.structs.replace(inventory.scope, content=True),
    )


def _own(inventory: Inventory) -> frozenset[str]:
    """The team's files with revisions."""
    conventions = inventory.scope.evidence
    return frozenset(
        convention.pattern for convention in conventions if convention.carrier is Carrier.FILE
    )


def _tips(repository: GitRepository) -> set[str]:
    tips = {sha for _, sha in repository.refs}
    return tips | {repository.head} if repository.head else tips


def _with_configs(
    images: Iterable[LocalImage], configs: Mapping[str, str], cache: Cache
) -> tuple[LocalImage, ...]:
    """Local images with the digests of their configurations, as far as known. The API of the
    containerd store does not return them; a saved image contains its own."""
    completed: list[LocalImage] = []
    for image in images:
        if image.config_digest is None:
            known = configs.get(image.image_id, "")
            if known:
                cache.put(_CONFIGS, image.image_id, known.encode())
            else:
                known = cache.text(_CONFIGS, image.image_id)
            image = msgspec.structs.replace(image, config_digest=known or None)
        completed.append(image)
    return tuple(completed)


_CONFIGS = "saved-configs"


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
