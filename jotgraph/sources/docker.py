"""Reads the images and containers of a Docker (or podman) engine, including dangling images.

It lists images, images with intermediate steps, and containers, and inspects every image in
threads: the list has no layers, and rounds creation times to the second.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from jotgraph.clients.engine import is_denied
from jotgraph.errors import UnknownNameError
from jotgraph.records import Container, Gap, Kind, LocalImage, pairs
from jotgraph.records.references import HEX_DIGEST
from jotgraph.records.started import kept_words
from jotgraph.sources.aws.times import parse_time
from jotgraph.sources.environment import env_of_config

if TYPE_CHECKING:
    from docker import DockerClient

_SNAPSHOTTER = ["driver-type", "io.containerd.snapshotter.v1"]
_THREADS = 8
_INSPECT = "GET /images/{name}/json"


class EngineRead(msgspec.Struct, frozen=True):
    """What was read of one engine."""

    name: str
    """The engine's name for its machine; empty when it could not be reached."""
    images: tuple[LocalImage, ...] = ()
    containers: tuple[Container, ...] = ()
    gaps: tuple[Gap, ...] = ()


def read_engine(client: DockerClient, names: Collection[str] = ()) -> EngineRead:
    """Read the engine of a docker-py client. What cannot be read is a gap; nothing is raised.
    Variables of these ``names`` are stored where they have the form of a revision."""
    try:
        info = client.api.info()
    except Exception as error:  # docker-py lets errors of requests, urllib3 and sockets through
        gap = _gap("GET /info", error, Kind.LOCAL_IMAGE, Kind.CONTAINER)
        return EngineRead(name="", gaps=(gap,))
    name = engine_name(info)
    containers, unseen = _containers(client)
    in_containers = frozenset(container.image_id for container in containers)
    containerd = has_containerd_store(info)
    images, missed = _images(client, name, containerd, in_containers, names)
    return EngineRead(name, images, containers, tuple(sorted((*missed, *unseen))))


def no_such_image(name: str) -> UnknownNameError:
    """Return the error for a name without an image in the engine."""
    advice = "build or pull it first (docker images lists what is there)"
    return UnknownNameError(name, (), advice, message=f"the engine has no image {name!r}")


def engine_name(info: Mapping[str, Any]) -> str:
    """Return the engine's name for its machine, from ``GET /info``."""
    return str(info.get("Name") or info.get("ID") or "engine")


def has_containerd_store(info: Mapping[str, Any]) -> bool:
    """Return whether ids are manifest or index digests
    (docs.docker.com/engine/storage/containerd)."""
    return _SNAPSHOTTER in (info.get("DriverStatus") or ())


def _images(
    client: DockerClient,
    engine: str,
    containerd: bool,
    in_containers: frozenset[str],
    names: Collection[str],
) -> tuple[tuple[LocalImage, ...], tuple[Gap, ...]]:
    """Read the images. Intermediate steps of the classic builder are left out, as in ``docker
    images``, except those of containers; an image's parent is then the nearest that is listed."""
    try:
        listed = {image_id_of(image["Id"]): image for image in client.api.images()}
        every = {image_id_of(image["Id"]): image for image in client.api.images(all=True)}
    except Exception as error:  # as in read_engine
        return (), (_gap("GET /images/json", error, Kind.LOCAL_IMAGE),)
    listed |= {image: every[image] for image in in_containers & every.keys() - listed.keys()}
    listed = {
        image: summary | {"ParentId": _parent(image, summary, listed, every)}
        for image, summary in listed.items()
    }

    def inspect(image: str) -> Mapping[str, Any] | Exception:
        try:
            detail: Mapping[str, Any] = client.api.inspect_image(image)  # type: ignore[no-untyped-call]  # stubs lack it
        except Exception as error:  # as in read_engine
            return error
        return detail

    ids = sorted(listed)
    with ThreadPoolExecutor(_THREADS) as pool:
        details = dict(zip(ids, pool.map(inspect, ids), strict=True))
    lost = any(isinstance(detail, Exception) and _is_gone(detail) for detail in details.values())
    left = _listed_now(client) if lost else frozenset(ids)
    images: list[LocalImage] = []
    gaps: list[Gap] = []
    for image, detail in details.items():
        if isinstance(detail, Exception):
            gone = _is_gone(detail)
            if gone and left is not None and image not in left:
                continue  # removed since it was listed
            gaps.append(_lost(image) if gone else _gap(_INSPECT, detail, resource=image))
            detail = {}
        images.append(
            local_image_of(engine, image, listed[image], detail, containerd=containerd, names=names)
        )
    return tuple(images), tuple(gaps)


