"""The engine's writer on a real engine: names one by one, nothing by force, names given back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import docker
import msgspec
import pytest

from jotgraph.apply import Receipt, apply
from jotgraph.apply.undo import undo
from jotgraph.clients import Clients
from jotgraph.errors import ApplyError
from jotgraph.plan import Plan, Step, fingerprint
from jotgraph.plan.model import ACTIONS, LIFETIME, seal
from jotgraph.records import Container, LocalImage, kind_of
from jotgraph.sources.docker import read_engine
from tests.factories import scope
from tests.rig.images import compiled, context, layer_of, static_program
from tests.rig.live import Rig

START = 'CMD ["/hello"]'
PROGRAM = f"FROM scratch\nCOPY hello /hello\n{START}\n"


@pytest.fixture
def client(engine: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    engine.put("app:one", layer_of({"hello": compiled()}), START)
    made = docker.DockerClient(base_url=engine.docker_host)
    made.images.get("app:one").tag("app", "two")
    yield made
    made.close()


def plan_of(client: docker.DockerClient, *ids: str) -> Plan:
    """A plan that a scan would give, whatever its verdicts."""
    read = read_engine(client)
    records: list[LocalImage | Container] = [*read.containers, *read.images]
    now = datetime.now(UTC)
    steps = tuple(
        Step(
            id=record.id,
            action=ACTIONS[kind_of(record.id)],
            because="a test",
            fingerprint=fingerprint(record),
        )
        for record in records
        if record.id in ids
    )
    return seal(
        Plan(
            asked="test",
            made_at=now,
            expires_at=now + LIFETIME,
            taken_at=now,
            scope=scope(engine=read.name),
            complete=True,
            steps=steps,
        )
    )


def applied(client: docker.DockerClient, plan: Plan) -> Receipt:
    return apply(plan, Clients(docker=client), now=datetime.now(UTC), patience=2)


def image(client: docker.DockerClient) -> str:
    return str(client.images.get("app:one").id)


def said(receipt: Receipt) -> list[tuple[str, str]]:
    return [(outcome.status.value, outcome.because) for outcome in receipt.outcomes]


def test_an_image_goes_name_by_name(
    client: docker.DockerClient, engine: Rig, tmp_path: Path
) -> None:
    """Of an image that was built, which the engine keeps with an image of each step."""
    client.api.remove_image(image(client), force=True)
    folder = context(tmp_path / "image", {}, PROGRAM)
    static_program(folder / "hello")
    parent = engine.build(folder, "app:one", "app:two")
    plan = plan_of(client, f"local-image:{parent}")
    assert said(applied(client, plan)) == [("done", "removed")]
    assert parent not in {image.id for image in client.images.list(all=True)}  # no child of it goes
    assert said(applied(client, plan)) == [("done", "done by an earlier run of this plan")]


def test_a_container_made_since_protects(client: docker.DockerClient) -> None:
    plan = plan_of(client, f"local-image:{image(client)}")
    client.containers.create("app:two", name="late")
    [(status, because)] = said(applied(client, plan))
    assert (status, because) == ("refused", "container late (created) uses it")
    assert sorted(client.images.get("app:one").tags) == ["app:one", "app:two"]


def test_a_tag_that_moved_protects(client: docker.DockerClient) -> None:
    plan = plan_of(client, f"local-image:{image(client)}")
    client.images.get("app:one").tag("app", "three")
    [(status, because)] = said(applied(client, plan))
    assert (status, "tags was app:one app:two" in because) == ("refused", True)


def test_an_image_that_stays_keeps_its_names(
    client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine refuses to remove an image that a container uses even when we do not see it."""
    plan = plan_of(client, f"local-image:{image(client)}")
    client.containers.create("app:two", name="unseen")
    monkeypatch.setattr(client.api, "containers", lambda **_: [])
    [(status, _)] = said(applied(client, plan))
    assert status == "refused"
    assert sorted(client.images.get("app:two").tags) == ["app:one", "app:two"]


def test_containers(client: docker.DockerClient) -> None:
    made = client.containers.create("app:one", name="done")
    made.start()
    made.wait()
    plan = plan_of(client, f"container:{made.id}", f"local-image:{image(client)}")
    assert said(applied(client, plan)) == [("done", "removed"), ("done", "removed")]
    assert client.containers.list(all=True) == []


def test_a_plan_of_another_engine_is_refused(client: docker.DockerClient) -> None:
    plan = plan_of(client, f"local-image:{client.images.get('app:one').id}")
    elsewhere = msgspec.structs.replace(plan, scope=scope(engine="elsewhere"))
    with pytest.raises(ApplyError, match="the Docker engine of elsewhere, and this is"):
        applied(client, seal(elsewhere))


def test_an_image_is_loaded_again_under_the_names_that_are_free(
    client: docker.DockerClient, engine: Rig
) -> None:
    parent = image(client)
    receipt = applied(client, plan_of(client, f"local-image:{parent}"))
    assert receipt.proven, said(receipt)
    second = engine.put("app:two", layer_of({}, {"a": b"b"}))
    ((status, because),) = [
        (outcome.status, outcome.because)
        for outcome in undo(receipt.run, Clients(docker=client)).outcomes
    ]
    assert (status, "app:two now names another image" in because) == ("restored", True)
    assert (image(client), client.images.get(parent).tags) == (parent, ["app:one"])
    assert client.images.get("app:two").id == second
    assert bytes(client.containers.run(parent, network_mode="none", remove=True)) == b"hello\n"
    (again,) = undo(receipt.run, Clients(docker=client)).outcomes
    assert again.status == "there"
