"""A scan that was interrupted goes on: what it has read is not read again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from jotgraph.cli import cli, world
from jotgraph.sandbox.call_log import Call
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import ScanOptions
from jotgraph.sources.aws.rate_limit import BUDGET
from jotgraph.sources.parts import OLDEST, open_parts
from tests.sources.accounts.forty import ACCOUNTS, BUSY, CHOICE, DENIED, NAMES, ROLE, scan_all
from tests.sources.conftest import KEY

LISTINGS = frozenset(
    {"ListFunctions", "ListAliases", "ListEventSourceMappings", "ListCapacityProviders"}
)
Part = tuple[str, str, str]
"""Account, region and what was read."""


def _kept(folder: Path) -> set[Part]:
    paths = folder.rglob("*.json")
    return {(path.parts[-3], path.parts[-2], path.stem) for path in paths}


def _parts_of(calls: Iterable[Call]) -> set[Part]:
    """The listings that calls are of."""
    parts = set()
    for call in calls:
        if call.service == "iam":
            parts.add((call.account, "global", "iam"))
        elif call.service == "ecr" and call.action not in ("BatchGetImage",):
            parts.add((call.account, call.region, "ecr"))
        elif call.action in LISTINGS:
            parts.add((call.account, call.region, "lambda"))
        elif call.service not in ("lambda", "sts", "organizations", "ec2", "tagging", "ecr"):
            service = call.service.removesuffix("-control")
            parts.add((call.account, call.region, f"workloads-{service}"))
    return parts


class KilledError(BaseException):
    """Ends a scan as nothing that a scan expects does."""


def test_what_was_read_of_forty_accounts_is_not_read_again(
    signed_in: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forty, after, regions = signed_in, 15 * len(ACCOUNTS), ("us-east-1",)
    monkeypatch.setattr(forty.world, "regions", frozenset(regions))

    def kill(number: int, name: str, done: bool) -> None:
        if number > after:
            raise KilledError

    options = ScanOptions(env_key=KEY, cache=tmp_path / "cache", unfinished=tmp_path / "unfinished")
    with pytest.raises(KilledError):
        scan_all(forty, CHOICE, options, regions=regions, at=kill)
    kept = _kept(tmp_path / "unfinished")
    assert len(kept) > after / 20
    before, after_kill = tuple(forty.calls), datetime.now(UTC)
    forty.calls.clear()
    resumed = scan_all(forty, CHOICE, options, regions=regions)
    again = tuple(forty.calls)
    assert _parts_of(again) & kept == set()
    read = {account: name for account, name in NAMES.items() if account != DENIED}
    assert resumed.scope.accounts == tuple(sorted({forty.account, *read}))
    assert {(function.account, function.name) for function in resumed.functions} == {
        *((account, "app") for account in read),
        *((BUSY[0], f"busy-{number}") for number in range(30)),
    }
    assert {gap.action for gap in resumed.gaps if gap.asked} == {"AssumeRole"}
    assert all(function.detail_read for function in resumed.functions if function.name == "app")
    listed = sum(call.action == "ListFunctions" for call in (*before, *again))
    assert listed <= len(read) + 2 + BUDGET  # what was under way is asked again
    assert resumed.taken_at < after_kill


def test_a_scan_of_other_options_or_of_long_ago_begins_anew(tmp_path: Path) -> None:
    options = ScanOptions(env_key=KEY)
    first = open_parts(tmp_path, options)
    assert open_parts(tmp_path, options).started_at == first.started_at
    quick = open_parts(tmp_path, ScanOptions(env_key=KEY, quick=True))
    assert quick.folder != first.folder
    assert first.started_at is not None
    assert quick.folder is not None
    (quick.folder / "started").write_text((first.started_at - OLDEST).isoformat())
    later = open_parts(tmp_path, ScanOptions(env_key=KEY, quick=True)).started_at
    assert later is not None
    assert later >= first.started_at


def test_what_other_scans_left_long_ago_goes(tmp_path: Path) -> None:
    """Nothing goes on from it, and nobody may scan under that name again."""
    options = ScanOptions(env_key=KEY)
    names = ("0" * 16, "1" * 16, "2" * 16)
    for name in names:
        open_parts(tmp_path / name, options)
    old, _, mine = (tmp_path / name for name in names)
    for started in (*old.glob("*/started"), *mine.glob("*/started")):
        long_ago = datetime.fromisoformat(started.read_text()) - 2 * OLDEST
        started.write_text(long_ago.isoformat())
    (tmp_path / "precious" / ("3" * 16)).mkdir(parents=True)
    (tmp_path / "precious" / ("3" * 16) / "started").write_text("2020-01-01T00:00:00+00:00")
    open_parts(mine, options)
    assert sorted(path.name for path in tmp_path.iterdir()) == [*names[1:], "precious"]
    assert len(list(mine.glob("*/started"))) == 1


def test_a_killed_command_goes_on_with_resume(
    signed_in: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real command, killed by SIGKILL while it reads."""
    aws, accounts = signed_in, ACCOUNTS[:3]
    (tmp_path / "accounts.txt").write_text("\n".join(accounts))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    command = [
        sys.executable, "-m", "jotgraph", "scan", "--no-docker", "--accounts", "accounts.txt",
        "--role-arn", ROLE, "--region", "us-east-1", "--name", "three",
    ]  # fmt: skip
    slow = aws.faults.delay(0.3, "lambda", "GetFunction")
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    while aws.calls.count("GetFunction") < 3 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    aws.faults.remove(slow)
    told = {
        (call.account, call.params["FunctionName"])
        for call in aws.calls.matching("GetFunction")
        if call.status == 200
    }
    kept = _kept(tmp_path / "state" / "jotgraph" / "scans")
    assert kept
    aws.calls.clear()
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(cli, [*command[3:], "--resume"], prog_name="jotgraph")
    assert ended.exit_code == 0, ended.stderr
    assert _parts_of(aws.calls) & kept == set()
    asked = [
        (call.account, call.params["FunctionName"]) for call in aws.calls.matching("GetFunction")
    ]
    assert len(told & {*asked}) <= BUDGET  # answers that were under way when it was killed
    assert "stored as three#" in ended.stderr
    assert "; scanned from 20" in ended.stderr
    found = world.stored("three")
    assert found.scope.accounts == accounts
    assert all(
        function.detail_read for function in found.functions if function.package_type == "Image"
    )
    assert list((tmp_path / "state" / "jotgraph" / "scans").iterdir()) == []
