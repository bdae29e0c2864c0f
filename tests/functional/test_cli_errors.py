"""Exit codes and one-line errors: usage, names, files, gaps, nothing read, faults."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from jotgraph import store
from jotgraph.cli import world
from jotgraph.errors import SourceError
from jotgraph.records import Kind
from tests.factories import gap, scope
from tests.functional.conftest import Run
from tests.functional.estate import DENIED, estate


@pytest.mark.parametrize(
    ("arguments", "code", "stderr"),
    [
        (("trace", "chekout"), 2, "jotgraph: nothing is named 'chekout'; did you mean"),
        (("show", "5eed"), 2, "jotgraph: nothing is named '5eed'"),
        (("show", "none/*"), 2, "jotgraph: nothing is named 'none/*'"),
        (("why", "checkout", "nightly"), 4, "jotgraph: no link from checkout to nightly"),
    ],
)
def test_names_that_lead_nowhere(
    run: Run, whole: str, arguments: tuple[str, ...], code: int, stderr: str
) -> None:
    result = run(*arguments, "--from", whole)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(stderr)
    assert "Traceback" not in result.output


def test_an_ambiguous_name_lists_what_it_may_mean(run: Run, whole: str) -> None:
    world_ = estate()
    other = msgspec.structs.replace(world_.functions[0], region="us-east-1")
    store.save(msgspec.structs.replace(world_, functions=(*world_.functions, other)), "two.jsonl")
    result = run("show", "checkout", "--from", "two.jsonl")
    assert result.exit_code == 2
    assert result.stderr == (
        "jotgraph: 'checkout' matches 2 resources; use one of:\n"
        "  function:111111111111/eu-west-1/checkout\n"
        "  function:111111111111/us-east-1/checkout\n"
    )


@pytest.mark.parametrize("arguments", [("lss",), ("ls", "--nope"), ("ls", "--format", "xml")])
def test_usage_is_two(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


@pytest.mark.parametrize(
    "option", [("--region", "us-east-1"), ("--git", "."), ("--no-aws",), ("--usage",), ("--quick",)]
)
def test_a_stored_inventory_is_not_scanned_again(
    run: Run, whole: str, option: tuple[str, ...]
) -> None:
    """An answer that looks as if it were about one region, and is not, is no answer."""
    result = run("orphans", "--from", whole, *option)
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        f"Error: {option[0].replace('--no-aws', '--aws')} is an option of a scan" in result.stderr
    )


def test_a_mistyped_command_is_guessed(run: Run) -> None:
    assert "Did you mean 'trace'?" in run("trce").stderr


@pytest.mark.parametrize("content", [None, "", "not json\n", '{"format": "other/1"}\n'])
def test_files_that_are_no_inventory(run: Run, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "odd.jsonl"
    if content is not None:
        path.write_text(content)
    result = run("ls", "--from", str(path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("jotgraph: ")
    assert len(result.stderr.splitlines()) == 1


def test_gaps_are_told_and_matter_with_strict(run: Run, stored: str, whole: str) -> None:
    told = (
        "Not read (1):\n"
        "  ecr GetRepositoryPolicy in 111111111111/eu-west-1/shop/billing: denied: "
        "allow ecr:GetRepositoryPolicy\n"
    )
    result = run("ls", "--from", stored)
    counted, scanned, rest = result.stderr.split("\n", 2)
    assert (result.exit_code, rest) == (0, told)
    assert counted.startswith("5 deployments: 1 broken, ")
    assert re.fullmatch(r"Scanned 2026-03-04 09:00 UTC \(.+\)", scanned)
    assert run("ls", "--from", stored, "--strict").exit_code == 3
    assert run("ls", "--from", whole, "--strict").exit_code == 0
    assert len(run("ls", "--from", whole).stderr.splitlines()) == 2


def test_an_inventory_of_nothing_read_is_no_empty_estate(run: Run) -> None:
    nothing = msgspec.structs.replace(
        estate(DENIED), scope=scope(), functions=(), versions=(), aliases=(), git=()
    )
    store.save(nothing, "nothing.jsonl")
    result = run("ls", "--from", "nothing.jsonl")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "denied" in result.stderr
    assert "jotgraph: nothing could be read" in result.stderr


def test_an_estate_without_functions_says_so(run: Run) -> None:
    empty = msgspec.structs.replace(estate(), functions=(), versions=(), aliases=())
    store.save(empty, "empty.jsonl")
    result = run("ls", "--from", "empty.jsonl")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        0,
        "no functions found in what was read",
    )


def test_a_fault_is_one_line_unless_debugging(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("oh\nno")

    monkeypatch.setattr(world, "inventory_of", fail)
    result = run("ls")
    assert result.exit_code == 4
    assert result.stderr == (
        "jotgraph: internal error (RuntimeError: oh); run again with --debug, and report it\n"
    )
    assert isinstance(run("ls", "--debug").exception, RuntimeError)


def test_what_is_said_of_a_failure_steers_no_terminal(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise SourceError("cannot read a\x1b[2J\u202eb\udcff.json\nsecond line")

    monkeypatch.setattr(world, "inventory_of", fail)
    assert run("ls").stderr == ("jotgraph: cannot read a\ufffd[2J\ufffdb\ufffd.json\nsecond line\n")


def test_interrupted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(world, "inventory_of", interrupt)
    result = run("ls")
    assert (result.exit_code, result.stderr) == (130, "jotgraph: interrupted\n")


def test_a_reader_that_leaves_is_no_traceback(stored: str) -> None:
    many = " ".join([f"{sys.executable} -m jotgraph rules --format json"])
    ended = subprocess.run(
        ["bash", "-c", f"{many} | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stderr == ""
    assert ended.stdout.strip() in ("0", "141")


def test_scan_remembers_by_name_and_file(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(world, "scan", lambda *_, **__: estate(DENIED))
    result = run("scan", "--name", "prod", "-o", "prod.jsonl.zst")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:3] == [
        "Kind         Read  Because",
        "commit       5",
        "local image  4",
    ]
    assert result.stderr.splitlines()[0] == "stored as prod.jsonl.zst, prod#1"
    assert store.load(tmp_path / "prod.jsonl.zst") == estate(DENIED)
    assert run("ls", "--from", "prod").stdout == run("ls", "--from", "prod.jsonl.zst").stdout
    assert run("scan").stderr.splitlines()[0] == "stored as last#1"


def test_a_scan_of_nothing_stores_nothing(run: Run, tmp_path: Path) -> None:
    result = run("scan", "--no-aws", "--no-docker", "-o", "x.jsonl")
    assert result.exit_code == 4
    assert result.stderr.startswith("jotgraph: nothing could be read")
    assert not (tmp_path / "x.jsonl").exists()


def test_no_region_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    result = run("ls", "--no-docker")
    assert result.exit_code == 2
    assert result.stderr.startswith("jotgraph: no AWS region is set; pass --region")


def test_what_a_scan_was_told_to_leave_out_is_no_news_where_it_is_not_used(run: Run) -> None:
    left_out = msgspec.structs.replace(
        DENIED, action="GetPolicy", reason="left-out", facts=("callers",)
    )
    store.save(estate(left_out), "left-out.jsonl")
    result = run("ls", "--strict", "--from", "left-out.jsonl")
    assert (result.exit_code, "gap" in result.stderr) == (0, False)
    drift = msgspec.structs.replace(left_out, facts=("deployed-tag", "state", "tags"))
    quick = estate(drift)
    quick = msgspec.structs.replace(quick, scope=msgspec.structs.replace(quick.scope, quick=True))
    store.save(quick, "quick.jsonl")
    assert run("ls", "--strict", "--from", "quick.jsonl").exit_code == 3


def test_an_alias_that_is_nowhere_is_no_answer(run: Run, whole: str) -> None:
    result = run("where", "main", "--alias", "liev", "--check", "--from", whole)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "jotgraph: nothing is named 'liev'; did you mean live?\n"


@pytest.mark.parametrize("command", [("ls",), ("stale", "--check"), ("trace", "checkout")])
def test_a_ref_that_is_nowhere_is_no_answer(run: Run, whole: str, command: tuple[str, ...]) -> None:
    result = run(*command, "--ref", "mian", "--from", whole)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "jotgraph: nothing is named 'mian'; did you mean main?\n"


def test_a_commit_that_is_nowhere_says_where_was_looked(run: Run, whole: str) -> None:
    result = run("where", "deadbeef", "--from", whole)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "jotgraph: no commit 'deadbeef' in shop (5 commits read)\n"
    store.save(msgspec.structs.replace(estate(), git=(), commits=()), "none.jsonl")
    assert run("where", "deadbeef", "--from", "none.jsonl").stderr == (
        "jotgraph: no commit 'deadbeef': no git repository was read (jotgraph scan --git PATH)\n"
    )


GATES = (
    ("check",),
    ("stale", "--check"),
    ("orphans", "--check"),
    ("where", "main", "--check"),
    ("lifecycle", "shop/checkout", "--check"),
)


@pytest.mark.parametrize(
    "arguments", [*GATES, ("ls",), ("scan", "--name", "prod"), ("plan", "cleanup")]
)
def test_a_scan_that_signs_in_to_no_account_fails(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """A repository was read, so that there is an answer, and it would be about nothing."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    Path("jotgraph.toml").write_text("no_broken = true\n")
    result = run(*arguments, "--no-docker")
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.startswith("jotgraph: no AWS account could be signed in to: ")
    assert result.stderr.endswith("or pass --profile, or pass --no-aws\n")
    assert run("ls", "--from", "prod").exit_code == 2, "nothing is stored"


