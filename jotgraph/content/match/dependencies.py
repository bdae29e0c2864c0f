"""Separates the files of an application from those of its dependencies and base image.

A repository may once have contained, or released, what an image has as a dependency: such files
come from another commit than the build. Pure except for the questions to the index.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from jotgraph.content.match.distributions import distributions
from jotgraph.content.match.own_layers import of_repository
from jotgraph.content.match.path_mapping import Known
from jotgraph.content.match.trees import Trees
from jotgraph.content.match.verdict import boilerplate
from jotgraph.content.match.view import View

_PACKAGES = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|node_modules|bower_components|gems|vendor/bundle)/"
    r"|^usr/(?:local/)?(?:lib|share)/(?:python[\d.]+|perl5?|ruby|php|node_modules|gems)/"
)
"""Directories of package managers, and of Debian's packages."""
_NESTED = re.compile(r"(?:site|dist)-packages/|node_modules/")
_DIST_INFO = re.compile(r"((?:^|.*/))([^/]+?)-[^/-]+\.(?:dist|egg)-info/[^/]+")


def application(image: View, known: Known, trees: Trees) -> tuple[Known, Known]:
    """Return the files of the application, and those of dependencies. A submodule is a dependency,
    a package installed from a folder of the build is not. When there are only dependencies, they
    count as the application: the image may be of the package itself."""
    roots = _package_roots(image.files)
    local = {
        place: distribution.local
        for distribution in distributions(image.files)
        for place in distribution.places
    }
    own = {
        path: blobs
        for path, blobs in known.items()
        if not _in_package(path, roots, local) and not _in_submodule(path, trees.submodules)
    }
    solid = [path for path in own if not boilerplate(path)]
    if not solid:
        return known, {}
    layers = {image.files[path].layer for path in solid}
    speaking = _speaking_layers(image, known, max(layers - image.held, default=0), trees)
    app = {path: blobs for path, blobs in own.items() if image.files[path].layer in speaking}
    return app, {path: blobs for path, blobs in known.items() if path not in app}


def _package_roots(paths: Collection[str]) -> frozenset[str]:
    """``task/requests``, beside ``task/requests-2.31.0.dist-info``: packages in a folder of no
    name of theirs, as ``pip install --target`` leaves them."""
    roots: set[str] = set()
    for path in paths:
        if "-info/" in path and (match := _DIST_INFO.fullmatch(path)):
            roots.add(match[1] + match[2].lower().replace("-", "_"))
    return frozenset(roots)


def _in_package(path: str, roots: Collection[str], local: Mapping[str, bool]) -> bool:
    for place in (path, f"{path.rpartition('/')[0]}/"):
        if place in local:
            return not local[place]
    if _PACKAGES.search(path):
        return True
    if not roots:
        return False
    lowered = path.lower()
    ends = (end for end, letter in enumerate(lowered) if letter in "/.")
    return any(lowered[:end] in roots for end in ends)


def _in_submodule(path: str, submodules: Collection[str]) -> bool:
    """Whether a file lies where the repository once had a submodule, and so may belong to that."""
    return any(f"/{submodule}/" in f"/{path}" for submodule in submodules)


def _speaking_layers(image: View, known: Known, top: int, trees: Trees) -> frozenset[int]:
    """The topmost layer that holds files of the application, all above it, and those below that
    look like the same build: most of their files, or those that history names, are known."""
    totals: dict[int, list[str]] = {}
    for path, placed in image.files.items():
        if image.copied[placed.layer] is not False:
            totals.setdefault(placed.layer, []).append(path)
    speaking = {layer for layer in totals if layer >= top}
    for layer, paths in totals.items():
        if layer < top and (
            2 * sum(path in known for path in paths) >= len(paths)
            or of_repository(image, layer, paths, {""}, trees)
        ):
            speaking.add(layer)
    return frozenset(speaking)


def directories_of(paths: Iterable[str]) -> tuple[str, ...]:
    """The packages that files are in, or else their directories."""
    directories: set[str] = set()
    for path in paths:
        ends = [match.end() for match in _PACKAGES.finditer(path)]
        nested = [match.end() for match in _NESTED.finditer(path)]
        start = max((*ends, *nested), default=-1)
        end = path.find("/", start) if start >= 0 else -1
        directories.add(path[:end] if end > 0 else path.rpartition("/")[0])
    return tuple(sorted(directories))
