"""Build contexts for tiny real images: a git repository or a few files in, a folder with a
Dockerfile out. ``FROM scratch``, so that nothing is pulled."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.rig.git import Repository

DOCKERFILE = "FROM scratch\nCOPY . /var/task/\n"
"""The files of the context where Lambda's base images keep them."""

HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'


def oci_labels(repository: Repository, source: str, version: str = "") -> dict[str, str]:
    """The OCI annotations a CI would set for the current commit (docker/metadata-action)."""
    labels = {
        "org.opencontainers.image.revision": repository.head,
        "org.opencontainers.image.source": source,
        "org.opencontainers.image.created": repository.git("log", "-1", "--format=%cI"),
    }
    return labels | ({"org.opencontainers.image.version": version} if version else {})


def recipe(dockerfile: str = DOCKERFILE) -> dict[str, str]:
    """The files that tell how to build, and are not part of the image."""
    return {"Dockerfile": dockerfile, ".dockerignore": "Dockerfile\n.dockerignore\n.git\n"}


def context(folder: Path, files: Mapping[str, str | bytes], dockerfile: str = DOCKERFILE) -> Path:
    """A build context with ``files`` and a recipe."""
    for name, content in {**files, **recipe(dockerfile)}.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def layer_of(programs: Mapping[str, bytes], files: Mapping[str, bytes] | None = None) -> bytes:
    """A tar of programs and of files, by their paths."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for mode, entries in ((0o755, programs), (0o644, files or {})):
            for path, content in entries.items():
                entry = tarfile.TarInfo(path)
                entry.size, entry.mode = len(content), mode
                archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def static_program(path: Path, source: str = HELLO) -> Path:
    """Compile C into a static program that runs in an image of nothing else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(compiled(source))
    path.chmod(0o755)
    return path


@cache
def compiled(source: str = HELLO) -> bytes:
    """The bytes of a static program, compiled once."""
    with TemporaryDirectory() as folder:
        made = Path(folder) / "program"
        words = ["gcc", "-static", "-s", "-x", "c", "-", "-o", str(made)]
        subprocess.run(words, input=source.encode(), check=True)
        return made.read_bytes()
