"""A real engine goes through the Dockerfile, on a base whose shell does nothing.

What is proven: the engine takes every instruction, the context holds what is copied, and the image
has the user, the entry point and the environment that the Dockerfile says. What is not: that pip
and apt-get do in the true base what its RUN lines ask; Docker Hub cannot be reached from here.
"""

from __future__ import annotations

import io
import tarfile

import pytest

from tests.rig.images import compiled, layer_of
from tests.rig.live import ROOT, Rig
from tests.strength import MANY_PLACES, some
from tests.wheel.dockerfile import copied

SHELL = """\
#include <sys/stat.h>
int main(void) { mkdir("/opt", 0755); mkdir("/opt/jotgraph", 0755); return 0; }
"""
"""A shell that makes the folder which the second stage copies, whatever it is asked."""


@pytest.mark.live_docker
@pytest.mark.parametrize(
    "buildkit",
    some("builds of our own Dockerfile by the classic builder", [True, False], 2),
    ids=["buildkit", "classic"][: 1 + MANY_PLACES],
)
def test_an_engine_goes_through_every_instruction(engine: Rig, buildkit: bool) -> None:
    engine.put("base:1", layer_of({"bin/sh": compiled(SHELL)}))
    engine.build(ROOT, "jotgraph:test", arguments={"BASE": "base:1"}, buildkit=buildkit)
    config = engine.docker.images.get("jotgraph:test").attrs["Config"]
    assert config["User"] == "10001:10001"
    assert (config["Entrypoint"], config["Cmd"]) == (["jotgraph"], ["--help"])
    assert config["WorkingDir"] == "/work"
    assert "PATH=/opt/jotgraph/bin:/usr/local/bin:/usr/bin:/bin" in config["Env"]
    first = engine.build(ROOT, arguments={"BASE": "base:1"}, target="build", buildkit=buildkit)
    the_context_has_the_package_and_no_more(engine, first)


def the_context_has_the_package_and_no_more(engine: Rig, stage: str) -> None:
    made = engine.docker.containers.create(stage, command="x")
    stream, _ = made.get_archive("/src")
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()} - {""}
    assert {name.partition("/")[0] for name in names} == {path.split("/")[0] for path in copied()}
    assert "jotgraph/render/html/page.js" in names
    assert not [name for name in names if "__pycache__" in name or name.startswith("docs/images")]
