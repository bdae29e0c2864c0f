"""Every command runs under exactly its own policy; with one action less it says which."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from jotgraph.cli import COMMANDS as CLI
from jotgraph.clients import Clients
from jotgraph.content.inventory import with_content
from jotgraph.errors import OptionError
from jotgraph.permissions import COMMANDS, DELETES, MAKES, Need, caller, document, needs, trust
from jotgraph.permissions.reading import SHOWS_TAGS
from jotgraph.records import Inventory
from jotgraph.sandbox import seed
from jotgraph.sandbox.iam.policy import PREFIXES, read_policy
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.wire import Request
from jotgraph.sources import ScanOptions, collect
from tests.functional.conftest import Run, _connected, aws_environment, run
from tests.rig.file_sandbox import _sandbox as _sandbox
from tests.rig.file_sandbox import aws as aws
from tests.rig.kept import keep
from tests.rig.wire import Wire
from tests.sources.conftest import one_commit
from tests.strength import some

__all__ = ["_connected", "aws_environment", "one_commit", "run"]

VARIANTS: dict[str, dict[str, bool]] = {
    "quick": {"quick": True},
    "default": {},
    "usage": {"usage": True},
    "content": {"content": True},
    "vulnerabilities": {"vulnerabilities": True},
    "inspector": {"inspector": True},
    "logs": {"logs": True},
    "everything": {
        "usage": True,
        "content": True,
        "vulnerabilities": True,
        "inspector": True,
        "logs": True,
    },
}


Scan = Callable[..., Inventory]


@pytest.fixture(scope="module")
def _clients() -> dict[str, Clients]:
    return {}


@pytest.fixture
def scan(
    aws_environment: Sandbox, tmp_path: Path, one_commit: str, _clients: dict[str, Clients]
) -> Scan:
    """A scan with a fresh cache, one attempt a call; clients are made once."""
    if not _clients:
        _clients["one"] = Wire(aws_environment).clients

    def scanned(
        *,
        quick: bool = False,
        usage: bool = False,
        content: bool = False,
        vulnerabilities: bool = False,
        inspector: bool = False,
        logs: bool = False,
    ) -> Inventory:
        clients = replace(_clients["one"], git=(one_commit,))
        options = ScanOptions(
            quick=quick,
            usage_days=30 if usage else 0,
            vulnerabilities=vulnerabilities,
            inspector=inspector,
            logs=logs,
            env_key=b"k" * 32,
            cache=tmp_path / "cache",
        )
        found = collect(options, clients)
        return with_content(found, clients, cache=tmp_path / "layers") if content else found

    return scanned


def fill(aws: Sandbox, repositories: int = 1) -> None:
    """Something for every call: an index, an alias of a version, a zip, a trigger that is enabled
    and one that is not, a role, a log group; and an enabled region that is not scanned."""
    aws.world.regions = frozenset({aws.region, "eu-west-1"})
    for number in range(repositories):
        seed.repository(aws, f"team/app{number}" if number else "team/app")
    child = _image(aws, "child")
    seed.index(aws, "team/app", {child: "linux/amd64"}, "v1")
    _image(aws, "runs", "v2")
    seed.role(aws, "app-role")
    seed.function(aws, "app", "team/app:v2", role="app-role")
    seed.alias(aws, "app", "live", seed.version(aws, "app"))
    seed.function(aws, "zipped", role="app-role")
    seed.trigger(aws, "app", "arn:aws:sqs:us-east-1:123456789012:queue")
    asleep = seed.trigger(aws, "app", "arn:aws:sqs:us-east-1:123456789012:other")
    aws.world.lambda_of(aws.account, aws.region).triggers[asleep]["State"] = "Disabled"
    aws.client("logs").create_log_group(logGroupName="/aws/lambda/app")
    seed.capacity_provider(aws, "fleet", "arn:aws:iam::123456789012:role/app-role")
    _fill_workloads(aws)
    seed.inspector(aws)


def deploy_meanwhile(aws: Sandbox) -> None:
    """Let a version be published, and an alias route to it, between two listings of a scan."""

    def change(_: Request) -> None:
        number = seed.version(aws, "app")
        held = aws.world.lambda_of(aws.account, aws.region).functions["app"]
        held.aliases["live"]["FunctionVersion"] = number

    aws.faults.before("lambda", "ListAliases", call=change, times=1)


def _fill_workloads(aws: Sandbox) -> None:
    """One of each kind of workload."""
    role = "arn:aws:iam::123456789012:role/app-role"
    seed.task_definition(aws, "web", "team/app:v2", role=role)
    seed.ecs_service(aws, "web", "web")
    seed.daemon(aws, "agent", "team/app:v2", role=role)
    seed.express_service(aws, "shop", "team/app:v2", infrastructure_role=role)
    seed.job_definition(aws, "nightly", "team/app:v2", role=role)
    seed.build_project(aws, "ci", "team/app:v2", role=role)
    seed.model(aws, "model", "team/app:v2", role=role)
    seed.model(aws, "packed", seed.model_package(aws, "p", "team/app:v2"))
    seed.endpoint(aws, "endpoint", "model")
    seed.inference_component(aws, "component", "endpoint", "team/app:v2")
    seed.studio_image(aws, "lab", "team/app:v2")
    seed.kubernetes_cluster(aws, "prod", role=role)
    seed.emr_application(aws, "spark", "team/app:v2")
    seed.agent_runtime(aws, "agent", "team/app:v2", role=role)
    seed.runner_service(aws, "shop", "team/app:v2", role=role)
    seed.container_group(aws, "game", "team/app:v2")


def _image(aws: Sandbox, text: str, *tags: str) -> str:
    """An image of one layer with one file."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        entry = tarfile.TarInfo("app.py")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text.encode()))
    layer = packed.getvalue()
    config = seed.image_config(diff_ids=[seed.sha256_of(layer)])
    return seed.image(aws, "team/app", *tags, config=config, layers=[gzip.compress(layer, mtime=0)])


