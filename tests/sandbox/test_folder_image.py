"""Images that are built in process are traced to their commit by their bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jotgraph.content.engine import Archive, content_of
from jotgraph.deploy.build.options import BuildOptions
from jotgraph.deploy.build.preparation import prepare
from jotgraph.errors import SandboxError
from jotgraph.links.content import grade_of
from jotgraph.links.model import Grade
from jotgraph.records import local_image_id
from jotgraph.sandbox.estate.images import Image, docker_archive
from jotgraph.sandbox.folder_image import image_of
from tests.deploy.build.folders import BASE, DOCKERFILE, committed, sources
from tests.rig.git import Repository


def built(folder: Path, handler: str = "", options: BuildOptions | None = None) -> Image:
    """The image of a folder."""
    options = options or BuildOptions()
    return image_of(prepare(folder, handler, options), options.platform)


def proven(image: Image, repository: Repository, cache: Path) -> list[tuple[Grade | None, str]]:
    """What the bytes of an image say of its commit."""
    archive = docker_archive({"a:1": image})
    content = content_of(
        [(local_image_id(image.image_id), Archive(lambda: [archive]))],
        [("r", repository.path)],
        cache,
        every_ref=True,
    )
    return [(grade_of(match), match.newest or "") for match in content.matches]


@pytest.mark.parametrize(
    ("folder", "where", "handler", "dockerfile"),
    [
        ("", "", "", DOCKERFILE),
        ("fn/pay", "fn/pay", "", DOCKERFILE),
        ("", "", "app.handler", ""),
        ("fn/pay", "fn/pay", "app.handler", ""),
        ("src", "", "app.handler", ""),
    ],
)
def test_a_folder_is_proven_to_be_of_its_commit(
    tmp_path: Path, folder: str, where: str, handler: str, dockerfile: str
) -> None:
    files = sources(folder) | {"README.md": "read\n", "other.txt": "something else\n"}
    if dockerfile:
        files[f"{where}/Dockerfile".lstrip("/")] = dockerfile
    made = committed(tmp_path / "r", files)
    image = built(made.path / where, handler)
    assert image == built(made.path / where, handler)
    assert proven(image, made, tmp_path / "cache") == [(Grade.PROOF, made.head)]


def test_the_configuration(tmp_path: Path) -> None:
    text = (
        f"FROM {BASE}\nARG V=1\nENV MODE=$V OTHER=x\nLABEL team=pay\nWORKDIR app\n"
        'COPY part*.py ./\nCOPY app.py main.py\nENTRYPOINT ["python"]\nCMD ["app.handler"]\n'
    )
    made = committed(tmp_path / "r", sources() | {"Dockerfile": text})
    options = BuildOptions(arguments={"V": "2"}, platform="linux/arm64", validate=False)
    config = json.loads(built(made.path, "", options).config)
    assert config["architecture"] == "arm64"
    assert config["config"]["Env"][-2:] == ["MODE=2", "OTHER=x"]
    assert config["config"]["WorkingDir"] == "/var/task/app"
    assert config["config"]["Entrypoint"] == ["python"]
    assert config["config"]["Cmd"] == ["app.handler"]
    assert config["config"]["Labels"]["team"] == "pay"
    assert config["config"]["Labels"]["org.opencontainers.image.revision"] == made.head
    assert [line["created_by"] for line in config["history"][1:]] == [
        "COPY part*.py /var/task/app/ # buildkit",
        "COPY app.py /var/task/app/main.py # buildkit",
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("RUN pip install x", "RUN in line 2 needs a Docker engine"),
        ("COPY --from=a x y", "COPY in line 2 needs a Docker engine"),
        ("COPY nothing ./", "there is no nothing"),
        ("ONBUILD RUN x", "ONBUILD in line 2 needs a Docker engine"),
        ("COPY $X ./", "a variable without a value"),
    ],
)
def test_what_only_an_engine_can_do(tmp_path: Path, line: str, words: str) -> None:
    text = DOCKERFILE.replace("\n", f"\n{line}\n", 1)
    made = committed(tmp_path / "r", sources() | {"Dockerfile": text})
    with pytest.raises(SandboxError, match=words):
        built(made.path, "", BuildOptions(validate=False))
