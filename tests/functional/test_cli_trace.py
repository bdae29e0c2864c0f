"""``trace`` on a stored inventory, whole outputs compared."""

from __future__ import annotations

import json

import msgspec
import pytest

from jotgraph import store
from tests.functional.conftest import Run, expected
from tests.functional.estate import ACCOUNT, REGION, SHAS, digest, estate


def test_a_function_with_two_versions(run: Run, stored: str) -> None:
    result = run("trace", "checkout", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout == expected("trace_a_function_with_two_versions")


def test_a_role_that_two_functions_share(run: Run, stored: str) -> None:
    result = run("trace", "billing-role", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout == expected("trace_a_role_that_two_functions_share")


def test_a_local_image_that_was_never_pushed(run: Run, stored: str) -> None:
    result = run("trace", "scratch:test", "--from", stored)
    assert result.exit_code == 0
    assert result.stdout == expected("trace_a_local_image_that_was_never_pushed")


PLACE = f"{ACCOUNT}/{REGION}"
CHAIN = [
    f"commit:{SHAS[3]}",
    f"local-image:{digest(101)}",
    f"ecr-repo:{PLACE}/shop/checkout",
    f"ecr-image:{PLACE}/shop/checkout@{digest(1)}",
    f"function:{PLACE}/checkout",
    f"role:{ACCOUNT}/service/checkout-role",
]


@pytest.mark.parametrize("name", CHAIN)
def test_from_each_of_the_six_the_whole_chain(run: Run, stored: str, name: str) -> None:
    answer = json.loads(run("trace", name, "--from", stored, "--format", "json").stdout)
    assert answer["format"] == "jotgraph/trace/1"
    assert answer["resource"] == name
    assert CHAIN in [path["ids"] for path in answer["paths"]]


def test_a_lineage_does_not_wander(run: Run, stored: str) -> None:
    answer = run("trace", "report", "--from", stored).stdout
    assert "billing-role" in answer
    assert "function billing" not in answer


def test_text_from_outside_does_not_steer_the_terminal(run: Run) -> None:
    world = estate()
    evil = msgspec.structs.replace(
        world.commits[3], subject="\x1b]0;owned\x07 \x1b[31mred \u202ereversed [bold]"
    )
    store.save(msgspec.structs.replace(world, commits=(*world.commits[:3], evil)), "evil.jsonl")
    shown = run("trace", "checkout", "--from", "evil.jsonl").stdout
    assert "red" in shown
    assert "[bold]" in shown
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
