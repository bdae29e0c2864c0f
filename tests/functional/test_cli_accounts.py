"""What people read of many accounts: names beside ids, and tables that fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from jotgraph import store
from jotgraph.records import Inventory
from jotgraph.sandbox.server import Sandbox
from tests.factories import (
    ecr_image,
    ecr_repository,
    function,
    gap,
    inventory,
    role,
    role_arn,
    scope,
)
from tests.functional.conftest import Run

SHOP, BILLING, SECRET = "111122223333", "444455556666", "999900001111"
REGIONS = ("eu-west-1", "us-east-1", "us-west-2", "us-west-1")
NAMES = ((SHOP, "shop"), (BILLING, "billing"), (SECRET, "secret"))


def _world(*regions: str) -> Inventory:
    places = tuple((account, region) for account in (SHOP, BILLING) for region in regions)
    records: list[object] = []
    for account in (SHOP, BILLING):
        records.append(role("app", account=account))
        for region in regions:
            where = {"account": account, "region": region}
            used = {"role_arn": role_arn("app", account=account), **where}
            records += [ecr_repository(**where), ecr_image(1, "v1", **where), function(**used)]
    return inventory(
        *records,
        scope=scope(*places, unread_accounts=(SECRET,), names=NAMES),
        gaps=(gap("sts:AssumeRole", account=SECRET, region="", facts=("*",), detail="secret"),),
    )


@pytest.fixture
def stored(tmp_path: Path) -> str:
    path = tmp_path / "accounts.jsonl"
    store.save(_world(*REGIONS[:1]), path)
    return str(path)


def _lines(run: Run, *words: str) -> list[str]:
    result = run(*words)
    assert result.exit_code == 0, result.output
    return [line for line in result.output.splitlines() if line]


@pytest.mark.parametrize("command", [("ls", "--all"), ("orphans", "--all"), ("stale", "--all")])
def test_tables_have_the_names_of_accounts(run: Run, stored: str, command: tuple[str, ...]) -> None:
    table = "\n".join(_lines(run, *command, "--from", stored))
    assert f"{SHOP} (shop) eu-west-1" in table or "shop eu-west-1" in table
    assert f"{BILLING} (billing) eu-west-1" in table or "billing eu-west-1" in table


def test_the_table_fits_a_narrow_terminal(
    run: Run, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    result = run("ls", "--from", stored)
    table = result.stdout.splitlines()
    assert max(map(len, table)) <= 60
    assert [line for line in table if line.endswith(" billing eu-west-1")]


def test_of_one_account_its_name_is_above(run: Run, tmp_path: Path) -> None:
    world = inventory(
        ecr_repository(account=SHOP, region="eu-west-1"),
        scope=scope((SHOP, "eu-west-1"), names=NAMES[:1]),
    )
    store.save(world, tmp_path / "one.jsonl")
    assert _lines(run, "orphans", "--all", "--from", "one.jsonl")[0] == f"{SHOP} (shop) eu-west-1"


def test_many_places_are_counted(run: Run, tmp_path: Path) -> None:
    store.save(_world(*REGIONS), tmp_path / "many.jsonl")
    said = run("orphans", "--from", "many.jsonl").stderr.splitlines()
    assert said[0].endswith("; read 2 accounts in 4 regions")


def test_a_picture_and_a_page_name_accounts(run: Run, stored: str, tmp_path: Path) -> None:
    _lines(run, "render", "-o", "estate.svg", "--from", stored)
    assert f"account {SHOP} (shop)" in (tmp_path / "estate.svg").read_text()
    _lines(run, "render", "-o", "estate.html", "--from", stored)
    assert f'"{BILLING}":"billing"' in (tmp_path / "estate.html").read_text().replace(": ", ":")


def test_an_estimate_needs_no_scan(run: Run, aws_environment: Sandbox) -> None:
    aws_environment.world.regions = frozenset({aws_environment.region})
    result = run("scan", "--no-docker", "--estimate", "--name", "none")
    assert result.exit_code == 0, result.output
    assert "lambda" in result.stdout
    assert result.stderr.splitlines()[0] == (
        "23 calls, 0.1 s at least, bound by lambda of 123456789012 in us-east-1; 1 place nobody "
        "has scanned, counted as empty"
    )
    assert aws_environment.calls.tally() == {"sts:GetCallerIdentity": 1}
    assert "more below these" not in result.stderr


def test_an_estimate_says_how_many_limits_it_does_not_show(
    run: Run, aws_environment: Sandbox
) -> None:
    regions = [
        f"{place}-{number}" for place in ("us-east", "us-west", "eu-west") for number in (1, 2)
    ]
    aws_environment.world.regions = frozenset(regions)
    asked = ("scan", "--no-docker", "--estimate", "--name", "none", "--region", "all")
    result = run(*asked)
    assert len(result.stdout.splitlines()) == 1 + 10
    assert "2 more below these (--format csv lists all)" in result.stderr.splitlines()
    whole = run(*asked, "--format", "csv")
    assert len(whole.stdout.splitlines()) == 1 + 12
    assert "more below these" not in whole.stderr
