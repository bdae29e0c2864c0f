"""Tells which paths ``.dockerignore`` excludes from a build.

The patterns are docker-py's (``docker.utils.build.Pattern``). Its PatternMatcher is not used: it
keeps ``.dockerignore`` itself, and compares a pattern with only one ancestor of a path, where
moby's patternmatcher (MatchesOrParentMatches) compares it with each.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from fnmatch import translate
from functools import lru_cache, partial

Ignored = Callable[[str], bool]
Matcher = Callable[[Sequence[str]], bool]


@lru_cache(maxsize=256)
def ignored(text: bytes) -> Ignored:
    """Return a cached function that tells whether a path, relative to the file's directory, is
    excluded."""
    from docker.utils.build import Pattern  # noqa: PLC0415 -- docker is slow to import

    lines = text.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    written = (line.strip() for line in lines if not line.startswith("#"))
    patterns = [
        (pattern.exclusion, matches)
        for pattern in (Pattern(line) for line in written if line)
        if pattern.dirs and (matches := _matcher(pattern.dirs))
    ]

    @lru_cache(maxsize=100_000)
    def answer(path: str) -> bool:
        parts = path.split("/")
        ignored_so_far = False
        for exclusion, matches in patterns:
            # A pattern can only change the answer to its own side.
            if exclusion == ignored_so_far and matches(parts):
                ignored_so_far = not exclusion
        return ignored_so_far

    return answer


def _matcher(pattern: Sequence[str]) -> Matcher | None:
    """Whether a path in parts, or a folder above it, matches a pattern in parts; None for a pattern
    that no builder takes.

    Parts are matched by Python's ``fnmatch``, which never goes back; ``[z-a]`` matches nothing.
    docker-py's ``fnmatch`` raises for it, takes upper for lower case, and needs minutes for a
    pattern that begins with ten times ``**/``.
    """
    if any("**" in part and part != "**" for part in pattern):
        whole = _compiled("/".join(pattern))
        return whole and partial(_matched_whole, whole)
    segments = [None if part == "**" else re.compile(translate(part)) for part in pattern]
    return partial(_walked, segments)


def _matched_whole(pattern: re.Pattern[str], parts: Sequence[str]) -> bool:
    return any(pattern.match("/".join(parts[: n + 1])) for n in range(len(parts)))


def _walked(segments: Sequence[re.Pattern[str] | None], parts: Sequence[str]) -> bool:
    """Follow all ways through a pattern at once, one part of the path at a time. ``**`` is None: at
    the end it takes at least one part, elsewhere any number."""
    end = len(segments)
    places = _ahead({0}, segments)
    for part in parts:
        reached: set[int] = set()
        for place in places:
            segment = segments[place]
            if segment is None:
                reached |= {place, end} if place == end - 1 else {place}
            elif segment.match(part):
                reached.add(place + 1)
        if end in reached:
            return True
        if not reached:
            return False
        places = _ahead(reached, segments)
    return False


def _ahead(places: set[int], segments: Sequence[re.Pattern[str] | None]) -> set[int]:
    """Positions extended by those that ``**`` reaches without taking a part."""
    for place in sorted(places):
        while place < len(segments) - 1 and segments[place] is None and place + 1 not in places:
            place += 1
            places.add(place)
    return places


def _compiled(pattern: str) -> re.Pattern[str] | None:
    """A pattern with ``**`` inside a name, as docker-py interprets it."""
    from docker.utils import fnmatch  # noqa: PLC0415 -- docker is slow to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return re.compile(fnmatch.translate(pattern))
        except re.error:
            return None


def has_exceptions(text: bytes) -> bool:
    """Return whether a line beginning with ``!`` may include files of an excluded directory."""
    return any(line.strip().startswith(b"!") for line in text.splitlines())
