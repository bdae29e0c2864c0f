"""`--exact`: the bytes that a deletion frees, with layers that others share left out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import OLD
from tests.functional.conftest import Run

ASKED = ("cleanup", "--kind", "ecr-image", "--keep-images", "0", "--no-docker")
READS = "ecr:BatchGetImage"


@pytest.fixture
def shelf(aws_environment: Sandbox) -> Sandbox:
    """An image that is kept, and two that go, all on one base; another repository without any."""
    seed.repository(aws_environment, "app", created=OLD)
    base, alone = b"base" * 1000, b"alone" * 100
    for number, (layers, tags) in enumerate(
        (((base,), ("prod",)), ((base, alone), ()), ((base,), ()))
    ):
        config = b'{"n":%d}' % number
        seed.image(aws_environment, "app", *tags, config=config, layers=layers, pushed=OLD)
    seed.repository(aws_environment, "other", created=OLD)
    seed.image(aws_environment, "other", "prod", config=b"{}", layers=(base,), pushed=OLD)
    return aws_environment


def planned(run: Run, *options: str) -> Any:
    result = run("plan", *ASKED, *options, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def reads(aws: Sandbox) -> list[str]:
    return [call.params["repositoryName"] for call in aws.calls if call.name == READS]


def test_layers_that_stay_are_not_counted(run: Run, shelf: Sandbox) -> None:
    """Only repositories that something goes from are read, the images that stay in them too."""
    bound = planned(run)
    assert (len(bound["steps"]), bound["at_most"], reads(shelf)) == (2, True, [])
    exact = planned(run, "--exact")
    assert reads(shelf) == ["app"]
    assert [step["id"] for step in exact["steps"]] == [step["id"] for step in bound["steps"]]
    assert (exact["at_most"], exact["ecr_bytes"] < bound["ecr_bytes"]) == (False, True)
    assert sorted(step["bytes"] for step in exact["steps"]) == [0, exact["ecr_bytes"]]


def test_nothing_is_read_where_nothing_goes(run: Run, shelf: Sandbox) -> None:
    made = planned(run, "--exact", "--keep", "app*")
    assert (made["steps"], reads(shelf)) == ([], [])


def test_what_cannot_be_read_leaves_a_bound(run: Run, shelf: Sandbox) -> None:
    shelf.faults.deny("ecr", "BatchGetImage")
    made = planned(run, "--exact")
    assert (len(made["steps"]), made["at_most"], made["complete"]) == (2, True, True)


def test_reading_them_is_no_use_of_them(run: Run, shelf: Sandbox) -> None:
    """ECR records it as a pull, which is told from others when the plan is applied."""
    assert run("plan", *ASKED, "--exact", "-o", "plan.json").exit_code == 0
    done = run("apply", "plan.json", "--yes", "--format", "json")
    assert done.exit_code == 0, done.output


def test_a_stored_inventory_has_no_registry(run: Run, shelf: Sandbox) -> None:
    assert run("scan", "--no-docker", "-o", "world.jsonl").exit_code == 0
    result = run("plan", "cleanup", "--from", "world.jsonl", "--exact")
    assert (result.exit_code, "reads the registry" in result.stderr) == (2, True)
