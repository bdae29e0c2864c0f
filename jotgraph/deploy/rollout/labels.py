"""Labels of an image as tags of a function, as far as Lambda accepts them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from jotgraph.deploy.run import RUN_TAG
from jotgraph.records import Pairs
from jotgraph.records.conventions import FOLDER_LABEL, HANDLER_LABEL, TREE_LABEL

MOST, KEY, VALUE = 50, 128, 256
"""The most tags of a function, and the longest key and value (Lambda guide, "Tag naming and usage
restrictions")."""
_TEXT = re.compile(r"[\w\s+\-=._:/@]*")
"""Allowed characters: letters, digits, spaces and ``+ - = . _ : / @``."""
OWN = ("org.opencontainers.image.", FOLDER_LABEL, HANDLER_LABEL, TREE_LABEL)
"""Prefixes of labels that say where an image is from; those of an older image are removed."""


class Tags(NamedTuple):
    """The tags to set, and a sentence for each label that cannot be one."""

    tags: dict[str, str]
    left_out: tuple[str, ...]


def tags_of(labels: Pairs, present: Mapping[str, str] | None = None) -> Tags:
    """Return the tags for labels, given the function's tags; labels about the origin come first
    when there are too many."""
    tags: dict[str, str] = {}
    left_out: list[str] = []
    kept = {key for key in present or {} if not key.startswith(OWN)} | {RUN_TAG}
    for key, value in sorted(labels, key=lambda label: (not label[0].startswith(OWN), label)):
        if why := _refused(key, value):
            left_out.append(f"label {key[:60]} is no tag: {why}")
        elif len(kept | tags.keys() | {key}) > MOST:
            left_out.append(f"label {key} is no tag: a function has at most {MOST}")
        else:
            tags[key] = value
    return Tags(tags, tuple(left_out))


def _refused(key: str, value: str) -> str:
    """Why Lambda would refuse a tag; empty when it would not."""
    if not key or key.lower().startswith("aws:"):
        return "AWS keeps such keys for itself"
    if key == RUN_TAG or key.startswith("jotgraph:"):
        return "jotgraph keeps such keys for itself"
    if len(key) > KEY:
        return f"its key has more than {KEY} characters"
    if len(value) > VALUE:
        return f"its value has more than {VALUE} characters"
    if not _TEXT.fullmatch(key) or not _TEXT.fullmatch(value):
        return "it has characters that no tag may have"
    return ""


def outdated(present: Mapping[str, str], tags: Mapping[str, str]) -> tuple[str, ...]:
    """Return the keys of tags that an older image's labels left and the new one lacks."""
    return tuple(sorted(key for key in present if key.startswith(OWN) and key not in tags))


def changes(
    present: Mapping[str, str], tags: Mapping[str, str], gone: Iterable[str]
) -> dict[str, str | None]:
    """Return the present values of tags that are about to change; None for a missing one."""
    changed = {key for key, value in tags.items() if present.get(key) != value} | set(gone)
    return {key: present.get(key) for key in sorted(changed)}
