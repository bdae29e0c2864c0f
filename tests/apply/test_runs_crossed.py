"""Runs that cross: a quarantine half put back, a release in the middle of a sweep, an undo of a
sweep, and what others did in between."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from jotgraph.apply.session import Session
from jotgraph.apply.undo import undo
from jotgraph.errors import ApplyError
from jotgraph.plan.outcome import ReleaseReceipt, UndoReceipt
from jotgraph.records import function_id
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.quarantine import held_now
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, run_name
from tests.apply import runs
from tests.apply.aside import estate_set_aside, planned, planned_of_estate, set_aside
from tests.apply.estate import Estate
from tests.apply.runs import applied, connect, statuses
from tests.apply.test_quarantine import estate, released, world
from tests.apply.test_sweep import because, carried_out, later, swept
from tests.strength import some

__all__ = ["estate"]

APP = ("123456789012", "us-east-1", "app")


def test_parts_of_a_function_that_was_put_back_are_not_swept(
    aws_environment: Sandbox, estate: Estate
) -> None:
    """The run still holds another function: what it left of that one alone may go."""
    aws = aws_environment
    aws.client("lambda").delete_event_source_mapping(UUID=estate.trigger)

    def call(*_: object) -> None:
        seed.metric(aws, "app", [(datetime.now(UTC), 1)], metric="Throttles")

    aws.faults.after("lambda", "PutFunctionConcurrency", call=call, times=1)
    receipt = set_aside(planned("function:app", "function:other"))
    outcomes = statuses(receipt)
    assert (outcomes["function:app"][0], outcomes["function:other"][0]) == ("refused", "done")
    assert [step.id for step in swept(later()).steps] == [
        "function:123456789012/us-east-1/other",
        f"ecr-image:123456789012/us-east-1/common@{estate.shared}",
        "ecr-repo:123456789012/us-east-1/common",
        "role:123456789012/other-role",
    ]


def _said(made: ReleaseReceipt | UndoReceipt) -> dict[str, tuple[str, str]]:
    return {outcome.id: (outcome.status, outcome.because) for outcome in made.outcomes}


def test_what_was_swept_comes_back_as_it_was_before_the_quarantine(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    aws.client("lambda").put_function_concurrency(
        FunctionName="app", ReservedConcurrentExecutions=7
    )
    before = world(aws)
    first = planned("function:app")
    assert set_aside(first, backup=True).proven
    plan = swept(later())
    outcomes = carried_out(plan, backup=True)
    assert {status for status, _ in outcomes.values()} == {"done"}, outcomes
    (run,) = (path.name for path in runs_folder().iterdir() if path.name != run_name(first.digest))
    advice = f"run {run} deleted it: jotgraph undo {run} restores it"
    assert set(_said(released(first)).values()) == {("changed", advice)}
    made = undo(run, connect(), patience=0.3)
    assert {status for status, _ in _said(made).values()} == {"restored", "cannot"}, made
    after = world(aws)
    (_, reserved, tags, aliases), was = after["functions"]["app"], before["functions"]["app"]
    assert (reserved, tags, aliases) == was[1:]
    assert after["images"] == before["images"]
    assert after["roles"]["app-role"][1:] == before["roles"]["app-role"][1:]
    assert set(after["triggers"].values()) == set(before["triggers"].values())
    assert held_now(connect(), later()) == ()


def test_a_sweep_and_a_release_exclude_each_other(aws_environment: Sandbox, estate: Estate) -> None:
    first = planned_of_estate()
    assert set_aside(first).proven
    plan, during = swept(later()), world(aws_environment)
    with (
        Journal(runs_folder() / run_name(first.digest)),
        pytest.raises(ApplyError, match="or its release"),
    ):
        carried_out(plan)
    assert world(aws_environment) == during

    def now(*_: object) -> None:
        with pytest.raises(ApplyError, match="or its release"):
            released(first)

    aws_environment.faults.before("lambda", "DeleteFunction", call=now, times=1)
    assert {status for status, _ in carried_out(swept(later())).values()} == {"done"}


def test_a_stray_file_among_the_runs_is_no_run(aws_environment: Sandbox, estate: Estate) -> None:
    assert estate_set_aside().proven
    (runs_folder() / ".DS_Store").write_text("")
    assert swept(later()).steps


def _lambdas(aws: Sandbox) -> tuple[dict[str, tuple[dict[str, Any], list[str]]], dict[str, Any]]:
    lambdas = aws.world.lambda_of(aws.account, aws.region)
    functions = {name: (dict(e.latest), sorted(e.aliases)) for name, e in lambdas.functions.items()}
    return functions, {key: dict(mapping) for key, mapping in lambdas.triggers.items()}


def test_undo_ties_nothing_to_what_has_the_name_since(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    plan = runs.planned("function:app")
    receipt = applied(plan, backup=True)
    assert receipt.proven
    other, before_id = "arn:aws:iam::123456789012:role/other-role", function_id(*APP)
    seed.function(aws, "app", "common:v1", role=other)
    before = _lambdas(aws)
    for again in (False, True):
        made = undo(receipt.run, connect(), patience=0.3)
        outcomes = {
            outcome.id.partition(":")[0]: (outcome.status, outcome.because)
            for outcome in made.outcomes
        }
        assert not made.whole
        assert outcomes["function"] == (
            "cannot",
            "another one with its name was created since, and is left as it is",
        )
        tied = f"{before_id} was replaced by another function, so nothing is attached to it"
        assert outcomes["alias"] == outcomes["trigger"] == ("cannot", tied)
        assert outcomes["ecr-repo"][0] == outcomes["role"][0] == ("there" if again else "restored")
        assert _lambdas(aws) == before


def test_what_stays_is_put_back_when_the_disk_is_full(
    aws_environment: Sandbox, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, plan = world(aws_environment), planned_of_estate()
    wrote, full = Journal.add, list[str]()

    def add(journal: Journal, kind: str, **fields: Any) -> Any:
        if full or (kind == "held" and "function:" in fields["steps"][0]):
            full.append(kind)
            raise ApplyError("the disk is full")
        return wrote(journal, kind, **fields)

    monkeypatch.setattr(Journal, "add", add)
    with pytest.raises(ApplyError, match="full"):
        set_aside(plan)
    assert world(aws_environment) == before


def test_whoever_interrupts_the_watch_gets_everything_back(
    aws_environment: Sandbox, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, plan = world(aws_environment), planned_of_estate()

    def interrupt(*_: object) -> dict[Any, int]:
        raise KeyboardInterrupt

    monkeypatch.setattr("jotgraph.apply.quarantine.functions._refused", interrupt)
    with pytest.raises(KeyboardInterrupt):
        set_aside(plan)
    assert world(aws_environment) == before


def test_a_function_that_somebody_woke_gets_its_triggers_back(
    aws_environment: Sandbox, estate: Estate
) -> None:
    aws = aws_environment
    before, plan = world(aws), planned_of_estate()
    assert set_aside(plan).proven
    aws.client("lambda").put_function_concurrency(
        FunctionName="app", ReservedConcurrentExecutions=5
    )
    made = released(plan)
    assert {status for status, _ in _said(made).values()} == {"released", "changed"}
    assert world(aws)["triggers"] == before["triggers"]


def test_a_function_whose_version_has_no_image_stays_asleep(
    aws_environment: Sandbox, estate: Estate
) -> None:
    plan = planned_of_estate()
    assert set_aside(plan).proven
    aws_environment.client("ecr").batch_delete_image(
        repositoryName="app", imageIds=[{"imageDigest": estate.old}]
    )
    outcomes = _said(released(plan))
    image = f"ecr-image:123456789012/us-east-1/app@{estate.old}"
    assert outcomes[image][0] == "changed"
    assert outcomes[function_id(*APP)] == ("failed", f"it needs {image}, which is not restored")
    assert world(aws_environment)["functions"]["app"][1] == 0


def _lets_in(aws: Sandbox, of: Estate) -> None:
    principal = {"AWS": "arn:aws:iam::210987654321:root"}
    text = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "ecr:*"}]}
    aws.client("ecr").set_repository_policy(repositoryName="app", policyText=json.dumps(text))


def _pulls(aws: Sandbox, of: Estate) -> None:
    aws.client("ecr").batch_get_image(repositoryName="app", imageIds=[{"imageDigest": of.old}])


def _calls_in(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").add_permission(
        FunctionName="app",
        StatementId="new",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
    )


def _starts(aws: Sandbox, of: Estate) -> None:
    seed.task_definition(aws, "late", f"app@{of.old}")


def _protects(aws: Sandbox, of: Estate) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:app"
    aws.client("lambda").tag_resource(Resource=arn, Tags={"jotgraph:protect": ""})


def _gets_url(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").create_function_url_config(FunctionName="app", AuthType="NONE")


def _moves(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").update_alias(FunctionName="app", Name="live", FunctionVersion="$LATEST")


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    some(
        "changes before a quarantine",
        [
            (_lets_in, "ecr-image", "the repository's policy admits account 210987654321"),
            (_pulls, "ecr-image", "a pull of it was recorded since the plan was made"),
            (_calls_in, "function", "who may call it changed since the plan was made"),
            (
                _starts,
                "ecr-image",
                "workload 123456789012/us-east-1/ecs/task-definition/late:1 uses it now",
            ),
            (_protects, "function", "its tag jotgraph:protect protects it"),
        ],
        3,
    ),
)
def test_a_quarantine_looks_for_what_a_deletion_looks_for(
    aws_environment: Sandbox, estate: Estate, change: Any, kind: str, words: str
) -> None:
    plan = planned_of_estate()
    change(aws_environment, estate)
    before = world(aws_environment)
    receipt = set_aside(plan)
    wanted = f"@{estate.old}" if kind == "ecr-image" else "/app"
    (outcome,) = [e for e in receipt.outcomes if e.id.startswith(kind) and e.id.endswith(wanted)]
    assert (outcome.status.value, outcome.because.startswith(words)) == ("refused", True), outcome
    after = world(aws_environment)
    assert after["images"][estate.old] == before["images"][estate.old]
    assert kind == "ecr-image" or after == before


@pytest.mark.parametrize(
    ("change", "words"),
    some(
        "changes around a function in quarantine",
        [
            (_calls_in, "callers was empty, is "),
            (_gets_url, "urls was empty, is "),
            (_moves, "aliases was live=1, is live=$LATEST"),
        ],
        2,
    ),
)
def test_what_was_done_around_a_function_since_keeps_it(
    aws_environment: Sandbox, estate: Estate, change: Any, words: str
) -> None:
    assert estate_set_aside().proven
    change(aws_environment, estate)
    plan = swept(later())
    assert words in because(plan)["function"]
    going = {step.id.partition(":")[0] for step in plan.steps}
    assert going <= {"trigger", "ecr-image"}


def test_undo_enables_a_trigger_that_a_killed_run_disabled(
    aws_environment: Sandbox, estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws = aws_environment
    plan = runs.planned("function:app")

    class Killed(BaseException):
        """The end, before anything can be put back."""

    made_call = Session.call

    def call(session: Session, steps: Any, service: str, action: str, **params: Any) -> Any:
        if action == "DeleteEventSourceMapping":
            raise Killed
        return made_call(session, steps, service, action, **params)

    with monkeypatch.context() as patched:
        patched.setattr(Session, "call", call)
        with pytest.raises(Killed):
            applied(plan, backup=True)
    assert {mapping["State"] for mapping in _lambdas(aws)[1].values()} == {"Disabled"}
    made = undo(run_name(plan.digest), connect(), patience=0.3)
    assert [(outcome.status, outcome.because) for outcome in made.outcomes] == [
        ("there", "it is enabled")
    ]
    assert {mapping["State"] for mapping in _lambdas(aws)[1].values()} == {"Enabled"}


def spoil(run: str, kind: str) -> None:
    """Damage the first line of that kind in a run's journal."""
    path = runs_folder() / run / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    at = next(place for place, line in enumerate(lines) if f'"what":"{kind}"'.encode() in line)
    lines[at] = b"\0" * 20 + b"\n"
    path.write_bytes(b"".join(lines))


