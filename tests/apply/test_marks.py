"""How a thing was before a quarantine is in its tags: another machine can put it back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

import jotgraph
from jotgraph.apply import apply
from jotgraph.apply.quarantine.marks import take_over
from jotgraph.apply.release import release
from jotgraph.apply.undo import undo
from jotgraph.errors import ApplyError
from jotgraph.plan import Plan, plan_cleanup, seal
from jotgraph.plan.outcome import ReleaseReceipt
from jotgraph.plan.protection import foreign_marks
from jotgraph.plan.sweep import marked_by
from jotgraph.records import ResourceId, digest_of
from jotgraph.records.fields import pairs
from jotgraph.records.quarantine import (
    AFTER,
    ARCHIVED,
    BEFORE,
    archived_by,
    archived_tags,
    before_of,
    before_tags,
    word_of,
)
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import ecr_backend, images_of
from jotgraph.store.folders import runs_folder
from tests.apply.aside import estate_set_aside, planned, set_aside
from tests.apply.estate import LOGS, OLD, Estate
from tests.apply.runs import IGNORED, connect, scan
from tests.apply.test_quarantine import estate, world
from tests.apply.test_sweep import carried_out, later, swept
from tests.strength import examples, some

__all__ = ["estate"]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Move to a machine that has no journal."""
    return lambda: monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))


def released(run: str, *names: str) -> ReleaseReceipt:
    return release(run, connect(), patience=0.3, marked=[ResourceId(name) for name in names])


def test_another_machine_puts_everything_back(
    aws_environment: Sandbox, estate: Estate, elsewhere: Any
) -> None:
    before = world(aws_environment)
    receipt = estate_set_aside()
    assert receipt.proven
    elsewhere()
    result = released(receipt.run, *(outcome.id for outcome in receipt.outcomes))
    assert {outcome.status.value for outcome in result.outcomes} == {"released"}, result
    assert world(aws_environment) == before
    assert {outcome.status.value for outcome in released(receipt.run).outcomes} == {"there"}


def test_a_role_alone_gets_its_trust_policy_back(
    aws_environment: Sandbox, estate: Estate, elsewhere: Any
) -> None:
    role = "role:123456789012/app-role"
    before = aws_environment.client("iam").get_role(RoleName="app-role")["Role"]
    receipt = estate_set_aside()
    elsewhere()
    assert released(receipt.run, role).whole
    after = aws_environment.client("iam").get_role(RoleName="app-role")["Role"]
    assert after["AssumeRolePolicyDocument"] == before["AssumeRolePolicyDocument"]
    assert after.get("Tags", []) == before.get("Tags", [])


def test_what_the_run_did_not_mark_is_left_alone(
    aws_environment: Sandbox, estate: Estate, elsewhere: Any
) -> None:
    receipt = estate_set_aside()
    elsewhere()
    now = world(aws_environment)
    role, other = "role:123456789012/app-role", "role:123456789012/other-role"
    for run, name, words in (
        (receipt.run, other, "is not in quarantine"),
        ("0123456789ab", role, f"is not marked by run 0123456789ab, but {receipt.run}"),
        (receipt.run, "role:123456789012/none", "is gone"),
        (receipt.run, f"ecr-image:123456789012/us-east-1/common@{estate.shared}", "not in quara"),
        ("../evil", role, "is not the name of a run"),
    ):
        with pytest.raises(ApplyError, match=words):
            released(run, name)
    assert world(aws_environment) == now


def test_a_mark_without_how_it_was_is_no_help(
    aws_environment: Sandbox, estate: Estate, elsewhere: Any
) -> None:
    receipt = estate_set_aside()
    aws_environment.client("iam").untag_role(RoleName="app-role", TagKeys=[f"{BEFORE}:1"])
    elsewhere()
    with pytest.raises(ApplyError, match="do not record its earlier state"):
        released(receipt.run, "role:123456789012/app-role")


@examples(15, many=50)
@given(st.dictionaries(st.text(), st.one_of(st.none(), st.integers(0, 2**53), st.text())))
def test_what_is_written_into_tags_is_read_again(before: dict[str, Any]) -> None:
    tags = before_tags(before)
    assert before_of(sorted(tags.items())) == json.loads(json.dumps(before))
    assert all(0 < len(value) <= 256 for value in tags.values())


def test_a_long_trust_policy_takes_several_tags() -> None:
    trust = "".join(f"{n:x}" for n in range(1200))
    tags = before_tags({"trust": trust})
    assert len(tags) > 1
    assert before_of(tags.items()) == {"trust": trust}
    for missing in tags:
        assert before_of([tag for tag in tags.items() if tag[0] != missing]) == {}


