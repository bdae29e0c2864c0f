"""``export``, ``sql`` and ``--from`` a dataset, as they are typed."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.functional.conftest import Run
from tests.functional.test_cli_json import problems


def test_what_is_exported_answers_as_it_did(run: Run, stored: str) -> None:
    written = run("export", "--parquet", "estate", "--from", stored)
    assert written.exit_code == 0, written.output
    assert "written to estate as scan 2026-03-04T09-00-00Z" in written.stderr
    for command in (("orphans", "--all"), ("ls",), ("stale",)):
        asked = (*command, "--format", "json", "--from")
        assert run(*asked, "estate").stdout == run(*asked, stored).stdout
        assert run(*asked, "estate#2026-03-04T09-00-00Z").stdout == run(*asked, stored).stdout


@pytest.mark.parametrize("form", ["table", "json", "csv", "md"])
def test_export_and_sql_in_every_format(run: Run, stored: str, form: str) -> None:
    written = run("export", "--parquet", "estate", "--from", stored, "--format", form)
    question = (
        "select name, digest from functions where digest is not null and name < 'd' order by name"
    )
    asked = run("sql", question, "--from", "estate", "--format", form)
    assert (written.exit_code, asked.exit_code) == (0, 0), asked.output
    names = ["billing", "checkout"]
    if form == "json":
        assert problems(json.loads(written.stdout)) == []
        assert problems(json.loads(asked.stdout)) == []
        assert [row[0] for row in json.loads(asked.stdout)["rows"]] == names
    elif form == "csv":
        heading, *rows = csv.reader(io.StringIO(asked.stdout))
        assert heading == ["name", "digest"]
        assert [row[0] for row in rows] == names
    else:
        assert all(name in asked.stdout for name in names)
    assert asked.stderr == "2 rows of scan 2026-03-04T09-00-00Z\n"


def test_rows_beyond_the_limit_are_counted(run: Run, stored: str) -> None:
    run("export", "--parquet", "estate", "--from", stored)
    asked = run("sql", "select name from roles", "--from", "estate", "--limit", "1")
    assert asked.stderr == "1 row and 1 more (--limit 0) of scan 2026-03-04T09-00-00Z\n"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("sql", "selekt", "--from", "estate"), 2, "DuckDB refuses the statement"),
        (("sql", "select 1", "--from", "nowhere"), 2, "nowhere holds no whole scan"),
        (("sql", "select 1", "--from", "notes.json"), 2, "FOLDER --from notes.json"),
        (("sql", "select 1", "--from", "estate#then"), 2, "estate holds no scan then"),
        (("orphans", "--from", "./half"), 2, "./half holds no whole scan"),
        (("orphans", "--from", "newer"), 4, "newer: scans/2026-03-04T09-00-00Z.json has the"),
        (("orphans", "--from", "cut"), 4, "bytes of"),
        (("export", "--parquet", "s3://", "--from", "estate"), 2, "names no bucket"),
    ],
)
def test_wrong_input(
    run: Run, stored: str, tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    for name in ("estate", "half", "newer", "cut"):
        run("export", "--parquet", name, "--from", stored)
    name = "scans/2026-03-04T09-00-00Z.json"
    (tmp_path / "half" / name).unlink()
    (tmp_path / "notes.json").write_text("{}")
    newer = tmp_path / "newer" / name
    newer.write_text(newer.read_text().replace("jotgraph/dataset/1", "jotgraph/dataset/2"))
    cut = next((tmp_path / "cut").rglob("images/**/*.parquet"))
    cut.write_bytes(cut.read_bytes()[:-1])
    result = run(*arguments)
    assert (result.exit_code, says in result.stderr) == (code, True), result.output


def test_a_folder_of_the_name_of_a_snapshot_is_no_dataset(run: Run, tmp_path: Path) -> None:
    (tmp_path / "prod").mkdir()
    result = run("orphans", "--from", "prod")
    assert (result.exit_code, "there is no file or snapshot 'prod'" in result.stderr) == (2, True)