def test_a_damaged_run_stops_no_other_run(aws_environment: Sandbox, estate: Estate) -> None:
    """Its own things are not swept, and what its whole lines say is released all the same."""
    first, second = planned_of_estate(), planned("function:other")
    assert set_aside(first).proven
    before = world(aws_environment)
    assert set_aside(second).proven
    spoil(run_name(second.digest), "step")
    resources = {resource.id: resource for resource in held_now(connect(), later())}
    assert {
        resource.state for resource in resources.values() if resource.run == run_name(first.digest)
    } == {
        "quiet",
        "unseen",
    }
    others = [
        resource for resource in resources.values() if resource.run == run_name(second.digest)
    ]
    assert {resource.state for resource in others} == {"unread"}
    assert "is damaged: line " in others[0].because
    plan = swept(later())
    assert {step.id for step in plan.steps} >= {step.id for step in first.steps}
    assert not {step.id for step in plan.steps} & {step.id for step in second.steps}
    made = released(second)
    assert "line" in made.damage
    assert not made.whole
    assert {status for status, _ in _said(made).values()} == {"released"}
    assert world(aws_environment) == before


def test_a_damaged_run_keeps_how_a_thing_was_for_whoever_deletes_it(
    aws_environment: Sandbox, estate: Estate
) -> None:
    """Whole lines of a damaged journal say how a role was before its quarantine."""
    before = world(aws_environment)["roles"]["app-role"]
    first = planned_of_estate()
    assert set_aside(first).proven
    spoil(run_name(first.digest), "step")
    plan = runs.planned("role:123456789012/app-role", "function:app")
    receipt = applied(plan, backup=True)
    made = undo(receipt.run, connect(), patience=0.3)
    assert _said(made)["role:123456789012/app-role"][0] == "restored"
    assert world(aws_environment)["roles"]["app-role"][1:] == before[1:]
