"""Undo, rollback and runs that go on, after others went on in the meantime."""

from __future__ import annotations

import shutil
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jotgraph.deploy.push import PushOptions, push
from jotgraph.deploy.rollout import DeployOptions, deploy
from jotgraph.deploy.run import Made, running
from jotgraph.deploy.undo.model import CHANGED_BETWEEN
from jotgraph.errors import ApplyError, NotThereError, RefusedError
from jotgraph.sandbox.world import iam_backend
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, find_run
from tests.apply.runs import connect
from tests.deploy.push.small_engine import packed
from tests.deploy.rollout.conftest import PLACE, Account, account
from tests.deploy.undo.test_undo import ROLE, undone

__all__ = ["account"]


def stopped(options: DeployOptions) -> None:
    """A run that deployed, and did not come to its end."""
    with suppress(ApplyError), running("up", {"f": "app"}, connect()) as run:
        deploy(run, "app:one", "app", options)
        raise ApplyError("a case failed")


def test_second_undo_leaves_a_later_deployment(account: Account) -> None:
    account.deploy("one")
    run = account.deploy("two").run
    undone(run)
    three = account.image("three")
    account.deploy("three")
    assert account.digest() == three
    undone(run)
    assert account.digest() == three


def test_second_undo_leaves_what_was_pushed_again(account: Account) -> None:
    image = packed("x")
    with running("push", {"a": "b"}, connect()) as run:
        push(run, None, image, "fresh", PushOptions(tag="t"))
    undone(run.name)
    with running("push", {"a": "other"}, connect()) as theirs:
        push(theirs, None, image, "fresh", PushOptions(tag="t"))
    undone(run.name)
    ecr: Any = account.aws.client("ecr")
    assert len(ecr.describe_images(repositoryName="fresh")["imageDetails"]) == 1


def test_rollback_after_a_failed_one(account: Account) -> None:
    account.deploy("one", alias="live")
    account.deploy("two", alias="live")

    def moved(_request: Any) -> None:
        account.aws.faults.clear()
        account.client.update_alias(FunctionName="app", Name="live", Description="mine")

    account.aws.faults.before("lambda", "UpdateAlias", call=moved, times=1)
    with pytest.raises(RefusedError):
        account.rollback()
    account.image("three")
    account.image("four")
    account.deploy("three", alias="live")
    account.deploy("four", alias="live")
    assert account.rollback().version == "3"
    assert account.alias()[0] == "3"


def test_alias_of_a_run_that_goes_on(account: Account) -> None:
    """As up does where a case fails in invoke, and the image is another when it goes on."""
    stopped(DeployOptions(alias="live"))
    with running("up", {"f": "app"}, connect()) as run:
        rollout = deploy(run, "app:two", "app", DeployOptions(alias="live"))
    assert account.alias()[0] == rollout.version == "2"


def test_settings_of_a_run_that_goes_on(account: Account) -> None:
    stopped(DeployOptions(alias="live", memory=128))
    with running("up", {"f": "app"}, connect()) as run:
        deploy(run, "app:one", "app", DeployOptions(alias="live", memory=512))
    assert account.function("live")["Configuration"]["MemorySize"] == 512