@pytest.mark.parametrize("value", ["", "?", "AAAA", "eJw=", "W10="])
def test_foreign_tags_are_not_believed(value: str) -> None:
    assert before_of([(f"{BEFORE}:1", value), ("team", "x")]) == {}


def test_images_are_named_in_the_tags_of_their_repository(
    aws_environment: Sandbox, estate: Estate
) -> None:
    receipt = estate_set_aside()
    images = [
        digest_of(outcome.id) for outcome in receipt.outcomes if outcome.id.startswith("ecr-image:")
    ]
    tags = repository_tags(aws_environment)
    assert [*tags] == [f"{ARCHIVED}:{receipt.run}:1"]
    assert archived_by(pairs(tags), receipt.run)[1] == set(map(word_of, images))
    released(receipt.run)
    assert repository_tags(aws_environment) == {}


def repository_tags(aws: Sandbox) -> dict[str, str]:
    arn = "arn:aws:ecr:us-east-1:123456789012:repository/app"
    tags = aws.client("ecr").list_tags_for_resource(resourceArn=arn)["tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}


def tag_repository(aws: Sandbox, tags: dict[str, str]) -> None:
    arn = "arn:aws:ecr:us-east-1:123456789012:repository/app"
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    aws.client("ecr").tag_resource(resourceArn=arn, tags=listed)


def test_a_repository_without_room_for_the_names_keeps_its_images(
    aws_environment: Sandbox, estate: Estate
) -> None:
    own = {f"team-{n}": "x" for n in range(50)}
    tag_repository(aws_environment, own)
    before = world(aws_environment)["images"]
    receipt = set_aside(planned("function:app"))
    words = {outcome.because for outcome in receipt.outcomes if outcome.action == "archive-image"}
    assert any("leaves no room for a tag" in because for because in words)
    assert world(aws_environment)["images"] == before
    assert repository_tags(aws_environment) == own


def test_tags_of_what_was_swept_long_ago_make_room(
    aws_environment: Sandbox, estate: Estate
) -> None:
    gone, kept = archived_tags("old", "2020-01-01T00:00:00+00:00", [word_of("gone")]), {"team": "x"}
    new = archived_tags("new", "2999-01-01T00:00:00+00:00", [word_of("not yet")])
    tag_repository(aws_environment, gone | kept | new)
    receipt = set_aside(planned("function:app"))
    mine = f"{ARCHIVED}:{receipt.run}:1"
    assert sorted(repository_tags(aws_environment)) == sorted({mine, *kept, *new})


@pytest.mark.parametrize("count", [0, 1, 18, 19, 100])
def test_many_images_take_few_tags(count: int) -> None:
    since = "2026-01-02T03:04:05+00:00"
    words = frozenset(word_of(f"sha256:{n}") for n in range(count))
    tags = archived_tags("0123456789ab", since, words)
    assert len(tags) == -(-count // 19)
    assert all(0 < len(value) <= 256 for value in tags.values())
    assert archived_by(pairs(tags), "0123456789ab") == (since if count else "", words)
    assert archived_by(pairs(tags), "other") == ("", frozenset())


def taken_over(run: str) -> dict[ResourceId, str]:
    named, left = marked_by(jotgraph.build(scan()), run)
    return take_over(run, connect(), named, left)


def test_another_machine_takes_over_and_sweeps(
    aws_environment: Sandbox, estate: Estate, elsewhere: Any
) -> None:
    before = {record.id for record in scan().records()}
    receipt = estate_set_aside()
    assert receipt.proven
    elsewhere()
    assert swept(later()).steps == ()
    assert taken_over(receipt.run) == {}
    plan = swept(later())
    assert {outcome.id for outcome in receipt.outcomes} < {step.id for step in plan.steps}
    done = carried_out(plan)
    assert {status for status, _ in done.values()} == {"done"}, done
    assert before - {record.id for record in scan().records()} == {step.id for step in plan.steps}


def test_another_machine_takes_over_and_releases(
    aws_environment: Sandbox, estate: Estate, elsewhere: Any
) -> None:
    before = world(aws_environment)
    receipt = estate_set_aside()
    elsewhere()
    assert taken_over(receipt.run) == {}
    assert taken_over(receipt.run) == {}  # once more, as after a crash
    assert released(receipt.run).whole
    assert world(aws_environment) == before


def test_a_run_of_this_machine_is_not_taken_over(aws_environment: Sandbox, estate: Estate) -> None:
    receipt = estate_set_aside()
    with pytest.raises(ApplyError, match="is one of this machine"):
        taken_over(receipt.run)


def _alias(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").create_alias(FunctionName="app", Name="late", FunctionVersion="1")


def _restored(aws: Sandbox, of: Estate) -> None:
    for target in ("STANDARD", "ARCHIVE"):
        aws.client("ecr").update_image_storage_class(
            repositoryName="app",
            imageId={"imageDigest": of.old},
            targetStorageClass=target,
        )


def _policy(aws: Sandbox, of: Estate) -> None:
    aws.client("iam").put_role_policy(
        RoleName="app-role", PolicyName="late", PolicyDocument=json.dumps(LOGS)
    )


def _no_after(aws: Sandbox, of: Estate) -> None:
    aws.client("iam").untag_role(RoleName="app-role", TagKeys=[AFTER])


def _future(aws: Sandbox, of: Estate) -> None:
    (key,) = repository_tags(aws)
    tag_repository(aws, {key: "2999" + repository_tags(aws)[key][4:]})


def _archived_earlier(aws: Sandbox, of: Estate) -> None:
    """Somebody tags what was put into the archive long ago as if a run had."""
    repository = ecr_backend(aws.account, aws.region).repositories["app"]
    for image in images_of(repository).by_digest.values():
        image.archived_at = OLD.timestamp()


@pytest.mark.parametrize(
    ("change", "prefix", "words"),
    some(
        "marks that do not tell all",
        [
            (_archived_earlier, "ecr-image:", "it was archived before it was marked"),
            (_alias, "function:", "it was changed since it was put in quarantine"),
            (_restored, "ecr-image:", "it was restored since it was put in quarantine"),
            (_policy, "role:", "it was changed since it was put in quarantine"),
            (_no_after, "role:", "do not record its state in quarantine"),
            (_future, "ecr-image:", "which is not a time in the past"),
        ],
        3,
    ),
)
def test_what_marks_do_not_tell_is_refused_by_name(
    aws_environment: Sandbox, estate: Estate, elsewhere: Any, change: Any, prefix: str, words: str
) -> None:
    receipt = estate_set_aside()
    aws_environment.world.ahead += 60
    change(aws_environment, estate)
    elsewhere()
    unknown = taken_over(receipt.run)
    assert unknown, receipt
    assert all(resource.startswith(prefix) and words in why for resource, why in unknown.items())
    assert not set(unknown) & {step.id for step in swept(later()).steps}


def test_what_is_marked_elsewhere_blocks_a_cleanup(
    aws_environment: Sandbox, estate: Estate, elsewhere: Any
) -> None:
    """A disabled trigger and an archived image too; and where the tags cannot be read."""
    receipt = estate_set_aside()
    elsewhere()
    marked = {outcome.id for outcome in receipt.outcomes}
    graph = jotgraph.build(scan())
    assert marked <= foreign_marks(graph, ()).keys()
    plans = [plan_cleanup(graph, now=datetime.now(UTC), options=IGNORED)]
    for call in ("lambda:ListTags", "ecr:ListTagsForResource", "tagging:GetResources"):
        aws_environment.faults.deny(*call.split(":"))
    plans.append(plan_cleanup(jotgraph.build(scan()), now=datetime.now(UTC), options=IGNORED))
    for plan in plans:
        assert not marked & {step.id for step in plan.steps}


def test_a_release_that_is_refused_leaves_no_run(
    aws_environment: Sandbox, estate: Estate, elsewhere: Any
) -> None:
    elsewhere()
    with pytest.raises(ApplyError, match="is not in quarantine"):
        released("0123456789ab", "role:123456789012/other-role")
    assert not runs_folder().exists()


def test_an_undo_of_a_sweep_leaves_no_name_behind(aws_environment: Sandbox, estate: Estate) -> None:
    """The repository comes back with its own tags alone."""
    tag_repository(aws_environment, {"team": "a"})
    assert set_aside(planned("function:app"), backup=True).proven
    plan = sealed(swept(later()))
    receipt = apply(
        plan, connect(), now=plan.made_at, accept_gaps=plan.unread, patience=0.3, backup=True
    )
    assert receipt.proven, receipt
    undo(receipt.run, connect(), patience=0.3)
    assert repository_tags(aws_environment) == {"team": "a"}


def sealed(plan: Plan) -> Plan:
    """The plan of a later time, made now: the clock of the world stands still."""
    return seal(replace(plan, made_at=datetime.now(UTC)))
