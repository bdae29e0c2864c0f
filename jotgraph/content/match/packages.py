"""Find the packages that directories of a repository belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jotgraph.content.directories import join, upwards
from jotgraph.content.history.package_names import MANIFESTS, name_in
from jotgraph.content.match.trees import Trees
from jotgraph.records import Pairs


def packages(trees: Trees, commit: int, directories: Iterable[str]) -> Pairs:
    """(directory, name of its package) in one commit, of those that have one: the nearest manifest
    that names it, in the directory or above."""
    wanted = sorted(directories)
    paths = {path for directory in wanted for path, _ in _manifests(directory)}
    blobs = trees.blobs_at(commit, paths)

    def name_of(directory: str) -> str:
        names = (
            name_in(manifest, trees.blob(blobs[path]))
            for path, manifest in _manifests(directory)
            if path in blobs
        )
        return next(filter(None, names), "")

    named = ((directory, name_of(directory)) for directory in wanted)
    return tuple((directory, name) for directory, name in named if name)


def _manifests(directory: str) -> Iterator[tuple[str, str]]:
    """(path, file name) of each manifest that may name the package, the nearest first."""
    for above in upwards(directory):
        for manifest in MANIFESTS:
            yield join(above, manifest), manifest
