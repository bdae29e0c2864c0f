"""Clients of tests are those that botocore makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import EndpointConnectionError, ParamValidationError
from botocore.hooks import HierarchicalEmitter

from jotgraph.clients.sessions import service_models
from tests.rig.made_once import PATCH, make_once

SERVICES = ("ecr", "lambda", "iam", "s3", "ecs")


def session() -> Any:
    made = botocore.session.Session()
    made.register_component("data_loader", service_models())
    made.set_credentials("key", "secret")
    return made


def client(service: str, region: str = "eu-west-1") -> Any:
    return session().create_client(service, region)


@contextmanager
def as_botocore_does() -> Iterator[None]:
    PATCH.undo()
    try:
        yield
    finally:
        make_once()


def handlers_of(emitter: Any) -> dict[str, list[str]]:
    """The names of handlers, in order, by what they are told of."""
    handlers: dict[str, list[str]] = {}

    def walk(node: dict[str, Any], path: str) -> None:
        if node["values"]:
            listed = [handler for group in node["values"] for handler in group]
            handlers[path] = [
                getattr(handler, "__qualname__", type(handler).__name__) for handler in listed
            ]
        for name, child in node["children"].items():
            walk(child, f"{path}.{name}")

    walk(emitter._handlers._root, "")
    return handlers


def described(made: Any) -> dict[str, Any]:
    """All that a client is of, but for addresses in memory."""
    return {
        "methods": {name: made.can_paginate(name) for name in made.meta.method_to_api_mapping},
        "names": dir(made),
        "address": made.meta.endpoint_url,
        "handlers": handlers_of(made.meta.events._emitter),
        "model": made.meta.service_model.metadata,
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_client_is_that_of_botocore(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    make_once()
    first, second = client(service), client(service)
    with as_botocore_does():
        plain = client(service)
    assert described(first) == described(second) == described(plain)
    assert first.meta.service_model is second.meta.service_model
    assert first.meta.service_model is not plain.meta.service_model
    elsewhere = client(service, "us-west-2").meta.endpoint_url
    assert elsewhere == plain.meta.endpoint_url.replace("eu-west-1", "us-west-2")


def test_each_has_handlers_of_its_own() -> None:
    make_once()
    first, second, told = client("ecr"), client("ecr"), []

    def note(**event: Any) -> None:
        told.append(event["event_name"])

    first.meta.events.register("provide-client-params.ecr.DescribeRepositories", note)
    for ecr in (first, second):
        with pytest.raises(EndpointConnectionError):
            ecr.describe_repositories()
    assert told == ["provide-client-params.ecr.DescribeRepositories"]


def hear(name: str) -> Callable[..., None]:
    def heard(**_event: Any) -> None: ...

    heard.__qualname__ = name
    return heard


def changed_apart() -> list[dict[str, list[str]]]:
    """The handlers of some events, and of two copies of them, after each was changed by itself."""
    base = HierarchicalEmitter()
    shared, own = hear("shared"), hear("own")
    base.register("before-call.s3", shared)
    base.register("before-call.s3.PutObject", shared)
    first, second = copy(base), copy(base)
    third = copy(first)
    first.unregister("before-call.s3.PutObject", shared)
    first.unregister("before-call.s3.GetObject", shared)  # which nobody registered
    second.register_first("before-call.s3", own)
    second.register_last("before-send", own)
    base.register("before-call.s3.PutObject", own)
    third.unregister("before-call.s3", shared)
    return [handlers_of(emitter) for emitter in (base, first, second, third)]


def test_what_one_adds_or_removes_leaves_the_others() -> None:
    make_once()
    apart = changed_apart()
    with as_botocore_does():
        assert changed_apart() == apart
    assert len({repr(handlers) for handlers in apart}) == 4


def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    make_once()
    assert client("ecr")._endpoint.http_session._proxy_config._proxies == {}
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    proxies = client("ecr")._endpoint.http_session._proxy_config._proxies
    assert proxies == {"https": "http://127.0.0.1:9"}


def test_a_profile_that_is_named_later_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make_once()
    (tmp_path / "config").write_text(
        "[profile far]\nregion = us-west-2\ns3 =\n  use_arn_region = true\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    made = session()
    assert (made.get_scoped_config(), made.get_config_variable("region")) == ({}, None)
    monkeypatch.setenv("AWS_PROFILE", "far")
    assert made.get_config_variable("region") == "us-west-2"
    assert made.create_client("ecr").meta.config.s3 == {"use_arn_region": True}


def test_what_is_wrong_is_refused() -> None:
    make_once()
    with pytest.raises(ParamValidationError):
        client("ecr").describe_repositories(repositoryNames="app")
    with pytest.raises(ValueError, match="must accept keyword arguments"):
        client("ecr").meta.events.register("before-send", lambda request: request)
