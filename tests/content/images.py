"""Layer tars made by hand: honest ones, and the hostile ones no builder would make."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Iterable, Mapping, Sequence

import msgspec

Content = bytes | tuple[str, str] | None
"""Bytes of a file, ``("link" | "hard", target)``, or None for a directory."""


def layer(files: Mapping[str, Content] | Iterable[tuple[str, Content]]) -> bytes:
    """A plain layer tar with these members, in this order."""
    out = io.BytesIO()
    members = files.items() if isinstance(files, Mapping) else files
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path, content in members:
            info = tarfile.TarInfo(path)
            if content is None:
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            elif isinstance(content, tuple):
                info.type = tarfile.SYMTYPE if content[0] == "link" else tarfile.LNKTYPE
                info.linkname = content[1]
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def saved(layers: Sequence[bytes], history: Sequence[str] = (), *, oci: bool = False) -> bytes:
    """What ``docker save`` gives: a tar of manifest.json, config and layers (or the OCI layout of
    a containerd store, with compressed layers)."""
    steps = [{"created_by": step} for step in history]
    config = msgspec.json.encode(
        {
            "architecture": "amd64",
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [digest(data) for data in layers]},
            **({"history": steps} if steps else {}),
        }
    )
    files: dict[str, bytes] = {}
    if oci:
        blobs = [gzip.compress(data, mtime=0) for data in layers]
        names = [f"blobs/sha256/{digest(blob)[7:]}" for blob in blobs]
        config_name = f"blobs/sha256/{digest(config)[7:]}"
        files.update(zip(names, blobs, strict=True))
    else:
        names = [f"{digest(data)[7:]}/layer.tar" for data in layers]
        config_name = f"{digest(config)[7:]}.json"
        files.update(zip(names, layers, strict=True))
    files[config_name] = config
    files["manifest.json"] = msgspec.json.encode(
        [{"Config": config_name, "RepoTags": ["app:1"], "Layers": names}]
    )
    return layer(files)
