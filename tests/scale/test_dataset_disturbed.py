"""An export that is killed, refused or not alone leaves a whole dataset, or says what is wrong."""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from msgspec.structs import replace

from jotgraph.analysis.usage import Options
from jotgraph.errors import DatasetError, SnapshotError, UnknownSnapshotError
from jotgraph.graph import build
from jotgraph.queries.orphans import orphans
from jotgraph.records import Inventory
from jotgraph.sandbox.server import Sandbox
from jotgraph.scale import tallies
from jotgraph.scale.dataset import manifest as manifests
from jotgraph.scale.dataset import writing
from jotgraph.scale.dataset.export import export_to
from jotgraph.scale.dataset.manifest import DatasetManifest, manifest_of
from jotgraph.scale.dataset.places import Dataset, dataset
from jotgraph.scale.dataset.reading import load
from jotgraph.scale.judging import Question
from jotgraph.scale.slim import Planned, plan_parts
from jotgraph.scale.tallies import Into, Tally, tally_on_processes
from tests.factories import estate as small
from tests.scale.estates import estate
from tests.scale.verdicts import written_verdicts
from tests.strength import some

LESS = replace(small(), functions=())
"""Another state of the same scan."""
PATIENCE = 180.0
"""Seconds until a fork is given up that hangs, on a lock that a thread had when it was forked."""


def export_until_killed(location: str, inventory: Inventory, at: int) -> None:
    """Export, in a process of its own, which is killed where a file has all that will be in it, and
    is not there yet."""
    whole, numbers = Dataset.writing, count(1)

    @contextmanager
    def writing(place: Dataset, name: str) -> Iterator[Any]:
        with whole(place, name) as file:
            yield file
            if next(numbers) == at:
                os.kill(os.getpid(), signal.SIGKILL)

    Dataset.writing = writing  # type: ignore[assignment,method-assign] # of this process
    export_to(location, inventory)


def killed(location: str, inventory: Inventory, at: int) -> None:
    """Export, and be killed there; in a fork, as shards are judged, since to import all that an
    export needs takes longer than to export."""
    process = get_context("fork").Process(
        target=export_until_killed, args=(location, inventory, at)
    )
    process.start()
    process.join(PATIENCE)
    ended = process.exitcode
    process.kill()
    process.join()
    assert ended == -signal.SIGKILL


FILES = 9
"""That an export of the small estate writes, and the manifest."""


@pytest.mark.parametrize("at", some("where an export is killed", (FILES, 1, 4), 3))
def test_a_killed_export_is_not_there(tmp_path: Path, at: int) -> None:
    place = str(tmp_path / "dataset")
    killed(place, LESS, min(at, 3))
    with pytest.raises(UnknownSnapshotError, match=r"holds no whole scan: no file scans/\*\.json"):
        load(place)
    export_to(place, small())
    killed(place, LESS, at)
    assert load(place) == small()
    export_to(place, LESS)
    assert load(place) == LESS


@pytest.mark.parametrize("at", some("where an export to S3 is killed", (FILES, 1, 4), 3))
def test_a_killed_export_is_not_in_a_bucket(bucket: str, at: int) -> None:
    export_to(bucket, small())
    killed(bucket, LESS, at)
    assert load(bucket) == small()
    export_to(bucket, LESS)
    assert load(bucket) == LESS


def test_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    place, whole = str(tmp_path / "dataset"), estate(Random(1))
    export_to(place, whole)
    before = sorted(tmp_path.rglob("*"))
    says = "dataset: cannot be written: File too large; lift the limit on the size of files"
    with _files_of(8_000), pytest.raises(DatasetError, match=says):
        export_to(place, replace(whole, functions=()))
    assert sorted(tmp_path.rglob("*")) == before
    assert load(place) == whole


