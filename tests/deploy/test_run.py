"""The run of what makes things: its name, its journal, going on after a crash, and being alone."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from jotgraph.clients import Clients
from jotgraph.deploy.run import RUN_TAG, Made, Run, run_base, running
from jotgraph.errors import ApplyError, CallFailedError, OptionError, UnknownRunError
from jotgraph.records import ResourceId
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import Journal, find_run, journal_path
from tests.apply.runs import connect

HERE = "123456789012/us-east-1"
REPOSITORY = ResourceId(f"ecr-repo:{HERE}/app")
SUBJECT = {"function": "app", "image": "sha256:1"}


class Killed(BaseException):
    """The end of the program, as far as what is on the disk and in the world goes."""


@contextmanager
def begun(clients: Clients, subject: dict[str, str] | None = None) -> Iterator[Run]:
    with running("deploy", subject or SUBJECT, clients, patience=0.3) as run:
        yield run


def create(run: Run) -> Made:
    """Create the repository ``app``, as a stage does: look, then make, then say so."""
    client = run.session.client(REPOSITORY)
    try:
        client.ask("ecr", "DescribeRepositories", repositoryNames=["app"])
    except CallFailedError:
        tags = [{"Key": key, "Value": value} for key, value in run.tags.items()]
        run.session.call((REPOSITORY,), "ecr", "CreateRepository", repositoryName="app", tags=tags)
        return run.made(REPOSITORY, Made.CREATED)
    words = {"resourceArn": "arn:aws:ecr:us-east-1:123456789012:repository/app"}
    tags = client.ask("ecr", "ListTagsForResource", **words)["tags"]
    ours = run.is_ours({tag["Key"]: tag["Value"] for tag in tags})
    return run.made(REPOSITORY, Made.CREATED if ours else Made.THERE)


def lines(name: str) -> list[tuple[str, str, str]]:
    with Journal(find_run(name)) as journal:
        return [(entry.what, entry.call, entry.result) for entry in journal.entries]


def fails_after_it() -> None:
    """A run that fails when the repository is there."""
    with suppress(ApplyError), begun(connect()) as run:
        create(run)
        raise ApplyError("no")


NAME = run_base("deploy", {**SUBJECT, "in 123456789012": "us-east-1"})


def test_a_run_that_finishes(aws_environment: Sandbox) -> None:
    with begun(connect()) as run:
        assert (run.name, run.resumed, run.place) == (NAME, False, ("123456789012", "us-east-1"))
        assert re.fullmatch(rf"{NAME}\.[0-9a-f]{{8}}", run.identity)
        assert run.tags == {RUN_TAG: run.identity}
        assert create(run) is Made.CREATED
    assert lines(NAME) == [
        ("make", "deploy", ""),
        ("intent", "ecr:CreateRepository", ""),
        ("outcome", "", "done"),
        ("made", "", "created"),
        ("finished", "", ""),
    ]
    with Journal(find_run(NAME)) as journal:
        first = journal.entries[0].params
        assert first["subject"] == SUBJECT
        assert first["by"]["callers"].keys() == {"123456789012"}


def test_the_same_command_is_a_new_run_after_one_that_finished(aws_environment: Sandbox) -> None:
    names = []
    for _ in range(3):
        with begun(connect()) as run:
            names.append((run.name, run.resumed))
            create(run)
    assert names == [(NAME, False), (f"{NAME}-2", False), (f"{NAME}-3", False)]
    assert ("made", "", "there") in lines(f"{NAME}-2")


def test_another_subject_or_command_is_another_run(aws_environment: Sandbox) -> None:
    names = set()
    for command, subject in [("deploy", SUBJECT), ("push", SUBJECT), ("deploy", {"image": "2"})]:
        with running(command, subject, connect()) as run:
            names.add(run.name)
    assert len(names) == 3


def test_a_run_that_failed_goes_on(aws_environment: Sandbox) -> None:
    fails_after_it()
    with begun(connect()) as run:
        assert (run.name, run.resumed) == (NAME, True)
        assert create(run) is Made.CREATED, "what it created before stays created"
    events = [event for event, _, _ in lines(NAME)]
    assert events == ["make", "intent", "outcome", "made", "by", "finished"]


def test_a_run_that_fails_before_it_does_anything_leaves_no_journal(
    aws_environment: Sandbox,
) -> None:
    for _ in range(2):
        with suppress(ApplyError), begun(connect()) as run:
            assert (run.name, run.resumed) == (NAME, False)
            raise ApplyError("nothing to do")
        assert list(runs_folder().iterdir()) == []


def test_one_that_failed_later_is_kept_when_it_goes_on_and_does_nothing_more(
    aws_environment: Sandbox,
) -> None:
    fails_after_it()
    with pytest.raises(ApplyError, match="no"), begun(connect()):
        raise ApplyError("no")
    assert ("made", "", "created") in lines(NAME)


def test_a_journal_that_was_discarded_between_opening_and_locking_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would find what it says."""
    lock = fcntl.flock

    def discarded_first(file: Any, operation: int) -> None:
        monkeypatch.setattr(fcntl, "flock", lock)
        with suppress(OSError):
            (tmp_path / "run" / "journal.jsonl").unlink()
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", discarded_first)
    with pytest.raises(ApplyError, match="is in progress"):
        Journal(tmp_path / "run")
    with Journal(tmp_path / "run") as journal:
        journal.add("make")


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_between_intent_and_outcome(
    aws_environment: Sandbox, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    whole = Journal.call

    def dies(self: Journal, steps: Any, name: str, params: Any, do: Any, *args: Any) -> Any:
        self.add("intent", number=1, steps=steps, call=name, params=params)
        if after:
            do()
        raise Killed

    monkeypatch.setattr(Journal, "call", lambda *words, **_: dies(*words))
    with pytest.raises(Killed), begun(connect()) as run:
        create(run)
    monkeypatch.setattr(Journal, "call", whole)
    with begun(connect()) as run:
        lost = run.unproven(REPOSITORY, "ecr:CreateRepository")
        assert lost
        assert lost.number == 1
        assert create(run) is Made.CREATED
        assert run.journal.unanswered() == []
        done = run.unproven(REPOSITORY, "ecr:CreateRepository")
        assert (done is None) is not after, "the answer of the first call never came"
    assert len(repositories(aws_environment)) == 1


def repositories(aws: Sandbox) -> list[Any]:
    ecr: Any = aws.client("ecr")
    return list(ecr.describe_repositories()["repositories"])


def test_what_somebody_else_made_is_not_ours(aws_environment: Sandbox) -> None:
    ecr: Any = aws_environment.client("ecr")
    ecr.create_repository(repositoryName="app", tags=[{"Key": RUN_TAG, "Value": "another"}])
    with begun(connect()) as run:
        assert create(run) is Made.THERE


def test_a_change_of_what_was_created_stays_a_creation(aws_environment: Sandbox) -> None:
    with begun(connect()) as run:
        assert run.made(REPOSITORY, Made.CREATED, now={"revision": "1"}) is Made.CREATED
        for _ in range(2):
            was, now = {"revision": "1"}, {"revision": "2"}
            assert run.made(REPOSITORY, Made.CHANGED, before=was, now=now) is Made.CREATED
        assert run.made(REPOSITORY, Made.THERE) is Made.CREATED
    results = [result for event, _, result in lines(NAME) if event == "made"]
    assert results == ["created", "changed"]


def test_a_run_is_found_by_its_identity_too(aws_environment: Sandbox) -> None:
    with begun(connect()) as run:
        create(run)
    assert find_run(run.identity) == find_run(NAME)
    with pytest.raises(UnknownRunError, match="is of another machine"):
        find_run(f"{NAME}.00000000")
    with pytest.raises(UnknownRunError, match="there is no run"):
        find_run("000000000000.00000000")


def test_a_run_is_alone(aws_environment: Sandbox) -> None:
    with begun(connect()):
        with pytest.raises(ApplyError, match="the same run, or its release or undo"):
            begun(connect()).__enter__()
        with begun(connect(), {"function": "other"}) as other:
            assert other.name != NAME


def test_a_damaged_journal_is_not_gone_on_with(aws_environment: Sandbox) -> None:
    fails_after_it()
    damage()
    advice = re.escape(f"(line 2 is damaged): jotgraph undo {NAME} takes back")
    with pytest.raises(ApplyError, match=advice):
        begun(connect()).__enter__()
    with Journal(find_run(NAME), damaged=True) as journal:
        journal.note_who("undo", {})
    with begun(connect()) as run:
        assert (run.name, run.resumed) == (f"{NAME}-2", False)


def test_a_finished_run_may_be_damaged(aws_environment: Sandbox) -> None:
    with begun(connect()) as run:
        create(run)
    damage()
    with begun(connect()) as run:
        assert run.name == f"{NAME}-2"


def damage() -> None:
    path = journal_path(runs_folder() / NAME)
    path.write_bytes(path.read_bytes().replace(b"CreateRepository", b"CreateRepositori", 1))


def test_nobody_is_signed_in(aws_environment: Sandbox) -> None:
    aws_environment.faults.error(
        "sts", "GetCallerIdentity", code="ExpiredToken", message="it expired", status=403
    )
    with pytest.raises(ApplyError, match=r"no AWS account is signed in to: .*it expired"):
        begun(connect()).__enter__()
    assert not runs_folder().exists()


def test_a_run_without_aws_has_no_place() -> None:
    signed_out = pytest.raises(ApplyError, match="no AWS account is signed in to")
    with running("build", {"folder": "."}, Clients()) as run, signed_out:
        _ = run.place
    assert find_run(run_base("build", {"folder": "."})).is_dir()


def test_several_regions_are_no_place(aws_environment: Sandbox) -> None:
    from jotgraph import clients  # noqa: PLC0415 -- the module, which connects by sockets

    several = clients.connect(use_docker=False, regions=("us-east-1", "eu-west-1"))
    with running("push", {}, several) as run, pytest.raises(OptionError, match="one --region"):
        _ = run.place
