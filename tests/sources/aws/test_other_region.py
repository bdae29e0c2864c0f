"""A call by the client of another region is the call that the region's own client makes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore import xform_name
from botocore.awsrequest import AWSPreparedRequest

from jotgraph.clients import connect
from jotgraph.clients.aws import Aws
from jotgraph.sources.aws.other_region import sent_to
from jotgraph.sources.aws.probes import listings_of
from jotgraph.sources.consumers import BY_SERVICE, Consumer

HOME = "us-east-1"
REGIONS = ("eu-west-1", "eu-central-2", "us-gov-west-1", "cn-north-1")
PROBED: tuple[tuple[str, tuple[Consumer, ...]], ...] = (("lambda", ()), *BY_SERVICE)
_SCOPE = re.compile(r"Credential=[^/]+/\d+/(\S+?),")


class NotSentError(Exception):
    """In place of a call: where it would have gone, and for what it was signed."""


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Aws:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    (aws,) = connect(use_docker=False, regions=[HOME], attempts=1).aws
    return aws


def _stopped(session: Aws, service: str, region: str) -> Any:
    def stop(request: AWSPreparedRequest, **_: Any) -> None:
        signed = request.headers["Authorization"]
        scope = _SCOPE.search(signed if isinstance(signed, str) else signed.decode())
        assert scope
        raise NotSentError(request.url, scope[1])

    client = session.client(service, region)
    client.meta.events.register("before-send", stop, unique_id="stop")
    return client


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(("service", "entries"), PROBED, ids=[name for name, _ in PROBED])
def test_it_goes_where_the_region_s_own_would(
    session: Aws, service: str, entries: tuple[Consumer, ...], region: str
) -> None:
    name = entries[0].client or service if entries else service
    home, own = _stopped(session, name, HOME), _stopped(session, name, region)
    for action, _, _, params in listings_of(entries):
        method = xform_name(action)
        with pytest.raises(NotSentError) as expected:
            getattr(own, method)(**params)
        with pytest.raises(NotSentError) as sent:
            sent_to(region, getattr(home, method))(**params)
        assert sent.value.args == expected.value.args
        assert f"{region}/" in sent.value.args[1]


def test_the_next_call_is_the_client_s_own(session: Aws) -> None:
    client = _stopped(session, "lambda", HOME)
    with pytest.raises(NotSentError):
        sent_to("eu-west-1", client.list_functions)()
    with pytest.raises(NotSentError) as sent:
        client.list_functions()
    assert sent.value.args == (
        "https://lambda.us-east-1.amazonaws.com/2015-03-31/functions",
        "us-east-1/lambda/aws4_request",
    )


def test_a_call_in_between_is_its_own_client_s(session: Aws) -> None:
    """As when credentials are renewed while a call is signed."""
    probing, renewing = (_stopped(session, name, HOME) for name in ("lambda", "sts"))
    sent: list[tuple[object, ...]] = []

    def renew(**_: Any) -> None:
        with pytest.raises(NotSentError) as stopped:
            renewing.get_caller_identity()
        sent.append(stopped.value.args)

    probing.meta.events.register("before-sign", renew)
    with pytest.raises(NotSentError) as probed:
        sent_to("eu-west-1", probing.list_functions)()
    assert sent == [("https://sts.us-east-1.amazonaws.com/", "us-east-1/sts/aws4_request")]
    assert probed.value.args[1] == "eu-west-1/lambda/aws4_request"
