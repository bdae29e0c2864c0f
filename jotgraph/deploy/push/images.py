"""Images that can be pushed: from the Docker engine, or from bytes in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from jotgraph.apply.docker import TAG
from jotgraph.clients import Clients
from jotgraph.deploy.build.engine import id_named
from jotgraph.deploy.run import Run
from jotgraph.errors import ApplyError, CallFailedError, Failure
from jotgraph.records import ResourceId, local_image_id, name_of
from jotgraph.records.media_types import INDEX_TYPES
from jotgraph.sources.cache import sha256_of
from jotgraph.sources.connections import ask_engine, is_gone
from jotgraph.sources.docker import image_id_of, no_such_image
from jotgraph.sources.documents.json_input import an_object
from jotgraph.sources.documents.manifests import Manifest, parse_config, parse_manifest
from jotgraph.sources.ecr.requests import get_registry_login, has_layer

PUSH = "docker:POST /images/{name}/push"
PART = 10 << 20
"""Bytes of one UploadLayerPart (ECR requires 5 to 10 MiB except for the last)."""
_ALREADY = frozenset({"ImageAlreadyExistsException", "LayerAlreadyExistsException"})


class Pushable(Protocol):
    """An image that can be pushed to ECR."""

    @property
    def id(self) -> ResourceId:
        """The id of the local image in the engine."""

    @property
    def is_index(self) -> bool: ...

    @property
    def labels(self) -> Mapping[str, str]: ...

    def is_same(self, digest: str, manifest: Manifest) -> bool:
        """Return whether an image in a registry is this one."""

    def push(self, run: Run, repository: ResourceId, uri: str, tag: str, kept: Any) -> str:
        """Push it and return the digest. Raises CallFailedError, ApplyError."""


class EngineImage:
    """An image of the Docker engine. Raises UnknownNameError when there is none of that name."""

    def __init__(self, api: Any, name: str) -> None:
        self._api = api
        try:
            self._detail: dict[str, Any] = ask_engine(api.inspect_image, name)
        except CallFailedError as error:
            if is_gone(error):
                raise no_such_image(name) from error
            raise

    @classmethod
    def of(cls, clients: Clients, name: str) -> EngineImage:
        """Return the engine's image of that name. Raises ApplyError without an engine,
        UnknownNameError."""
        if clients.docker is None:
            raise ApplyError(f"a Docker engine pushes the image: {clients.why_no_engine}")
        try:
            return cls(clients.docker.api, name)
        except CallFailedError as error:
            raise ApplyError(f"the Docker engine: {error.failure.message}") from error

    @property
    def id(self) -> ResourceId:
        return local_image_id(image_id_of(self._detail["Id"]))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._detail.get("RepoTags") or ()))

    @property
    def is_index(self) -> bool:
        """Return whether it is an index. Only an engine with the containerd store holds one, and
        reports it (Engine API 1.48)."""
        descriptor = an_object(self._detail.get("Descriptor"))
        return descriptor.get("mediaType") in INDEX_TYPES

    @property
    def labels(self) -> Mapping[str, str]:
        return an_object(an_object(self._detail.get("Config")).get("Labels"))

    def is_same(self, digest: str, manifest: Manifest) -> bool:
        """Return whether an image in a registry is this one, by its configuration. Its digest is
        the image's id; with the containerd store the id is the manifest's digest."""
        return str(self._detail["Id"]) in (digest, manifest.config_digest)

    def push(self, run: Run, repository: ResourceId, uri: str, tag: str, kept: Any) -> str:
        """Tag it for the registry, and push it with the engine. The registry's token is only in the
        engine's request."""
        self._name(run, uri, tag)
        token = get_registry_login(run.session.client(repository))
        params = {"name": uri, "tag": tag}

        def push() -> str:
            digest = ""
            events = ask_engine(
                self._api.push, uri, tag=tag, stream=True, decode=True, auth_config=token
            )
            while (event := ask_engine(next, events, None)) is not None:
                if "error" in event:
                    raise CallFailedError(_refused(str(event["error"])))
                digest = an_object(event.get("aux")).get("Digest", digest)
            return digest

        return run.call_engine((repository, self.id), PUSH, params, push, kept)

    def _name(self, run: Run, uri: str, tag: str) -> None:
        name = f"{uri}:{tag}"
        if name in self.names:
            return
        params, image = {"name": self.id, "repo": uri, "tag": tag}, str(self._detail["Id"])
        before = id_named(self._api, name)

        def give() -> None:
            ask_engine(self._api.tag, image, uri, tag)

        run.call_engine((self.id,), TAG, params, give, {"before": before})


