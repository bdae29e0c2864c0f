"""Rules that a team has set: where its own builds leave a revision.

A convention is worth no more than the same kind of evidence that everybody knows, whatever it is
called: SUPPORT, and only for a commit that was read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from jotgraph.links.index import InventoryIndex
from jotgraph.links.labels import resolved
from jotgraph.links.model import Author, Grade, Match, Relation, Rule
from jotgraph.links.patterns import compiled, revision_in
from jotgraph.links.revisions import REVISION_LABELS, inherited
from jotgraph.links.tags import named
from jotgraph.records import REVISION_VARIABLES, Carrier, Convention, EcrImage, LocalImage

_PATH = re.compile(r"[^/\x00]+(?:/[^/\x00]+)*")
_LONGEST = 200
"""Longest name of a label, in characters."""


class _Reading(NamedTuple):
    """One way to read a carrier."""

    doc: str
    author: Author
    find: Callable[[Convention, InventoryIndex], Iterator[Match]]
    of: str = ""
    """What it is read from, appended to the rule's name where a carrier is read from several
    kinds."""


def rules_of(conventions: Iterable[Convention]) -> tuple[Rule, ...]:
    """Create the rules of each convention, named after it. For a variable there is a second one,
    ``NAME.image``, because whoever built the image did not configure the function."""
    return tuple(
        Rule(
            name=f"{convention.name}.{reading.of}" if reading.of else convention.name,
            relation=Relation.BUILT_FROM,
            grade=Grade.SUPPORT,
            author=reading.author,
            doc=reading.doc.format(convention.pattern),
            find=partial(reading.find, convention),
            source=convention.file,
        )
        for convention in sorted(conventions)
        for reading in _READINGS[convention.carrier]
    )


def problem(convention: Convention) -> str:
    """Return what is wrong with a convention, in a few words; empty when it is valid."""
    if convention.carrier is Carrier.TAG:
        try:
            compiled(convention.pattern)
        except ValueError as error:
            return str(error)
        return ""
    if not 0 < len(convention.pattern) <= _LONGEST:
        return f"a name of 1 to {_LONGEST} characters is needed"
    known = convention.pattern in REVISION_LABELS
    if convention.carrier is Carrier.ENV:
        known = convention.pattern.upper() in REVISION_VARIABLES
    if convention.carrier is Carrier.FILE and not _PATH.fullmatch(convention.pattern):
        return "a path from the root of the image is needed, without the slash: app/BUILD_INFO"
    return "it is read already" if known else ""


def _labels(convention: Convention, index: InventoryIndex) -> Iterator[Match]:
    for image in index.images():
        for origin, value in _values(image, convention.pattern):
            if not inherited(index, image, origin, convention.pattern):
                read_from = f"{origin} {convention.pattern}"
                if revision := resolved(index, value):
                    words = f"its {read_from} says {revision.words}"
                    yield Match(image.id, revision.commit.id, words, read_from)


def _values(image: LocalImage | EcrImage, label: str) -> Iterator[tuple[str, str]]:
    annotations = image.annotations if isinstance(image, EcrImage) else ()
    for origin, values in (("label", image.labels), ("annotation", annotations)):
        for name, value in values:
            if name == label:
                yield origin, value


def _tags(convention: Convention, index: InventoryIndex) -> Iterator[Match]:
    for image, repository, tag in named(index):
        if revision := resolved(index, revision_in(convention.pattern, tag)):
            words = f"its tag {tag} says {revision.words}"
            yield Match(image, revision.commit.id, words, f"tag {repository}:{tag}")


def _variables(convention: Convention, index: InventoryIndex) -> Iterator[Match]:
    read_from = f"function environment {convention.pattern}"
    for configuration in index.configurations():
        for name, value in configuration.env:
            if name == convention.pattern and (revision := resolved(index, value)):
                words = f"its environment {name} says {revision.words}"
                yield Match(configuration.id, revision.commit.id, words, read_from)


def _image_variables(convention: Convention, index: InventoryIndex) -> Iterator[Match]:
    name = convention.pattern
    for image in index.images():
        value = dict(image.env).get(name, "")
        revision = resolved(index, value)
        if revision and not inherited(index, image, "environment", name):
            words = f"its environment {name} says {revision.words}"
            yield Match(image.id, revision.commit.id, words, f"environment {name}")


def _files(convention: Convention, index: InventoryIndex) -> Iterator[Match]:
    read_from = f"file {convention.pattern}"
    facts = {
        (match.resource, fact.revision, fact.dirty)
        for match in index.inventory.content
        for fact in match.facts
        if fact.kind == "own" and fact.path == convention.pattern
    }
    for resource, sha, dirty in sorted(facts):
        if revision := resolved(index, f"{sha}-dirty" if dirty else sha):
            words = f"its {read_from} says {revision.words}"
            yield Match(resource, revision.commit.id, words, read_from)


_COMMIT = "a revision of a commit that was read."
_READINGS = {
    Carrier.LABEL: (
        _Reading(f"The label or annotation {{}} gives {_COMMIT}", Author.BUILDER, _labels),
    ),
    Carrier.TAG: (_Reading(f"The tag fits {{}} and holds {_COMMIT}", Author.BUILDER, _tags),),
    Carrier.ENV: (
        _Reading(
            f"The variable {{}} of the function or version gives {_COMMIT}",
            Author.DEPLOYER,
            _variables,
        ),
        _Reading(
            f"The variable {{}} in the environment of the image gives {_COMMIT}",
            Author.BUILDER,
            _image_variables,
            "image",
        ),
    ),
    Carrier.FILE: (
        _Reading(f"The file {{}} of the image or package holds {_COMMIT}", Author.FILES, _files),
    ),
}
