"""Where the files of a resource come from, in which package they are, and what it starts."""

from __future__ import annotations

from collections.abc import Iterator

from jotgraph.analysis.lag.model import HandlerFrom, Source
from jotgraph.analysis.lag.origin import origin
from jotgraph.analysis.provenance import copies, running
from jotgraph.graph import ResourceGraph, dependencies, record
from jotgraph.links import Grade, Relation
from jotgraph.records import EcrImage, Function, LocalImage, ResourceId, Version
from jotgraph.records.started import Words, handler_words


def source_of(graph: ResourceGraph, resource: ResourceId, *, handler: bool = True) -> Source:
    """Return where the files come from, as far as they were compared, and the handler. Without
    ``handler`` the handler is left out, for resources that may be started in another way."""
    traced = origin(graph, resource)
    match = next(iter(traced.claims.matches), None)
    folders = dict.fromkeys(folder or "." for _, folder in match.maps) if match else {}
    named = match.packages if match else None
    called, by = _handler(graph, resource) if handler else ("", HandlerFrom.NONE)
    return Source(
        repository=match.repository if match else traced.lag.repository,
        folders=tuple(folders),
        packages=None if named is None else tuple(dict.fromkeys(name for _, name in named)),
        handler=called,
        handler_from=by,
    )


def _handler(graph: ResourceGraph, resource: ResourceId) -> tuple[str, HandlerFrom]:
    node = record(graph, resource)
    if not isinstance(node, Function | Version):
        image_words = next(_started(graph, resource), None)
        is_image = isinstance(node, EcrImage | LocalImage)
        if image_words is None:
            return "", HandlerFrom.UNREAD if is_image else HandlerFrom.NONE
        return (
            (handler_words(*image_words), HandlerFrom.IMAGE) if is_image else ("", HandlerFrom.NONE)
        )
    if not node.may_run_image:
        return node.handler, HandlerFrom.PACKAGE
    if node.command:
        return handler_words(node.entry_point or (), node.command), HandlerFrom.FUNCTION
    if node.command is None:  # it may be set, and nobody asked
        return "", HandlerFrom.UNREAD
    image = running(graph, resource)
    image_words = next(_started(graph, image), None) if image else None
    if image_words is None:
        return "", HandlerFrom.UNREAD
    return handler_words(node.entry_point or image_words[0], image_words[1]), HandlerFrom.IMAGE


def _started(graph: ResourceGraph, image: ResourceId) -> Iterator[tuple[Words, Words]]:
    """ENTRYPOINT and CMD of an image, of the images it lists and of its proven copies, as far as
    read."""
    inside = dependencies(graph, image, Relation.CONTAINS)
    for stored in (image, *inside):
        for copy, grade in sorted(copies(graph, stored).items()):
            node = record(graph, copy)
            if grade is not Grade.PROOF or not isinstance(node, EcrImage | LocalImage):
                continue
            if node.entry_point is not None and node.command is not None:
                yield node.entry_point, node.command