@pytest.mark.parametrize("arguments", GATES)
def test_no_gate_passes_on_an_inventory_without_an_account(
    run: Run, arguments: tuple[str, ...]
) -> None:
    local = msgspec.structs.replace(
        estate(), scope=scope(git=("shop",)), functions=(), versions=(), aliases=(),
        local_images=(), containers=(),
    )  # fmt: skip
    store.save(local, "local.jsonl")
    Path("jotgraph.toml").write_text("no_broken = true\n")
    result = run(*arguments, "--from", "local.jsonl")
    assert result.exit_code == 4
    assert "no AWS account was read\n" in result.stderr
    assert result.stderr.endswith(
        "jotgraph: this check cannot pass: scan again with what it needs to read\n"
    )


@pytest.mark.parametrize("arguments", GATES)
def test_no_gate_passes_where_a_service_was_denied(run: Run, arguments: tuple[str, ...]) -> None:
    lost = gap("lambda:ListFunctions", Kind.FUNCTION, account="", region="")
    known = msgspec.structs.replace(
        estate(lost), functions=(), versions=(), aliases=(), local_images=(), containers=()
    )
    store.save(known, "denied.jsonl")
    Path("jotgraph.toml").write_text("no_broken = true\n")
    result = run(*arguments, "--from", "denied.jsonl")
    assert result.exit_code == 4
    assert "Needed but not read:\n  lambda ListFunctions was not read (denied)" in result.stderr


