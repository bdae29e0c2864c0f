"""The command ``invoke`` from end to end, under exactly the permissions that it names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from jotgraph.cli import cli
from jotgraph.permissions import document, needs
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import Invoked
from jotgraph.store.evidence import read_tests
from tests.functional.test_cli_json import problems


def total(event: Any, call: Invoked) -> Any:
    return {"total": sum(event["prices"])}


@pytest.fixture
def shop(aws_environment: Sandbox, tmp_path: Path) -> Sandbox:
    seed.repository(aws_environment, "team/app")
    seed.image(aws_environment, "team/app", "v1")
    seed.function(aws_environment, "shop", "team/app:v1")
    aws_environment.answer("shop", total)
    aws_environment.enforce(document(needs("invoke")))
    (tmp_path / "order.json").write_text('{"prices": [1, 2]}')
    (tmp_path / "right.json").write_text('{"total": 3}')
    (tmp_path / "wrong.json").write_text('{"total": 4}')
    return aws_environment


def digest_of_v1(aws: Sandbox) -> str:
    aws.enforce(None)
    (image,) = aws.client("ecr").describe_images(repositoryName="team/app")["imageDetails"]
    return str(image["imageDigest"])


def invoked(folder: Path, expected: str, *words: str) -> Result:
    event, expectation = str(folder / "order.json"), str(folder / expected)
    return CliRunner().invoke(
        cli, ["invoke", "shop", "--event", event, "--expect", expectation, *words]
    )


def test_the_answer_is_json_of_its_schema(shop: Sandbox, tmp_path: Path) -> None:
    done = invoked(tmp_path, "right.json", "--format", "json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert problems(answer) == []
    assert (answer["passed"], answer["results"][0]["figures"]["billed_ms"]) == (True, 102)
    assert len(read_tests().tests) == 1


def test_a_wrong_answer_is_a_diff_and_exit_1(shop: Sandbox, tmp_path: Path) -> None:
    done = invoked(tmp_path, "wrong.json", "--no-keep")
    assert done.exit_code == 1
    assert "- total: 4\n" in done.stdout
    assert "+ total: 3\n" in done.stdout
    output = " ".join(done.stdout.split())
    assert f"version $LATEST ({digest_of_v1(shop)[7:16]}), billed 102 ms, init 100 ms" in output
    assert "40 of 128 MB" in output
    assert "REPORT RequestId" in done.stderr
    assert "0 of 1 case passed: image sha256:" in done.stderr
    assert read_tests().tests == ()


def test_an_event_alone_passes_by_any_answer(shop: Sandbox, tmp_path: Path) -> None:
    event = str(tmp_path / "order.json")
    done = CliRunner().invoke(cli, ["invoke", "shop", "--event", event])
    assert done.exit_code == 0, done.output
    (test,) = read_tests().tests
    assert [(case.name, case.expected, case.passed) for case in test.cases] == [("order", "", True)]
    assert test.by.startswith("arn:aws:")
