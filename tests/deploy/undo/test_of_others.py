"""What is somebody else's stays, and so does what undo of a later run needs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from jotgraph.deploy.push import PushOptions, push
from jotgraph.deploy.rollout import DeployOptions, deploy
from jotgraph.deploy.run import running
from jotgraph.deploy.undo import undo_making
from jotgraph.deploy.undo.model import CHANGED_SINCE
from jotgraph.errors import ApplyError, RefusedError
from jotgraph.records import ResourceId
from jotgraph.sandbox import seed
from tests.apply.runs import connect
from tests.deploy.bench import ELSEWHERE
from tests.deploy.push.small_engine import packed, small_engine
from tests.deploy.rollout.conftest import HOST, Account, account
from tests.deploy.rollout.test_services import Services, services
from tests.deploy.undo.test_undo import created, undone

__all__ = ["account", "services"]

WEB = "workload:ecs/service/default/web"


def needs(run: str) -> tuple[str, str]:
    return "cannot", f"undo of run {run} would put it back: jotgraph undo {run} first"


def test_the_later_run_is_named_after_an_undo_in_between(account: Account) -> None:
    """Undo of the rollback gave the alias a revision of its own."""
    first = account.deploy("one", alias="live").run
    later = account.deploy("two", alias="live").run
    undone(account.rollback().run)
    since = f"run {later} changed it since: jotgraph undo {later} first"
    assert undone(first, only_look=True)["alias:app:live"] == ("cannot", since)


def test_a_later_run_that_was_stopped_is_named(account: Account) -> None:
    """It moved the alias, and was stopped before it wrote that down."""
    first = account.deploy("one", alias="live").run
    account.aws.faults.reset("lambda", "UpdateAlias", done=True, times=1)
    with suppress(ApplyError), running("up", {"f": "app"}, connect(), patience=0.3) as run:
        deploy(run, "app:two", "app", DeployOptions(alias="live"))
    since = f"run {run.name} changed it since: jotgraph undo {run.name} first"
    outcomes = undone(first, only_look=True)
    assert (outcomes["alias:app:live"], outcomes["function:app"]) == (("cannot", since),) * 2


def test_a_later_run_that_was_stopped_at_a_service_is_named(services: Services) -> None:
    services.image("three")
    first = services.update("two").run
    services.aws.faults.reset("ecs", "UpdateService", done=True, times=1)
    with suppress(ApplyError):
        services.update("three")
    outcome = undone(first, only_look=True)[WEB]
    assert outcome[0] == "cannot"
    assert "changed it since: jotgraph undo" in outcome[1]


def test_shares_that_an_undo_gave_back_are_own(account: Account) -> None:
    account.deploy("one", alias="live")
    account.deploy("two", alias="live", weight=0.1)
    undone(account.rollback().run)
    assert account.alias() == ("1", {"2": 0.1})
    account.image("three")
    account.deploy("three", alias="live")
    assert account.alias() == ("3", {})


def test_a_rollback_goes_nowhere_that_was_taken_back(account: Account) -> None:
    """The second version stays for the alias of somebody else, and both moves to it are undone."""
    account.deploy("one", alias="live")
    second = account.deploy("two", alias="live").run
    back = account.rollback().run
    account.client.create_alias(FunctionName="app", Name="theirs", FunctionVersion="2")
    undone(back)
    undone(second)
    assert account.alias() == ("1", {})
    with pytest.raises(RefusedError, match="there is nothing to go back to"):
        account.rollback()


def test_what_undo_did_not_put_back_is_no_proof(account: Account) -> None:
    """The timeout is theirs; undo of the later run gave back the memory alone."""
    first = account.deploy("one", memory=128).run
    account.aws.faults.reset("lambda", "UpdateFunctionConfiguration", done=True, times=1)
    with suppress(ApplyError), running("up", {"f": "app"}, connect(), patience=0.3) as run:
        deploy(run, "app:one", "app", DeployOptions(memory=512))
    account.client.update_function_configuration(FunctionName="app", Timeout=77)
    assert undone(run.name)["function:app"] == ("restored", "back: settings")
    assert undone(first)["function:app"] == ("cannot", CHANGED_SINCE.words)
    assert account.function()["Configuration"]["Timeout"] == 77


@pytest.mark.parametrize("version", ["1", "$LATEST"])
def test_an_alias_of_others_on_a_function_that_the_run_created(
    account: Account, version: str
) -> None:
    run = account.deploy("one", alias="live").run
    account.client.create_alias(FunctionName="app", Name="theirs", FunctionVersion=version)
    stays = ("cannot", "somebody gave it the alias theirs since")
    assert undone(run, only_look=True)["function:app"] == stays
    assert undone(run)["function:app"] == stays
    names = account.client.list_aliases(FunctionName="app")["Aliases"]
    assert [alias["Name"] for alias in names] == ["theirs"]


def a_moment_later(account: Account, action: str, change: Callable[[], object]) -> None:
    def after(*_: object) -> None:
        account.aws.faults.clear()
        change()

    account.aws.faults.after("lambda", action, call=after, times=1)


@pytest.mark.parametrize("action", ["UpdateFunctionCode", "TagResource"])
def test_an_image_that_somebody_gave_a_moment_later(account: Account, action: str) -> None:
    """It is not published as the version of this run, and no alias leads to it."""
    account.deploy("one", alias="live")
    three = account.image("three")
    give = f"{HOST}/app:three"
    a_moment_later(
        account,
        action,
        lambda: account.client.update_function_code(FunctionName="app", ImageUri=give),
    )
    with pytest.raises(RefusedError, match="was changed by somebody else in the meantime"):
        account.deploy("two", alias="live")
    assert (account.versions(), account.alias(), account.digest()) == (["1"], ("1", {}), three)


def test_settings_that_somebody_gave_a_moment_later(account: Account) -> None:
    account.deploy("one", alias="live")
    a_moment_later(
        account,
        "UpdateFunctionConfiguration",
        lambda: account.client.update_function_configuration(FunctionName="app", MemorySize=1024),
    )
    with pytest.raises(RefusedError, match="was changed by somebody else in the meantime"):
        account.deploy("two", alias="live", memory=512)
    assert (account.versions(), account.digest()) == (["1"], account.one)
    assert account.function()["Configuration"]["MemorySize"] == 1024


def whole(number: int, role: str = "", tag: str = "latest") -> str:
    """One tag for all, unless told: each push takes it from the image before."""
    with running("up", {"function": "app", "n": str(number)}, connect(), patience=0.3) as run:
        pushed = push(run, None, packed(f"i{number}"), "app", PushOptions(tag=tag))
        options = DeployOptions(alias="live", memory=128 * number, role=role)
        deploy(run, pushed.reference, "app", options)
    return run.name


def test_what_a_later_run_puts_back_stays_for_it(account: Account) -> None:
    """Undo in the wrong order takes nothing that the right order needs."""
    first, later = whole(1), whole(2)
    outcomes = undone(first)
    image = f"ecr-image:app@{packed('i1').digest}"
    assert {outcomes["version:app:1"], outcomes[image]} == {needs(later)}
    for run in (later, first):
        again = undone(run)
        assert {status for status, _ in again.values()} <= {"removed", "restored"}, again
    assert account.client.list_functions()["Functions"] == []


def test_an_image_that_a_later_run_puts_back_stays_though_it_has_a_tag_of_its_own(
    account: Account,
) -> None:
    first, later = whole(1, tag="one"), whole(2, tag="two")
    assert undone(first)[f"ecr-image:app@{packed('i1').digest}"] == needs(later)


def test_an_image_to_which_a_later_push_gives_its_tag_back_stays(account: Account) -> None:
    runs = []
    for image in ("i1", "i2"):
        with running("push", {"image": image}, connect(), patience=0.3) as run:
            push(run, None, packed(image), "app", PushOptions(tag="latest"))
        runs.append(run.name)
    assert undone(runs[0])[f"ecr-image:app@{packed('i1').digest}"] == needs(runs[1])


def test_a_role_that_a_later_run_puts_back(account: Account) -> None:
    first = whole(1)
    iam: Any = account.aws.client("iam")
    own = iam.get_role(RoleName="jotgraph-app-us-east-1")["Role"]
    import json  # noqa: PLC0415 -- for this alone

    iam.create_role(
        RoleName="theirs", AssumeRolePolicyDocument=json.dumps(own["AssumeRolePolicyDocument"])
    )
    later = whole(2, role="theirs")
    assert undone(first)["role:jotgraph-app-us-east-1"] == needs(later)
    assert undone(later)["function:app"][0] == "restored"
    assert account.function()["Configuration"]["Role"] == own["Arn"]
    assert undone(first)["role:jotgraph-app-us-east-1"] == created()


def test_what_a_later_run_would_put_back_where_somebody_else_went_on(account: Account) -> None:
    """Undo of the later run puts nothing back then, and the version may go."""
    first = account.deploy("one", alias="live").run
    later = account.deploy("two", alias="live").run
    account.client.update_alias(FunctionName="app", Name="live", Description="mine")
    assert undone(first)["version:app:1"] == needs(later)
    assert undone(later)["alias:app:live"] == ("cannot", CHANGED_SINCE.words)
    assert undone(first)["version:app:1"] == created()


def test_a_revision_that_another_service_is_on(services: Services) -> None:
    run = services.update("two").run
    seed.ecs_service(services.aws, "other", "web")
    stays = "web:2 stays active: service default/other is on it"
    assert undone(run)[WEB] == ("restored", f"back on web:1; {stays}")
    assert undone(run)[WEB] == ("cannot", f"it is as it was; {stays}")
    answer = services.ecs.describe_task_definition(taskDefinition="web:2")
    assert answer["taskDefinition"]["status"] == "ACTIVE"


def test_a_revision_of_others_with_copied_tags(services: Services) -> None:
    run = services.update("two").run
    tags = services.ecs.describe_task_definition(taskDefinition="web:2", include=["TAGS"])["tags"]
    services.ecs.register_task_definition(
        family="web", containerDefinitions=[{"name": "c0", "image": f"{HOST}/app:one"}], tags=tags
    )
    assert undone(run)[WEB] == ("restored", "back on web:1; web:2 is inactive")
    listed = services.ecs.list_task_definitions(familyPrefix="web")["taskDefinitionArns"]
    assert [arn.rpartition("/")[2] for arn in listed] == ["web:1", "web:3"]


def test_services_in_the_wrong_order(services: Services) -> None:
    """A rollback left the service on what the first run gave it."""
    services.image("three")
    first, second, back = (
        services.update("two").run,
        services.update("three").run,
        services.back().run,
    )
    since = f"run {back} changed it since: jotgraph undo {back} first"
    assert undone(first)[WEB] == ("cannot", since)
    for run, now in ((back, "web:3"), (second, "web:2"), (first, "web:1")):
        assert undone(run)[WEB][0] == "restored"
        assert services.revision() == now


def test_a_tag_in_a_repository_whose_tags_move_no_more(account: Account) -> None:
    ecr: Any = account.aws.client("ecr")
    with running("push", {"a": "b"}, connect()) as run:
        digest = push(run, None, packed("x"), "app", PushOptions(tag="two")).digest
    ecr.put_image_tag_mutability(repositoryName="app", imageTagMutability="IMMUTABLE")
    why = "tags of app do not move any more: two stays on this image"
    assert undone(run.name)[f"ecr-image:app@{digest}"] == ("cannot", why)


def test_undo_of_the_push_of_an_image_that_has_a_name(account: Account) -> None:
    """The engine's image gets a second name by the push, and keeps its first."""
    with small_engine(account.aws, packed("x"), "shop:dev") as engine:
        with running("push", {"a": "b"}, connect()) as run:
            push(run, engine.client, "shop:dev", "app", PushOptions(tag="new"))
        reached = replace(connect(), docker=engine.client)
        reasons = {
            outcome.id: outcome.because for outcome in undo_making(run.name, reached).outcomes
        }
        assert reasons[ResourceId(packed("x").id)].startswith(f"its name {HOST}/app:new was taken")
        assert engine.names == ["shop:dev"]


