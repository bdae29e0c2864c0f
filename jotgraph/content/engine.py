"""Match images with repositories: from their bytes to content records, or gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from jotgraph.content.history.index import Index, open_index
from jotgraph.content.image.bounded_stream import LIMITS, LayerLimits
from jotgraph.content.image.docker_archive import read_saved
from jotgraph.content.image.entries import LayerEntries
from jotgraph.content.image.layer_cache import LayerCache
from jotgraph.content.image.layout import diff_ids, digest_in
from jotgraph.content.image.tar_stream import read_layer
from jotgraph.content.image.zip_package import PACKAGE, read_zip
from jotgraph.content.match.changes_since import ChangesSince
from jotgraph.content.match.distributions import releases
from jotgraph.content.match.match import RepositoryMatch, combine, match_repository
from jotgraph.content.match.trees import Trees
from jotgraph.content.match.view import LayerStep, View, steps, view
from jotgraph.content.revisions.facts import facts
from jotgraph.errors import CallFailedError, JotgraphError
from jotgraph.records import ContentMatch, Gap, ResourceId
from jotgraph.sources.aws.classify import classify
from jotgraph.sources.git.command import GitError

Chunks = Iterable[bytes]
_NONE: Mapping[str, Iterable[str]] = {}


class Archive(msgspec.Struct, frozen=True):
    """An image as a stream, in the form in which an engine saves it. With ``config`` (including
    rootfs and history), cached layers can replace the whole archive."""

    save: Callable[[], Chunks]
    config: Mapping[str, Any] | None = None
    learned: Callable[[str], object] | None = None
    """Called with the digest of the configuration when the archive was read."""
    name: str = "the archive"
    reference: str = ""
    """The tag that selects one of several images."""
    platform: str = ""


class Blobs(msgspec.Struct, frozen=True):
    """An image whose layers can be read one by one, from a registry or a file."""

    config: Mapping[str, Any]
    layers: tuple[str, ...]
    """Digests of the (compressed) layers, or their paths in a file; base first."""
    fetch: Callable[[str], Chunks]
    near: bool = False
    """Whether all layers are read. For a remote image those made by ``RUN`` are skipped."""


class Package(msgspec.Struct, frozen=True):
    """A zip function's code."""

    fetch: Callable[[], bytes]
    code_sha256: str | None = None


class Files(msgspec.Struct, frozen=True):
    """Files that are not an image, read as one layer with a repository's object format."""

    read: Callable[[str, LayerLimits], LayerEntries]


Source = Archive | Blobs | Package | Files


class MatchSession(msgspec.Struct, frozen=True):
    """The open repositories and cache for matching many images."""

    cache: LayerCache
    repositories: tuple[tuple[Index, Trees, ChangesSince], ...]
    limits: LayerLimits = LIMITS


class Content(msgspec.Struct, frozen=True):
    matches: tuple[ContentMatch, ...]
    gaps: tuple[Gap, ...]


@contextmanager
def match_session(
    repositories: Sequence[tuple[str, Path]],
    cache: Path,
    *,
    tips: Mapping[str, Iterable[str]] = _NONE,
    every_ref: bool = False,
    limits: LayerLimits = LIMITS,
) -> Iterator[tuple[MatchSession, tuple[Gap, ...]]]:
    """Open the repositories (key, path) and the cache folder. A repository that cannot be read, or
    whose history is cut, is a gap."""
    gaps: list[Gap] = []
    opened: list[tuple[Index, Trees, ChangesSince]] = []
    with ExitStack() as stack:
        layers = LayerCache(cache, limits.own)
        stack.callback(layers.close)
        for key, path in repositories:
            try:
                index = open_index(path, cache, key=key, every_ref=every_ref)
            except GitError as error:
                gaps.append(_gap("git", "log", key, "error", str(error)))
                continue
            trees = Trees(index)
            stack.callback(trees.close)
            opened.append((index, trees, ChangesSince(index, trees, tips.get(key, ()))))
            if index.shallow:
                detail = "history is cut: an older equal commit cannot be found; fetch --unshallow"
                gaps.append(_gap("git", "log", key, "shallow", detail))
        yield MatchSession(layers, tuple(opened), limits), tuple(gaps)


def match_image(
    resource: ResourceId, source: Source | Callable[[], Source], session: MatchSession
) -> tuple[tuple[ContentMatch, ...], tuple[Gap, ...]]:
    """Match one image with every repository. Returns at least one record (NONE when nothing fits),
    unless its bytes could not be read: then none, and a gap."""
    views: dict[str, View] = {}
    matches: list[RepositoryMatch] = []
    gaps: list[Gap] = []
    for index, trees, since in session.repositories:
        format_ = index.object_format
        try:
            if callable(source):
                source = source()
            if format_ not in views:
                views[format_] = read_view(source, session, format_)
        except Exception as error:  # whatever a hostile image or a failing network did
            return (), (_gap("content", "read layers", resource, *_why(error)),)
        try:
            match = match_repository(resource, views[format_], index, trees, since)
        except (GitError, OSError, ValueError) as error:
            gaps.append(_gap("content", f"match {index.key}", resource, "error", str(error)))
            continue
        if match is not None:
            matches.append(match)
    if not views or (gaps and not matches):
        return (), tuple(gaps)
    image = next(iter(views.values()))
    named = facts(
        {
            path: placed.ids.fact
            for path, placed in image.files.items()
            if placed.ids.fact and path not in image.deleted
        }
    )
    records = combine(resource, image, matches)
    named += releases(image.files, {path for match in matches for path in match.solid})
    if named:
        records = tuple(msgspec.structs.replace(record, facts=named) for record in records)
    return records, tuple(gaps)


