"""Test results, stored by digest in ``<state folder>/tests/<hex of the digest>``.

Each file is one ``ImageTest`` with the checksum of its bytes. It appears completely or not at all.
A damaged one is a gap: a test that cannot be read is neither passed nor absent.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from jotgraph.errors import ApplyError
from jotgraph.records import Gap, ImageTest
from jotgraph.records.json_text import NOT_JSON
from jotgraph.records.references import DIGEST
from jotgraph.store.durable import write_whole
from jotgraph.store.folders import state_folder

_FORMAT = "jotgraph/image-test/1"
_FILE = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}\.json")
"""Files whose name begins with a dot were not completed."""
_LARGEST = 4 << 20
_MOST = 100_000
"""The most files that are read; any more are a gap."""


class _Kept(msgspec.Struct, frozen=True):
    format: str
    sha256: str
    test: msgspec.Raw


class EvidenceRead(NamedTuple):
    """What was read of the test results on this machine."""

    tests: tuple[ImageTest, ...] = ()
    gaps: tuple[Gap, ...] = ()


def evidence_folder() -> Path:
    """Return the folder for test results."""
    return state_folder() / "tests"


def keep_test(test: ImageTest) -> Path:
    """Store a test result, replacing those that it supersedes. Raises ApplyError when it cannot be
    written."""
    assert DIGEST.fullmatch(test.image)
    name = f"{test.at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.json"
    path = evidence_folder() / test.image.partition(":")[2] / name
    body = msgspec.json.encode(test)
    kept = _Kept(_FORMAT, hashlib.sha256(body).hexdigest(), msgspec.Raw(body))
    try:
        write_whole(path, msgspec.json.encode(kept) + b"\n")
        _forget_older(path, test)
    except OSError as error:
        raise ApplyError(f"{path} cannot be written: {error.strerror}") from error
    return path


def _forget_older(path: Path, test: ImageTest) -> None:
    """Remove results whose every case has a newer result in the same place. So a gate that tests
    every build does not make every scan slower. Unreadable files are kept."""
    names = {case.name for case in test.cases}
    for older in path.parent.iterdir():
        if older == path or not _FILE.fullmatch(older.name):
            continue
        try:
            before = _read(older)
        except (OSError, ValueError):
            continue
        superseded = names.issuperset(case.name for case in before.cases)
        if superseded and before.function == test.function and before.at < test.at:
            older.unlink(missing_ok=True)


def read_tests() -> EvidenceRead:
    """Return every test result on this machine, oldest first. What cannot be read is a gap; nothing
    is raised."""
    tests: list[ImageTest] = []
    gaps: list[Gap] = []
    for number, path in enumerate(_paths(gaps)):
        if number == _MOST:
            gaps.append(_gap(evidence_folder(), f"there are more than {_MOST:,} of them"))
            break
        try:
            tests.append(_read(path))
        except (OSError, ValueError) as error:
            gaps.append(_gap(path, _reason(error)))
    tests.sort(key=lambda test: (test.at, test.image, test.where))
    return EvidenceRead(tuple(tests), tuple(gaps))


def _paths(gaps: list[Gap]) -> Iterator[Path]:
    """The files with results, sorted. A folder that cannot be listed is a gap."""
    try:
        folders = sorted(path for path in evidence_folder().iterdir() if len(path.name) == 64)
    except FileNotFoundError:
        return
    except OSError as error:
        gaps.append(_gap(evidence_folder(), _reason(error)))
        return
    for folder in folders:
        try:
            yield from sorted(path for path in folder.iterdir() if _FILE.fullmatch(path.name))
        except OSError as error:
            gaps.append(_gap(folder, _reason(error)))


def _read(path: Path) -> ImageTest:
    """Parse a result. Raises OSError, ValueError for anything but a complete record of that
    folder's digest."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("it is no regular file")
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError("it is too long")
    try:
        kept = msgspec.json.decode(content, type=_Kept)
        test = msgspec.json.decode(kept.test, type=ImageTest)
    except NOT_JSON as error:
        raise ValueError(f"it is damaged ({error})") from error
    if kept.format != _FORMAT:
        raise ValueError(f"its format is {kept.format}")
    if hashlib.sha256(bytes(kept.test)).hexdigest() != kept.sha256:
        raise ValueError("it is damaged, or was edited: its sha256 is another")
    if test.image != f"sha256:{path.parent.name}":
        raise ValueError("it is about another digest than its folder")
    return test


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)


def _gap(path: Path, reason: str) -> Gap:
    return Gap(
        service="tests",
        action="read",
        resource=str(path),
        reason="error",
        detail=f"what a test found was not read: {reason}; remove the file, and test again",
        facts=("tests",),
    )
