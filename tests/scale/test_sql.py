"""SQL over a dataset: ten worked questions, and what is refused."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from jotgraph.errors import DatasetError, ExtraError, OptionError, SnapshotError
from jotgraph.records import Inventory
from jotgraph.scale.dataset.export import export_to
from jotgraph.scale.sql import ask
from tests.factories import (
    OTHER_ACCOUNT,
    alias,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    gap,
    image_scan,
    inventory,
    role,
    uri,
    version,
    workload,
)
from tests.scale.sql_page import PAGE, QUESTIONS, page
from tests.strength import one_in

HERE = ("111122223333", "eu-west-1")
LONG_AGO = "2025-08-13T12:00:00+00:00"


def whole() -> Inventory:
    """An estate of which every question selects something."""
    scan = image_scan(counts=(("CRITICAL", 2),))
    return inventory(
        ecr_repository(),
        ecr_repository("copies"),
        ecr_image(1, "v1", "prod", size=70, scan=scan),
        ecr_image(2, size=30, pulled_at=days_ago(1)),
        ecr_image(1, repository="copies", size=70, pushed_at=days_ago(1)),
        function(),
        version(1),
        version(2),
        version(3),
        alias("live", 2, weights=(("3", 0.1),)),
        role(last_used_at=days_ago(3), last_used_region="eu-west-1"),
        role("old", last_used_at=days_ago(300), last_used_region="us-west-2"),
        role("never"),
        workload("web", f"{uri()}:v1", account=OTHER_ACCOUNT),
        workload("own", f"{uri()}:v1"),
        gap("ecr:GetRepositoryPolicy"),
    )


SELECTED: list[list[tuple[Any, ...]]] = [
    [(*HERE, "app", 2, 100), (*HERE, "copies", 1, 70)],
    [
        ("pay", "app", ["v1", "prod"], LONG_AGO),
        ("pay", "copies", [], "2026-02-28T12:00:00+00:00"),
    ],
    [(digest(1), ["app", "copies"])],
    [("role:111122223333/pay-role", 4)],
    [("pay", 3, 2)],
    [("app", 1, 70)],
    [(OTHER_ACCOUNT, "ecs", "web", "111122223333", f"{uri()}:v1")],
    [("pay", 2)],
    [
        ("111122223333", "never", None, None),
        ("111122223333", "old", "2025-05-05T12:00:00+00:00", "us-west-2"),
    ],
    [(*HERE, "ecr", "GetRepositoryPolicy", "denied", 1)],
]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A dataset of it, for tests that only ask."""
    folder = str(tmp_path_factory.mktemp("exported"))
    export_to(folder, whole())
    return folder


@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_a_worked_question_selects_what_it_asks(exported: str, number: int) -> None:
    selected = ask(exported, QUESTIONS[number].sql)
    assert list(selected.rows) == SELECTED[number]


def test_the_page_is_that_of_the_program() -> None:
    assert len(QUESTIONS) == len(SELECTED) == 10
    assert PAGE.read_text(encoding="utf-8") == page()


def test_one_scan_or_every_one(tmp_path: Path) -> None:
    first = export_to(str(tmp_path), replace(whole(), taken_at=days_ago(9)))
    second = export_to(str(tmp_path), whole())
    counted = "select scan, count(*) from images group by scan order by scan"
    assert ask(str(tmp_path), counted).rows == ((second.scan, 3),)
    assert ask(f"{tmp_path}#{first.scan}", counted).rows == ((first.scan, 3),)
    assert ask(str(tmp_path), counted, every_scan=True).rows == ((first.scan, 3), (second.scan, 3))


def test_a_limit_says_how_much_it_leaves_out(exported: str) -> None:
    asked = ask(exported, "select name from roles order by name", limit=2)
    assert (asked.rows, asked.left_out) == ((("never",), ("old",)), 1)
    asked = ask(exported, "select name from roles order by name", limit=3)
    assert (len(asked.rows), asked.left_out) == (3, 0)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("select nothing from nowhere", "Table with name nowhere does not exist"),
        ("selekt", "syntax error"),
        ("select * from read_csv('/etc/passwd')", "disabled by configuration"),
        ("copy roles to 'roles.csv'", "selects nothing"),
        ("set enable_external_access = true", "selects nothing"),
        ("install httpfs", "selects nothing"),
        ("create table roles_2 as select * from roles", "selects nothing"),
        ("", "selects nothing"),
        ("create or replace view roles as select 1; from roles", "2 statements, and one is"),
        ("select 1; set enable_external_access = true", "2 statements, and one is"),
        ("select whole", "whole"),
    ],
)
def test_what_is_refused(exported: str, statement: str, says: str) -> None:
    with pytest.raises(OptionError) as raised:
        ask(exported, statement)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)
    assert not Path("roles.csv").exists()


def test_what_else_asks(exported: str) -> None:
    for statement in (
        "select 1;",
        "describe roles",
        "show tables",
        "explain select 1",
        "pivot roles on name using count(*)",
    ):
        assert ask(exported, statement).rows


ENDLESS = "select sum(a.range * b.range) from range(9000000000) a, range(9000000000) b"


def test_an_answer_that_takes_too_long_is_given_up(exported: str) -> None:
    says = r"no answer within 0\.05 s \(--timeout\); select less, or allow more seconds"
    with pytest.raises(DatasetError, match=says):
        ask(exported, ENDLESS, timeout=0.05)
    with pytest.raises(DatasetError, match=says):
        ask(exported, ENDLESS, limit=10, timeout=0.05)
    assert ask(exported, "select 1", timeout=60).rows == ((1,),)


def test_a_column_that_is_damaged_is_no_smaller_answer(tmp_path: Path) -> None:
    export_to(str(tmp_path), whole())
    for path in tmp_path.rglob("roles/**/*.parquet"):
        path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(SnapshotError, match=r"roles/.* has [\d,]+ bytes of"):
        ask(str(tmp_path), "select count(*) from functions")


def test_without_duckdb(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(importlib, "import_module", missing)
    says = r"jotgraph sql needs duckdb: pip install 'jotgraph\[sql\]'"
    with pytest.raises(ExtraError, match=says):
        ask(str(tmp_path), "select 1")


def test_a_file_of_another_byte_is_not_another_answer(tmp_path: Path) -> None:
    export_to(str(tmp_path), whole())
    question = "select id, digest, tags, size, record from images order by id"
    right = ask(str(tmp_path), question).rows
    path = next(tmp_path.rglob("images/**/*.parquet"))
    content = path.read_bytes()
    end = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    refused = []
    for at in range(4, end, one_in(404, 101)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        try:
            assert ask(str(tmp_path), question).rows == right
        except SnapshotError as error:
            refused.append(str(error))
    assert len(refused) > 1
    assert all("a file of images cannot be read: " in message for message in refused)


def test_a_file_of_another_export_is_not_asked(tmp_path: Path) -> None:
    export_to(str(tmp_path / "asked"), whole())
    export_to(str(tmp_path / "other"), whole())
    here, other = (
        next((tmp_path / name).rglob("images/**/*.parquet")) for name in ("asked", "other")
    )
    here.write_bytes(other.read_bytes())
    for named in ("Images", "query_table('Ima' || 'ges')", "query('from ima' || 'ges')"):
        with pytest.raises(SnapshotError, match="is another file, written as images/"):
            ask(str(tmp_path / "asked"), f"select count(*) from {named}")
    assert ask(str(tmp_path / "asked"), "select count(*) from roles").rows == ((3,),)
