"""To judge shards gives what judging the whole gives, in every engine: 200 generated estates and
100 worlds of the oracle, each cut at random.

Those of the oracle are read whole and in each way of reading less. An engine gets all of them at
once: to begin a job of Spark takes longer than to judge an estate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from jotgraph.graph import build
from jotgraph.queries.answers.orphans import Judgement, Orphans
from jotgraph.queries.orphans import orphans
from jotgraph.records import Inventory
from jotgraph.scale import processes, shards, slim, spark
from jotgraph.scale.dataset.manifest import DatasetManifest
from jotgraph.scale.dataset.places import Dataset, dataset
from jotgraph.scale.dataset.writing import write
from jotgraph.scale.engines import EngineChoice, verdicts
from jotgraph.scale.judging import Question, judge, together
from jotgraph.scale.slim import Planned, plan_parts
from jotgraph.scale.spark import judge_all, routed
from jotgraph.scale.survey import Survey
from jotgraph.scale.tallies import Tally, tally_all_on_spark, tally_on_processes
from jotgraph.scale.units import Unit
from tests.oracle.reductions import ALL
from tests.oracle.worlds import world
from tests.scale.cuts import scattered
from tests.scale.estates import OPTIONS, estate
from tests.scale.verdicts import tally_of, written_verdicts
from tests.strength import MANY_PLACES

HERE = "local[2]"
ESTATES, WORLDS = (200, 100) if MANY_PLACES else (5, 2)
EVERY = 1 if MANY_PLACES else 3
"""Of how many inventories an engine that begins processes for each gets one."""
PARTS = 4
"""Into which an inventory is cut, at most: each reads most of the files of its dataset."""
TASKS = 8
INTO = "verdicts/a"
FEW = 8 if MANY_PLACES else 1
"""In which each fault shows."""


class Case(NamedTuple):
    """An inventory, what is asked of it, and what one process answers on the whole."""

    whole: Inventory
    question: Question
    expected: Orphans
    place: Dataset
    manifest: DatasetManifest


Cases = Sequence[Case]


def _inventories() -> Iterator[Inventory]:
    for seed in range(ESTATES):
        yield estate(Random(seed))
    ways = (lambda _rng, whole: whole, *ALL)
    for seed in range(WORLDS):
        rng = Random(1000 + seed)
        yield ways[seed % len(ways)](rng, world(rng))


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    """All inventories, and a dataset of each."""
    folder, cases = tmp_path_factory.mktemp("cases"), []
    with pytest.MonkeyPatch.context() as patch:
        # thousands of files, of which none has to outlast the machine
        patch.setattr("jotgraph.scale.dataset.places.os.fsync", lambda _handle: None)
        for number, whole in enumerate(_inventories()):
            options, place = OPTIONS[number % len(OPTIONS)], dataset(str(folder / f"{number}"))
            expected = orphans(build(whole), options=options)
            cases.append(Case(whole, Question(options), expected, place, write(whole, place)))
    return cases


@pytest.fixture
def cut_at_random(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every engine cut as no engine would: an inventory always in the same way."""

    def cut(survey: Survey, _count: int) -> list[frozenset[Unit]]:
        return scattered(Random(f"{sorted(survey.sizes)}"), survey, PARTS)

    for module in (shards, processes, slim, spark):
        monkeypatch.setattr(module, "cut", cut)


Answer = Orphans | tuple[tuple[Judgement, ...], Tally]
"""In memory, or by files: what was written, and how many it was said to be."""


def in_this_process(cases: Cases) -> list[Answer]:
    return [
        together(
            case.whole,
            [judge(part, case.question) for part in shards.shards(case.whole, PARTS)],
        )
        for case in cases
    ]


def on_processes(cases: Cases) -> list[Answer]:
    where = EngineChoice("processes", jobs=2)
    return [verdicts(case.whole, case.question, where) for case in cases]


def on_spark(cases: Cases) -> list[Answer]:
    routings = [
        routed(case.whole, case.question, (case.place.location, case.manifest)) for case in cases
    ]
    answers = judge_all(routings, HERE)
    return [together(case.whole, answer) for case, answer in zip(cases, answers, strict=True)]


def by_files_on_processes(cases: Cases) -> list[Answer]:
    return _written(cases, [tally_on_processes(_planned(case), INTO, jobs=2) for case in cases])


def by_files_on_spark(cases: Cases) -> list[Answer]:
    plans = [_planned(case) for case in cases]
    return _written(cases, tally_all_on_spark(plans, INTO, master=HERE, tasks=TASKS))


def _planned(case: Case) -> Planned:
    return plan_parts(case.place, case.manifest, case.question)


def _written(cases: Cases, tallies: Sequence[Tally]) -> list[Answer]:
    return [
        (written_verdicts(Path(case.place.root), "a"), tally)
        for case, tally in zip(cases, tallies, strict=True)
    ]


def of(engine: Engine, cases: Cases) -> Cases:
    """What an engine is tried on."""
    return cases if engine is in_this_process else cases[::EVERY]


Engine = Callable[[Cases], list[Answer]]
ENGINES: tuple[Engine, ...] = (in_this_process, on_processes, by_files_on_processes)
ON_SPARK: tuple[Engine, ...] = (on_spark, by_files_on_spark)


def wrong(engine: Engine, cases: Cases) -> list[int]:
    """The numbers of the inventories that an engine judges otherwise than one process the whole."""
    answers = zip(cases, engine(cases), strict=True)
    return [n for n, (case, answer) in enumerate(answers) if answer != _right(case, answer)]


def _right(case: Case, answer: Answer) -> Answer:
    if isinstance(answer, Orphans):
        return case.expected
    return case.expected.all(), tally_of(case.expected)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.usefixtures("cut_at_random")
def test_the_shards_of_many_estates_are_the_wholes(engine: Engine, cases: Cases) -> None:
    assert wrong(engine, of(engine, cases)) == []


@pytest.mark.in_ci
@pytest.mark.parametrize("engine", ON_SPARK)
@pytest.mark.usefixtures("spark", "cut_at_random")
@pytest.mark.filterwarnings("default")
def test_on_spark_too(engine: Engine, cases: Cases) -> None:
    assert wrong(engine, cases) == []


def _without_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is judged is without what uses it from elsewhere, and so without its witness."""
    monkeypatch.setattr(shards, "_with_users", lambda _survey, judged: judged)


def _without_doubts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is judged is without what may run anything, and so without that doubt."""
    monkeypatch.setattr(Survey, "_everywhere", lambda _survey: ())


Fault = Callable[[pytest.MonkeyPatch], None]
FAULTS: tuple[Fault, ...] = (_without_users, _without_doubts)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.usefixtures("cut_at_random")
def test_a_shard_that_lacks_something_is_seen(
    engine: Engine, fault: Fault, cases: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    assert wrong(engine, cases[:FEW]) != []


@pytest.mark.in_ci
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("engine", ON_SPARK)
@pytest.mark.usefixtures("spark", "cut_at_random")
@pytest.mark.filterwarnings("default")
def test_it_is_seen_on_spark_too(
    engine: Engine, fault: Fault, cases: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    assert wrong(engine, cases[:FEW]) != []