def test_another_machine_of_the_same_command(
    account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    account.deploy("one")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
    rollout = account.deploy("one")
    assert rollout.result is Made.THERE
    undone(rollout.run)
    assert account.versions() == ["1"]


def test_an_image_that_somebody_pushed_anew(account: Account) -> None:
    """The same bytes, in a repository of the same name that is theirs."""
    image = packed("x")
    with running("push", {"a": "b"}, connect()) as run:
        push(run, None, image, "fresh", PushOptions(tag="t"))
    ecr: Any = account.aws.client("ecr")
    ecr.delete_repository(repositoryName="fresh", force=True)
    ecr.create_repository(repositoryName="fresh")
    with running("push", {"a": "theirs"}, connect()) as theirs:
        push(theirs, None, image, "fresh", PushOptions(tag="t"))
    outcomes = undone(run.name)
    assert outcomes[f"ecr-image:fresh@{image.digest}"] == (
        "cannot",
        "somebody pushed it again since",
    )
    assert outcomes["ecr-repo:fresh"][0] == "cannot"
    assert len(ecr.describe_images(repositoryName="fresh")["imageDetails"]) == 1


def test_a_tag_that_somebody_moves_while_undo_gives_it_back(account: Account) -> None:
    ecr: Any = account.aws.client("ecr")
    account.image("three")
    listed = ecr.batch_get_image(repositoryName="app", imageIds=[{"imageTag": "three"}])["images"]
    with running("push", {"a": "b"}, connect()) as run:
        pushed = push(run, None, packed("x"), "app", PushOptions(tag="two"))

    def moved(_request: Any) -> None:
        account.aws.faults.clear()
        ecr.put_image(
            repositoryName="app", imageManifest=listed[0]["imageManifest"], imageTag="two"
        )

    account.aws.faults.before("ecr", "BatchGetImage", call=moved, times=1)
    outcome = undone(run.name)[f"ecr-image:app@{pushed.digest}"]
    assert outcome == ("cannot", "tag two was moved by somebody else just now: it stays")
    now = ecr.batch_get_image(repositoryName="app", imageIds=[{"imageTag": "two"}])["images"]
    assert now[0]["imageId"]["imageDigest"] == listed[0]["imageId"]["imageDigest"]


@pytest.mark.parametrize("before", [{"A": "1"}, {}])
def test_variables_whose_copy_was_purged(account: Account, before: dict[str, str]) -> None:
    """What they were is not known any more, unless there were none."""
    account.deploy("one", environment=before)
    run = account.deploy("one", environment={"A": "2"}).run
    shutil.rmtree(runs_folder() / run / "backup")
    with Journal(find_run(run)) as journal:
        journal.add("purged", params={"older_than_days": 90})
    status, because = undone(run)["function:app"]
    now = account.function()["Configuration"].get("Environment", {}).get("Variables", {})
    if before:
        assert (status, now) == ("cannot", {"A": "2"})
        assert because.endswith("by jotgraph purge --older-than 90d")
    else:
        assert (status, now) == ("restored", {})


def test_values_in_a_message(account: Account) -> None:
    account.deploy("one")
    account.aws.faults.error(
        "lambda", "UpdateFunctionConfiguration", code="InvalidParameterValueException",
        message='exceeded the 4KB limit. String measured: {"A":"hunter22"}', status=400,
    )  # fmt: skip
    with pytest.raises(ApplyError) as refused:
        account.deploy("one", environment={"A": "hunter22"})
    assert "hunter22" not in str(refused.value)
    for path in runs_folder().rglob("*"):
        assert not path.is_file() or b"hunter22" not in path.read_bytes()


def test_role_that_got_more(account: Account) -> None:
    run = account.deploy("one").run
    iam: Any = account.aws.client("iam")
    name = ROLE.partition(":")[2]
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    policy = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert undone(run)[ROLE] == ("cannot", f"somebody gave it {policy} since")
    assert iam.get_role(RoleName=name)


def test_role_that_was_used_in_another_region(account: Account) -> None:
    run = account.deploy("one").run
    role = iam_backend(PLACE[0]).get_role(ROLE.partition(":")[2])
    role.last_used, role.last_used_region = datetime.now(UTC), "eu-west-1"
    because = "it was used in eu-west-1, where this run made nothing"
    assert undone(run)[ROLE] == ("cannot", because)


def test_what_somebody_deployed_while_the_run_was_interrupted(account: Account) -> None:
    account.deploy("one", alias="live")
    with suppress(ApplyError), running("up", {"f": "app"}, connect()) as run:
        deploy(run, "app:two", "app", DeployOptions(alias="live"))
        raise ApplyError("a case failed")
    account.image("three")
    account.deploy("three", alias="live")
    with running("up", {"f": "app"}, connect()) as run:
        deploy(run, "app:two", "app", DeployOptions(alias="live"))
    outcomes = undone(run.name)
    between = ("cannot", CHANGED_BETWEEN.words)
    assert (outcomes["alias:app:live"], outcomes["function:app"]) == (between, between)
    assert (account.alias(), account.digest()) == (("2", {}), account.two)


@pytest.mark.usefixtures("account")
def test_a_run_that_made_nothing_leaves_nothing_to_take_back() -> None:
    """A name that was mistyped is refused before anything is made."""
    with suppress(NotThereError), running("deploy", {"function": "a", "image": "x"}, connect()):
        raise NotThereError("there is no image x")
    lines: list[str] = []
    with running("deploy", {"function": "a", "image": "y"}, connect(), tell=lines.append):
        pass
    assert lines == []
