"""Several names for one command."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.functional.conftest import Run
from tests.functional.test_cli_json import problems

BOTH = ("billing", "checkout:1")


@pytest.mark.parametrize("command", ["show", "trace"])
def test_one_below_the_other(run: Run, stored: str, command: str) -> None:
    alone = [run(command, name, "--from", stored).stdout for name in BOTH]
    assert run(command, *BOTH, "--from", stored).stdout == "\n".join(alone)
    tables = [run(command, name, "--format", "md", "--from", stored).stdout for name in BOTH]
    assert run(command, *BOTH, "--format", "md", "--from", stored).stdout == "\n".join(tables)


@pytest.mark.parametrize("command", ["show", "trace"])
def test_as_json_a_list_of_answers(run: Run, stored: str, command: str) -> None:
    alone = [
        json.loads(run(command, name, "--format", "json", "--from", stored).stdout) for name in BOTH
    ]
    answers = json.loads(run(command, *BOTH, "--format", "json", "--from", stored).stdout)
    assert answers == alone
    assert [problems(answer) for answer in answers] == [[], []]


@pytest.mark.parametrize("command", ["show", "trace"])
def test_as_csv_one_table(run: Run, stored: str, command: str) -> None:
    alone = [
        list(
            csv.reader(io.StringIO(run(command, name, "--format", "csv", "--from", stored).stdout))
        )
        for name in BOTH
    ]
    text = run(command, *BOTH, "--format", "csv", "--from", stored).stdout
    assert list(csv.reader(io.StringIO(text))) == [*alone[0], *alone[1][1:]]


def test_a_glob_means_each_once(run: Run, stored: str) -> None:
    shown = run("show", "checkout:?", "checkout:1", "--format", "json", "--from", stored)
    ids = [answer["resource"]["id"] for answer in json.loads(shown.stdout)]
    assert [resource.rpartition("/")[2] for resource in ids] == ["checkout:1", "checkout:2"]


def test_impact_of_several_is_one_answer(run: Run, stored: str) -> None:
    result = run("impact", "billing", "report", "--format", "json", "--from", stored)
    answer = json.loads(result.stdout)
    assert problems(answer) == []
    names = [resource.rpartition("/")[2] for resource in answer["resources"]]
    assert names == ["billing", "report"]
    left = {entry["id"].rpartition("/")[2] for entry in answer["left"]}
    assert "billing-role" in left, "each alone leaves it to the other"


def test_one_that_is_not_there(run: Run, stored: str) -> None:
    result = run("show", "billing", "nothing", "--from", stored)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nothing" in result.stderr
