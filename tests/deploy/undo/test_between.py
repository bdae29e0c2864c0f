"""What others change while a run is interrupted stays theirs: the run does not set it again, and
undo does not put back what was before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import product
from typing import Any

import pytest

from jotgraph.deploy.push import PushOptions, push
from jotgraph.deploy.rollout import DeployOptions, Rollout, deploy
from jotgraph.deploy.run import Run, running
from jotgraph.deploy.undo.model import CHANGED_SINCE
from jotgraph.errors import ApplyError, RefusedError
from jotgraph.store.journal import Journal, find_run
from tests.apply.runs import connect
from tests.deploy.push.small_engine import packed
from tests.deploy.rollout.conftest import Account, account, calls
from tests.deploy.undo.test_undo import undone
from tests.strength import some

__all__ = ["account"]

NEW = DeployOptions(alias="live", memory=512, timeout=9, environment={"A": "new"})


@contextmanager
def going(image: str = "two", options: DeployOptions = NEW) -> Iterator[Run]:
    with running("up", {"f": "app"}, connect(), patience=0.3) as run:
        yield run
        deploy(run, f"app:{image}", "app", options)


def stopped(account: Account, action: str, *, done: bool = False, nth: int = 1) -> str:
    """A run that ended at a call, which took effect or not; returns its name."""
    account.aws.faults.reset("lambda", action, done=done, times=1, nth=nth)
    name = ""
    with suppress(ApplyError), going() as run:
        name = run.name
    account.aws.faults.clear()
    return name


def again() -> Rollout:
    with running("up", {"f": "app"}, connect(), patience=0.3) as run:
        return deploy(run, "app:two", "app", NEW)


def old(account: Account) -> None:
    account.deploy("one", alias="live", memory=128, environment={"A": "old"})


def settings(account: Account) -> tuple[int, int, str, Any]:
    config = account.function()["Configuration"]
    variables = config.get("Environment", {}).get("Variables")
    return config["MemorySize"], config["Timeout"], account.digest(), variables


THEIRS: dict[str, dict[str, Any]] = {
    "memory": {"MemorySize": 1024},
    "timeout": {"Timeout": 77},
    "variables": {"Environment": {"Variables": {"A": "theirs"}}},
}
STOPS = ("PublishVersion", "UpdateFunctionCode", "UpdateAlias", "TagResource")


@pytest.mark.parametrize(
    ("stop", "whose"), some("settings that others change", product(STOPS, THEIRS), 2)
)
def test_settings_of_others(account: Account, stop: str, whose: str) -> None:
    theirs = THEIRS[whose]
    old(account)
    run = stopped(account, stop)
    account.client.update_function_configuration(FunctionName="app", **theirs)
    now = settings(account)
    with pytest.raises(RefusedError, match=f"{run} was interrupted .*jotgraph undo {run}"):
        again()
    assert undone(run)["function:app"] == ("cannot", CHANGED_SINCE.words)
    assert settings(account) == now
    assert again().run == f"{run}-2", "the same command is a new run"
    assert settings(account) == (512, 9, account.two, {"A": "new"})


def test_the_reason_names_the_setting_and_no_value(account: Account) -> None:
    old(account)
    run = stopped(account, "PublishVersion")
    account.client.update_function_configuration(
        FunctionName="app", MemorySize=1024, Environment={"Variables": {"A": "hunter22"}}
    )
    with pytest.raises(RefusedError) as refused:
        again()
    assert "(MemorySize is 1024, its variables are others)" in str(refused.value)
    with Journal(find_run(run)) as journal:
        assert "hunter22" not in str(journal.entries)


def test_settings_of_a_function_that_the_run_created(account: Account) -> None:
    run = stopped(account, "PublishVersion")
    account.client.update_function_configuration(FunctionName="app", Timeout=77)
    with pytest.raises(RefusedError, match="Timeout is 77"):
        again()
    assert undone(run)["function:app"] == ("cannot", CHANGED_SINCE.words)
    assert settings(account)[1] == 77


def test_what_the_run_does_not_set_is_not_put_back(account: Account) -> None:
    """Here it is stopped at its first call, so nothing is known of the timeout."""
    account.deploy("one", memory=128)
    options = DeployOptions(memory=512)
    account.aws.faults.reset("lambda", "UpdateFunctionConfiguration", done=True, times=1)
    name = ""
    with suppress(ApplyError), going(options=options) as run:
        name = run.name
    account.client.update_function_configuration(FunctionName="app", Timeout=77)
    outcome = undone(name)["function:app"]
    assert outcome == ("restored", "back: settings")
    assert settings(account)[:2] == (128, 77)


def test_a_role_of_others(account: Account) -> None:
    old(account)
    arn = account.function()["Configuration"]["Role"]
    run = stopped(account, "PublishVersion")
    iam: Any = account.aws.client("iam")
    trust = iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]["AssumeRolePolicyDocument"]
    import json  # noqa: PLC0415 -- for this alone

    iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=json.dumps(trust))
    account.client.update_function_configuration(
        FunctionName="app", Role="arn:aws:iam::123456789012:role/theirs"
    )
    with pytest.raises(RefusedError, match="role/theirs"):
        again()
    assert undone(run)["function:app"] == ("cannot", CHANGED_SINCE.words)
    assert account.function()["Configuration"]["Role"].endswith("/theirs")


@pytest.mark.parametrize("theirs", ["1", "3"])
def test_an_alias_of_others(account: Account, theirs: str) -> None:
    """Version 1 is what it was on before: somebody went back on purpose."""
    old(account)
    with suppress(ApplyError), going() as run:
        deploy(run, "app:two", "app", NEW)
        raise ApplyError("a case failed")
    if theirs == "3":
        account.client.update_function_configuration(FunctionName="app", Description="mine")
        account.client.publish_version(FunctionName="app")
        account.client.update_function_configuration(FunctionName="app", Description="")
    account.client.update_alias(FunctionName="app", Name="live", FunctionVersion=theirs)
    with pytest.raises(RefusedError, match="was changed by somebody else while run"):
        again()
    outcome = undone(run.name)["alias:app:live"]
    assert outcome[1] in (CHANGED_SINCE.words, "it is on version 1, as it was")
    assert account.alias() == (theirs, {})


def test_tags_of_others(account: Account) -> None:
    """A tag has no revision: what has another value than the run gave it is theirs."""
    account.image("label", team="a")
    account.deploy("one")
    with running("deploy", {"i": "label"}, connect(), patience=0.3) as run:
        deploy(run, "app:label", "app", DeployOptions())
    arn = "arn:aws:lambda:us-east-1:123456789012:function:app"
    assert account.client.list_tags(Resource=arn)["Tags"]["team"] == "a"
    account.client.tag_resource(Resource=arn, Tags={"team": "theirs"})
    assert undone(run.name)["function:app"][0] == "restored"
    tags = account.client.list_tags(Resource=arn)["Tags"]
    assert (tags["team"], tags["tag"]) == ("theirs", "one")


def test_a_tag_of_an_image_that_others_moved(account: Account) -> None:
    ecr: Any = account.aws.client("ecr")

    def pushing(then: Callable[[], None]) -> None:
        with running("push", {"i": "x"}, connect(), patience=0.3) as run:
            push(run, None, packed("x"), "app", PushOptions(tag="two"))
            then()

    def fail() -> None:
        raise ApplyError("no")

    with suppress(ApplyError):
        pushing(fail)
    images = ecr.batch_get_image(repositoryName="app", imageIds=[{"imageTag": "one"}])["images"]
    ecr.put_image(repositoryName="app", imageManifest=images[0]["imageManifest"], imageTag="two")
    with pytest.raises(RefusedError, match="tag two of app was changed by somebody else while run"):
        pushing(lambda: None)
    answer = ecr.describe_images(repositoryName="app", imageIds=[{"imageTag": "two"}])
    assert answer["imageDetails"][0]["imageDigest"] == account.one


def test_own_runs_are_not_others(account: Account) -> None:
    old(account)
    stopped(account, "UpdateAlias")
    account.deploy("one", alias="live", memory=128)
    rollout = again()
    assert (rollout.after, account.alias()[0]) == (account.two, rollout.version)


def test_what_the_report_calls_before(account: Account) -> None:
    """Of a run that went on it is what was there before the run."""
    old(account)
    stopped(account, "UpdateAlias", done=True)
    assert again().before == account.one
    account.aws.faults.reset("lambda", "UpdateAlias", done=True, times=1)
    with pytest.raises(ApplyError):
        account.rollback()
    back = account.rollback()
    assert (back.before, back.after, back.version) == (account.two, account.one, "1")
    assert list(calls(back.run)) == ["lambda:UpdateAlias"]
