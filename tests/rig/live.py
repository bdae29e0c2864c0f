"""The live rig: a private Docker engine and a real registry that trust one another, opened and
closed as one; what is pushed under a name can be read back byte for byte."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.rig.engine import DOCKER, PATIENCE, docker_socket
from tests.rig.registry import Manifest, RegistryClient
from tests.rig.supervisor import UP, registry_socket

if TYPE_CHECKING:
    from docker import DockerClient

ACCOUNT = "123456789012"
REGION = "us-east-1"
ECR_HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
HOSTS = (
    ECR_HOST,
    f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com",
    f"210987654321.dkr.ecr.{REGION}.amazonaws.com",
    "registry.example.com",
)
"""All of them are the one registry of the rig, and share its repositories; so is localhost."""

ALONE = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--")

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Rig:
    """An engine and a registry that are up. ``host`` is what image names begin with; any of
    ``HOSTS`` will do, and ``localhost``."""

    docker: DockerClient
    registry: RegistryClient
    folder: Path
    logs: Path
    host: str = ECR_HOST

    @property
    def docker_host(self) -> str:
        """For DOCKER_HOST."""
        return f"unix://{docker_socket(self.folder)}"

    def name(self, repository: str, tag: str) -> str:
        """``host/repository:tag``."""
        return f"{self.host}/{repository}:{tag}"

    def build(
        self,
        context: Path,
        *tags: str,
        labels: Mapping[str, str] | None = None,
        arguments: Mapping[str, str] | None = None,
        target: str = "",
        buildkit: bool = False,
    ) -> str:
        """Really build ``context`` (a folder with a Dockerfile), by the classic builder through
        docker-py or by BuildKit through Debian's client, and tag it. Returns the image's id."""
        image = (self._buildkit if buildkit else self._classic)(
            context, labels or {}, arguments or {}, target
        )
        for tag in tags:
            self.docker.api.tag(image, tag)
        return image

    def put(self, name: str, layer: bytes, *changes: str) -> str:
        """Make ``name:tag`` of a layer, a tar, with instructions of a Dockerfile that change no
        file. The engine starts itself once for it, and some seven times to build the same. Returns
        the image's id."""
        repository, _, tag = name.rpartition(":")
        self.docker.api.import_image_from_data(
            layer, repository=repository, tag=tag, changes=list(changes)
        )
        return str(self.docker.images.get(name).id)

    def push(self, repository: str, tag: str) -> str:
        """Push ``host/repository:tag``. Returns the manifest's digest as the engine reports it.
        Raises RuntimeError with the engine's words when it is refused."""
        digest = ""
        full = f"{self.host}/{repository}"
        for event in self.docker.api.push(full, tag=tag, stream=True, decode=True):
            if "error" in event:
                raise RuntimeError(f"push {full}:{tag}: {event['error']}")
            digest = event.get("aux", {}).get("Digest", digest)
        return digest

    def manifest(self, repository: str, reference: str) -> Manifest:
        """Bytes, media type and digest of a manifest. Raises LookupError when there is none."""
        return self.registry.manifest(repository, reference)

    def blob(self, repository: str, digest: str) -> bytes:
        """Content of a layer or configuration. Raises LookupError when there is none."""
        return self.registry.blob(repository, digest)

    def cli(self, *words: str, **environment: str) -> str:
        """Run Debian's docker client against this engine and return its stdout. Raises
        CalledProcessError, with stderr in its notes."""
        settings = self.folder / "client"
        settings.mkdir(exist_ok=True)
        done = subprocess.run(
            [str(DOCKER), *words],
            env=os.environ
            | {"DOCKER_HOST": self.docker_host, "DOCKER_CONFIG": str(settings)}
            | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            error = subprocess.CalledProcessError(done.returncode, done.args)
            error.add_note(done.stderr)
            raise error
        return done.stdout

    def wipe(self, keep: str = "") -> None:
        """Leave no container, image, build cache or pushed manifest: a clean world per test, but
        for an image that has the name to keep and no other."""
        api = self.docker.api
        for container in api.containers(all=True, quiet=True):
            api.remove_container(container["Id"], v=True, force=True)
        while images := {image["Id"] for image in api.images() if image["RepoTags"] != [keep]}:
            refused = [image for image in images if not self._removed(image)]
            if len(refused) == len(images):
                raise RuntimeError(f"the engine keeps {', '.join(sorted(refused))}")
        api.prune_builds(all=True)
        shutil.rmtree(self.folder / "registry" / "docker", ignore_errors=True)

    def _removed(self, image: str) -> bool:
        """Remove an image; not while the engine says that another one is built on it (409), nor
        when it went with one that was."""
        from docker.errors import APIError, NotFound  # noqa: PLC0415 -- only with an engine

        try:
            self.docker.api.remove_image(image, force=True)
        except NotFound:
            return True
        except APIError as error:
            if error.status_code != 409:
                raise
            return False
        return True

    def _classic(
        self, context: Path, labels: Mapping[str, str], arguments: Mapping[str, str], target: str
    ) -> str:
        image, _ = self.docker.images.build(
            path=str(context),
            labels=dict(labels),
            buildargs=dict(arguments),
            target=target,
            rm=True,
            network_mode="none",
        )
        return str(image.id)

    def _buildkit(
        self, context: Path, labels: Mapping[str, str], arguments: Mapping[str, str], target: str
    ) -> str:
        # There is no bridge: without this a RUN step cannot start.
        options = ["--network=none", f"--target={target}"]
        options += [f"--label={key}={value}" for key, value in labels.items()]
        options += [f"--build-arg={key}={value}" for key, value in arguments.items()]
        return self.cli("build", "--quiet", *options, str(context), DOCKER_BUILDKIT="1").strip()


@contextmanager
def open_rig(logs: Path) -> Iterator[Rig]:
    """Start the supervisor in namespaces of its own and yield the rig; on the way out nothing of
    it is left but ``logs``. Raises RuntimeError, with the logs, when it does not come up."""
    import docker  # noqa: PLC0415 -- a plugin's import must not slow tests that need no engine

    folder = Path(tempfile.mkdtemp(prefix="jotgraph-rig-"))  # short: a socket path has 108 bytes
    try:
        with (logs / "supervisor.log").open("wb") as log:
            process = subprocess.Popen(
                [*ALONE, sys.executable, "-m", "tests.rig.supervisor", folder, logs, *HOSTS],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        with process:
            try:
                if process.stdout is None or process.stdout.readline().decode().strip() != UP:
                    raise RuntimeError(f"the live rig did not come up\n{tail(logs)}")
                client = docker.DockerClient(
                    f"unix://{docker_socket(folder)}", timeout=int(PATIENCE)
                )
                try:
                    yield Rig(client, RegistryClient(registry_socket(folder)), folder, logs)
                finally:
                    client.close()
            finally:
                process.kill()  # unshare takes its child, and the pid namespace with it, along
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tail(logs: Path, lines: int = 12) -> str:
    """The ends of a rig's logs, for a failure's report."""
    parts = []
    for log in sorted(logs.glob("*.log")):
        last = [line[:300] for line in log.read_text(errors="replace").splitlines()[-lines:]]
        parts.append("\n".join((f"--- {log}", *last)))
    return "\n".join(parts)


def labels_of(blob: bytes) -> dict[str, str]:
    """The labels in an image's configuration blob."""
    config: dict[str, Any] = json.loads(blob)
    return dict(config.get("config", {}).get("Labels") or {})
