"""A real private engine read whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import docker
import msgspec
import pytest
from git import Repo

from jotgraph.clients import Clients
from jotgraph.records import Carrier, Container, Kind, LocalImage
from jotgraph.sources import ScanOptions, collect
from jotgraph.sources.docker import EngineRead, read_engine
from tests.factories import convention
from tests.rig.images import compiled, context, layer_of
from tests.rig.live import Rig
from tests.rig.small_server import SmallHandler, serving, small_server
from tests.sources.conftest import one_commit
from tests.strength import MANY_PLACES, some

__all__ = ["one_commit"]

SHA = "a" * 40


def test_an_empty_engine(engine: Rig) -> None:
    read = read_engine(engine.docker)
    assert read == EngineRead(name=os.uname().nodename)


@pytest.mark.parametrize(
    "buildkit",
    some("images of the classic builder that are read", [True, False], 2),
    ids=["buildkit", "classic"][: 1 + MANY_PLACES],
)
def test_images_tagged_and_dangling(ecr_named: Rig, tmp_path: Path, buildkit: bool) -> None:
    recipe = f"FROM scratch\nENV GIT_SHA={SHA} TOKEN=secret\nCOPY a /a\nCOPY b /b\n"
    recipe += 'ENTRYPOINT ["/entry"]\nCMD ["app.handler"]\n'
    folder = context(tmp_path, {"a": "1", "b": "1"}, recipe)
    name = ecr_named.name("team/app", "v1")
    old = ecr_named.build(folder, name, labels={"commit": SHA}, buildkit=buildkit)
    digest = ecr_named.push("team/app", "v1")
    (folder / "b").write_text("2")
    new = ecr_named.build(folder, name, "plain:x", buildkit=buildkit)

    read = read_engine(ecr_named.docker)

    images = {image.image_id: image for image in read.images}
    assert set(images) == {old, new}
    assert read.gaps == ()
    detail = ecr_named.docker.api.inspect_image(old)  # type: ignore[no-untyped-call]  # stubs lack it
    assert images[old] == LocalImage(
        image_id=old,
        tags=(),
        repo_digests=(f"{ecr_named.host}/team/app@{digest}",),
        created_at=images[old].created_at,
        size=2,
        labels=(("commit", SHA),),
        env=(("GIT_SHA", SHA),),
        config_digest=old,
        diff_ids=tuple(detail["RootFS"]["Layers"]),
        parent=images[old].parent,
        architecture="amd64",
        os="linux",
        engine=read.name,
        entry_point=("/entry",),
        command=("app.handler",),
    )
    assert images[old].created_at is not None
    assert images[new].tags == (name, "plain:x")
    assert images[new].diff_ids[0] == images[old].diff_ids[0]
    assert images[new].diff_ids[1] != images[old].diff_ids[1]


def test_the_parent_is_the_nearest_image_that_is_listed(engine: Rig, tmp_path: Path) -> None:
    """The classic builder makes an image of each step: between a base and what is built on it lie
    some that ``docker images`` does not show, and the engine keeps the base for their sake."""
    base = engine.build(
        context(tmp_path / "base", {"a": "1"}, "FROM scratch\nCOPY a /a\n"), "base:1"
    )
    recipe = "FROM base:1\nENV A=1\nENV B=2\nCOPY b /b\n"
    child = engine.build(context(tmp_path / "child", {"b": "1"}, recipe), "child:1")
    steps = {image["Id"] for image in engine.docker.api.images(all=True)} - {base, child}
    step = min(steps)
    engine.docker.api.create_container(step, command="/nothing")
    images = {image.image_id: image for image in read_engine(engine.docker).images}
    assert set(images) == {base, child, step}, "a step is listed only where a container holds it"
    above, here = set(), child
    while parent := images[here].parent if here in images else None:
        above.add(parent)
        here = parent
    assert base in above


def test_containers_running_or_not(engine: Rig) -> None:
    image = engine.put("hello:1", layer_of({"hello": compiled()}), 'CMD ["/hello"]')
    made = engine.docker.api.create_container("hello:1", name="waiting", labels={"team": "x"})
    read = read_engine(engine.docker)
    assert read.containers == (
        Container(
            container_id=made["Id"],
            name="waiting",
            image_id=image,
            image_name="hello:1",
            state="created",
            created_at=read.containers[0].created_at,
            labels=(("team", "x"),),
        ),
    )


def test_an_engine_that_is_away_is_a_gap() -> None:
    client = docker.DockerClient("tcp://127.0.0.1:9", version="1.41", timeout=2)
    read = read_engine(client)
    client.close()
    assert (read.name, read.images, read.containers) == ("", (), ())
    (gap,) = read.gaps
    assert (gap.service, gap.reason) == ("docker", "unreachable")
    assert gap.hides == (Kind.LOCAL_IMAGE, Kind.CONTAINER)
    assert "--no-docker" in gap.detail


@contextmanager
def recorded(answers: dict[str, Any]) -> Iterator[docker.DockerClient]:
    """An engine that answers by path and query; 500 for what it does not know, 404 for None."""

    class Handler(SmallHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0].partition("/v1.48")[2]
            known = path in answers
            answer = answers.get(path)
            answer = answer.next() if isinstance(answer, Once) else answer
            body = msgspec.json.encode({"message": "no"} if answer is None else answer)
            body = answer if isinstance(answer, bytes) else body
            self.send_response(500 if not known else 404 if answers[path] is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with serving(server := small_server(Handler)):
        client = docker.DockerClient(f"tcp://127.0.0.1:{server.server_port}", version="1.48")
        with closing(client):
            yield client


ID = "sha256:" + "1" * 64
LISTED = {"Id": ID, "RepoTags": None, "RepoDigests": None, "Size": 5, "Created": 1}


def test_in_the_containerd_store_the_id_is_no_config_digest() -> None:
    """Recorded from the API's documentation: Debian's engine has no such store."""
    answers = {
        "/info": {"Name": "new", "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]},
        "/images/json": [LISTED],
        f"/images/{ID}/json": {"Id": ID, "Descriptor": {"digest": ID}, "Created": ""},
        "/containers/json": [],
    }
    with recorded(answers) as client:
        read = read_engine(client)
    assert read == EngineRead("new", (LocalImage(image_id=ID, size=5, engine="new"),))


def test_a_variable_that_a_team_names_is_kept_where_it_may_be_a_revision() -> None:
    env = ["PATH=/bin", f"ACME_REV={'a' * 40}", "ACME_TOKEN=hunter2", f"OTHER={'b' * 40}"]
    answers = {
        "/info": {"Name": "engine"},
        "/images/json": [LISTED],
        f"/images/{ID}/json": {"Id": ID, "Created": "", "Config": {"Env": env}},
        "/containers/json": [],
    }
    with recorded(answers) as client:
        (image,) = read_engine(client, frozenset({"ACME_REV", "ACME_TOKEN"})).images
        (plain,) = read_engine(client).images
    assert (image.env, plain.env) == ((("ACME_REV", "a" * 40),), ())


def test_of_an_image_a_scan_stores_what_begins_a_commit(one_commit: str) -> None:
    head = Repo(one_commit).head.commit.hexsha
    env = [f"ACME_REV={head}", f"ACME_TOKEN={'0123456789abcdef' * 2}"]
    answers = {
        "/info": {"Name": "engine"},
        "/images/json": [LISTED],
        f"/images/{ID}/json": {"Id": ID, "Created": "", "Config": {"Env": env}},
        "/containers/json": [],
    }
    named = [("acme_rev", "ACME_REV"), ("acme_token", "ACME_TOKEN")]
    evidence = tuple(convention(name, Carrier.ENV, pattern) for name, pattern in named)
    with recorded(answers) as client:
        clients = Clients(docker=client, git=(one_commit,))
        (image,) = collect(ScanOptions(evidence=evidence), clients).local_images
    assert image.env == (("ACME_REV", head),)


def test_podman_writes_ids_without_their_algorithm() -> None:
    """Recorded from podman 4.3."""
    old = {"RepoTags": ["<none>:<none>"], "RepoDigests": ["<none>@<none>"], "ParentId": "2" * 64}
    answers = {
        "/info": {"Name": "pod"},
        "/images/json": [LISTED | old | {"Id": "1" * 64}],
        f"/images/{ID}/json": {"Id": "1" * 64, "Created": "2024-01-01T12:00:00.123456789Z"},
        "/containers/json": [{"Id": "c", "ImageID": "1" * 64, "Names": ["/x"]}],
    }
    with recorded(answers) as client:
        read = read_engine(client)
    (image,) = read.images
    assert (image.image_id, image.parent) == (ID, "sha256:" + "2" * 64)
    assert (image.tags, image.repo_digests) == ((), ())
    assert image.created_at is not None
    assert image.created_at.isoformat() == "2024-01-01T12:00:00.123456+00:00"
    assert read.containers == (Container(container_id="c", image_id=ID, name="x"),)


class Once:
    """An answer that is another one the second time."""

    def __init__(self, first: Any, later: Any) -> None:
        self.answers = [first, first, later]  # listed twice: with the steps between, and without

    def next(self) -> Any:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


OTHER = "sha256:" + "2" * 64
FAILING = {"/info": {"Name": "old"}, f"/images/{ID}/json": None}
BOTH = [LISTED, LISTED | {"Id": OTHER}]


def test_what_fails_is_a_gap_and_what_is_gone_is_not() -> None:
    answers = FAILING | {"/images/json": Once(BOTH, BOTH[1:])}
    with recorded(answers) as client:
        read = read_engine(client)
    assert [image.image_id for image in read.images] == [OTHER]
    assert [(gap.action, gap.resource, gap.hides) for gap in read.gaps] == [
        ("GET /containers/json", "", (Kind.CONTAINER,)),
        ("GET /images/{name}/json", OTHER, ()),
    ]


@pytest.mark.parametrize("later", [BOTH, {"message": "no list"}])
def test_an_image_that_is_listed_still_but_not_found_is_a_gap(later: Any) -> None:
    """A damaged store; or it cannot be told. The listing is kept: it may be all that is known."""
    answers = FAILING | {"/images/json": Once(BOTH, later), "/containers/json": []}
    with recorded(answers) as client:
        read = read_engine(client)
    assert [image.image_id for image in read.images] == [ID, OTHER]
    assert [gap.resource for gap in read.gaps] == [ID, OTHER]
    assert "listed" in read.gaps[0].detail
