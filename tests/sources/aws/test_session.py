"""The botocore session that all sessions of a process are made of."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.handlers import BUILTIN_HANDLERS
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.loaders import create_loader
from botocore.utils import EVENT_ALIASES, parse_timestamp

from jotgraph.clients import connect
from jotgraph.clients.models import ModelFiles, loader_of
from jotgraph.clients.sessions import core_session, parse_moment
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.rig.test_made_once import handlers_of


@pytest.fixture(params=["UTC", "Asia/Kathmandu", "America/St_Johns"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The zone of this machine."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    "value",
    [
        0, 1_764_000_000, 1_764_000_000.25, -1, 0.1, 253_402_200_000, 253_402_300_800, "1764000000",
        "20261127", "2026-11-27T13:00:00Z", "2026-11-27T13:00:00.123456Z",
        "2026-11-27T13:00:00.123+0000", "2026-11-27T13:00:00-03:30", "2026-11-27T13:00:00",
        "2026-11-27", "Fri, 27 Nov 2026 13:00:00 GMT", "2026-03-29T02:30:00+01:00",
    ],
)  # fmt: skip
def test_a_time_is_the_one_that_botocore_reads(zone: str, value: Any) -> None:
    try:
        expected = parse_timestamp(value)
    except (ValueError, OverflowError) as error:
        with pytest.raises(type(error)):
            parse_moment(value)
        return
    read = parse_moment(value)
    assert read == expected.astimezone(UTC)
    assert read.tzinfo is UTC
    assert read.utcoffset() == timedelta()


@pytest.mark.parametrize("value", ["", "yesterday", "2026-13-01T00:00:00Z", None, [], float("nan")])
def test_what_is_no_time_is_refused_as_botocore_refuses_it(value: Any) -> None:
    with pytest.raises((TypeError, ValueError, RuntimeError)) as expected:
        parse_timestamp(value)
    with pytest.raises(expected.type):
        parse_moment(value)


def test_answers_have_their_times_in_utc(aws_environment: Sandbox, zone: str) -> None:
    seed.repository(aws_environment, "app")
    seed.role(aws_environment, "r", created=datetime(2026, 7, 1, 12, tzinfo=UTC))
    (session,) = connect(use_docker=False).aws
    ecr = session.client("ecr", session.home).describe_repositories()["repositories"][0]
    assert ecr["createdAt"].tzinfo is UTC
    iam = session.client("iam", session.home).get_role(RoleName="r")["Role"]  # XML
    assert iam["CreateDate"] == datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert iam["CreateDate"].tzinfo is UTC


def test_sessions_share_what_they_read_of_services() -> None:
    one, other = core_session(), core_session()
    assert one is not other
    assert one.get_component("data_loader") is other.get_component("data_loader")


def test_no_session_adds_folders_of_models_that_are_known() -> None:
    loader = loader_of(None)
    for core in (core_session(), core_session()):
        core.register_component("data_loader", loader)
        boto3.session.Session(botocore_session=core)
    assert len(set(loader.search_paths)) == len(loader.search_paths) == 3


def test_sessions_that_begin_at_once_read_a_model_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loader, read = loader_of(None), Counter[str]()
    monkeypatch.setattr(ModelFiles, "load_file", lambda _files, path: slowly(path))
    together = threading.Barrier(4)

    def slowly(path: str) -> dict[str, Any] | None:
        read[path] += 1
        time.sleep(0.01)
        return {"merge": {}} if path.endswith("service-2") else None

    def load(_number: int) -> object:
        together.wait(60)
        return loader.load_service_model("sts", "service-2")

    with ThreadPoolExecutor(4) as pool:
        (model,) = {id(model) for model in pool.map(load, range(4))}
    assert model
    assert set(read.values()) == {1}


@pytest.mark.parametrize("name", ["partitions", "sts/2011-06-15/service-2", "endpoints"])
def test_a_model_is_the_one_that_botocore_reads(name: str) -> None:
    plain = create_loader()
    loader = loader_of(None)
    assert loader.load_data(name) == plain.load_data(name)
    assert list(loader.load_data(name)) == list(plain.load_data(name))
    assert loader.list_api_versions("sts", "service-2") == ["2011-06-15"]


def test_a_model_of_the_user_goes_before_and_may_be_less_than_json(tmp_path: Path) -> None:
    folder = tmp_path / "sts" / "2099-01-01"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text('{"\\ud800": NaN}')
    loader = loader_of(str(tmp_path))
    assert loader.determine_latest_version("sts", "service-2") == "2099-01-01"
    assert list(loader.load_data("sts/2099-01-01/service-2")) == ["\ud800"]
    assert ModelFiles().load_file(str(folder / "paginators-1")) is None


def test_no_event_of_a_client_has_a_name_of_long_ago() -> None:
    """So that a session's clients need nobody who looks for one."""
    told: list[str] = []
    emitter = HierarchicalEmitter()
    emitter.register("before-call", lambda event_name, **_: told.append(event_name))
    names = [f"before-call.{service}.ListThings" for service in set(EVENT_ALIASES.values())]
    for name in names:
        EventAliaser(emitter).emit(name)
    assert told == names


def test_a_handler_of_an_older_name_is_told_of_what_a_client_does() -> None:
    core, told = core_session(), []
    core.register("provide-client-params.config", lambda event_name, **_: told.append(event_name))
    core.set_credentials("key", "secret")
    client = core.create_client("config", "eu-west-1", endpoint_url="http://127.0.0.1:9")
    client.meta.events.emit("provide-client-params.config-service.DescribeConfigRules")
    assert told == ["provide-client-params.config-service.DescribeConfigRules"]


@pytest.mark.parametrize("service", ["lambda", "s3"])
def test_a_client_has_the_handlers_of_a_plain_session(service: str) -> None:
    plain, ours = botocore.session.Session(), core_session()
    for core in (plain, ours):
        core.set_credentials("key", "secret")
    expected: Any = plain.create_client(service, "eu-west-1")
    made: Any = ours.create_client(service, "eu-west-1")
    assert handlers_of(made.meta.events) == handlers_of(expected.meta.events._emitter)


def test_handlers_that_another_program_adds_to_sessions_are_there_once() -> None:
    told: list[str] = []

    def hear(event_name: str, **_: Any) -> None:
        told.append(event_name)

    def initialize(core: Any) -> None:
        core.register("any", hear)

    core_session()
    botocore.register_initializer(initialize)
    try:
        for count in (1, 2):
            core_session().emit("any")
            assert told == count * ["any"]
    finally:
        botocore.unregister_initializer(initialize)


def test_handlers_that_another_program_adds_to_botocore_are_there() -> None:
    """What stands in for AWS does so when it is imported, after the first session too."""
    told: list[str] = []

    def answer(event_name: str, **_: Any) -> None:
        told.append(event_name)

    core_session()
    BUILTIN_HANDLERS.append(("any", answer))
    try:
        core_session().emit("any")
    finally:
        BUILTIN_HANDLERS.pop()
    core_session().emit("any")
    assert told == ["any"]
