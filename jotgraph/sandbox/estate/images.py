"""Files at a commit -> a small, real OCI image: config bytes and layer bytes, the same each time."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

BASE = {
    "etc/os-release": b'NAME="Lambda base of the example"\nID=example\n',
    "var/runtime/bootstrap": b"#!/bin/sh\nexec /var/lang/bin/python /var/runtime/loop.py\n",
    "var/runtime/loop.py": b"import sys\n\nprint('a runtime interface client would loop here', sys.argv)\n",
}
"""The base image of every image in the example: two files that no repository holds."""

BASE_CREATED = datetime(2024, 3, 1, tzinfo=UTC)
BASE_LABELS = {"org.opencontainers.image.title": "example-lambda-base"}


class Image(msgspec.Struct, frozen=True):
    """What a registry or an engine needs of one image."""

    config: bytes
    layers: tuple[bytes, ...]
    """gzip'd tars, base first."""

    @property
    def image_id(self) -> str:
        """The config digest, which is the classic engine's image id."""
        return f"sha256:{hashlib.sha256(self.config).hexdigest()}"


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
    labels: Mapping[str, str] | None = None,
    architecture: str = "amd64",
) -> Image:
    """An image of the example's base and one ``COPY`` of ``files`` to ``/var/task``."""
    tars = (tar_of(BASE), tar_of({f"var/task/{name}": body for name, body in files.items()}))
    return _image(tars, created, {**BASE_LABELS, **(labels or {})}, architecture)


def base() -> Image:
    """The base image itself."""
    return _image((tar_of(BASE),), BASE_CREATED, BASE_LABELS, "amd64")


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
    steps = ["ADD rootfs.tar / # buildkit", "COPY . /var/task # buildkit"][: len(tars)]
    times = [BASE_CREATED, created][: len(tars)]
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
            "diff_ids": [f"sha256:{hashlib.sha256(tar).hexdigest()}" for tar in tars],
        },
        "history": [
            {"created": when.isoformat().replace("+00:00", "Z"), "created_by": step}
            for when, step in zip(times, steps, strict=True)
        ],
    }
    layers = tuple(gzip.compress(tar, mtime=0) for tar in tars)
    return Image(json.dumps(config, sort_keys=True).encode(), layers)
