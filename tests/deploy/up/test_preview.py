"""What ``--dry-run`` and ``--format sh`` say is what ``up`` then does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jotgraph.deploy.build import BuildOptions
from jotgraph.deploy.build.options import Builder
from jotgraph.deploy.rollout import DeployOptions
from jotgraph.deploy.rollout.roles import TRUST
from jotgraph.deploy.testing import RunOptions
from jotgraph.deploy.up.preview import preview
from jotgraph.queries.answers.up import Result, Stage, UpPlan
from jotgraph.render.answers.up_script import script
from tests.deploy.up.bench import Bench

DOES = re.compile(r"(Create|Put|Update|Publish|Tag|Untag|Invoke)")
BYTES = {"PutImage", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload"}
"""What ``docker push`` does, where no engine is."""


def planned(bench: Bench, function: str = "quote") -> UpPlan:
    return preview(
        bench.project.path,
        f"{function}.app.handler",
        function,
        bench.wire.clients,
        bench.options(function),
    )


def would(plan: UpPlan) -> dict[Stage, Result]:
    return {done.stage: done.result for done in plan.stages}


def commands(text: str) -> list[str]:
    """The AWS calls of a script that change something, as they are called in a policy."""
    named = re.findall(r"aws (ecr|iam|lambda) ((?!wait)[a-z-]+)", text)
    calls = [f"{service}:{re.sub('(^|-)(.)', _capital, verb)}" for service, verb in named]
    return [call for call in calls if DOES.match(call.partition(":")[2])]


def _capital(match: re.Match[str]) -> str:
    return match[2].upper()


def made(bench: Bench) -> list[str]:
    """The calls of a run that changed something, but those of the push."""
    calls = (name for name in bench.wire.names if DOES.match(name.partition(":")[2]))
    return [name for name in calls if name.partition(":")[2] not in BYTES]


def test_reading_is_all_that_it_does(bench: Bench) -> None:
    plan = planned(bench)
    assert would(plan) == {
        Stage.VALIDATE: Result.PASSED,
        Stage.BUILD: Result.CREATED,
        Stage.TEST: Result.RUN,
        Stage.PUSH: Result.CREATED,
        Stage.DEPLOY: Result.CREATED,
        Stage.INVOKE: Result.RUN,
    }
    assert bench.world() == {}
    assert made(bench) == []


def test_it_says_what_is_done_then(bench: Bench) -> None:
    planned_calls = commands(script(planned(bench)))
    bench.wire.restart()
    bench.up()
    assert planned_calls == made(bench)
    assert would(planned(bench))[Stage.PUSH] is Result.THERE
    assert would(planned(bench))[Stage.DEPLOY] is Result.THERE


def test_it_says_what_is_done_of_a_change(bench: Bench) -> None:
    bench.deployed()
    bench.change()
    plan = planned(bench)
    assert would(plan)[Stage.PUSH] is Result.CREATED
    assert would(plan)[Stage.DEPLOY] is Result.CHANGED
    bench.wire.restart()
    bench.up()
    assert sorted(commands(script(plan))) == sorted(made(bench))


@pytest.mark.parametrize("again", [False, True])
def test_a_shell_reads_the_script(bench: Bench, tmp_path: Path, *, again: bool) -> None:
    if again:
        bench.deployed()
    text = script(planned(bench))
    path = tmp_path / "up.sh"
    path.write_text(text)
    checked = subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    if shutil.which("shellcheck"):
        subprocess.run(["shellcheck", path], check=True)


def asked(bench: Bench, **options: Any) -> str:
    """The script of an ``up`` with other options."""
    wanted = msgspec.structs.replace(bench.options(), **options)
    root = bench.project.path
    plan = preview(root, "quote.app.handler", "quote", bench.wire.clients, wanted)
    return script(plan)


def test_the_options_of_the_build_are_in_the_script(bench: Bench) -> None:
    build = BuildOptions(
        dockerfile="Dockerfile.quote",
        network="none",
        pull=True,
        cache=False,
        tags=("till:next",),
        builder=Builder.BUILDKIT,
    )
    text = asked(bench, build=build)
    assert "DOCKER_BUILDKIT=1 docker build" in text
    assert "--network none --pull --no-cache" in text
    assert "--tag till:next" in text
    plain = asked(bench)
    assert not re.search("--network|--pull|--no-cache|DOCKER_BUILDKIT", plain)
    classic = asked(bench, build=msgspec.structs.replace(build, builder=Builder.CLASSIC))
    assert "BUILDX_NO_DEFAULT_ATTESTATIONS=1 DOCKER_BUILDKIT=0 docker build" in classic
    assert "--provenance" not in text + classic, "a docker without buildx takes no such option"


def test_the_role_in_the_script(bench: Bench) -> None:
    """A role that is there, by name or as an interrupted run left it, is given by its ARN."""
    new = asked(bench)
    assert "role=$(aws iam create-role --role-name jotgraph-quote-us-east-1" in new
    iam: Any = bench.aws.client("iam")
    tag = {"Key": "jotgraph:function", "Value": "function:123456789012/us-east-1/quote"}
    assert f"--tags Key={tag['Key']},Value={tag['Value']} " in new
    for name, tags in (("jotgraph-quote-us-east-1", [tag]), ("own", [])):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Tags=tags)
    arn = "arn:aws:iam::123456789012:role/"
    there, given = asked(bench), asked(bench, deploy=DeployOptions(role="own"))
    assert f"\nrole={arn}jotgraph-quote-us-east-1\n" in there
    assert f"\nrole={arn}own\n" in given
    assert "create-role" not in there + given
    iam.untag_role(RoleName="jotgraph-quote-us-east-1", TagKeys=[tag["Key"]])
    assert would(planned(bench))[Stage.DEPLOY] is Result.REFUSED, "as up would refuse it"
    iam.tag_role(RoleName="jotgraph-quote-us-east-1", Tags=[tag])
    bench.up()
    assert f"--role {arn}own" in asked(bench, deploy=DeployOptions(role="own"))


def test_a_generated_dockerfile_is_built_from_the_folder_itself(bench: Bench) -> None:
    """``up`` sends the folder under its name; the script's build is given the folder."""
    text = asked(bench, build=BuildOptions(base="slim"))
    assert "ARG SOURCE=." in text
    assert "--build-arg" not in text


