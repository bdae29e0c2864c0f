"""The script of a plan, run with the AWS command line itself, twice, and after it was stopped."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime

import pytest

import jotgraph
from jotgraph import sources
from jotgraph.analysis.usage import Options
from jotgraph.clients import connect
from jotgraph.plan import plan_delete
from jotgraph.queries.find import find
from jotgraph.render.answers.plan_script import as_script
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.options import ScanOptions
from tests.apply.estate import fill
from tests.rig.kept import state

pytestmark = [
    pytest.mark.in_ci,
    pytest.mark.skipif(not shutil.which("aws"), reason="no AWS CLI: pip install awscli"),
]


def script() -> str:
    options = ScanOptions(cache=None, env_key=b"k", usage_days=30)
    graph = jotgraph.build(sources.collect(options, connect(use_docker=False)))
    plan = plan_delete(
        graph,
        [find(graph, "function:app")],
        now=datetime.now(UTC),
        options=Options(assume_no=("lambda",), ignore=("role-used",)),
    )
    assert {str(step.action) for step in plan.steps} >= {
        "delete-trigger", "delete-alias", "delete-version", "delete-function", "delete-image",
        "delete-repository", "delete-role",
    }  # fmt: skip
    return as_script(plan)


def run(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh"], input=text, text=True, capture_output=True, check=False)


def test_a_script_runs_again_and_goes_on_where_it_stopped(aws_environment: Sandbox) -> None:
    fill(aws_environment)
    before = state(aws_environment)
    text = script()
    aws_environment.faults.deny("ecr", "BatchDeleteImage")
    stopped = run(text)
    assert (stopped.returncode, "AccessDenied" in stopped.stderr) == (1, True), stopped.stderr
    assert "function:123456789012/us-east-1/app" not in state(aws_environment)
    aws_environment.faults.clear()
    ended = run(text)
    assert (ended.returncode, ended.stderr) == (0, "")
    left = state(aws_environment)
    assert {name.partition(":")[0] for name in before.keys() - left.keys()} == {
        "trigger", "alias", "version", "function", "ecr-image", "ecr-repo", "role",
    }  # fmt: skip
    assert {name: before[name] for name in left} == left
    again = run(text)
    assert (again.returncode, again.stderr, state(aws_environment)) == (0, "", left)
