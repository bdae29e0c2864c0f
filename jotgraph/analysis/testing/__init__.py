"""Whether an image was tested, computed once for every view.

A test is about a digest, never about a tag: for a local image its id and the digest of its config,
for a function the manifest that ran. An image in ECR and a local one are the same where the graph
proves equal bytes. For each case the newest result in each place counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain

from jotgraph.analysis.provenance.carriers import images_run
from jotgraph.analysis.testing.model import NewestResult, Tested
from jotgraph.graph import (
    ResourceGraph,
    about,
    dependencies,
    dependents,
    grade,
    of_kind,
    record,
    remembered,
    tests,
)
from jotgraph.links import Grade, Relation
from jotgraph.records import (
    EcrImage,
    ImageTest,
    ImageType,
    Kind,
    LocalImage,
    ResourceId,
    digest_of,
    kind_of,
)
from jotgraph.records.media_types import EMPTY_CONFIG, INDEX_TYPES
from jotgraph.records.references import HEX_DIGEST

__all__ = ["NewestResult", "Tested", "any_tested", "tested", "unread_tests"]

_NOTHING = Tested()


def any_tested(graph: ResourceGraph) -> bool:
    """Whether any test result is known, or a stored one could not be read."""
    return bool(tests(graph) or unread_tests(graph))


@remembered
def unread_tests(graph: ResourceGraph) -> tuple[str, ...]:
    """Return why stored test results may be incomplete; empty when all were read."""
    if not about(graph).scope.tests:
        return ("the tests that are kept were not read",)
    return tuple(gap.detail for gap in about(graph).gaps if gap.service == "tests")


@remembered
def tested(graph: ResourceGraph, resource: ResourceId) -> Tested:
    """Return the test results of an image, or of all images that something runs. Several images
    count as tested only if each of them is. Raises KeyError for an id that is not in the graph."""
    if not any_tested(graph):
        return _NOTHING
    if kind_of(resource) in (Kind.ECR_IMAGE, Kind.LOCAL_IMAGE):
        return _of_image(graph, resource)
    by_digest: dict[str, Tested] = {}
    for image in images_run(graph, resource):
        by_digest.setdefault(digest_of(image), _of_image(graph, image))
    answers = tuple(by_digest.values())
    unknown = next((answer.unknown for answer in answers if answer.unknown), "")
    whole = bool(answers) and all(answer.cases for answer in answers)
    cases = [case for answer in answers for case in answer.cases if whole or not case.passed]
    return Tested(tuple(sorted(cases, key=_order)), unknown)


def _of_image(graph: ResourceGraph, image: ResourceId) -> Tested:
    same = _same(graph, image)
    newest: dict[tuple[str, str], NewestResult] = {}
    for digest in sorted(same):
        of_digest = _by_digest(graph).get(digest, ())
        for result in chain.from_iterable(map(_results, of_digest)):
            key = (result.name, str(result.function or ""))
            if key not in newest or newest[key].at <= result.at:
                newest[key] = result
    cases = tuple(sorted(newest.values(), key=_order))
    return Tested(cases, _unknown(graph, image, same))


def _results(test: ImageTest) -> Iterator[NewestResult]:
    for case in test.cases:
        yield NewestResult(
            case.name, case.passed, test.at, test.where, test.function, case.event, case.expected
        )


def _order(case: NewestResult) -> tuple[str, str]:
    return case.name, case.where


@remembered
def _by_digest(graph: ResourceGraph) -> Mapping[str, tuple[ImageTest, ...]]:
    """The tests by the digests they are about."""
    by_digest: dict[str, list[ImageTest]] = defaultdict(list)
    for test in tests(graph):
        for digest in {test.image, test.config_digest} - {"", EMPTY_CONFIG}:
            by_digest[digest].append(test)
    return {digest: tuple(results) for digest, results in by_digest.items()}


@remembered
def _configs(graph: ResourceGraph) -> Mapping[str, str]:
    """The config digest of each manifest that was read, in any repository."""
    return {
        node.digest: node.config_digest
        for image in of_kind(graph, Kind.ECR_IMAGE)
        if isinstance(node := record(graph, image), EcrImage) and node.config_digest
    }


@remembered
def _manifests(graph: ResourceGraph) -> frozenset[str]:
    """The digests whose manifest was read."""
    nodes = (record(graph, image) for image in of_kind(graph, Kind.ECR_IMAGE))
    return frozenset(
        node.digest for node in nodes if isinstance(node, EcrImage) and node.manifest_read
    )


def _same(graph: ResourceGraph, image: ResourceId) -> frozenset[str]:
    """Every digest of an image: its own, its config's, and those of proven copies. An index is
    several images, so only its own digest counts."""
    node = record(graph, image)
    digests = {digest_of(image)}
    if isinstance(node, LocalImage):
        digests.add(node.config_digest or "")
        for copy in dependents(graph, image, Relation.COPY_OF):
            if _proven(graph, copy, image) and not _is_index(graph, copy):
                digests |= {digest_of(copy), _configs(graph).get(digest_of(copy), "")}
    elif not _is_index(graph, image):
        digests.add(_configs(graph).get(digest_of(image), ""))
        for local in dependencies(graph, image, Relation.COPY_OF):
            if _proven(graph, image, local):
                copied = record(graph, local)
                digests.add(digest_of(local))
                digests.add((isinstance(copied, LocalImage) and copied.config_digest) or "")
    return frozenset(digests - {"", EMPTY_CONFIG})


def _proven(graph: ResourceGraph, source: ResourceId, target: ResourceId) -> bool:
    return grade(graph, source, target, Relation.COPY_OF) is Grade.PROOF


def _is_index(graph: ResourceGraph, image: ResourceId) -> bool:
    node = record(graph, image)
    return isinstance(node, EcrImage) and (
        node.type is ImageType.INDEX or node.media_type in INDEX_TYPES
    )


def _unknown(graph: ResourceGraph, image: ResourceId, same: frozenset[str]) -> str:
    """Why an image may have more tests than are known."""
    for folder in _unread_folders(graph):
        if not folder or f"sha256:{folder}" in same:
            return "what a test of it found was not read"
    if kind_of(image) is not Kind.ECR_IMAGE or _is_index(graph, image):
        return ""
    by_engine = any(test.function is None for test in tests(graph))
    if by_engine and digest_of(image) not in _manifests(graph):
        return "its manifest was not read: a tested local image may be the same"
    return ""


@remembered
def _unread_folders(graph: ResourceGraph) -> tuple[str, ...]:
    """The hex digests of unreadable results; an empty one may be of any image."""
    paths = (gap.resource for gap in about(graph).gaps if gap.service == "tests")
    return tuple(
        next((part for part in path.split("/") if HEX_DIGEST.fullmatch(part)), "") for path in paths
    )
