"""Installed packages on the command line: what they add, that they fail by name, and the switch."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from jotgraph import store
from jotgraph.plugins import CONSUMER_GROUP, RULE_GROUP
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources.aws.expressions import search, texts
from jotgraph.sources.aws.workload_records import _images
from tests.functional.conftest import Run
from tests.functional.estate import SHAS, estate
from tests.plugins.installing import install, install_example

RAISING = """
from jotgraph.links import Grade, Relation, rule

@rule(Relation.MENTIONS, Grade.HINT)
def acme_names(index):
    "A rule that does not work."
    raise KeyError("acme")
"""
CALLED = "  plugin acme_names: error: acme 1.0: KeyError: 'acme'; --no-plugins does without\n"


def deployed(run: Run) -> str:
    """A stored estate in which Acme's deployer described a function."""
    inventory = estate()
    first, *rest = inventory.functions
    described = msgspec.structs.replace(first, description=f"acme deploy {SHAS[0]} by ada")
    store.save(msgspec.structs.replace(inventory, functions=(described, *rest)), "acme.jsonl")
    return described.id


def test_the_example_is_listed_and_its_evidence_shown(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    function = deployed(run)

    def rules(*switch: str) -> set[str]:
        shown = run(*switch, "show", function, "--from", "acme.jsonl", "--format", "json")
        links = json.loads(shown.stdout)["links"]
        return {piece["rule"] for link in links for piece in link["evidence"]}

    assert "acme_deployment" not in rules()
    install_example(monkeypatch, tmp_path)
    assert "acme_deployment" in rules()
    assert "acme_deployment" not in rules("--no-plugins")
    listed = json.loads(run("rules", "--format", "json").stdout)["rules"]
    (own,) = [rule for rule in listed if rule["source"]]
    assert (own["name"], own["grade"]) == ("acme_deployment", "support")
    assert own["source"] == "package jotgraph-acme 1.0"
    assert "acme_deployment" not in run("--no-plugins", "rules").stdout
    monkeypatch.setenv("JOTGRAPH_PLUGINS", "off")
    assert "acme_deployment" not in rules()
    assert "acme_deployment" in rules("--plugins")


def test_a_package_that_fails_is_a_gap_and_no_crash(
    run: Run, whole: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = run("orphans", "--from", whole)
    assert "3 orphans" in before.stderr
    install(monkeypatch, tmp_path, "acme", RAISING, {RULE_GROUP: {"names": "acme:acme_names"}})
    failed = run("orphans", "--from", whole)
    assert failed.exit_code == 0
    assert CALLED in failed.stderr
    assert "0 orphans" in failed.stderr
    assert run("orphans", "--strict", "--from", whole).exit_code == 3
    assert run("ls", "--strict", "--from", whole).exit_code == 3
    planned = json.loads(run("plan", "cleanup", "--from", whole, "--format", "json").stdout)
    assert planned["steps"] == []
    assert [gap["action"] for gap in planned["gaps"]] == ["acme_names"]
    without = run("--no-plugins", "orphans", "--from", whole)
    assert (without.stdout, without.stderr) == (before.stdout, before.stderr)
    monkeypatch.setenv("JOTGRAPH_PLUGINS", "off")
    unsaid = run("plan", "cleanup", "--from", whole, "--format", "json")
    off = "Not used, by JOTGRAPH_PLUGINS: rules and services of acme\n"
    assert json.loads(unsaid.stdout)["steps"]
    assert unsaid.stderr.count(off) == 1


def test_a_package_that_cannot_be_imported_is_a_gap(
    run: Run, whole: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    entries = {RULE_GROUP: {"names": "acme:names"}}
    install(monkeypatch, tmp_path, "acme", "import nothing_of_that_name", entries)
    result = run("orphans", "--from", whole)
    assert result.exit_code == 0
    assert "plugin names: error: acme 1.0: ModuleNotFoundError: No module named" in result.stderr
    assert "0 orphans" in result.stderr
    listed = run("rules")
    assert listed.exit_code == 0
    assert "plugin names: error: acme 1.0: ModuleNotFoundError" in listed.stderr


RUNNER = """
from jotgraph.sources.consumers import Call, Consumer

RUNNER = Consumer(
    service="acme-runner",
    client="apprunner",
    type="'service'",
    calls=(
        Call(action="ListServices", found="ServiceSummaryList", into="listed",
             page=20, limit="MaxResults", token="NextToken"),
        Call(action="DescribeService", found="Service", into="service",
             names="listed.ServiceArn", member="ServiceArn"),
    ),
    name="service.ServiceName",
    arn="service.ServiceArn",
    images="[service.SourceConfiguration.ImageRepository.ImageIdentifier]",
)
"""
"""App Runner, read a second time by a package: the embedded AWS answers for it."""
DENIED = {
    "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "apprunner:ListServices", "Resource": "*"},
    ]
}


def _scanned(run: Run, *switch: str) -> dict[str, str]:
    result = run(*switch, "scan", "--no-docker", "--format", "json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    return {coverage["service"]: coverage["state"] for coverage in answer["scope"]["coverage"]}


def test_a_service_of_a_package_is_read_beside_ours(
    aws_environment: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seed.repository(aws_environment, "app")
    seed.image(aws_environment, "app", "live")
    seed.runner_service(aws_environment, "shop", "app:live")
    entries = {CONSUMER_GROUP: {"runner": "acme:RUNNER"}}
    install(monkeypatch, tmp_path, "acme", RUNNER, entries)
    assert _scanned(run)["acme-runner"] == "read"
    shown = json.loads(run("show", "app:live", "--from", "last", "--format", "json").stdout)
    users = {link["source"] for link in shown["links"] if link["target"] == shown["resource"]["id"]}
    assert "workload:123456789012/us-east-1/acme-runner/service/shop" in users
    assert "acme-runner" not in _scanned(run, "--no-plugins")


def test_a_service_of_a_package_that_was_not_read_is_a_doubt(
    aws_environment: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seed.repository(aws_environment, "app")
    seed.image(aws_environment, "app", "old")
    entries = {CONSUMER_GROUP: {"runner": "acme:RUNNER"}}
    install(monkeypatch, tmp_path, "acme", RUNNER, entries)
    aws_environment.enforce(DENIED)
    assert _scanned(run)["acme-runner"] == "denied"
    options = ("--assume-no", "apprunner", "--kind", "ecr-image", "--format", "json")
    judged = json.loads(run("orphans", "--from", "last", *options).stdout)
    (unknown,) = judged["unknown"]
    assert "acme-runner of 123456789012/us-east-1 was not read" in json.dumps(unknown)


def test_a_service_that_cannot_be_loaded_is_a_gap_of_the_scan(
    aws_environment: Sandbox, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    entries = {CONSUMER_GROUP: {"runner": "acme:RUNNER"}}
    install(monkeypatch, tmp_path, "acme", "RUNNER = 3", entries)
    result = run("scan", "--no-docker", "--strict")
    assert result.exit_code == 3
    assert "plugin runner: error: acme 1.0: ValueError: not a jotgraph.sources" in result.stderr
    assert [gap.name for gap in store.Snapshots().load("last").gaps if gap.asked] == [
        "plugin:runner"
    ]
    assert run("--no-plugins", "scan", "--no-docker", "--strict").exit_code == 0


def test_the_expressions_of_the_example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of an answer as the Lightsail API Reference shows it."""
    install_example(monkeypatch, tmp_path)
    from jotgraph_acme import LIGHTSAIL  # type: ignore[import-not-found] # noqa: PLC0415

    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:live"
    role = "arn:aws:iam::123456789012:role/amazon/lightsail/us-east-1/containers/shop/private"
    document = {
        "service": {
            "containerServiceName": "shop",
            "arn": "arn:aws:lightsail:us-east-1:123456789012:ContainerService/1",
            "currentDeployment": {"containers": {"web": {"image": image}}},
            "privateRegistryAccess": {"ecrImagePullerRole": {"principalArn": role}},
        }
    }
    assert search(LIGHTSAIL.name, document) == "shop"
    assert [used.image for used in _images(search(LIGHTSAIL.images, document))] == [image]
    assert texts(search(LIGHTSAIL.roles, document)) == (role,)
    nothing = {"service": {"containerServiceName": "shop"}}
    assert search(LIGHTSAIL.images, nothing) == []
    assert texts(search(LIGHTSAIL.roles, nothing)) == ()
