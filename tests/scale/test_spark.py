"""Spark judges shards as one process judges the whole, or says why it cannot."""

from __future__ import annotations

import importlib
import json
import shutil
from pathlib import Path
from random import Random

import pytest

from jotgraph.errors import EngineError, ExtraError, OptionError
from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.scale.dataset.manifest import manifest_of
from jotgraph.scale.dataset.places import dataset
from jotgraph.scale.dataset.writing import write
from jotgraph.scale.engines import EngineChoice, verdicts
from jotgraph.scale.judging import Question
from jotgraph.scale.slim import plan_parts
from jotgraph.scale.spark import judge_all, routed
from jotgraph.scale.tallies import Tally, tally_on_spark
from tests.factories import inventory
from tests.scale.estates import estate
from tests.scale.verdicts import written_verdicts

HERE = "local[2]"


@pytest.mark.in_ci
@pytest.mark.usefixtures("spark")
@pytest.mark.filterwarnings("default")
def test_a_dataset_by_its_files_is_the_whole_or_fails_whole(tmp_path: Path) -> None:
    place, whole = dataset(str(tmp_path)), estate(Random(4))
    write(whole, place)
    planned = plan_parts(place, manifest_of(place), Question(), rows=5)
    assert len(planned.parts) > 2
    tally = tally_on_spark(planned, "verdicts/a", master=HERE)
    expected = orphans(build(whole))
    assert written_verdicts(tmp_path, "a") == expected.all()
    report = json.loads((tmp_path / "verdicts" / "a.json").read_text())
    assert report == {**tally._asdict(), "run": report["run"]}
    next(tmp_path.rglob("functions/**/*.parquet")).unlink()
    with pytest.raises(EngineError, match=r"Spark could not judge the dataset: .*parquet"):
        tally_on_spark(planned, "verdicts/a", master=HERE)
    assert not (tmp_path / "verdicts" / "a.json").exists()  # what is left of it is not whole


@pytest.mark.usefixtures("spark")
@pytest.mark.filterwarnings("default")
def test_a_dataset_of_nothing_has_no_verdicts(tmp_path: Path) -> None:
    place = dataset(str(tmp_path))
    planned = plan_parts(place, write(inventory(), place), Question())
    assert (planned.parts, tally_on_spark(planned, "verdicts/a", master=HERE)) == ((), Tally())


@pytest.mark.in_ci
@pytest.mark.usefixtures("spark")
@pytest.mark.filterwarnings("default")
def test_nothing_to_judge_and_a_file_that_is_gone(tmp_path: Path) -> None:
    empty = inventory()
    assert verdicts(empty, Question(), EngineChoice("spark", master=HERE)) == orphans(build(empty))
    place, whole = dataset(str(tmp_path)), estate(Random(1))
    write(whole, place)
    routing = routed(whole, Question(), (place.location, manifest_of(place)))
    next(tmp_path.rglob("functions/**/*.parquet")).unlink()
    with pytest.raises(EngineError, match=r"Spark could not judge the inventory: .*parquet"):
        judge_all([routing], HERE)


def test_machines_elsewhere_need_a_dataset() -> None:
    with pytest.raises(OptionError, match="the machines of spark://head:7077 need a dataset"):
        verdicts(estate(Random(1)), Question(), EngineChoice("spark", master="spark://head:7077"))


def test_without_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def missing(name: str) -> object:
        if name.startswith("pyspark"):
            raise ModuleNotFoundError(f"No module named {name!r}", name="pyspark")
        return real(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    says = r"the engine spark needs pyspark: pip install 'jotgraph\[spark\]'"
    with pytest.raises(ExtraError, match=says):
        verdicts(estate(Random(1)), Question(), EngineChoice("spark"))


def test_without_java(monkeypatch: pytest.MonkeyPatch) -> None:
    sql = importlib.import_module("pyspark.sql")
    monkeypatch.setattr(sql.SparkSession, "getActiveSession", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(EngineError, match="apt-get install default-jre-headless"):
        verdicts(estate(Random(1)), Question(), EngineChoice("spark"))
