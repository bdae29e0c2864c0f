"""How a resource in quarantine looks: the mark, the trust policy, the state.

A function, role or trigger carries a tag with the run that can release it. An image has no tags of
that sort: those of its repository name it, many images a tag.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from jotgraph.records.ecr import EcrImage, EcrRepository
from jotgraph.records.fields import Pairs
from jotgraph.records.iam import Role
from jotgraph.records.inventory import Node
from jotgraph.records.lambda_ import Function, Trigger

QUARANTINED = "jotgraph:quarantined"
"""Tag of a function, role or trigger in quarantine: the run that can release it, and since when."""

BEFORE = "jotgraph:before"
"""Tags that say how it was, in as many pieces as it takes: for whoever has no journal of it."""
_PIECE, _MOST = 256, 1 << 16
"""Characters of a tag's value (IAM, Lambda and ECR), and bytes of what the pieces hold."""
AFTER = "jotgraph:after"
"""Tag with a hash of its facts once it was set aside: whether it was changed since."""
ARCHIVED = "jotgraph:archived"
"""Tags of a repository: since when, and which of its images a run archived, a word for each. The
run and a number are in the key."""
_BYTES, _WORD = 9, 12
"""Bytes of a hash that tell a digest from the others of a repository, and the characters they
take: 18 images or more a tag, of which a repository has 50 (ECR API, Tag)."""

DENY_ALL = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"JotgraphQuarantine","Effect":"Deny",'
    '"Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
)
"""The trust policy of a role in quarantine: nobody may assume it. Its id, policies and grants stay
as they are; sessions under way end by themselves (IAM guide, "Revoke IAM role temporary
credentials")."""

_DENIED = json.dumps(json.loads(DENY_ALL), sort_keys=True, separators=(",", ":"))
"""As a record has it."""


def set_aside(node: Node) -> str:
    """In words, that a resource is in quarantine already; empty when it is not."""
    if mark := mark_on(node):
        return f"in quarantine already ({mark})"
    if isinstance(node, EcrImage) and node.status == "ARCHIVED":
        return "archived already"
    if isinstance(node, Trigger) and node.state == "Disabled":
        return "disabled already"
    return ""


def before_tags(before: Mapping[str, Any]) -> dict[str, str]:
    """How a resource was, as tags: compressed, in characters that every service takes."""
    packed = zlib.compress(json.dumps(before, sort_keys=True).encode(), 9)
    text = base64.urlsafe_b64encode(packed).decode()
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    return {f"{BEFORE}:{number}": piece for number, piece in enumerate(pieces, 1)}


def before_of(tags: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """What ``before_tags`` wrote; empty when there is none, or not all of it."""
    pieces = {key.rpartition(":")[2]: value for key, value in tags if key.startswith(f"{BEFORE}:")}
    text = "".join(pieces.get(str(number), "?") for number in range(1, len(pieces) + 1))
    try:
        packed = base64.b64decode(text, altchars=b"-_", validate=True)
        found = json.loads(zlib.decompressobj().decompress(packed, _MOST)) if packed else {}
    except (ValueError, zlib.error):
        return {}
    return found if isinstance(found, dict) else {}


def is_mark(key: str) -> bool:
    """Whether a tag is one of a quarantine's."""
    return key in (QUARANTINED, AFTER) or key.startswith((f"{BEFORE}:", f"{ARCHIVED}:"))


def seal_of(facts: Mapping[str, str]) -> str:
    """A hash of facts, for the tag that says how a thing was once it was set aside."""
    text = json.dumps(facts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Mark(NamedTuple):
    """Which run set a thing aside, and since when, as it wrote that."""

    run: str
    since: str

    def __str__(self) -> str:
        return f"{self.run} {self.since}"


def mark_on(node: Node, repository: EcrRepository | None = None) -> Mark | None:
    """The mark of a quarantine on something that looks like it: by its own tags, or of an image by
    those of its ``repository``. None when it has none, or tags were not read."""
    if isinstance(node, EcrImage):
        marks = archived_marks((repository.tags if repository else None) or ())
        return marks.get(word_of(node.digest)) if node.status != "ACTIVE" else None
    if not isinstance(node, Function | Role | Trigger):
        return None
    return mark_of(dict(node.tags or ()))


def mark_of(tags: Mapping[str, str]) -> Mark | None:
    """The mark of a quarantine among the tags of a function, role or trigger."""
    return mark_in(tags.get(QUARANTINED, ""))


def mark_in(text: str) -> Mark | None:
    """The mark that a text is; None for none."""
    run, _, since = text.partition(" ")
    return Mark(run, since) if run else None


def archived_tags(run: str, since: str, words: Iterable[str]) -> dict[str, str]:
    """Tags of a repository that name the images which a run archived in it, by their words."""
    listed = sorted(set(words))
    room = (_PIECE - len(since) - 1) // _WORD
    pieces = ["".join(listed[at : at + room]) for at in range(0, len(listed), room)]
    return {f"{ARCHIVED}:{run}:{n}": f"{since} {piece}" for n, piece in enumerate(pieces, 1)}


def archived_key(key: str) -> str:
    """The run whose tag of a repository this is; empty for any other tag."""
    parts = key.split(":")
    return parts[2] if key.startswith(f"{ARCHIVED}:") and len(parts) == 4 else ""


@lru_cache(64)
def archived_marks(tags: Pairs) -> dict[str, Mark]:
    """Who archived what, by the tags of a repository; images by their word. Of two
    runs that name one image the later counts."""
    marks: dict[str, Mark] = {}
    for key, value in tags:
        run, (since, _, words) = archived_key(key), value.partition(" ")
        if run:
            for at in range(0, len(words), _WORD):
                word, mark = words[at : at + _WORD], Mark(run, since)
                marks[word] = max(marks.get(word, mark), mark, key=lambda mark: mark.since)
    return marks


def archived_by(tags: Pairs, run: str) -> tuple[str, frozenset[str]]:
    """Since when a run's tags say that it archived images, the latest, and the words of these."""
    own = tuple(tag for tag in tags if archived_key(tag[0]) == run)
    marks = archived_marks(own)
    return max((mark.since for mark in marks.values()), default=""), frozenset(marks)


def word_of(digest: str) -> str:
    """A digest in fewer characters, of which every tag takes each."""
    return base64.urlsafe_b64encode(hashlib.sha256(digest.encode()).digest()[:_BYTES]).decode()


def denied(trust: str) -> bool:
    """Whether a role's trust policy is that of a quarantine: nobody may assume it."""
    return trust == _DENIED
