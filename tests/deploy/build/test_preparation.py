"""What is made ready before an engine is asked: the Dockerfile, the files that are sent, labels."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from jotgraph.deploy import validate
from jotgraph.deploy.build.image import subject_of
from jotgraph.deploy.build.options import BuildOptions
from jotgraph.deploy.build.preparation import InvalidFolderError, Prepared, prepare
from jotgraph.errors import BuildError, OptionError
from jotgraph.queries.answers.validation import FlawSeverity
from tests.deploy.build.folders import DOCKERFILE, HANDLER, committed, sources
from tests.rig.git import START

AWS = """\
FROM public.ecr.aws/lambda/python:3.13
ARG SOURCE=.
COPY ${SOURCE} ${LAMBDA_TASK_ROOT}/
CMD ["app.handler"]
"""
SLIM = """\
FROM python:3.12-slim
ENV LAMBDA_TASK_ROOT=/var/task
WORKDIR /var/task
RUN ["env", "SOURCE_DATE_EPOCH=315532800", "pip", "install", "--no-cache-dir", \
"--disable-pip-version-check", "awslambdaric==4.2.2"]
ARG SOURCE=.
COPY ${SOURCE} ${LAMBDA_TASK_ROOT}/
ENTRYPOINT ["python", "-m", "awslambdaric"]
CMD ["app.handler"]
"""
PIP = (
    'RUN ["env", "SOURCE_DATE_EPOCH=315532800", "pip", "install", "--no-cache-dir", '
    '"--disable-pip-version-check", '
)


def entries(prepared: Prepared) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(prepared.tar()))) as archive:
        return {entry.name: entry for entry in archive}


def test_the_labels_of_a_clean_folder(tmp_path: Path) -> None:
    made = committed(tmp_path / "r", sources("fn/pay") | {"fn/pay/Dockerfile": DOCKERFILE})
    prepared = prepare(made.path / "fn/pay", "", BuildOptions(labels={"team": "pay"}))
    assert prepared.labels == {
        "jotgraph.folder": "fn/pay",
        "jotgraph.handler": "app.handler",
        "jotgraph.tree": made.git("rev-parse", "HEAD:fn/pay"),
        "org.opencontainers.image.created": "2024-01-01T12:00:00Z",
        "org.opencontainers.image.revision": made.head,
        "org.opencontainers.image.source": "https://example.com/shop/functions.git",
        "org.opencontainers.image.version": "v1.0",
        "team": "pay",
    }


@pytest.mark.parametrize("files", [{"app.py": HANDLER + "# new\n"}, {"more.py": "x = 1\n"}])
def test_what_is_not_committed_is_said_by_the_labels(tmp_path: Path, files: dict[str, str]) -> None:
    made = committed(tmp_path / "r", sources() | {"Dockerfile": DOCKERFILE})
    made.write(files)
    with pytest.raises(InvalidFolderError, match="--allow-dirty makes this a warning"):
        prepare(made.path, "", BuildOptions(validate=False))
    labels = prepare(made.path, "", BuildOptions(allow_dirty=True)).labels
    assert labels["org.opencontainers.image.revision"] == f"{made.head}-dirty"
    assert labels["org.opencontainers.image.version"] == "v1.0-dirty"
    assert labels["jotgraph.tree"] == made.git("rev-parse", "HEAD^{tree}") + "-dirty"


def test_a_folder_in_no_repository_has_no_commit_to_name(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(HANDLER)
    prepared = prepare(tmp_path, "app.handler", BuildOptions())
    assert prepared.labels == {"jotgraph.handler": "app.handler"}


@pytest.mark.parametrize("name", ["org.opencontainers.image.revision", "jotgraph.tree", "", "a\n"])
def test_labels_that_are_not_for_the_user(tmp_path: Path, name: str) -> None:
    (tmp_path / "app.py").write_text(HANDLER)
    with pytest.raises(OptionError, match="is set by what is built"):
        prepare(tmp_path, "app.handler", BuildOptions(labels={name: "x"}))


@pytest.mark.parametrize(
    ("files", "handler", "options", "expected"),
    [
        ({"app.py": HANDLER}, "app.handler", BuildOptions(), AWS),
        ({"app.py": HANDLER, "Dockerfile": "FROM x\n"}, "app.handler", BuildOptions(base="aws"),
         AWS),
        ({"app.py": HANDLER}, "app.handler", BuildOptions(base="slim", python="3.12"), SLIM),
        ({"app.py": HANDLER, ".python-version": "3.12.4\n"}, "app.handler",
         BuildOptions(base="slim"), SLIM),
        ({"app.py": HANDLER}, "app.handler", BuildOptions(base="python:3.12-slim"), SLIM),
        ({"src/app.py": HANDLER}, "app.handler", BuildOptions(),
         AWS.replace("${SOURCE} ", "${SOURCE}/src ")),
        ({"__init__.py": "", "app.py": HANDLER}, "shop.app.handler", BuildOptions(),
         AWS.replace("ROOT}/", "ROOT}/shop/").replace("app.h", "shop.app.h")),
        ({"app.py": HANDLER, "requirements.txt": "a==1\n-r req/b.txt # x\n",
          "req/b.txt": "b==2\n-c c.txt\n", "req/c.txt": "c<3\n"}, "app.handler", BuildOptions(),
         AWS.replace("COPY ${SOURCE} ", "COPY ${SOURCE}/requirements.txt ${LAMBDA_TASK_ROOT}/\n"
                     "COPY ${SOURCE}/req/b.txt ${SOURCE}/req/c.txt ${LAMBDA_TASK_ROOT}/req/\n"
                     "WORKDIR ${LAMBDA_TASK_ROOT}\n"
                     f'{PIP}"-r", "requirements.txt"]\nCOPY ${{SOURCE}} ')),
        ({"app.py": HANDLER, "pyproject.toml": '[project]\ndependencies = ["a>=1; x", "b[c]"]\n'},
         "app.handler", BuildOptions(),
         AWS.replace("COPY ${SOURCE} ", f'{PIP}"--", "a>=1; x", "b[c]"]\nCOPY ${{SOURCE}} ')),
        ({"app.py": HANDLER, "pyproject.toml": "[tool.x]\n"}, "app.handler", BuildOptions(), AWS),
    ],
)  # fmt: skip
def test_the_dockerfile_that_is_generated(
    tmp_path: Path, files: dict[str, str | bytes], handler: str, options: BuildOptions,
    expected: str,
) -> None:  # fmt: skip
    folder = committed(tmp_path / "shop", files).path
    assert prepare(folder, handler, options).text.decode() == expected
    (folder / "Dockerfile").write_text(expected)
    validation = validate(folder, allow_dirty=True)
    assert validation.count(FlawSeverity.WRONG) == 0
    assert {finding.code.value for finding in validation.findings} <= {
        "base-not-pinned", "work-tree-untracked", "work-tree-dirty",
    }  # fmt: skip


def test_a_digest_that_is_known_is_written(tmp_path: Path) -> None:
    folder = committed(tmp_path / "shop", {"app.py": HANDLER}).path
    pinned = prepare(
        folder, "app.handler", BuildOptions(), lambda image: f"{image}@sha256:{'1' * 64}"
    )
    assert pinned.text.decode().startswith(
        f"FROM public.ecr.aws/lambda/python:3.13@sha256:{'1' * 64}\n"
    )
    assert pinned.validation.findings == ()


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"requirements.txt": "-e .\n"}, "installs -e . from a file: write a Dockerfile"),
        ({"requirements.txt": "./wheels/a.whl\n"}, "from a file"),
        ({"requirements.txt": "a @ file:///x\n"}, "from a file"),
        ({"requirements.txt": "-r other.txt\n"}, "includes other.txt, not in the build"),
        ({"requirements.txt": "-r ../x.txt\n"}, "not in the build"),
        ({"pyproject.toml": "[project\n"}, "pyproject.toml was not read"),
        ({"pyproject.toml": '[project]\ndynamic = ["dependencies"]\n'}, "are dynamic"),
        ({"pyproject.toml": '[project]\ndependencies = "a"\n'}, "no list"),
        ({"pyproject.toml": '[project]\ndependencies = ["-e ."]\n'}, "not a requirement"),
        ({"pyproject.toml": '[project]\ndependencies = ["a @ file:///x"]\n'}, "from a file"),
        ({"requirements.txt": "-r $(x).txt\n", "$(x).txt": ""}, r"'\$\(x\).txt' in it"),
    ],
)
def test_what_no_dockerfile_is_generated_for(
    tmp_path: Path, files: dict[str, str | bytes], words: str
) -> None:
    folder = committed(tmp_path / "shop", files | {"app.py": HANDLER}).path
    with pytest.raises(OptionError, match=words):
        prepare(folder, "app.handler", BuildOptions())


def test_nothing_to_generate_from(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="one is generated for a handler"):
        prepare(tmp_path, "", BuildOptions())
    with pytest.raises(InvalidFolderError, match="There is no module app"):
        prepare(tmp_path, "app.handler", BuildOptions())


def test_a_syntax_error_stops_it_unless_validation_is_off(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"Dockerfile": DOCKERFILE, "app.py": "def handler(a, b)\n"}
    folder = committed(tmp_path / "r", files).path
    with pytest.raises(InvalidFolderError, match=r"^app.py:1: "):
        prepare(folder, "", BuildOptions())
    assert prepare(folder, "", BuildOptions(validate=False)).handler == "app.handler"


def test_what_is_sent_is_what_was_looked_at(tmp_path: Path) -> None:
    files = sources() | {
        "Dockerfile": DOCKERFILE,
        ".dockerignore": "*.md\nDockerfile\n.git\n",
        "README.md": "no\n",
        "bin/run": "#!/bin/sh\n",
    }
    made = committed(tmp_path / "r", files)
    (made.path / "bin/run").chmod(0o700)
    (made.path / "link").symlink_to("app.py")
    made.commit()
    (made.path / "part1.py").chmod(0o600)
    os.mkfifo(made.path / "pipe")
    prepared = prepare(made.path, "", BuildOptions())
    sent = entries(prepared)
    names = {name for name, entry in sent.items() if not entry.isdir()}
    assert names == {*prepared.context.sizes, "Dockerfile", ".dockerignore"}
    assert names == {*sources(), ".dockerignore", "Dockerfile", "bin/run", "link"}
    assert {entry.mtime for entry in sent.values()} == {START.timestamp() + 3600}
    assert {(entry.uid, entry.gid, entry.uname) for entry in sent.values()} == {(0, 0, "")}
    modes = {name: entry.mode for name, entry in sent.items()}
    assert (modes["bin"], modes["bin/run"], modes["part1.py"]) == (0o755, 0o755, 0o644)
    assert sent["link"].linkname == "app.py"


def test_it_is_the_same_bytes_in_another_clone(tmp_path: Path) -> None:
    files = sources("fn") | {"fn/Dockerfile": DOCKERFILE}
    made = committed(tmp_path / "r", files)
    made.git("clone", "-q", str(made.path), str(tmp_path / "clone"))
    first, second = (
        prepare(path / "fn", "", BuildOptions()) for path in (made.path, tmp_path / "clone")
    )
    assert b"".join(first.tar()) == b"".join(second.tar())


def test_a_generated_dockerfile_is_beside_the_folder_and_not_in_it(tmp_path: Path) -> None:
    made = committed(tmp_path / "r", sources("fn/pay"))
    prepared = prepare(made.path / "fn/pay", "app.handler", BuildOptions())
    assert prepared.arguments == {"SOURCE": "pay"}
    names = [name for name, entry in entries(prepared).items() if not entry.isdir()]
    assert names == ["Dockerfile", *sorted(f"pay/{name}" for name in sources())]


def test_what_cannot_be_read_is_not_left_out(tmp_path: Path) -> None:
    made = committed(tmp_path / "r", sources() | {"Dockerfile": DOCKERFILE})
    prepared = prepare(made.path, "", BuildOptions())
    (made.path / "part3.py").unlink()
    with pytest.raises(Exception, match=r"part3.py was not read: No such file"):
        b"".join(prepared.tar())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"platform": "linux/386"}, "Lambda runs linux/amd64 and linux/arm64"),
        ({"python": "2.7"}, "--python takes"),
        ({"base": "x\nRUN y"}, "--base takes"),
        ({"tags": ("A b",)}, "not a name for an image"),
        ({"arguments": {"a b": "c"}}, "not the name of a build argument"),
    ],
)
def test_options_that_cannot_work(words: dict[str, object], expected: str) -> None:
    with pytest.raises(OptionError, match=expected):
        BuildOptions(**words)  # type: ignore[arg-type]  # any of them


def test_a_base_beside_a_dockerfile_that_is_given(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="--base is for a generated Dockerfile"):
        prepare(tmp_path, "app.handler", BuildOptions(base="aws", dockerfile="D"))
    assert issubclass(InvalidFolderError, BuildError)


def test_the_values_of_arguments_are_not_in_what_a_run_is_about(tmp_path: Path) -> None:
    first, second = (
        subject_of(tmp_path, "", BuildOptions(arguments={"TOKEN": value}))
        for value in ("hunter22", "other")
    )
    assert first != second
    assert "hunter22" not in str(first)
