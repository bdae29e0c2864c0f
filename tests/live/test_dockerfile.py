"""A real engine goes through the Dockerfile, on a base whose shell does nothing.

What is proven: the engine takes every instruction, the context holds what is copied, and the image
has the user, the entry point and the environment that the Dockerfile says. What is not: that pip
and apt-get do in the true base what its RUN lines ask; Docker Hub cannot be reached from here.
"""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from tests.rig.images import context, static_program
from tests.rig.live import ROOT, Rig
from tests.wheel.dockerfile import copied

SHELL = """\
#include <sys/stat.h>
int main(void) { mkdir("/opt", 0755); mkdir("/opt/jotgraph", 0755); return 0; }
"""
"""A shell that makes the folder which the second stage copies, whatever it is asked."""


@pytest.mark.live_docker
@pytest.mark.parametrize("buildkit", [False, True], ids=["classic", "buildkit"])
def test_an_engine_goes_through_every_instruction(
    engine: Rig, tmp_path: Path, buildkit: bool
) -> None:
    static_program(tmp_path / "base" / "bin" / "sh", SHELL)
    engine.build(context(tmp_path / "base", {}, "FROM scratch\nCOPY bin /bin/\n"), "base:1")
    engine.build(ROOT, "jotgraph:test", arguments={"BASE": "base:1"}, buildkit=buildkit)
    config = engine.docker.images.get("jotgraph:test").attrs["Config"]
    assert config["User"] == "10001:10001"
    assert (config["Entrypoint"], config["Cmd"]) == (["jotgraph"], ["--help"])
    assert config["WorkingDir"] == "/work"
    assert "PATH=/opt/jotgraph/bin:/usr/local/bin:/usr/bin:/bin" in config["Env"]


@pytest.mark.live_docker
def test_the_context_has_the_package_and_no_more(engine: Rig, tmp_path: Path) -> None:
    static_program(tmp_path / "base" / "bin" / "sh", SHELL)
    engine.build(context(tmp_path / "base", {}, "FROM scratch\nCOPY bin /bin/\n"), "base:1")
    events = engine.docker.api.build(
        path=str(ROOT), target="build", buildargs={"BASE": "base:1"}, tag="jotgraph:build"
    )
    assert b"Successfully built" in b"".join(events)
    made = engine.docker.containers.create("jotgraph:build", command="x")
    stream, _ = made.get_archive("/src")
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()} - {""}
    assert {name.partition("/")[0] for name in names} == {path.split("/")[0] for path in copied()}
    assert "jotgraph/render/html/page.js" in names
    assert not [name for name in names if "__pycache__" in name or name.startswith("docs/images")]
