"""Secrets of functions in a backup: encrypted where a key is given, and never in the journal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from jotgraph.apply import Receipt, apply
from jotgraph.apply.backup.secrets import InClear, in_clear
from jotgraph.apply.undo import undo
from jotgraph.errors import ApplyError, OptionError
from jotgraph.plan import Plan
from jotgraph.records import Kind, kind_of
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.store.encryption import BackupKey, plain
from jotgraph.store.folders import runs_folder
from tests.apply.estate import OLD
from tests.apply.runs import connect, planned

SECRET = "correct-horse-battery-staple"


def key(path: Path) -> BackupKey:
    path.write_bytes(Fernet.generate_key() + b"\n")
    return BackupKey(path)


@pytest.fixture
def plan(aws_environment: Sandbox) -> Plan:
    role = seed.role(aws_environment, "lone", created=OLD)
    seed.function(aws_environment, "lone", role=role, modified=OLD)
    aws_environment.client("lambda").update_function_configuration(
        FunctionName="lone", Environment={"Variables": {"TOKEN": SECRET}}
    )
    return planned("function:lone")


def applied(plan: Plan, key: BackupKey | None) -> Receipt:
    receipt = apply(plan, connect(), now=datetime.now(UTC), patience=0.3, key=key)
    assert receipt.proven, receipt
    return receipt


def holding(run: str, words: str) -> set[str]:
    """Files of a run that hold the words in clear, by their names without digits."""
    paths = (path for path in (runs_folder() / run).rglob("*") if path.is_file())
    return {path.parent.name for path in paths if words.encode() in path.read_bytes()}


def environment(aws: Sandbox) -> dict[str, str]:
    answer = aws.client("lambda").get_function_configuration(FunctionName="lone")
    return dict(answer["Environment"]["Variables"])


def test_with_a_key_no_file_of_a_run_holds_a_secret(
    aws_environment: Sandbox, plan: Plan, tmp_path: Path
) -> None:
    mine = key(tmp_path / "key")
    receipt = applied(plan, mine)
    assert holding(receipt.run, SECRET) == set()
    assert undo(receipt.run, connect(), key=mine).whole
    assert environment(aws_environment) == {"TOKEN": SECRET}
    assert holding(receipt.run, SECRET) == set()


def test_without_a_key_only_the_backup_holds_it(aws_environment: Sandbox, plan: Plan) -> None:
    receipt = applied(plan, None)
    assert holding(receipt.run, SECRET) == {"backup"}
    assert undo(receipt.run, connect()).whole
    assert environment(aws_environment) == {"TOKEN": SECRET}
    assert holding(receipt.run, SECRET) == {"backup"}


def test_without_its_key_a_backup_is_not_read_and_nothing_is_lost(
    aws_environment: Sandbox, plan: Plan, tmp_path: Path
) -> None:
    mine = key(tmp_path / "key")
    receipt = applied(plan, mine)
    for offered, words in (
        (None, "name its key with --backup-key"),
        (key(tmp_path / "b"), "another"),
    ):
        outcomes = undo(receipt.run, connect(), key=offered).outcomes
        assert {outcome.status.value for outcome in outcomes} == {"failed"}
        assert all(words in outcome.because for outcome in outcomes)
    assert undo(receipt.run, connect(), key=mine).whole


def test_what_was_altered_is_not_read(tmp_path: Path) -> None:
    mine = key(tmp_path / "key")
    token = mine.encrypted(b'{"answers": 1}')
    assert plain(token, mine, tmp_path) == b'{"answers": 1}'
    assert plain(b'{"answers": 1}', mine, tmp_path) == b'{"answers": 1}'
    with pytest.raises(ApplyError, match="or altered"):
        plain(token[:-9] + (b"B" if token[-9:-8] == b"A" else b"A") + token[-8:], mine, tmp_path)


@pytest.mark.parametrize("content", [b"", b"short", b"!" * 44, b"QUJD" * 10])
def test_what_is_no_key_says_how_to_make_one(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(OptionError, match="/dev/urandom"):
        BackupKey(tmp_path / "key")


NOTHING = InClear((), ())


def test_what_is_in_clear_is_named(tmp_path: Path) -> None:
    """By kinds for documents, by what is there for files; an empty backup has nothing."""
    every = frozenset(Kind)
    assert in_clear(tmp_path, {Kind.ROLE, Kind.ECR_REPO, Kind.TRIGGER}, key=False) == NOTHING
    clear = in_clear(tmp_path, every, key=False)
    assert clear == InClear(("containers", "functions", "local images"), ())
    assert clear.words == "environments of containers and functions and local images"
    assert in_clear(tmp_path, every, key=True) == NOTHING
    assert NOTHING.words == ""
    for name in ("oci/123456789012/x", "packages/ab.zip", "sha256-ab.tar"):
        path = tmp_path / "backup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    clear = in_clear(tmp_path, every, key=True)
    files = ("layers and configurations of images", "zip packages", "docker save archives")
    assert clear == InClear((), files)
    assert clear.words == ", ".join(files)


def test_every_kind_whose_copy_holds_variables_is_known(
    aws_environment: Sandbox, plan: Plan
) -> None:
    receipt = applied(plan, None)
    kinds = {kind_of(step.id) for step in plan.steps}
    folder = Path(receipt.journal).parent
    clear = in_clear(folder, kinds, key=False)
    assert clear.environments == ("functions",)
    assert holding(receipt.run, SECRET) == {"backup"}
