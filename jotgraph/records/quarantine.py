"""How a resource in quarantine is marked: tags, trust policy, state.

A function, role or trigger is tagged with the run that can release it. ECR images cannot be tagged
that way, so tags of their repository name them, many images in one tag.
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
"""Tag of a function, role or trigger in quarantine; its value holds the run that can release it,
and the time."""

BEFORE = "jotgraph:before"
"""Tags with the state before the quarantine, in as many pieces as needed, for machines without the
run's journal."""
_PIECE, _MOST = 256, 1 << 16
"""Longest tag value in characters (IAM, Lambda and ECR), and the bytes that the pieces can hold."""
AFTER = "jotgraph:after"
"""Tag with a hash of the resource's facts in quarantine, which shows whether it was changed
since."""
ARCHIVED = "jotgraph:archived"
"""Tags of a repository that say when a run archived images and which: a word for each image. The
key holds the run and a number."""
_BYTES, _WORD = 9, 12
"""Bytes of a hash that tell a digest from others of its repository, and their length in text: a tag
holds 18 images or more, and a repository has at most 50 tags (ECR API, Tag)."""

DENY_ALL = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"JotgraphQuarantine","Effect":"Deny",'
    '"Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'
)
"""Trust policy of a role in quarantine: nobody may assume it. Id, policies and grants stay; running
sessions end by themselves (IAM guide, "Revoke IAM role temporary credentials")."""

_DENIED = json.dumps(json.loads(DENY_ALL), sort_keys=True, separators=(",", ":"))
"""The same, as a record holds it."""


def set_aside(node: Node) -> str:
    """Return a sentence when a resource is already in quarantine; empty when it is not."""
    if mark := mark_on(node):
        return f"already in quarantine ({mark})"
    if isinstance(node, EcrImage) and node.status == "ARCHIVED":
        return "archived already"
    if isinstance(node, Trigger) and node.state == "Disabled":
        return "disabled already"
    return ""


def before_tags(before: Mapping[str, Any]) -> dict[str, str]:
    """Return the previous state of a resource as tags, compressed, in characters that every service
    accepts."""
    packed = zlib.compress(json.dumps(before, sort_keys=True).encode(), 9)
    text = base64.urlsafe_b64encode(packed).decode()
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    return {f"{BEFORE}:{number}": piece for number, piece in enumerate(pieces, 1)}


def before_of(tags: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the state that ``before_tags`` stored; empty when it is missing or incomplete."""
    pieces = {key.rpartition(":")[2]: value for key, value in tags if key.startswith(f"{BEFORE}:")}
    text = "".join(pieces.get(str(number), "?") for number in range(1, len(pieces) + 1))
    try:
        packed = base64.b64decode(text, altchars=b"-_", validate=True)
        before = json.loads(zlib.decompressobj().decompress(packed, _MOST)) if packed else {}
    except (ValueError, zlib.error):
        return {}
    return before if isinstance(before, dict) else {}


def is_mark(key: str) -> bool:
    """Whether a tag key belongs to a quarantine."""
    return key in (QUARANTINED, AFTER) or key.startswith((f"{BEFORE}:", f"{ARCHIVED}:"))


def seal_of(facts: Mapping[str, str]) -> str:
    """Return the hash of facts that the seal tag of a quarantined resource holds."""
    text = json.dumps(facts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Mark(NamedTuple):
    """The run that put a resource in quarantine, and the time that it wrote."""

    run: str
    since: str

    def __str__(self) -> str:
        return f"{self.run} {self.since}".rstrip()


def mark_on(node: Node, repository: EcrRepository | None = None) -> Mark | None:
    """Return the quarantine mark on a resource; for an image it is read from its ``repository``.
    None when there is no mark or tags were not read."""
    if isinstance(node, EcrImage):
        marks = archived_marks((repository.tags if repository else None) or ())
        return marks.get(word_of(node.digest)) if node.status != "ACTIVE" else None
    if not isinstance(node, Function | Role | Trigger):
        return None
    return mark_in_tags(dict(node.tags or ()))


def mark_in_tags(tags: Mapping[str, str]) -> Mark | None:
    """Return the quarantine mark in the tags of a function, role or trigger."""
    return mark_in_text(tags.get(QUARANTINED, ""))


def mark_in_text(text: str) -> Mark | None:
    """Parse the value of a mark; None for any other text."""
    run, _, since = text.partition(" ")
    return Mark(run, since) if run else None


def archived_tags(run: str, since: str, words: Iterable[str]) -> dict[str, str]:
    """Return the repository tags that record which images a run archived, given their words."""
    listed = sorted(set(words))
    room = (_PIECE - len(since) - 1) // _WORD
    pieces = ["".join(listed[at : at + room]) for at in range(0, len(listed), room)]
    return {f"{ARCHIVED}:{run}:{n}": f"{since} {piece}" for n, piece in enumerate(pieces, 1)}


def archived_key(key: str) -> str:
    """Return the run that a repository tag belongs to; empty for any other tag."""
    parts = key.split(":")
    return parts[2] if key.startswith(f"{ARCHIVED}:") and len(parts) == 4 else ""


@lru_cache(64)
def archived_marks(tags: Pairs) -> dict[str, Mark]:
    """Return the mark of each archived image, by its word, from the tags of its repository. When
    two runs name the same image, the later one counts."""
    marks: dict[str, Mark] = {}
    for key, value in tags:
        run, (since, _, words) = archived_key(key), value.partition(" ")
        if run:
            for at in range(0, len(words), _WORD):
                word, mark = words[at : at + _WORD], Mark(run, since)
                marks[word] = max(marks.get(word, mark), mark, key=lambda mark: mark.since)
    return marks


def archived_by(tags: Pairs, run: str) -> tuple[str, frozenset[str]]:
    """Return the latest time at which a run's tags say it archived images, and the words of these
    images."""
    own = tuple(tag for tag in tags if archived_key(tag[0]) == run)
    marks = archived_marks(own)
    return max((mark.since for mark in marks.values()), default=""), frozenset(marks)


def word_of(digest: str) -> str:
    """Return the short hash of a digest that fits many times into one tag."""
    return base64.urlsafe_b64encode(hashlib.sha256(digest.encode()).digest()[:_BYTES]).decode()


def denied(trust: str) -> bool:
    """Whether a role has the trust policy of a quarantine, by which nobody may assume it."""
    return trust == _DENIED
