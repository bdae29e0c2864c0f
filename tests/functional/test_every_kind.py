"""Every reading command on an estate with a resource of each kind: nothing ends in a traceback."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import msgspec
import pytest

from jotgraph import store
from jotgraph.records import KINDS, Kind, kind_of
from tests.factories import container, log_group
from tests.functional.conftest import Run
from tests.functional.estate import estate
from tests.render.goldens import DEMO
from tests.strength import some

HERE = frozenset({Kind.LOCAL_IMAGE, Kind.CONTAINER, Kind.LOG_GROUP})
"""Kinds that the example estate lacks: it has those of the engine only where one runs, and log
groups are read when they are asked for."""

LISTS: tuple[tuple[str, ...], ...] = (
    ("ls",),
    ("ls", "--all", "--all-versions"),
    ("ls", "--tree", "--all"),
    ("stale", "--all"),
    ("orphans", "--all"),
    ("rescue",),
    ("where", "main"),
)
ABOUT = ("show", "trace", "why", "impact")


@pytest.fixture
def example() -> str:
    """The stored inventory of ``jotgraph demo``."""
    return str(DEMO)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("small") / "estate.jsonl"
    world = estate()
    running = container(image_id=world.local_images[0].image_id)
    groups = (log_group("/aws/lambda/checkout"),)
    store.save(msgspec.structs.replace(world, containers=(running,), log_groups=groups), path)
    return str(path)


def ends_well(run: Run, *words: str) -> None:
    result = run(*words)
    assert result.exception is None or isinstance(result.exception, SystemExit), words
    assert result.exit_code in (0, 1), (words, result.output)
    assert result.output.strip(), words


@pytest.mark.parametrize(
    ("words", "form"),
    some("lists in other formats", product(LISTS, ("table", "json", "csv", "md")), 3),
)
def test_lists(run: Run, example: str, words: tuple[str, ...], form: str) -> None:
    ends_well(run, *words, "--format", form, "--from", example)


@pytest.mark.parametrize(
    ("kind", "command"), some("answers about other kinds", product(Kind, ABOUT), 3)
)
def test_answers_about_one_resource(
    run: Run, example: str, small: str, kind: Kind, command: str
) -> None:
    path = small if kind in HERE else example
    resources = [
        record.id for record in store.load(Path(path)).records() if kind_of(record.id) is kind
    ]
    assert resources, KINDS[kind].word
    ends_well(run, command, resources[0], "--from", path)