def iam_action(call: str) -> str:
    """The action that a call needs, of the log's name for it."""
    service, _, operation = call.partition(":")
    return f"{PREFIXES.get(service, service)}:{operation}"


DOWNLOADS = {"ecr-layer", "lambda-package"}
"""Services of the log that are plain downloads by a signed URL."""


def denied(inventory: Inventory) -> dict[str, str]:
    return {
        f"{gap.service}:{gap.action}": gap.detail
        for gap in inventory.gaps
        if gap.reason == "denied"
    }


WHOLE = ("quick", "default", "everything")
SINGLE = some("single options of scans", [name for name in VARIANTS if name not in WHOLE], 4)


@pytest.mark.parametrize("variant", [*WHOLE, *SINGLE])
def test_a_scan_runs_under_exactly_its_policy(aws: Sandbox, scan: Scan, variant: str) -> None:
    needed = needs("scan", **VARIANTS[variant])
    called: set[str] = set()
    for repositories in (1, 2):
        aws.reset()
        fill(aws, repositories)
        aws.calls.clear()
        aws.enforce(document(needed))
        deploy_meanwhile(aws)
        found = scan(**VARIANTS[variant])
        assert [gap for gap in found.gaps if gap.reason != "left-out"] == []
        called |= set(aws.calls.tally())
    called = {iam_action(call) for call in called} - {"sts:GetCallerIdentity"}
    called = {call for call in called if call.partition(":")[0] not in DOWNLOADS}
    allowed = {need.action for need in needed if need != SHOWS_TAGS}
    assert called == allowed  # and nothing is allowed in vain


def together(variant: str) -> Iterator[tuple[Need, ...]]:
    """The actions of a scan, at most one of each service at a time: what one service refuses hides
    no call of another. An action that only spares calls is left out alone."""
    by_service: dict[str, list[Need]] = {}
    for need in needs("scan", **VARIANTS[variant]):
        if need.spares:
            yield (need,)
        elif need != SHOWS_TAGS:  # nothing fails without it
            by_service.setdefault(need.action.partition(":")[0], []).append(need)
    for row in zip_longest(*by_service.values()):
        yield tuple(need for need in row if need)


