"""Small, real OCI images of the files at a commit, the same bytes each time."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

import msgspec

from jotgraph.sources.cache import sha256_of

BASE = {
    "etc/os-release": b'NAME="Lambda base of the example"\nID=example\n',
    "var/runtime/bootstrap": b"#!/bin/sh\nexec /var/lang/bin/python /var/runtime/loop.py\n",
    "var/runtime/loop.py": b"import sys\n\nprint('a runtime client would loop here', sys.argv)\n",
}
"""What the base image of the example holds beside its binaries; no repository has it."""

IN_TOTO = "application/vnd.in-toto+json"
BASE_CREATED = datetime(2024, 3, 1, tzinfo=UTC)
MARK = "jotgraph.example"
"""Label of every image of the example, by which they are told from your own."""

BASE_LABELS = {"org.opencontainers.image.title": "example-lambda-base", MARK: "shop"}


class Image(msgspec.Struct, frozen=True):
    """The parts of one image that a registry or an engine needs."""

    config: bytes
    layers: tuple[bytes, ...]
    """gzip'd tars, base first."""

    @property
    def image_id(self) -> str:
        """The config digest, which is the classic engine's image id."""
        return sha256_of(self.config)


@cache
def base_layer() -> bytes:
    """The one layer of the base image: 3 MB, shared by every image of the example."""
    return tar_of(BASE | {"var/lang/lib/libruntime.so": random.Random(1).randbytes(3 << 20)})


@cache
def packages_layer(name: str) -> bytes:
    """Third-party packages of a function: the same for each of its builds."""
    noise = random.Random(name)
    size = noise.randrange(200_000, 900_000)
    return tar_of({f"var/lang/lib/packages/{name}.so": noise.randbytes(size)})


@cache
def squeezed(tar: bytes) -> bytes:
    """The layer as pushed."""
    return gzip.compress(tar, 1, mtime=0)


def tar_of(files: Mapping[str, bytes]) -> bytes:
    """A tar of regular files, byte for byte the same for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(content), 0o644, 0
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def build(
    files: Mapping[str, bytes],
    *,
    created: datetime,
    packages: str = "",
    labels: Mapping[str, str] | None = None,
    architecture: str = "amd64",
) -> Image:
    """An image of the example's base, its packages, and one ``COPY`` of ``files`` to
    ``/var/task``."""
    code = tar_of({f"var/task/{name}": body for name, body in files.items()})
    tars = (base_layer(), *([packages_layer(packages)] if packages else []), code)
    return _image(tars, created, {**BASE_LABELS, **(labels or {})}, architecture)


def base() -> Image:
    """The base image itself."""
    return _image((base_layer(),), BASE_CREATED, BASE_LABELS, "amd64")


def provenance(subject: str, remote: str, sha: str, folder: str) -> bytes:
    """An in-toto statement with BuildKit's SLSA v0.2 provenance of the image ``subject``
    (docs.docker.com/build/metadata/attestations/slsa-definitions)."""
    vcs = {"source": remote, "revision": sha, "localdir:context": folder}
    return json.dumps(
        {
            "_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": "https://slsa.dev/provenance/v0.2",
            "subject": [{"name": "_", "digest": {"sha256": subject.removeprefix("sha256:")}}],
            "predicate": {
                "buildType": "https://mobyproject.org/buildkit@v1",
                "builder": {"id": ""},
                "metadata": {"https://mobyproject.org/buildkit@v1#metadata": {"vcs": vcs}},
            },
        },
        sort_keys=True,
    ).encode()


def docker_archive(images: Mapping[str, Image]) -> bytes:
    """The tar that ``docker load`` reads, of images by ``repository:tag`` (``""``: none)."""
    files: dict[str, bytes] = {}
    entries = []
    for name, image in images.items():
        config = f"{image.image_id.removeprefix('sha256:')}.json"
        files[config] = image.config
        paths = []
        for layer in image.layers:
            raw = gzip.decompress(layer)
            path = f"{hashlib.sha256(raw).hexdigest()}/layer.tar"
            files[path] = raw
            paths.append(path)
        entries.append({"Config": config, "RepoTags": [name] if name else None, "Layers": paths})
    files["manifest.json"] = json.dumps(entries).encode()
    return tar_of(files)


def _image(
    tars: tuple[bytes, ...], created: datetime, labels: Mapping[str, str], architecture: str
) -> Image:
    steps = ["ADD rootfs.tar / # buildkit"]
    steps += ["RUN pip install -r requirements.txt # buildkit"] * (len(tars) == 3)
    steps += ["COPY . /var/task # buildkit"] * (len(tars) > 1)
    times = [BASE_CREATED, created, created][: len(tars)]
    config = {
        "architecture": architecture,
        "os": "linux",
        "created": created.isoformat().replace("+00:00", "Z"),
        "config": {
            "Env": ["PATH=/usr/bin:/bin", "LAMBDA_TASK_ROOT=/var/task"],
            "Entrypoint": ["/var/runtime/bootstrap"],
            "Cmd": ["app.handler"],
            "WorkingDir": "/var/task",
            "Labels": dict(labels),
        },
        "rootfs": {
            "type": "layers",
            "diff_ids": [sha256_of(tar) for tar in tars],
        },
        "history": [
            {"created": when.isoformat().replace("+00:00", "Z"), "created_by": step}
            for when, step in zip(times, steps, strict=True)
        ],
    }
    layers = tuple(squeezed(tar) for tar in tars)
    return Image(json.dumps(config, sort_keys=True).encode(), layers)
