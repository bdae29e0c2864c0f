"""A dataset is read back as it was written, or not at all."""

from __future__ import annotations

import importlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pyarrow.parquet
import pytest
from msgspec.structs import replace

from jotgraph.errors import (
    DatasetError,
    ExtraError,
    OptionError,
    SnapshotError,
    UnknownSnapshotError,
)
from jotgraph.records import Inventory
from jotgraph.sandbox.server import Sandbox
from jotgraph.scale.dataset import places
from jotgraph.scale.dataset.export import export_to
from jotgraph.scale.dataset.reading import load
from jotgraph.scale.dataset.tables import FIRST, LAST, TABLES
from jotgraph.scale.dataset.writing import schema
from tests.factories import (
    ACCOUNT,
    case_outcome,
    days_ago,
    ecr_image,
    image_test,
    inventory,
    version,
)
from tests.factories import estate as small
from tests.scale.estates import estate
from tests.strength import MANY_PLACES, some


@pytest.mark.parametrize("seed", some("estates that are read back", range(12), 5))
def test_an_inventory_is_read_back_as_it_was(tmp_path: Path, seed: int) -> None:
    whole = estate(Random(seed))
    export_to(str(tmp_path), whole)
    assert load(str(tmp_path)) == whole


def test_an_empty_inventory_and_one_of_every_kind(tmp_path: Path) -> None:
    for number, whole in enumerate((inventory(), small())):
        export_to(str(tmp_path / f"{number}"), whole)
        assert load(str(tmp_path / f"{number}")) == whole


def test_what_tests_found_is_read_back(tmp_path: Path) -> None:
    passed = case_outcome("a")
    failed = replace(passed, name="b", passed=False)
    by_engine = image_test(at=days_ago(2), cases=(passed, failed))
    invoked = replace(by_engine, function=version(3).id, where=version(3).arn, cases=(passed,))
    whole = replace(small(), tests=(by_engine, invoked))
    export_to(str(tmp_path), whole)
    assert load(str(tmp_path)) == whole
    rows = [
        row
        for file in sorted(tmp_path.glob("tests/**/*.parquet"))
        for row in pyarrow.parquet.ParquetFile(file).read().to_pylist()
    ]
    assert [(row["account"], row["function"], row["passed"], row["failed"]) for row in rows] == [
        (ACCOUNT, invoked.function, 1, 0),
        ("", None, 1, 1),
    ]


def test_several_scans_in_one_dataset(tmp_path: Path) -> None:
    older, newer = replace(small(), taken_at=days_ago(3)), estate(Random(3))
    exported = [export_to(str(tmp_path), whole) for whole in (newer, older)]
    assert load(str(tmp_path)) == newer
    assert load(f"{tmp_path}#{exported[1].scan}") == older
    with pytest.raises(UnknownSnapshotError, match="holds no scan yesterday; it has 2026-02-26T"):
        load(f"{tmp_path}#yesterday")


