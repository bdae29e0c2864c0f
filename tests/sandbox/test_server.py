"""Starting, stopping, staying on loopback."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from jotgraph.errors import SandboxError
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import MOTO, Sandbox, refuse_elsewhere_url


@pytest.fixture
def aws() -> Iterator[Sandbox]:
    """One of each test's own, since others here start theirs."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "example.org", "", "::"])
def test_refuses_to_leave_loopback(host: str) -> None:
    with pytest.raises(SandboxError, match="loopback"):
        Sandbox(host=host)


@pytest.mark.parametrize(
    "url", ["https://ecr.us-east-1.amazonaws.com", "http://169.254.169.254/", "nonsense"]
)
def test_a_url_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(SandboxError, match="loopback"):
        refuse_elsewhere_url(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:5000", "http://localhost:1", "http://[::1]:1/x"])
def test_a_url_of_loopback_is_fine(url: str) -> None:
    refuse_elsewhere_url(url)


def test_listens_on_a_free_port_of_loopback_and_stops() -> None:
    with Sandbox() as aws:
        host, _, port = aws.endpoint.removeprefix("http://").partition(":")
        assert host == "127.0.0.1"
        assert aws.client("sts").get_caller_identity()["Account"] == "123456789012"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=60)


def test_one_at_a_time_and_a_stopped_one_leaves_room() -> None:
    with Sandbox(), pytest.raises(SandboxError, match="already"):
        Sandbox().start()
    with Sandbox():
        pass


def test_a_client_is_made_once_and_keeps_its_account_when_all_is_forgotten() -> None:
    with Sandbox() as aws:
        other = aws.client("sts", account="111122223333")
        aws.reset()
        assert aws.client("sts", account="111122223333") is other
        assert other.get_caller_identity()["Account"] == "111122223333"
        assert aws.client("sts") is not other
        assert aws.client("sts", "eu-west-1") is not aws.client("sts")
    with Sandbox() as aws:
        assert aws.client("sts").meta.endpoint_url == aws.endpoint


def test_what_is_not_part_of_it_is_a_clear_error() -> None:
    with (
        Sandbox() as aws,
        pytest.raises(ClientError, match="iam:GetHumanReadableSummary") as raised,
    ):
        aws.client("iam").get_human_readable_summary(EntityArn="arn:aws:iam::123456789012:role/app")
    assert raised.value.response["Error"]["Code"] == "SandboxNotImplemented"


IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15"
FORM = {
    "Content-Type": "application/x-www-form-urlencoded",
    "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20261127/us-east-1/sts/aws4_request",
}


def _kept(aws: Sandbox) -> http.client.HTTPConnection:
    """A connection that was used once, and stays open."""
    connection = http.client.HTTPConnection(aws.endpoint.removeprefix("http://"), timeout=60)
    connection.request("POST", "/", IDENTITY, FORM)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    assert b"123456789012" in answer.read()
    connection.auto_open = 0
    return connection


def test_a_connection_is_kept(aws: Sandbox) -> None:
    connection = _kept(aws)
    connection.request("POST", "/", IDENTITY, FORM)
    answer = connection.getresponse()
    assert answer.getheader("Connection") is None
    assert b"123456789012" in answer.read()
    connection.close()


def test_an_answer_that_is_cut_off_ends_its_connection(aws: Sandbox) -> None:
    connection = _kept(aws)
    aws.faults.truncate("sts")
    connection.request("POST", "/", IDENTITY, FORM)
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()


def test_nobody_is_answered_after_the_end() -> None:
    with Sandbox() as aws:
        connection = _kept(aws)
    assert connection.sock.recv(1) == b""
    connection.close()


def test_stop_twice_is_fine() -> None:
    aws = Sandbox().start()
    aws.stop()
    aws.stop()


def test_changes_nothing_global() -> None:
    before = dict(os.environ)
    with Sandbox():
        assert dict(os.environ) == before


def test_environment_is_enough_for_another_process(aws: Sandbox) -> None:
    seed.repository(aws, "team/app")
    code = (
        "import boto3; c = boto3.client('ecr');"
        "print(c.describe_repositories()['repositories'][0]['repositoryName'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"], **aws.environment()},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "team/app"


def test_reset_forgets_everything_but_the_address(aws: Sandbox) -> None:
    seed.repository(aws, "app")
    seed.function(aws, "zip")
    seed.role(aws, "role")
    aws.faults.deny()
    aws.enforce({"Statement": []})
    endpoint = aws.endpoint
    aws.reset()
    assert aws.endpoint == endpoint
    assert len(aws.calls) == 0
    assert aws.client("ecr").describe_repositories()["repositories"] == []
    assert aws.client("lambda").list_functions()["Functions"] == []
    assert aws.client("iam").list_roles()["Roles"] == []


def test_accounts_and_regions_are_apart(aws: Sandbox) -> None:
    seed.repository(aws, "here")
    seed.repository(aws, "there", region="eu-west-1")
    seed.repository(aws, "theirs", account="210987654321")

    def names(**where: str) -> list[str]:
        repositories = aws.client("ecr", **where).describe_repositories()["repositories"]
        return [repository["repositoryName"] for repository in repositories]

    assert names() == ["here"]
    assert names(region="eu-west-1") == ["there"]
    assert names(account="210987654321") == ["theirs"]
    sts = aws.client("sts", account="210987654321")
    assert sts.get_caller_identity()["Account"] == "210987654321"


def test_assumed_role_acts_in_its_account(aws: Sandbox) -> None:
    started = datetime.now(UTC).replace(microsecond=0)
    arn = seed.member_role(aws, "210987654321", "reader")
    seed.repository(aws, "theirs", account="210987654321")
    keys = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    import boto3  # noqa: PLC0415 -- only this test makes a client by itself

    ecr = boto3.client(
        "ecr",
        region_name="us-east-1",
        endpoint_url=aws.endpoint,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    assert [r["repositoryName"] for r in ecr.describe_repositories()["repositories"]] == ["theirs"]
    iam = aws.client("iam", account="210987654321")
    used = iam.get_role(RoleName="reader")["Role"]["RoleLastUsed"]
    assert used["Region"] == "us-east-1"
    assert started <= used["LastUsedDate"] <= datetime.now(UTC)


def test_what_is_not_emulated_says_so_once(aws: Sandbox) -> None:
    seed.repository(aws, "app")
    ecr = aws.client("ecr")
    with pytest.raises(ecr.exceptions.ClientError, match="not part of the sandbox"):
        ecr.describe_image_replication_status(repositoryName="app", imageId={"imageTag": "x"})
    assert len(aws.calls) == 1


def test_without_moto_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['moto'] = None\n"
        "from jotgraph.errors import SandboxError\n"
        "from jotgraph.sandbox.server import Sandbox\n"
        "try: Sandbox().start()\n"
        "except SandboxError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith(f": python -m pip install '{MOTO}'")


def test_what_it_says_to_install_is_what_the_extra_installs() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["optional-dependencies"]["demo"] == [MOTO]