def _why(error: Exception) -> tuple[str, str]:
    """The reason of a gap, and a sentence."""
    if isinstance(error, JotgraphError):
        return "error", str(error)
    if isinstance(error, CallFailedError):
        return error.failure.reason, error.failure.detail
    if type(error).__module__.startswith("botocore."):
        failure = classify(error)
        return failure.reason, failure.detail
    return "error", repr(error)


def content_of(
    images: Iterable[tuple[ResourceId, Source | Callable[[], Source]]],
    repositories: Sequence[tuple[str, Path]],
    cache: Path,
    *,
    tips: Mapping[str, Iterable[str]] = _NONE,
    every_ref: bool = False,
    limits: LayerLimits = LIMITS,
    progress: Callable[[ResourceId], None] | None = None,
) -> Content:
    """Match images with repositories: what ``scan --content`` and ``content`` call.

    Args:
        images: (id, where its bytes are, or how to find out: see :func:`origins.origins`).
        repositories: (key of the GitRepository record, path).
        cache: folder of the layer cache and the indexes, see :func:`folders.cache_folder`.
        tips: by repository's key, commits (SHAs) whose lines matter beside those of its refs now.
    """
    matches: list[ContentMatch] = []
    with match_session(repositories, cache, tips=tips, every_ref=every_ref, limits=limits) as (
        session,
        unread,
    ):
        gaps = list(unread)
        for resource, source in images:
            if progress is not None:
                progress(resource)
            more, missed = match_image(resource, source, session)
            matches += more
            gaps += missed
    return Content(tuple(sorted(matches, key=lambda m: (m.resource, m.repository))), tuple(gaps))


def read_view(source: Source, session: MatchSession, object_format: str) -> View:
    """Read the image's files. Raises LayerError, and what a download raises."""
    match source:
        case Package():
            own = msgspec.structs.replace(PACKAGE, own=session.limits.own)
            layer = read_zip(source.fetch(), source.code_sha256, object_format, limits=own)
            return view([(LayerStep(), layer.entries)])
        case Files():
            return view([(LayerStep(), source.read(object_format, session.limits).entries)])
        case Blobs():
            return _from_blobs(source, session, object_format)
        case Archive():
            return _from_archive(source, session, object_format)


def _from_archive(source: Archive, session: MatchSession, object_format: str) -> View:
    if source.config is not None:
        config = dict(source.config)
        cached = [session.cache.get(diff_id, object_format) for diff_id in diff_ids(config)]
        layers = tuple(layer for layer in cached if layer is not None)
        if len(layers) == len(cached):
            return _viewed(config, layers)
    saved = read_saved(
        source.save(),
        session.cache,
        object_format,
        name=source.name,
        reference=source.reference,
        platform=source.platform,
        limits=session.limits,
    )
    if source.learned is not None:
        source.learned(saved.config_digest)
    return _viewed(saved.config, saved.layers)


def _from_blobs(source: Blobs, session: MatchSession, object_format: str) -> View:
    config = dict(source.config)
    wanted = diff_ids(config)
    if len(wanted) != len(source.layers):
        raise JotgraphError("the manifest and the configuration disagree on the layers")
    build_steps = steps(config, len(wanted))
    # Without a layer that COPY or ADD made by name, nothing may be left out.
    sparing = not source.near and any(step.copied for step in build_steps)
    layers: list[LayerEntries | None] = []
    for diff_id, place, step in zip(wanted, source.layers, build_steps, strict=True):
        layer = session.cache.get(diff_id, object_format)
        if layer is None and not (sparing and step.copied is False):
            layer = read_layer(
                source.fetch(place),
                diff_id,
                blob_digest=place if place.startswith("sha256:") else digest_in(place),
                object_format=object_format,
                limits=session.limits,
            )
            session.cache.put(layer, object_format)
        layers.append(layer)
    pairs = zip(build_steps, layers, strict=True)
    return view([(step, layer.entries if layer else None) for step, layer in pairs])


def _viewed(config: dict[str, Any], layers: Sequence[LayerEntries]) -> View:
    pairs = zip(steps(config, len(layers)), layers, strict=True)
    return view([(step, layer.entries) for step, layer in pairs])


def _gap(service: str, action: str, resource: str, reason: str, detail: str) -> Gap:
    return Gap(
        service=service,
        action=action,
        resource=resource,
        reason=reason,
        detail=detail,
        facts=("content",),
    )
