"""``ls`` on a stored inventory, whole outputs compared."""

from __future__ import annotations

import json

import msgspec
import pytest

from jotgraph import store
from tests.functional.conftest import Run, expected
from tests.functional.estate import SHAS, digest, estate


def test_the_table_of_jots(run: Run, stored: str) -> None:
    result = run("ls", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout == expected("ls_the_table_of_jots")


def test_images_that_nothing_runs_and_another_ref(run: Run, stored: str) -> None:
    result = run("ls", "--all", "--ref", "side", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout == expected("ls_images_that_nothing_runs_and_another_ref")


def test_every_version_as_markdown(run: Run, stored: str) -> None:
    result = run("ls", "--all-versions", "--format", "md", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout == expected("ls_every_version_as_markdown")


def test_whole_digests_as_csv(run: Run, stored: str) -> None:
    result = run("ls", "--format", "csv", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout == expected("ls_whole_digests_as_csv")


def test_json_holds_the_rows_the_scope_and_the_gaps(run: Run, stored: str) -> None:
    answer = json.loads(run("ls", "--from", stored, "--format", "json").stdout)
    assert answer["format"] == "jotgraph/jots/2"
    assert answer["scope"]["git"] == ["shop"]
    assert [gap["reason"] for gap in answer["gaps"]] == ["denied"]
    names = [jot["function"] for jot in answer["jots"]]
    assert names == ["report", "nightly", "billing", "checkout", "checkout"]  # the worst first
    billing = answer["jots"][2]
    assert billing["states"] == ["drift", "lag"]
    drift = billing["findings"][0]
    assert (drift["code"], drift["severity"]) == ("drift", "wrong")
    assert drift["statement"] == (
        "tag shop/billing:latest moved to @055eed5ee; runs shop/billing@035eed5ee"
    )
    assert billing["image"]["digest"] == digest(3)
    assert billing["follows"] == [digest(5)]
    assert billing["commit"]["commits"] == [SHAS[2]]
    assert billing["commit"]["standing"] == {
        "state": "behind", "behind": 1, "ref": "main", "repository": "shop", "dirty": False,
        "touching": None, "bound": "exact", "touches": [], "inputs": [], "perhaps": [],
        "doubt": "", "commit": SHAS[2], "behind_most": 1,
    }  # fmt: skip
    assert billing["local_images"] == [f"local-image:{digest(103)}"]
    checkout = answer["jots"][4]
    assert checkout["qualifiers"] == ["$LATEST", "2"]
    assert checkout["routes"] == [{"alias": "live", "share": 0.9}]


def test_red_is_for_what_is_wrong(run: Run, stored: str) -> None:
    plain = run("ls", "--from", stored).stdout
    colored = run("ls", "--from", stored, "--color", "always").stdout
    assert "\x1b[" not in plain
    assert "\x1b[1;31mdrift" in colored
    assert "\x1b[1;31mbroken" in colored
    assert "\x1b[32mcurrent" in colored


def test_no_color_is_heard(run: Run, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("ls", "--from", stored).stdout


def test_lines_fit_the_terminal(run: Run, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in ("80", "100", "200"):
        monkeypatch.setenv("COLUMNS", columns)
        for shape in ((), ("--tree",)):
            lines = run("ls", "--all", *shape, "--from", stored).stdout.splitlines()
            assert max(map(len, lines)) <= int(columns)


def test_a_tree_from_commit_to_role(run: Run, stored: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    narrow = run("ls", "--tree", "--all", "--from", stored).stdout
    assert narrow == expected("ls_as_a_tree")
    monkeypatch.setenv("COLUMNS", "120")
    assert len(run("ls", "--tree", "--all", "--from", stored).stdout.splitlines()) == len(
        narrow.splitlines()
    )


def test_the_order_of_records_does_not_matter(run: Run, stored: str) -> None:
    import msgspec  # noqa: PLC0415 -- for this test alone

    world = estate()
    turned = msgspec.structs.replace(
        world,
        **{
            name: getattr(world, name)[::-1]
            for name in ("commits", "local_images", "ecr_images", "functions", "versions", "roles")
        },
    )
    store.save(turned, "turned.jsonl")
    for arguments in (
        ("ls", "--all"),
        ("ls", "--tree"),
        ("trace", "billing-role"),
        ("show", "checkout"),
    ):
        one = run(*arguments, "--from", stored)
        two = run(*arguments, "--from", "turned.jsonl")
        assert one.stdout == two.stdout


def test_a_column_with_nothing_to_say_is_left_out(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(msgspec.structs.replace(estate(), local_images=(), containers=()), "aws.jsonl")
    monkeypatch.setenv("COLUMNS", "80")
    result = run("ls", "--from", "aws.jsonl")
    assert result.stdout == expected("ls_without_an_engine_in_80_columns")