@contextmanager
def _files_of(most: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_folder_that_lets_nobody_in() -> None:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        export_to(folder, small())
        (Path(folder) / "scans").chmod(0)
        with _as_nobody():
            with pytest.raises(DatasetError, match="cannot be listed: Permission denied; let this"):
                load(folder)
            with pytest.raises(DatasetError, match="cannot be written: Permission denied; let th"):
                export_to(f"{folder}/scans/below", small())
        (Path(folder) / "scans").chmod(0o700)


@contextmanager
def _as_nobody() -> Iterator[None]:
    """As root may read everything, it is another meanwhile."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_place_where_no_folder_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match="file: cannot be written: Not a directory; name a fold"):
        export_to(str(tmp_path / "file"), small())
    with pytest.raises(DatasetError, match="/proc/x: cannot be written: No such file or directory"):
        export_to("/proc/x", small())


def test_a_bucket_that_refuses_a_part(bucket: str, aws_environment: Sandbox) -> None:
    export_to(bucket, small())
    for verb, says in (("GET", r"\.parquet cannot be read"), ("PUT", "cannot be written")):
        aws_environment.faults.deny(
            "s3",
            where=lambda call, verb=verb: (
                call.action.startswith(verb) and "/images/" in call.action
            ),
        )
        says = f"{bucket}: .*{says}: AWS Error ACCESS_DENIED .*; allow s3:ListBucket, s3:GetObject"
        with pytest.raises(DatasetError, match=says):
            load(bucket) if verb == "GET" else export_to(bucket, LESS)
        aws_environment.faults.clear()
    assert load(bucket) == small()


def test_two_exports_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that ends last is there, and nothing of the other."""
    write = writing._written

    def overtaken(*given: object) -> object:
        monkeypatch.setattr(writing, "_written", write)
        export_to(str(tmp_path), small())
        return write(*given)  # type: ignore[arg-type] # as they were given

    monkeypatch.setattr(writing, "_written", overtaken)
    export_to(str(tmp_path), LESS)
    assert load(str(tmp_path)) == LESS
    named = {tmp_path / file.path for file in manifest_of(dataset(str(tmp_path))).files}
    assert set(tmp_path.rglob("*.parquet")) == named


def test_an_export_while_an_engine_reads(tmp_path: Path) -> None:
    place, whole = dataset(str(tmp_path)), estate(Random(4))
    export_to(str(tmp_path), whole)
    manifest = manifest_of(place)
    planned = plan_parts(place, manifest, Question(), rows=5)
    export_to(str(tmp_path), replace(whole, functions=()))
    says = "is not there any more, perhaps for an export that took its place: run the command again"
    with pytest.raises(SnapshotError, match=says):
        plan_parts(place, manifest, Question())
    with pytest.raises(SnapshotError, match=says):
        tally_on_processes(planned, "verdicts/a", jobs=2)
    assert not (tmp_path / "verdicts" / "a.json").exists()


def test_an_export_while_its_files_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manifest that was read is of before; what took its place is whole."""
    export_to(str(tmp_path), small())
    look = manifests._check

    def overtaken(place: Dataset, manifest: DatasetManifest) -> None:
        monkeypatch.setattr(manifests, "_check", look)
        export_to(str(tmp_path), LESS)
        look(place, manifest)

    monkeypatch.setattr(manifests, "_check", overtaken)
    assert load(str(tmp_path)) == LESS


def test_two_runs_that_write_verdicts_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never are those of one run beside those of another, which was asked something else."""
    place, whole = dataset(str(tmp_path)), estate(Random(4))
    export_to(str(tmp_path), whole)
    options = Options(keep_last=0, keep=(), young_days=0)
    first, second = (
        plan_parts(place, manifest_of(place), Question(asked), rows=20)
        for asked in (Options(), options)
    )
    end = tallies._ended

    def overtaken(planned: Planned, into: Into, counted: Iterable[Tally]) -> Tally:
        all_of_them = list(counted)
        monkeypatch.setattr(tallies, "_ended", end)
        tally_on_processes(second, "verdicts/a", jobs=1)
        return end(planned, into, all_of_them)

    monkeypatch.setattr(tallies, "_ended", overtaken)
    says = "another run writes verdicts to verdicts/a at the same time; when it has ended, run"
    with pytest.raises(DatasetError, match=says):
        tally_on_processes(first, "verdicts/a", jobs=1)
    assert written_verdicts(tmp_path, "a") == orphans(build(whole), options=options).all()
    manifest = json.loads((tmp_path / "verdicts" / "a.json").read_text())
    written = [path.name for path in (tmp_path / "verdicts" / "a").iterdir()]
    assert {name.partition("-")[0] for name in written} == {manifest["run"]}


def test_verdicts_of_a_run_that_goes_on_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is slower than one which began later writes more after that has ended."""
    place = dataset(str(tmp_path))
    export_to(str(tmp_path), estate(Random(4)))
    planned = plan_parts(place, manifest_of(place), Question(), rows=20)
    other = tmp_path / "verdicts" / "a" / "other-0.parquet"
    end = tallies._ended

    def beside(planned: Planned, into: Into, counted: Iterable[Tally]) -> Tally:
        all_of_them = list(counted)
        other.write_bytes(b"")
        return end(planned, into, all_of_them)

    monkeypatch.setattr(tallies, "_ended", beside)
    with pytest.raises(DatasetError, match="another run writes verdicts to verdicts/a at the same"):
        tally_on_processes(planned, "verdicts/a", jobs=1)
    assert [path.name for path in other.parent.iterdir()] == ["other-0.parquet"]
    assert not (tmp_path / "verdicts" / "a.json").exists()


def test_a_disk_without_room_for_verdicts(tmp_path: Path) -> None:
    place = dataset(str(tmp_path))
    export_to(str(tmp_path), estate(Random(4)))
    planned = plan_parts(place, manifest_of(place), Question())
    with (
        _files_of(1_000),
        pytest.raises(DatasetError, match="cannot be written: File too large; lift the limit"),
    ):
        tally_on_processes(planned, "verdicts/a", jobs=2)
    assert not (tmp_path / "verdicts" / "a.json").exists()
