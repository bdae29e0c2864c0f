"""Media types of manifests that a container runtime can run (OCI image specification)."""

from __future__ import annotations

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST_TYPES = (DOCKER_MANIFEST, DOCKER_LIST, OCI_MANIFEST, OCI_INDEX)
"""Schema 1 is not among them: Lambda refuses it, and current engines do too."""
EMPTY_CONFIG = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
"""The config ``{}`` that all OCI artifacts share (OCI image spec, empty descriptor)."""
INDEX_TYPES = frozenset({DOCKER_LIST, OCI_INDEX})