LESS = [
    pytest.param(variant, less, id=f"{variant}-{'-'.join(need.action for need in less)}")
    for variant, rows in (
        ("everything", some("scans with an action less", together("everything"), 2)),
        ("quick", some("quick scans with an action less", together("quick"), 5)),
    )
    for less in rows
]


@pytest.fixture(scope="module")
def _filled(_sandbox: Sandbox) -> Callable[[], None]:
    _sandbox.reset()
    fill(_sandbox)
    return keep(_sandbox)


@pytest.fixture
def filled(aws: Sandbox, _filled: Callable[[], None]) -> Sandbox:
    """The embedded AWS with something for every call."""
    _filled()
    return aws


@pytest.mark.parametrize(("variant", "less"), LESS)
def test_a_scan_with_one_action_less_of_each_service_has_gaps_that_name_them(
    filled: Sandbox, scan: Scan, variant: str, less: tuple[Need, ...]
) -> None:
    filled.enforce(
        document(need for need in needs("scan", **VARIANTS[variant]) if need not in less)
    )
    deploy_meanwhile(filled)
    details = denied(scan(**VARIANTS[variant])).values()
    if less[0].spares:
        assert not details
    for need in less:
        named = any(need.action.partition(":")[2] in detail for detail in details)
        assert named is not need.spares, (need.action, list(details))


def test_what_is_left_out_together_is_everything_once() -> None:
    for variant in VARIANTS:
        left_out = sorted(need for less in together(variant) for need in less)
        everything = needs("scan", **VARIANTS[variant])
        assert left_out == sorted(need for need in everything if need != SHOWS_TAGS)


def test_the_policy_of_a_scan_shows_the_tags_of_functions(aws: Sandbox, scan: Scan) -> None:
    fill(aws)
    aws.client("lambda").tag_resource(
        Resource="arn:aws:lambda:us-east-1:123456789012:function:app", Tags={"team": "shop"}
    )
    aws.enforce(document(needs("scan")))
    assert {function.name: function.tags for function in scan().functions}["app"] == (
        ("team", "shop"),
    )
    for action in ("lambda:ListTags", "tag:GetResources"):
        aws.enforce(document(need for need in needs("scan") if need.action != action))
        assert {function.name: function.tags for function in scan().functions}["app"] == (
            ("team", "shop"),
        )


def test_without_the_tagging_api_tags_are_read_one_by_one(aws: Sandbox, scan: Scan) -> None:
    fill(aws, repositories=3)
    aws.enforce(document(need for need in needs("scan") if not need.spares))
    found = scan()
    assert denied(found) == {}
    assert aws.calls.tally()["ecr:ListTagsForResource"] == 3


@pytest.mark.parametrize("command", [("orphans",), ("lifecycle", "team/app")])
def test_a_command_under_its_policy_and_under_none(
    aws_environment: Sandbox, aws: Sandbox, run: Run, one_commit: str, command: tuple[str, ...]
) -> None:
    fill(aws)
    aws.enforce(document(needs(command[0])))
    arguments = (*command, "--no-docker", "--git", one_commit, "--strict", "--format", "json")
    allowed = run(*arguments)
    assert [g for g in json.loads(allowed.stdout)["gaps"] if g["reason"] != "left-out"] == []
    aws.enforce({"Statement": []})
    refused = run(*arguments)
    assert refused.exit_code == (3 if command == ("orphans",) else 4)
    assert "jotgraph policy scan prints the policy" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_plan_reads_more_of_its_targets_under_its_policy(
    aws_environment: Sandbox, aws: Sandbox, run: Run, one_commit: str
) -> None:
    fill(aws)
    aws.enforce(document(needs("plan")))
    found = run(
        "plan", "delete", "function:zipped", "--no-docker", "--git", one_commit,
        "--ignore-doubt", "edge", "--format", "json",
    )  # fmt: skip
    made = json.loads(found.stdout)
    assert [gap for gap in made["gaps"] if gap["reason"] != "left-out"] == []
    assert (made["complete"], len(made["steps"])) == (True, 1)


