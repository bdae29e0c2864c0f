"""What a file is that was given in place of another, in words, by its first bytes."""

from __future__ import annotations

import re

from jotgraph.errors import OptionError

HEAD = 4096
"""Within this many bytes a file must name its format."""
_FORMAT = re.compile(rb'"format"\s*:\s*"(jotgraph/([a-z-]+)/\d+)"')
_JOURNAL = re.compile(rb'\{"what":"[a-z]+","at":"')
_BEGINNINGS = {
    b"\x28\xb5\x2f\xfd": "a compressed file (zstd), as inventories are",
    b"PAR1": "a file of Parquet",
}
_OURS = {
    "dataset": "a list of the files of a dataset",
    "image-test": "the evidence of a test",
    "inventory": "an inventory",
    "plan": "a plan",
    "snapshot": "a part of the store of inventories",
}


def form_of(content: bytes) -> str:
    """Return the format that a file names, ``plan`` of ``jotgraph/plan/1``; empty for any other
    file."""
    named = _named(content)
    return named[2].decode() if named else ""


def _named(content: bytes) -> re.Match[bytes] | None:
    return _FORMAT.search(content[:HEAD]) if content.lstrip().startswith(b"{") else None


def not_that(source: str, content: bytes, needed: str, advice: str = "") -> str:
    """Say what a file is and what is needed in its place."""
    what = _told(content) or ("" if content.strip() else "empty")
    return f"{source} is {what and f'{what}, '}not {needed}{advice and f'; {advice}'}"


def is_ours(content: bytes) -> bool:
    """Whether jotgraph wrote a file, as far as its first bytes tell."""
    return bool(_JOURNAL.match(content) or form_of(content))


def refuse_ours(source: str, content: bytes, needed: str) -> None:
    """Raise OptionError for a file that jotgraph wrote, in place of one that a person writes."""
    if _told(content):
        raise OptionError(not_that(source, content, needed))


def _told(content: bytes) -> str:
    """Return what a file is, such as ``a plan``; empty where that cannot be told."""
    for beginning, words in _BEGINNINGS.items():
        if content.startswith(beginning):
            return words
    if _JOURNAL.match(content):
        return "the journal of a run"
    named = _named(content)
    answer = f"the answer of a command ({named[1].decode()})" if named else ""
    return _OURS.get(named[2].decode(), answer) if named else ""