def test_no_value_of_a_variable_is_in_the_script(bench: Bench, tmp_path: Path) -> None:
    text = asked(
        bench,
        build=BuildOptions(dockerfile="Dockerfile.quote", arguments={"KEY": "secret-0"}),
        test=RunOptions(environment={"TOKEN": "secret-1", "a$(touch hurt)": "secret-2"}),
        deploy=DeployOptions(environment={"SHOP": "secret-3"}),
    )
    assert "secret" not in text
    assert ': "${KEY?is not set}" "${SHOP?is not set}" "${TOKEN?is not set}"' in text
    assert "--build-arg KEY \\\n" in text
    assert "--env TOKEN --env 'a$(touch hurt)'" in text
    assert '--environment "$environment"' in text
    path = tmp_path / "up.sh"
    path.write_text(text)
    done = subprocess.run(["bash", path], env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, "KEY: is not set" in done.stderr) == (1, True)
    assert done.stdout == ""


def test_settings_that_differ_are_said(bench: Bench) -> None:
    bench.deployed()
    assert would(planned(bench))[Stage.DEPLOY] is Result.THERE
    options = bench.options(timeout=9)
    root = bench.project.path
    plan = preview(root, "quote.app.handler", "quote", bench.wire.clients, options)
    (deploy,) = [done for done in plan.stages if done.stage is Stage.DEPLOY]
    assert deploy.result is Result.CHANGED
    assert deploy.statement.endswith(" already, alias live leads to it; changed: Timeout")


def test_an_alias_that_is_elsewhere_is_said(bench: Bench) -> None:
    bench.deployed()
    bench.change()
    bench.up()
    client = bench.aws.client("lambda")
    client.update_alias(FunctionName="quote", Name="live", FunctionVersion="1")
    assert would(planned(bench))[Stage.DEPLOY] is Result.CHANGED


def test_what_folders_and_cases_are_called_runs_nothing(bench: Bench, tmp_path: Path) -> None:
    """Stand-ins for aws and docker note how they were called, and the script runs through."""
    label = {"note": "$(touch hurt) `touch hurt` ' \" \n"}
    options = bench.options()
    wanted = options.build
    changed = type(wanted)(dockerfile=wanted.dockerfile, labels=label)
    plan = preview(
        bench.project.path,
        "quote.app.handler",
        "quote",
        bench.wire.clients,
        type(options)(build=changed, deploy=options.deploy, cases=options.cases),
    )
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("aws", "docker", "curl", "sleep"):
        tool = tools / name
        read = 'case "$1" in login) cat > /dev/null;; esac'
        note = f'echo "{name} $*" >> "{tmp_path}/log"'
        tool.write_text(f"#!/bin/sh\n{note}\n{read}\necho 123456789012\n")
        tool.chmod(0o755)
    path = tmp_path / "up.sh"
    path.write_text(script(plan).replace('cat "$work/answer.json"', "echo"))
    done = subprocess.run(
        ["bash", path],
        cwd=tmp_path,
        env={"PATH": f"{tools}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "hurt").exists()
    log = (tmp_path / "log").read_text()
    assert "--label note=$(touch hurt) `touch hurt` ' \" \n" in log
    assert "aws lambda create-alias --function-name quote --name live --function-version 1" in log


def test_a_warning_is_named(bench: Bench) -> None:
    """Of a generated Dockerfile, of which ``validate`` knows nothing."""
    root = bench.project.path
    plan = preview(root, "quote.app.handler", "quote", bench.wire.clients)
    assert plan.stages[0].statement == (
        "quote.app.handler: nothing is wrong, 1 warning: public.ecr.aws/lambda/python:3.13 is not "
        "pinned by a digest: it has the tag 3.13, which may move"
    )
    assert planned(bench).stages[0].statement == "quote.app.handler: nothing is wrong"
