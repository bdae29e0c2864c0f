"""A real registry: a folder and an address in, a running docker-registry out; and what tests ask
of it: manifests and blobs, byte for byte (OCI distribution specification)."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tests.rig.engine import SMALL, UnixConnection

REGISTRY = Path("/usr/bin/docker-registry")
"""Debian's docker-registry."""

MANIFEST_TYPES = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)


class Manifest(NamedTuple):
    """A manifest as the registry serves it; ``digest`` is its Docker-Content-Digest header."""

    content: bytes
    media_type: str
    digest: str


def start_registry(folder: Path, logs: Path, address: str) -> subprocess.Popen[bytes]:
    """Start docker-registry on ``address`` (``host:port``), deletion allowed, storage under
    ``folder``, log in ``logs``."""
    settings = folder / "registry.json"  # JSON is YAML
    storage = {"filesystem": {"rootdirectory": str(folder / "registry")}}
    settings.write_text(
        json.dumps(
            {
                "version": "0.1",
                "log": {"level": "warn", "accesslog": {"disabled": True}},
                "storage": {**storage, "delete": {"enabled": True}},
                "http": {"addr": address},
            }
        )
    )
    with (logs / "registry.log").open("wb") as log:
        return subprocess.Popen(
            [str(REGISTRY), "serve", str(settings)],
            env=os.environ | SMALL,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


@dataclass(frozen=True)
class RegistryClient:
    """Asks the registry behind a unix socket."""

    socket: Path

    def manifest(self, repository: str, reference: str) -> Manifest:
        """``reference`` is a tag or a digest. Raises LookupError when there is none."""
        accept = {"Accept": ", ".join(MANIFEST_TYPES)}
        headers, body = self._ask("GET", f"/v2/{repository}/manifests/{reference}", accept)
        return Manifest(body, headers["content-type"], headers["docker-content-digest"])

    def blob(self, repository: str, digest: str) -> bytes:
        """Content of a layer or configuration. Raises LookupError when there is none."""
        return self._ask("GET", f"/v2/{repository}/blobs/{digest}")[1]

    def tags(self, repository: str) -> list[str]:
        """Sorted tags. Raises LookupError when the repository is unknown."""
        answer = json.loads(self._ask("GET", f"/v2/{repository}/tags/list")[1])
        return sorted(answer["tags"] or ())

    def put_manifest(self, repository: str, reference: str, content: bytes, media_type: str) -> str:
        """Put a manifest or index, made by hand if need be; its parts must be there. Returns its
        digest."""
        path = f"/v2/{repository}/manifests/{reference}"
        headers, _ = self._ask("PUT", path, {"Content-Type": media_type}, content)
        return headers["docker-content-digest"]

    def put_blob(self, repository: str, content: bytes, digest: str) -> None:
        """Upload a blob in one piece; ``digest`` is ``sha256:<hex>`` of it."""
        headers, _ = self._ask("POST", f"/v2/{repository}/blobs/uploads/")
        place = re.sub(r"^https?://[^/]+", "", headers["location"])
        octets = {"Content-Type": "application/octet-stream"}
        self._ask("PUT", f"{place}&digest={digest}", octets, content)

    def delete(self, repository: str, what: str, digest: str) -> None:
        """Delete one of ``manifests`` or ``blobs`` by digest. Raises LookupError when there is
        none."""
        self._ask("DELETE", f"/v2/{repository}/{what}/{digest}")

    def _ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> tuple[dict[str, str], bytes]:
        connection = UnixConnection(self.socket)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            content = answer.read()
            found = {key.lower(): value for key, value in answer.getheaders()}
        finally:
            connection.close()
        if answer.status >= 300:
            error = LookupError if answer.status == 404 else RuntimeError
            raise error(f"{method} {path}: {answer.status} {content[:500].decode()}")
        return found, content
