"""What is swept, when, and what stays because somebody used or changed it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

import jotgraph
from jotgraph.analysis.usage import Options
from jotgraph.apply import apply
from jotgraph.errors import PlanError
from jotgraph.plan import Plan, plan_sweep, seal
from jotgraph.plan.sweep import quarantine_report
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.quarantine import held_now
from jotgraph.store.folders import runs_folder
from jotgraph.store.holdings import left_for_sweep
from jotgraph.store.journal_lines import encoded, read_lines
from tests.apply.aside import estate_set_aside, planned_of_estate, role, set_aside
from tests.apply.estate import OLD, Estate
from tests.apply.runs import connect, scan, statuses
from tests.apply.test_apply import calls
from tests.apply.test_quarantine import CHANGING, estate, released, world
from tests.strength import some

__all__ = ["estate"]

LATER = timedelta(days=15)
UNSEEN = {"use-unseen:ecr-image", "use-unseen:role"}


def swept(now: datetime, *, after: float = 14, **windows: Any) -> Plan:
    """The plan of a sweep at a later time, of the world as it is."""
    graph = jotgraph.build(scan())
    held_resources = held_now(connect(), now)
    options = Options(assume_no=("lambda",), **windows)
    left = left_for_sweep(resource.run for resource in held_resources)
    made = plan_sweep(graph, held_resources, left, after_days=after, now=now, options=options)
    assert set(made.unread) <= UNSEEN
    return made


def later() -> datetime:
    return datetime.now(UTC) + LATER


def because(plan: Plan) -> dict[str, str]:
    return {block.id.partition(":")[0]: block.because for block in plan.blocks}


def carried_out(plan: Plan, *, backup: bool = False) -> dict[str, tuple[str, str]]:
    now = datetime.now(UTC)
    plan = seal(msgspec.structs.replace(plan, made_at=now))  # the clock of the world stands still
    receipt = apply(plan, connect(), now=now, accept_gaps=UNSEEN, patience=0.3, backup=backup)
    return statuses(receipt)


def test_what_was_long_enough_in_quarantine_goes_with_what_was_left(
    aws_environment: Sandbox, estate: Estate
) -> None:
    before = {record.id for record in scan().records()}
    first = planned_of_estate()
    assert set_aside(first, backup=True).proven
    early = swept(datetime.now(UTC) + timedelta(days=13))
    assert early.steps == ()
    assert "not yet 14" in because(early)["function"]
    plan = swept(later())
    assert {step.id for step in plan.steps} == {
        *(step.id for step in first.steps),
        *(resource.id for resource in first.left),
    }
    assert not plan.quarantine
    reasons = {step.id.partition(":")[0]: step.because for step in plan.steps}
    assert reasons["role"].startswith("in quarantine for 15.0 days (run ")
    assert reasons["version"].startswith("left for the sweep by run ")
    outcomes = carried_out(plan, backup=True)
    assert {status for status, _ in outcomes.values()} == {"done"}, outcomes
    assert {e.id for e in scan().records()} == before - {step.id for step in plan.steps}
    assert held_now(connect(), later()) == ()


def test_what_no_use_can_be_seen_of_is_accepted_by_name(
    aws_environment: Sandbox, estate: Estate
) -> None:
    """Of an archived image and a denied role nobody hears who asks for them."""
    assert estate_set_aside().proven
    states = {resource.id.partition(":")[0]: resource for resource in held_now(connect(), later())}
    assert {kind: str(resource.state) for kind, resource in states.items()} == {
        "function": "quiet",
        "trigger": "quiet",
        "ecr-image": "unseen",
        "role": "unseen",
    }
    assert states["ecr-image"].because == (
        "unchanged since; who asks for an archived image is not recorded"
    )
    plan = swept(later())
    assert (plan.complete, set(plan.unread)) == (False, UNSEEN)
    because_of = {step.id.partition(":")[0]: step.because for step in plan.steps}
    assert because_of["role"].endswith(
        "who tries to assume a role that denies everybody is not recorded with it"
    )
    assert because_of["function"].endswith("and nothing used it")
    now = seal(msgspec.structs.replace(plan, made_at=datetime.now(UTC)))
    with pytest.raises(PlanError, match="--accept-gaps use-unseen:role"):
        apply(now, connect(), now=now.made_at, accept_gaps=["use-unseen:ecr-image"])
    heard = {step.id for step in plan.steps if step.id.startswith(("function:", "trigger:"))}
    alone = [resource for resource in held_now(connect(), later()) if resource.id in heard]
    quiet = plan_sweep(
        jotgraph.build(scan()), alone, {}, after_days=14, now=later(),
        options=Options(assume_no=("lambda",)),
    )  # fmt: skip
    assert (quiet.complete, quiet.unread) == (True, ())


def test_a_sweep_deletes_nothing_that_a_rollback_window_keeps(
    aws_environment: Sandbox, estate: Estate
) -> None:
    assert estate_set_aside().proven
    every = {step.id for step in swept(later()).steps}
    kept = swept(later(), keep_images=1)
    (image,) = (block for block in kept.blocks if "[kept-newest]" in block.because)
    assert image.because == "the newest image of its repository [kept-newest]"
    stays = {
        resource
        for resource in every - {step.id for step in kept.steps}
        if resource.startswith("ecr-image:")
    }
    assert image.id in stays < every
    assert "kept-newest" not in str(swept(later(), keep_images=0).blocks)
    by_tag = swept(later(), keep=("v1",))
    assert [block.because for block in by_tag.blocks if "[kept-tag]" in block.because] == [
        "its tag v1 matches the keep pattern v1 [kept-tag]"
    ]


def test_a_sweep_keeps_what_a_quarantine_kept(aws_environment: Sandbox, estate: Estate) -> None:
    """An archived image cannot be read: its copy is the one that was made before."""
    first = set_aside(planned_of_estate(), backup=True)
    assert first.proven
    plan = swept(later())
    assert {status for status, _ in carried_out(plan, backup=True).values()} == {"done"}
    (folder,) = (path for path in runs_folder().iterdir() if path.name != first.run)
    kept = {path.name for path in folder.rglob("blobs/sha256/*")}
    digests = (estate.index, estate.child, estate.proof, estate.old)
    assert {digest.removeprefix("sha256:") for digest in digests} <= kept
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.rglob("*") if path.is_file())


def test_without_a_copy_an_archived_image_is_not_swept(
    aws_environment: Sandbox, estate: Estate
) -> None:
    assert set_aside(planned_of_estate(), backup=False).proven
    outcomes = carried_out(swept(later()), backup=True)
    assert outcomes[f"ecr-image:app@{estate.old}"][0] == "failed"
    assert "archived" in outcomes[f"ecr-image:app@{estate.old}"][1]


def _throttled(aws: Sandbox, of: Estate) -> None:
    seed.metric(aws, "app", [(datetime.now(UTC), 1)], metric="Throttles")


def _invoked(aws: Sandbox, of: Estate) -> None:
    seed.metric(aws, "app", [(datetime.now(UTC), 1)])


def _unthrottled(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").delete_function_concurrency(FunctionName="app")


def _code(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").update_function_configuration(FunctionName="app", Description="new")


def _version(aws: Sandbox, of: Estate) -> None:
    seed.version(aws, "app")


def _enabled(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").update_event_source_mapping(UUID=of.trigger, Enabled=True)


def _trust(aws: Sandbox, of: Estate) -> None:
    role(aws).assume_role_policy_document = seed.TRUST


def _used(aws: Sandbox, of: Estate) -> None:
    role(aws).last_used = datetime.now(UTC) + timedelta(days=1)
    role(aws).last_used_region = "us-east-1"


def _restored(aws: Sandbox, of: Estate) -> None:
    aws.client("ecr").update_image_storage_class(
        repositoryName="app", imageId={"imageDigest": of.old}, targetStorageClass="STANDARD"
    )


def _assumed(aws: Sandbox, of: Estate) -> None:
    arn = "arn:aws:iam::123456789012:role/app-role"
    seed.function(aws, "late", "common:v1", role=arn, modified=OLD)


def _pushed(aws: Sandbox, of: Estate) -> None:
    seed.image(aws, "app", "new", config=b'{"n":9}', pushed=OLD)


TOUCHED: dict[str, tuple[Any, str, str]] = {
    "throttled": (_throttled, "function", "1 call throttled since"),
    "invoked": (_invoked, "function", "1 call answered since"),
    "unthrottled": (_unthrottled, "function", "reserved was 0, is none"),
    "code": (_code, "function", "revision was"),
    "version": (_version, "function", "still used by app:2"),
    "enabled": (_enabled, "trigger", "state was Disabled, is Enabled"),
    "trust": (_trust, "role", "trust was"),
    "used": (_used, "role", "used 20"),
    "restored": (_restored, "ecr-image", "status was ARCHIVED, is ACTIVE"),
    "assumed": (_assumed, "role", "still used by late"),
    "pushed": (_pushed, "ecr-repo", "still used by app@"),
}


@pytest.mark.parametrize("name", some("uses and changes before a sweep", TOUCHED, 3))
def test_what_was_used_or_changed_since_stays(
    aws_environment: Sandbox, estate: Estate, name: str
) -> None:
    change, kind, words = TOUCHED[name]
    assert estate_set_aside().proven
    change(aws_environment, estate)
    plan = swept(later())
    assert words in because(plan)[kind], plan.blocks
    going = {step.id.partition(":")[0] for step in plan.steps}
    if kind in ("function", "trigger"):  # and all that it uses
        assert not going & {"function", "alias", "version", "ecr-image", "role", "ecr-repo"}
    assert kind not in going or kind == "ecr-image"


def test_what_is_used_between_plan_and_call_stays(aws_environment: Sandbox, estate: Estate) -> None:
    assert estate_set_aside().proven
    plan, during = swept(later()), world(aws_environment)
    _throttled(aws_environment, estate)
    outcomes = carried_out(plan)
    assert "1 call throttled since" in outcomes["alias:app:live"][1]
    assert {status for status, _ in outcomes.values()} == {"skipped"}
    assert world(aws_environment) == during


def test_what_was_released_between_plan_and_call_stays(
    aws_environment: Sandbox, estate: Estate
) -> None:
    first = planned_of_estate()
    assert set_aside(first).proven
    plan = swept(later())
    assert released(first).whole
    after = world(aws_environment)
    outcomes = carried_out(plan)
    assert {status for status, _ in outcomes.values()} == {"skipped"}
    assert world(aws_environment) == after


def test_what_was_released_is_not_swept(aws_environment: Sandbox, estate: Estate) -> None:
    before, plan = world(aws_environment), planned_of_estate()
    assert set_aside(plan).proven
    assert released(plan).whole
    made = swept(later())
    assert (made.steps, made.blocks) == ((), ())
    assert world(aws_environment) == before


def test_planning_a_sweep_changes_nothing(aws_environment: Sandbox, estate: Estate) -> None:
    assert estate_set_aside().proven
    during = world(aws_environment)
    aws_environment.calls.clear()
    assert swept(later()).steps
    assert not set(calls(aws_environment)) & {*CHANGING, "lambda:DeleteFunction"}
    assert world(aws_environment) == during


def test_a_run_that_was_not_proven_is_not_swept(aws_environment: Sandbox, estate: Estate) -> None:
    plan = planned_of_estate()
    receipt = set_aside(plan)
    journal = Path(receipt.journal)
    kept = (entry for entry in read_lines(journal).entries if entry.what != "held")
    lines = (encoded(replace(entry, line=line)) for line, entry in enumerate(kept, 1))
    journal.write_bytes(b"".join(lines))
    made = swept(later())
    assert made.steps == ()
    assert "unproven" in because(made)["role"]


def test_what_another_machine_set_aside_is_named(
    aws_environment: Sandbox, estate: Estate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    receipt = estate_set_aside()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    report = quarantine_report(jotgraph.build(scan()), held_now(connect(), later()))
    assert report.held == ()
    marked = [outcome.id for outcome in receipt.outcomes]
    assert [resource.id for resource in report.elsewhere] == sorted(marked)
    assert {resource.mark.partition(" ")[0] for resource in report.elsewhere} == {receipt.run}
    assert swept(later()).steps == ()
