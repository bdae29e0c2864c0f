"""Full disks, links for journals, Ctrl-C, plans written by hand, strangers' credentials."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from jotgraph import clients
from jotgraph.apply import apply
from jotgraph.errors import ApplyError, PlanError, StalePlanError
from jotgraph.plan import Action, Plan, Step, seal
from jotgraph.records import ResourceId
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import run_name
from tests.apply.bench import Bench, journal_path, made_bench
from tests.apply.estate import OLD
from tests.apply.runs import applied, connect, planned, statuses
from tests.strength import EVERY_PLACE, MANY_PLACES, one_in

change = msgspec.structs.replace


@pytest.fixture(scope="module")
def _bench(_sandbox: Sandbox) -> Iterator[Bench]:
    """Without a backup: only the journal is written."""
    with made_bench(_sandbox, backup=False) as made:
        yield made


@contextmanager
def at_most(size: int) -> Iterator[None]:
    """Let no file grow above so many bytes: the kernel writes a part, then refuses, as it does
    when a disk is full. Modules that are imported meanwhile are not stored compiled: Python takes
    the first part for all of it, and every later import of the module fails."""
    before, compiled = resource.getrlimit(resource.RLIMIT_FSIZE), sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        sys.dont_write_bytecode = compiled


def test_a_disk_that_is_full_anywhere_in_the_journal(bench: Bench) -> None:
    bench.done()
    size = journal_path(bench.plan).stat().st_size
    for limit in range(40, size, 97 if EVERY_PLACE else 797 if MANY_PLACES else 4797):
        bench.start()
        with at_most(limit), pytest.raises(ApplyError, match="cannot be written"):
            bench.apply()
        now = bench.only_planned_was_touched()
        bench.is_whole(now)
        assert journal_path(bench.plan).read_bytes()[-1:] in (b"", b"\n")
        bench.ends_well()


def test_stopped_by_hand_after_any_change(bench: Bench) -> None:
    """Ctrl-C: what was taken off a role, or disabled, is put back at once."""
    changing = ("Update", "Delete", "Detach", "Remove", "BatchDelete")
    places = [
        place
        for place, called in enumerate(bench.names, 1)
        if called.partition(":")[2].startswith(changing)
    ]
    for place in places[:: one_in(5)]:
        bench.start()

        def at(number: int, name: str, after: bool, place: int = place) -> None:
            if number == place and after:
                raise KeyboardInterrupt

        bench.wire.at = at
        with pytest.raises(KeyboardInterrupt):
            bench.apply()
        bench.is_whole(bench.only_planned_was_touched())
        assert bench.unanswered() == []
        bench.ends_well()


def test_a_journal_that_is_a_link_a_pipe_or_not_to_be_made(
    aws_environment: Sandbox, plan: Plan, tmp_path: Path
) -> None:
    folder = runs_folder() / run_name(plan.digest)
    precious = tmp_path / "precious"
    precious.write_text("mine\n")
    folder.mkdir(parents=True)
    path = folder / "journal.jsonl"
    makers: tuple[Callable[[], object], ...] = (
        lambda: path.symlink_to(precious),
        lambda: os.mkfifo(path),
        lambda: path.mkdir(),
    )
    for make in makers:
        make()
        aws_environment.calls.clear()
        with pytest.raises(ApplyError, match="journal"):
            applied(plan)
        assert set(aws_environment.calls.tally()) == {"sts:GetCallerIdentity"}
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    assert precious.read_text() == "mine\n"
    folder.rmdir()
    folder.write_text("no folder")
    with pytest.raises(ApplyError, match="cannot be written"):
        applied(plan)


HERE = "123456789012/us-east-1"


@pytest.mark.parametrize(
    ("named", "action"),
    [
        (f"function:{HERE}/app:1", Action.DELETE_FUNCTION),
        (f"version:{HERE}/app:$LATEST", Action.DELETE_VERSION),
        (f"version:{HERE}/app:", Action.DELETE_VERSION),
        (f"alias:{HERE}/app:7", Action.DELETE_ALIAS),
        (f"function:{HERE}/arn:aws:lambda:us-east-1:1:function:app", Action.DELETE_FUNCTION),
        (f"ecr-image:{HERE}/app@v1", Action.DELETE_IMAGE),
        (f"ecr-repo:{HERE}/../app", Action.DELETE_REPOSITORY),
        (f"function:{HERE}/app\n", Action.DELETE_FUNCTION),
        (f"function:{HERE}/app\x1b[2J", Action.DELETE_FUNCTION),
        ("role:123456789012/", Action.DELETE_ROLE),
        (f"commit:{'a' * 40}", Action.DELETE_FUNCTION),
        ("everything", Action.DELETE_FUNCTION),
        (f"function:{HERE}/app", Action.DELETE_REPOSITORY),
    ],
)
def test_names_that_no_plan_has(
    aws_environment: Sandbox, plan: Plan, named: str, action: Action
) -> None:
    """Written by hand and sealed again: nothing is asked, let alone deleted."""
    step = Step(id=ResourceId(named), action=action, because="by hand")
    _refused(aws_environment, seal(change(plan, steps=(step,))))


def test_steps_that_no_plan_has(aws_environment: Sandbox, plan: Plan) -> None:
    step = plan.steps[0]
    _refused(aws_environment, seal(change(plan, steps=(step, step))))
    _refused(aws_environment, seal(change(plan, steps=plan.steps[1:])))


def _refused(aws: Sandbox, plan: Plan) -> None:
    aws.calls.clear()
    with pytest.raises(PlanError, match="not a plan that jotgraph makes"):
        applied(plan)
    assert set(aws.calls.tally()) <= {"sts:GetCallerIdentity"}


def test_a_plan_does_not_say_itself_how_long_it_holds(aws_environment: Sandbox, plan: Plan) -> None:
    later = plan.made_at + timedelta(days=2)
    longer = seal(change(plan, expires_at=plan.made_at + timedelta(days=900)))
    with pytest.raises(StalePlanError):
        apply(longer, connect(), now=later)
    with pytest.raises(PlanError, match="clock"):
        apply(plan, connect(), now=plan.taken_at - timedelta(seconds=1))


def test_a_plan_of_another_account(
    aws_environment: Sandbox, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in aws_environment.keys("999999999999").items():
        monkeypatch.setenv(name.upper(), value)
    stranger = clients.connect(use_docker=False, rates={}, attempts=1, rounds=1)
    aws_environment.calls.clear()
    with pytest.raises(ApplyError, match="account 123456789012 of the plan is not signed in to"):
        apply(plan, stranger, now=plan.made_at)
    assert set(aws_environment.calls.tally()) == {"sts:GetCallerIdentity"}


def test_an_index_stays_while_a_child_runs_that_another_index_holds(
    aws_environment: Sandbox,
) -> None:
    """The child is not in the plan; a function is created on it when the plan is made."""
    aws = aws_environment
    seed.repository(aws, "app", created=OLD)
    child = seed.image(aws, "app", config=b'{"n":1}', pushed=OLD)
    first = seed.index(aws, "app", {child: "linux/amd64"}, "one", pushed=OLD)
    seed.index(aws, "app", {child: "linux/arm64"}, "two", pushed=OLD)
    target = f"ecr-image:{HERE}/app@{first}"
    whole = planned(target)
    plan = seal(change(whole, steps=tuple(step for step in whole.steps if step.id == target)))
    seed.function(aws, "late", f"app@{child}")
    assert statuses(applied(plan))[f"ecr-image:app@{first}"] == (
        "refused",
        "function late runs a part of it now",
    )


def test_an_index_goes_and_leaves_what_another_lists(aws_environment: Sandbox) -> None:
    aws = aws_environment
    seed.repository(aws, "app", created=OLD)
    both = seed.image(aws, "app", config=b'{"n":1}', pushed=OLD)
    own = seed.image(aws, "app", config=b'{"n":2}', pushed=OLD)
    first = seed.index(aws, "app", {both: "linux/amd64", own: "linux/arm64"}, "one", pushed=OLD)
    seed.index(aws, "app", {both: "linux/amd64"}, "two", pushed=OLD)
    plan = planned(f"ecr-image:{HERE}/app@{first}")
    assert statuses(applied(plan)) == {
        f"ecr-image:app@{first}": ("done", "deleted"),
        f"ecr-image:app@{own}": ("done", "deleted"),
    }
    assert planned(f"ecr-image:{HERE}/app@{both}").steps