def elsewhere(account: Account, role: str) -> None:
    """A function in the other region with a role, and a version of it."""
    account.aws.client("lambda", region=ELSEWHERE).create_function(
        FunctionName="theirs", Role=role, Code={"ZipFile": b"x"}, Runtime="python3.12",
        Handler="a.b", Publish=True,
    )  # fmt: skip


def test_a_role_that_a_function_in_another_region_has(account: Account) -> None:
    """It was never called, so IAM knows of no use: the region is enabled, and is looked at."""
    run = account.deploy("one").run
    elsewhere(account, account.function()["Configuration"]["Role"])
    because = f"function theirs in {ELSEWHERE} assumes it now"
    assert undone(run)["role:jotgraph-app-us-east-1"] == ("cannot", because)


def test_a_role_goes_where_a_function_in_another_region_has_its_own(account: Account) -> None:
    """What is there is read, so that it is no reason to leave the role."""
    run = account.deploy("one").run
    seed.role(account.aws, "theirs")
    elsewhere(account, "arn:aws:iam::123456789012:role/theirs")
    assert undone(run)["role:jotgraph-app-us-east-1"] == created()


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (("lambda", "ListFunctions", ELSEWHERE), "failed"),
        (("ec2", "DescribeRegions", None), "cannot"),
    ],
)
def test_a_role_stays_where_another_region_cannot_be_read(
    account: Account, fault: tuple[str, str, str | None], status: str
) -> None:
    run = account.deploy("one").run
    seed.role(account.aws, "theirs")
    elsewhere(account, "arn:aws:iam::123456789012:role/theirs")
    service, action, region = fault
    account.aws.faults.deny(service, action, region=region)
    assert undone(run)["role:jotgraph-app-us-east-1"][0] == status
