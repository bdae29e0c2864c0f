"""The verdict of a match. Pure.

The thresholds come from 56 pairs of images and foreign repositories, whose only common blobs were a
licence and a templated Dockerfile.
"""

from __future__ import annotations

import re

from jotgraph.records import ContentVerdict

SMALLEST = 12
"""Files below this size in bytes (the empty one above all) are in every repository."""
_LONE = 100
"""Bytes of a file that may stand alone."""
_FEW = 5
_BOILERPLATE = re.compile(
    r"(licen[cs]e|copying|notice|authors|code_of_conduct|contributing|requirements|dockerfile"
    r"|containerfile|makefile|\..*ignore$|\.gitattributes|\.editorconfig|\.gitkeep|__init__\.py$"
    r"|py\.typed)",
    re.IGNORECASE,
)


def boilerplate(path: str) -> bool:
    """Return whether a file has a name of the kind that repositories copy from one another."""
    return _BOILERPLATE.match(path.rpartition("/")[2]) is not None


def judge(
    *,
    solid: int,
    lone_size: int,
    same_name: bool,
    equal: int,
    differ: int,
    copied: int,
    penalty: int,
    complete: bool,
) -> ContentVerdict:
    """The verdict on one repository.

    ``solid`` counts distinct matched blobs that are not boilerplate; ``lone_size`` and
    ``same_name`` describe the only one; ``copied`` counts the files in the layers, beneath the
    maps, that hold matched ones.
    """
    if not solid:
        return ContentVerdict.NONE
    lone = solid == 1 and (lone_size < _LONE or not same_name or differ > 0)
    scattered = solid < _FEW and 2 * equal < copied
    if lone or scattered or differ > equal:
        return ContentVerdict.WEAK
    if penalty:
        return ContentVerdict.NEAREST
    if complete and solid > 1:
        return ContentVerdict.EXACT
    return ContentVerdict.SUBSET
