"""The cases of a test: events and expectations, read from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from jotgraph.deploy.testing.matching import read_expectation
from jotgraph.errors import OptionError
from jotgraph.records.json_text import NOT_JSON
from jotgraph.sources.cache import sha256_of

MATCHES = ("exact", "subset", "path")
"""How an expectation without a directive is compared, the default first."""
EVENT, EXPECT = ".event.json", ".expect.json"
LARGEST = 6 * 1024 * 1024
"""The most bytes of an event or answer, as in Lambda (Lambda guide, "Lambda quotas")."""
_MOST = 1000


class Case(msgspec.Struct, frozen=True):
    """One event, and its expectation."""

    name: str
    event: bytes
    expectation: Mapping[str, Any] | None
    """The expectation by directive; None where any answer without an error passes."""
    expected: bytes = b""
    """The expectation as written."""

    @property
    def event_digest(self) -> str:
        return sha256_of(self.event)

    @property
    def expected_digest(self) -> str:
        """The expectation's digest; empty where any answer passes."""
        return sha256_of(self.expected) if self.expectation is not None else ""


def read_cases(
    events: Sequence[Path],
    expects: Sequence[Path],
    folder: Path | None,
    *,
    match: str = MATCHES[0],
    any_answer: bool = False,
) -> tuple[Case, ...]:
    """Read the cases in pairs of files, then those of a folder by name. With ``any_answer`` events
    need no expectation. Raises OptionError for an invalid case, and when there is none."""
    if len(events) != len(expects) and not (any_answer and not expects):
        raise OptionError(
            f"{len(events)} --event and {len(expects)} --expect: each event needs its expectation, "
            "in the same order"
        )
    pairs = [(path.name.removesuffix(".json").removesuffix(".event"), path) for path in events]
    answers: list[Path | None] = [*expects] if expects else [None] * len(events)
    cases = [
        _case(name, event, expected, match)
        for (name, event), expected in zip(pairs, answers, strict=True)
    ]
    cases += _in_folder(folder, match) if folder else []
    if not cases:
        raise OptionError("no case is named: pass --event FILE --expect FILE, or --cases FOLDER")
    if len(cases) > _MOST:
        raise OptionError(f"{len(cases):,} cases are more than {_MOST:,}")
    names = [case.name for case in cases]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise OptionError(f"two cases are called {twice!r}; rename a file")
    return tuple(cases)


def _in_folder(folder: Path, match: str) -> list[Case]:
    """Pair ``name.event.json`` with ``name.expect.json``. A file without its other half is an
    error."""
    names = {
        suffix: {
            path.name.removesuffix(suffix)
            for path in folder.iterdir()
            if path.name.endswith(suffix)
        }
        for suffix in (EVENT, EXPECT)
    }
    for suffix, other in ((EVENT, EXPECT), (EXPECT, EVENT)):
        if alone := sorted(names[suffix] - names[other]):
            raise OptionError(f"{folder / (alone[0] + suffix)} has no {alone[0]}{other} beside it")
    if not names[EVENT]:
        raise OptionError(f"{folder} has no case: write NAME{EVENT} and NAME{EXPECT}")
    return [
        _case(name, folder / f"{name}{EVENT}", folder / f"{name}{EXPECT}", match)
        for name in sorted(names[EVENT])
    ]


def _case(name: str, event: Path, expected: Path | None, match: str) -> Case:
    if not name or not name.isprintable() or len(name) > 200:
        raise OptionError(f"{str(event)!r} has no name that a case can have")
    body, _ = _read(event)
    if expected is None:
        return Case(name, body, None)
    text, value = _read(expected)
    return Case(name, body, read_expectation(value, match, str(expected)), text)


def _read(path: Path) -> tuple[bytes, Any]:
    """The bytes of a JSON file, and their value."""
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise OptionError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > LARGEST:
        raise OptionError(f"{path} has more than the {LARGEST:,} bytes that Lambda takes")
    try:
        return content, msgspec.json.decode(content)
    except NOT_JSON as error:
        raise OptionError(f"{path} is not JSON: {error}") from error