def _refused(error: str) -> Failure:
    """Why a registry refused a push, from the words of its error code (OCI distribution, error
    codes: ``denied``, ``unauthorized``)."""
    is_denied = error.lower().startswith(("denied", "unauthorized"))
    return Failure("denied" if is_denied else "error", f"the engine: {error}")


class PackedImage(msgspec.Struct, frozen=True, kw_only=True):
    """An image in memory, which is pushed through ECR's API without an engine."""

    manifest: bytes
    media_type: str
    blobs: Mapping[str, bytes]
    """The configuration and every layer, by digest."""

    @property
    def digest(self) -> str:
        return sha256_of(self.manifest)

    @property
    def id(self) -> ResourceId:
        return local_image_id(self._parsed.config_digest or self.digest)

    @property
    def _parsed(self) -> Manifest:
        try:
            return parse_manifest(self.manifest, self.media_type)
        except ValueError as error:
            raise ApplyError(f"these bytes are not an image manifest: {error}") from error

    @property
    def is_index(self) -> bool:
        return bool(self._parsed.children) or self.media_type in INDEX_TYPES

    @property
    def labels(self) -> Mapping[str, str]:
        config = self.blobs.get(self._parsed.config_digest or "")
        return dict(parse_config(config).labels) if config else {}

    def is_same(self, digest: str, manifest: Manifest) -> bool:
        return digest == self.digest

    def push(self, run: Run, repository: ResourceId, uri: str, tag: str, kept: Any) -> str:
        """Upload the layers that the repository lacks, then the manifest with the tag."""
        name, client = name_of(repository), run.session.client(repository)
        for digest, content in sorted(self.blobs.items()):
            if not has_layer(client, name, digest):
                self._upload(run, repository, digest, content)
        _once(
            run,
            repository,
            "PutImage",
            kept,
            repositoryName=name,
            imageManifest=self.manifest.decode(),
            imageManifestMediaType=self.media_type,
            imageDigest=self.digest,
            imageTag=tag,
        )
        return self.digest

    def _upload(self, run: Run, repository: ResourceId, digest: str, content: bytes) -> None:
        name = name_of(repository)
        answer = run.session.call((repository,), "ecr", "InitiateLayerUpload", repositoryName=name)
        if not answer.get("uploadId"):
            raise CallFailedError(Failure("error", "InitiateLayerUpload gave no id"))
        upload: dict[str, Any] = {"repositoryName": name, "uploadId": answer["uploadId"]}
        for first in range(0, max(len(content), 1), PART):
            part = content[first : first + PART]
            run.session.call(
                (repository,),
                "ecr",
                "UploadLayerPart",
                partFirstByte=first,
                partLastByte=first + len(part) - 1,
                layerPartBlob=part,
                **upload,
            )
        _once(run, repository, "CompleteLayerUpload", None, layerDigests=[digest], **upload)


def _once(run: Run, repository: ResourceId, action: str, kept: Any, **params: Any) -> None:
    """Make a call that may have taken effect already, when its answer was lost."""
    try:
        run.session.call((repository,), "ecr", action, kept=kept, **params)
    except CallFailedError as error:
        if error.failure.code not in _ALREADY:
            raise
