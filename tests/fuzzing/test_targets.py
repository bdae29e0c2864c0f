"""No parser of foreign bytes raises anything but what it states; what once did harm is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzzing.mutations import mutated
from tests.fuzzing.targets import TARGETS, fed
from tests.strength import MANY_PLACES
from tests.tally import FUZZED, tried

KEPT = Path(__file__).parent / "kept"
INPUTS = 3000 if MANY_PLACES else 60


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_well_formed_is_taken(name: str) -> None:
    target = TARGETS[name]
    taken = [fed(target, seed) for seed in target.seeds()]
    assert any(taken)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_spoiled_is_taken_or_refused(name: str) -> None:
    target = TARGETS[name]
    for data in mutated(target.seeds(), INPUTS, seed=7):
        tried(FUZZED)
        fed(target, data)


def kept() -> list[Path]:
    return sorted(path for path in KEPT.rglob("*") if path.is_file())


def test_what_once_did_harm() -> None:
    for path in kept():
        fed(TARGETS[path.parent.name], path.read_bytes())