def test_a_lifecycle_policy_that_may_not_be_read(
    aws_environment: Sandbox, aws: Sandbox, run: Run, one_commit: str
) -> None:
    fill(aws)
    aws.enforce(document(e for e in needs("lifecycle") if e.action != "ecr:GetLifecyclePolicy"))
    result = run("lifecycle", "team/app", "--no-docker", "--git", one_commit)
    assert result.exit_code == 2
    assert "allow ecr:GetLifecyclePolicy" in result.stderr


def test_every_command_is_in_the_table() -> None:
    assert {command.name for command in CLI} == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_documents_are_policies(run: Run, command: str) -> None:
    result = run("policy", command)
    assert result.exit_code == 0
    written: Any = json.loads(result.stdout)
    assert written == document(needs(command))
    assert written["Version"] == "2012-10-17"
    read_policy(written)
    for statement in written["Statement"]:
        assert statement["Sid"].isalnum()
        assert statement["Action"] == sorted(set(statement["Action"]))
    assert ("needs no policy" in result.stderr) == (not written["Statement"])


def test_only_commands_that_delete_or_invoke_may_write() -> None:
    reading = ("Get", "List", "Describe", "BatchGet")
    for command in COMMANDS:
        writes = [
            need.action
            for need in needs(command, usage=True, content=True)
            if not need.action.partition(":")[2].startswith(reading)
        ]
        assert bool(writes) == (command in {*DELETES, *MAKES, "invoke", "release", "undo"})


def test_a_stored_inventory_needs_nothing() -> None:
    assert needs("orphans", stored=True) == ()
    assert {need.action for need in needs("delete", stored=True)} == {
        need.action for need in needs("apply")
    }


def test_the_table_says_what_each_action_is_for(run: Run) -> None:
    result = run("policy", "scan", "--quick", "--format", "table")
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["Action", "Resource"]
    told = [line for line in lines if ":" in line.split(" ")[0]]
    purposes = [line for line in lines if line.startswith(" ")]
    assert len(told) == len(purposes) == len(needs("scan", quick=True))
    assert "list triggers" in result.stdout


def test_an_unknown_command(run: Run) -> None:
    with pytest.raises(OptionError, match="did you mean 'orphans'"):
        needs("orfans")
    result = run("policy", "nothing")
    assert result.exit_code == 2
    assert "one of " in result.stderr


def test_who_reads_many_accounts_assumes_their_roles_and_may_list_them(aws: Sandbox) -> None:
    """Exactly these two come to the policy of a scan, and without one of them it says which."""
    pattern = "arn:aws:iam::{account}:role/jotgraph"
    added = caller([pattern], organization=True)
    assert [(need.action, need.resource) for need in added] == [
        ("sts:AssumeRole", "arn:aws:iam::*:role/jotgraph"),
        ("organizations:ListAccounts", "*"),
    ]
    assert caller([pattern], organization=False) == added[:1]
    allowed = read_policy(document(added))
    aws.enforce(document(added))
    seed.organization(aws, {"111122223333": "shop"})
    arn = seed.member_role(aws, "111122223333")
    aws.client("organizations").list_accounts()
    aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")
    with pytest.raises(aws.client("sts").exceptions.ClientError, match="AccessDenied"):
        aws.client("sts").assume_role(RoleArn=f"{arn}-other", RoleSessionName="test")
    assert len(allowed.statements) == 2


def test_the_trust_policy_of_a_role_lets_in_the_caller_with_its_external_id(aws: Sandbox) -> None:
    policy = trust(aws.account, "ours")
    arn = seed.role(aws, "jotgraph", trust=policy, account="111122223333")
    sts = aws.client("sts")
    assert sts.assume_role(RoleArn=arn, RoleSessionName="test", ExternalId="ours")["Credentials"]
    with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=arn, RoleSessionName="test")


@pytest.mark.parametrize("principal", ["", "shop", "arn:aws:s3:::bucket", "11112222333"])
def test_what_is_no_principal(principal: str) -> None:
    with pytest.raises(OptionError, match="is no principal; write an account, or the ARN"):
        trust(principal)