def test_the_same_scan_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    first, second = small(), replace(small(), functions=())
    export_to(str(tmp_path), first)
    files = sorted(tmp_path.rglob("*.parquet"))
    export_to(str(tmp_path), second)
    assert load(str(tmp_path)) == second
    assert not {path for path in files if path.exists()}
    assert not list(tmp_path.rglob("functions/**/*.parquet"))


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    export_to(str(tmp_path), small())
    modes = {path.stat().st_mode & 0o777 for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {0o600}


def _one(folder: Path, table: str = "images") -> Path:
    return sorted(folder.rglob(f"{table}/**/*.parquet"))[0]


def _cut(folder: Path) -> None:
    path = _one(folder)
    path.write_bytes(path.read_bytes()[:-100])


def _gone(folder: Path) -> None:
    _one(folder).unlink()


def _another(folder: Path) -> None:
    """A file of the same size, of which the end of the last column is other bytes."""
    path = _one(folder)
    content = bytearray(path.read_bytes())
    end = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    for at in range(end - 40, end):
        content[at] ^= 0xFF
    path.write_bytes(content)


def _fewer_rows(folder: Path) -> None:
    path = _one(folder)
    table = pyarrow.parquet.ParquetFile(path).read()
    pyarrow.parquet.write_table(table.slice(1), path)
    _manifest(
        folder,
        lambda manifest: [
            file.update(bytes=path.stat().st_size)
            for file in manifest["files"]
            if folder / str(file["path"]) == path
        ],
    )


def _without_a_file(folder: Path) -> None:
    _manifest(
        folder,
        lambda manifest: manifest["files"].remove(
            next(file for file in manifest["files"] if file["table"] == "images")
        ),
    )


def _manifest(folder: Path, change: Callable[[dict[str, list[dict[str, object]]]], object]) -> None:
    path = next((folder / "scans").iterdir())
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def _no_manifest(folder: Path) -> None:
    next((folder / "scans").iterdir()).unlink()


def _newer(folder: Path) -> None:
    path = next((folder / "scans").iterdir())
    path.write_text(path.read_text().replace("jotgraph/dataset/1", "jotgraph/dataset/9"))


def _older(folder: Path) -> None:
    """A file of another export, of the same size and as many rows."""
    path = _one(folder)
    elsewhere = folder / "elsewhere"
    export_to(str(elsewhere), inventory(*(ecr_image(n, "v2") for n in range(3))))
    other = _one(elsewhere)
    assert other.stat().st_size == path.stat().st_size
    path.write_bytes(other.read_bytes())
    shutil.rmtree(elsewhere)


def _renamed(folder: Path) -> None:
    path = next((folder / "scans").iterdir())
    (folder / "scans" / "2099-01-01T00-00-00Z.json").write_bytes(path.read_bytes())


def _empty(folder: Path) -> None:
    _one(folder).write_bytes(b"")


def _no_json(folder: Path) -> None:
    next((folder / "scans").iterdir()).write_text("{")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_cut, "bytes of"),
        (_empty, "has 0 bytes of"),
        (_older, "is another file, written as images/scan="),
        (_renamed, "2099-01-01T00-00-00Z.json is of the scan 2026-03-01T12-00-00Z, under another"),
        (_gone, "is not there; export it again"),
        (_another, "is damaged"),
        (_fewer_rows, "has 2 rows of 3"),
        (_without_a_file, "table images is not whole"),
        (_no_manifest, "holds no whole scan: no file scans/*.json, which an export writes last"),
        (_newer, "has the format jotgraph/dataset/9, and this program"),
        (_no_json, "is damaged"),
    ],
)
def test_what_is_not_whole_is_not_read_as_less(
    tmp_path: Path, damage: Callable[[Path], None], says: str
) -> None:
    images = [ecr_image(n, "v1") for n in range(3)]
    elsewhere = [ecr_image(n, region="us-west-2") for n in range(2)]
    export_to(str(tmp_path), inventory(*images, *elsewhere))
    damage(tmp_path)
    with pytest.raises(SnapshotError) as raised:
        load(str(tmp_path))
    assert says in str(raised.value)


def test_an_export_that_is_interrupted_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_to(str(tmp_path), small())

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("jotgraph.scale.dataset.writing.write_manifest", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export_to(str(tmp_path), replace(small(), functions=()))
    assert load(str(tmp_path)) == small()
    assert not list(tmp_path.rglob("*.part"))


def test_every_table_has_the_columns_that_it_says() -> None:
    for table in TABLES:
        names = [name for name, _, _ in (*FIRST, *LAST)] + [column.name for column in table.columns]
        assert sorted(schema(table).names) == sorted(names)
        assert len(set(names)) == len(names)


def test_a_bucket_is_a_place_as_any(bucket: str) -> None:
    whole: Inventory = estate(Random(1)) if MANY_PLACES else small()
    export_to(bucket, whole)
    assert load(bucket) == whole
    export_to(bucket, replace(whole, functions=()))
    assert load(bucket) == replace(whole, functions=())


def test_a_bucket_that_is_not_there(aws_environment: Sandbox) -> None:
    with pytest.raises(DatasetError, match="s3://nowhere/x: there is no bucket nowhere"):
        export_to("s3://nowhere/x", small())


def test_a_bucket_that_refuses(bucket: str, aws_environment: Sandbox) -> None:
    export_to(bucket, small())
    aws_environment.faults.deny("s3")
    with pytest.raises(DatasetError, match=r"s3://estates/platform: cannot be listed: .*DENIED"):
        load(bucket)
    with pytest.raises(DatasetError, match=r"s3://estates/platform: .*DENIED"):
        export_to(bucket, small())


def test_a_bucket_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(DatasetError, match="there are no credentials; sign in"):
        load("s3://estates/platform")


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr(places, "_ATTEMPTS", 1)
    with pytest.raises(DatasetError, match="s3://estates/platform: cannot be listed"):
        load("s3://estates/platform")


def test_no_bucket_is_named() -> None:
    with pytest.raises(OptionError, match="names no bucket"):
        load("s3://")


def test_without_pyarrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name="pyarrow")

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(
        ExtraError,
        match=r"a Parquet dataset needs pyarrow: pip install 'jotgraph\[parquet\]'",
    ):
        export_to(str(tmp_path), small())