@pytest.mark.parametrize("command", [("ls", "--no-aws", "--no-docker"), ("content", "x.tar")])
def test_a_repository_that_is_none_is_usage(
    run: Run, tmp_path: Path, command: tuple[str, ...]
) -> None:
    gone = run(*command, "--git", "/nowhere")
    assert (gone.exit_code, gone.stdout) == (2, "")
    assert gone.stderr == "jotgraph: --git: /nowhere: there is no such folder; pass --git a clone\n"
    (tmp_path / "plain").mkdir()
    plain = run(*command, "--git", "plain")
    assert (plain.exit_code, plain.stdout) == (2, "")
    assert plain.stderr.startswith("jotgraph: --git: plain")


def test_check_without_a_policy_says_how_to_get_one(run: Run, whole: str) -> None:
    none = run("check", "--from", whole)
    assert (none.exit_code, none.stdout) == (2, "")
    assert none.stderr == (
        "jotgraph: there is no policy file jotgraph.toml; name one with --policy, or write a first "
        "one with: jotgraph check --init\n"
    )
    assert run("check", "--init").exit_code == 0
    assert run("check", "--from", whole).exit_code == 1, "it is a policy: the estate has drift"
    again = run("check", "--init")
    assert (again.exit_code, "already exists" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("jotgraph.toml", ""),
        ("jotgraph.toml", '[defaults]\nkeep_tags = ["dev"]\n'),
        (
            "jotgraph.toml",
            'ref = "main"\nno_broken = false\nprotect = []\n[apply]\nmax_count = 3\n',
        ),
        ("policy.yaml", "# max_orphans: 0\n"),
    ],
)
def test_a_policy_without_a_rule_does_not_pass(
    run: Run, whole: str, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    checked = run("check", "--from", whole, "--policy", name)
    assert (checked.exit_code, checked.stdout) == (2, "")
    assert checked.stderr.startswith(f"jotgraph: {name} sets no rule, so nothing would be checked")