def _listed_now(client: DockerClient) -> frozenset[str] | None:
    """Ids of every image in the engine now; None when it does not answer."""
    try:
        return frozenset(image_id_of(image["Id"]) for image in client.api.images(all=True))
    except Exception:  # as in read_engine
        return None


def _parent(
    image: str,
    detail: Mapping[str, Any],
    listed: Mapping[str, Any],
    every: Mapping[str, Mapping[str, Any]],
) -> str:
    """The nearest listed ancestor, or the first unlisted one; empty for none."""
    seen = {image}
    ancestor = image_id_of(detail.get("ParentId") or "")
    while ancestor in every and ancestor not in listed and ancestor not in seen:
        seen.add(ancestor)
        ancestor = image_id_of(every[ancestor].get("ParentId") or "")
    return ancestor


def local_image_of(
    engine: str,
    image: str,
    listed: Mapping[str, Any],
    detail: Mapping[str, Any],
    *,
    containerd: bool,
    names: Collection[str] = (),
) -> LocalImage:
    """Make a record of an image from the engine's list and its inspection."""
    config = detail.get("Config") or {}
    return LocalImage(
        image_id=image,
        tags=_named(listed.get("RepoTags")),
        repo_digests=_named(listed.get("RepoDigests")),
        created_at=parse_time(detail.get("Created")),
        size=int(listed.get("Size") or 0),
        labels=pairs(listed.get("Labels") or config.get("Labels")),
        env=env_of_config(config.get("Env"), names),
        config_digest=None if containerd or "Descriptor" in detail else image,
        diff_ids=tuple((detail.get("RootFS") or {}).get("Layers") or ()),
        parent=image_id_of(listed.get("ParentId") or "") or None,
        architecture=str(detail.get("Architecture") or ""),
        os=str(detail.get("Os") or ""),
        engine=engine,
        entry_point=kept_words(config.get("Entrypoint")) if "Config" in detail else None,
        command=kept_words(config.get("Cmd")) if "Config" in detail else None,
    )


def _containers(client: DockerClient) -> tuple[tuple[Container, ...], tuple[Gap, ...]]:
    try:
        listed = client.api.containers(all=True)
    except Exception as error:  # as in read_engine
        return (), (_gap("GET /containers/json", error, Kind.CONTAINER),)
    records = [container_of(container) for container in listed]
    return tuple(sorted(records, key=lambda container: container.container_id)), ()


def container_of(summary: Mapping[str, Any]) -> Container:
    """Make a record of one container in the list."""
    return Container(
        container_id=summary["Id"],
        name=next(iter(summary.get("Names") or ()), "").lstrip("/"),
        image_id=image_id_of(summary.get("ImageID") or ""),
        image_name=summary.get("Image") or "",
        state=summary.get("State") or "",
        created_at=_moment(summary.get("Created")),
        labels=pairs(summary.get("Labels")),
    )


def image_id_of(image: str) -> str:
    """Return an id with ``sha256:``, which podman omits for some."""
    return f"sha256:{image}" if HEX_DIGEST.fullmatch(image) else image


def _named(names: list[str] | None) -> tuple[str, ...]:
    """The names of an image: engines before 25 list ``<none>:<none>`` for an image without one."""
    return tuple(sorted({name for name in names or () if "<none>" not in name}))


def _moment(seconds: object) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None


def _is_gone(error: Exception) -> bool:
    from docker.errors import NotFound  # noqa: PLC0415 -- 0.2 s; the client has imported it

    return isinstance(error, NotFound)


def _lost(image: str) -> Gap:
    return Gap(
        service="docker",
        action=_INSPECT,
        resource=image,
        reason="error",
        detail="the engine listed it and then did not find it: removed meanwhile, or its store is "
        "damaged; scan again",
        facts=("layers", "labels"),
    )


def _gap(action: str, error: Exception, *hides: Kind, resource: str = "") -> Gap:
    text = str(error) or repr(error)
    refused = is_denied(error)
    advice = (
        "join the docker group or set DOCKER_HOST"
        if refused
        else "start it, set DOCKER_HOST, or scan with --no-docker"
        if hides
        else "scan again"
    )
    return Gap(
        service="docker",
        action=action,
        resource=resource,
        reason="denied" if refused else "unreachable" if hides else "error",
        detail=f"the engine did not answer ({text.splitlines()[0][:200]}); {advice}",
        hides=hides,
        facts=() if hides else ("layers", "labels"),
    )
