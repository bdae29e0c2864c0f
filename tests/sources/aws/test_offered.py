"""What is not offered in a region is told from what cannot be reached."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from jotgraph.clients import connect
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.aws.offered import host_of, in_region, may_be_there
from jotgraph.sources.aws.rate_limit import Buckets

HOST, KNOWN = "apprunner.eu-north-1.amazonaws.com", "api.ecr.eu-north-1.amazonaws.com"


def _names(**errors: OSError) -> Callable[[str, int], object]:
    """A look-up that knows every host but those named ``host`` or ``known``."""
    by_name = {HOST: errors.get("host"), KNOWN: errors.get("known")}

    def look_up(name: str, port: int) -> object:
        assert port == 443
        if (error := by_name[name]) is not None:
            raise error
        return []

    return look_up


NO_NAME = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
AGAIN = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def test_a_host_without_an_address_is_not_there() -> None:
    assert not may_be_there(HOST, lambda: KNOWN, _names(host=NO_NAME))


def test_a_host_with_an_address_may_be_there() -> None:
    assert may_be_there(HOST, lambda: KNOWN, _names())


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_address_is_not_looked_up(host: str) -> None:
    assert may_be_there(host, lambda: KNOWN, _names())


@pytest.mark.parametrize("error", [AGAIN, TimeoutError(), OSError()])
def test_a_name_server_that_does_not_answer_says_nothing(error: OSError) -> None:
    assert may_be_there(HOST, lambda: KNOWN, _names(host=error))


def test_where_no_host_of_aws_has_a_name_nothing_is_said() -> None:
    """Behind a proxy that looks up names itself."""
    assert may_be_there(HOST, lambda: KNOWN, _names(host=NO_NAME, known=NO_NAME))


@pytest.mark.parametrize("client", ["ecr", "sts", "ecs", "bedrock-agentcore-control"])
@pytest.mark.parametrize("region", ["eu-west-1", "us-gov-west-1", "cn-north-1"])
def test_a_host_that_other_clients_call_is_that_of_the_region(
    client: str, region: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No client is made to know it."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    other = {"us-gov-west-1": "us-gov-east-1", "cn-north-1": "cn-northwest-1"}
    home = other.get(region, "us-east-1")
    (session,) = connect(use_docker=False, regions=(home,)).aws
    with ThreadPoolExecutor(1) as pool:
        place = RegionClient(session, "1", home, Buckets({}), pool).in_region(region)
    host = host_of(place, client)
    assert {where for _, where in session._clients} == {home}
    assert host == urlsplit(session.client(client, region).meta.endpoint_url).hostname


def test_an_endpoint_of_ones_own_is_the_same_for_all_regions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    (session,) = connect(use_docker=False, regions=("us-east-1",)).aws
    with ThreadPoolExecutor(1) as pool:
        place = RegionClient(session, "1", "us-east-1", Buckets({}), pool).in_region("eu-west-1")
    assert host_of(place, "ecr") == "localhost"


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("api.ecr.us-east-1.amazonaws.com", "api.ecr.eu-west-1.amazonaws.com"),
        ("vpce-1-us-east-1a.api.ecr.us-east-1.vpce.amazonaws.com",
         "vpce-1-us-east-1a.api.ecr.eu-west-1.vpce.amazonaws.com"),
        ("aws-us-east-1.proxy.example.com", "aws-us-east-1.proxy.example.com"),
        ("iam.amazonaws.com", "iam.amazonaws.com"),
        ("", ""),
    ],
)  # fmt: skip
def test_only_a_label_that_is_the_region_is_another_there(host: str, named: str) -> None:
    assert in_region(host, "us-east-1", "eu-west-1") == named
