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


class Layout:
    """An OCI image layout in the making: ``files`` is what its folder or archive holds."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}

    def blob(self, data: bytes) -> str:
        """Keep a blob and return its digest."""
        self.files[f"blobs/sha256/{digest(data)[7:]}"] = data
        return digest(data)

    def document(self, media_type: str, **fields: object) -> dict[str, object]:
        """Keep a manifest or an index and return its descriptor."""
        data = msgspec.json.encode({"schemaVersion": 2, "mediaType": media_type, **fields})
        return {"mediaType": media_type, "digest": self.blob(data), "size": len(data)}

    def image(
        self, layers: Sequence[bytes], history: Sequence[str] = (), architecture: str = "amd64"
    ) -> dict[str, object]:
        """Keep an image of plain layers, compressed here; its descriptor, without a platform."""
        config = {
            "architecture": architecture,
            "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": [digest(data) for data in layers]},
            "history": [{"created_by": step} for step in history],
        }
        kept = [
            {"mediaType": f"{OCI}.layer.v1.tar+gzip", "digest": self.blob(data), "size": len(data)}
            for data in (gzip.compress(data, mtime=0) for data in layers)
        ]
        data = msgspec.json.encode(config)
        own = {"mediaType": f"{OCI}.config.v1+json", "digest": self.blob(data), "size": len(data)}
        return self.document(f"{OCI}.manifest.v1+json", config=own, layers=kept)

    def index(self, children: Sequence[Mapping[str, object]]) -> dict[str, object]:
        return self.document(f"{OCI}.index.v1+json", manifests=list(children))

    def finish(self, children: Sequence[Mapping[str, object]]) -> dict[str, bytes]:
        """Write ``index.json``."""
        index = {"schemaVersion": 2, "manifests": list(children)}
        self.files["index.json"] = msgspec.json.encode(index)
        return self.files


OCI = "application/vnd.oci.image"


def on(platform: str, child: Mapping[str, object]) -> dict[str, object]:
    """A descriptor for a platform, ``linux/arm64``."""
    system, architecture = platform.split("/")
    return {**child, "platform": {"os": system, "architecture": architecture}}


def called(name: str, child: Mapping[str, object]) -> dict[str, object]:
    """A descriptor with the annotation that skopeo names images by."""
    return {**child, "annotations": {"org.opencontainers.image.ref.name": name}}
