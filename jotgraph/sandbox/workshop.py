"""A workshop without an engine: images are built in this process, and go to ECR by its API.

The handler of an image is run by a Python of its own, with the files of the image's last layers,
by ``test`` and by the sandbox's ``Invoke``. It is for projects that you trust, such as the example.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jotgraph.deploy.build import BuildOptions, Built, prepare
from jotgraph.deploy.push import PackedImage
from jotgraph.deploy.run import Run
from jotgraph.deploy.testing import Case, RunOptions
from jotgraph.deploy.testing.replies import Reply, error_of, failed, judged
from jotgraph.errors import SandboxError
from jotgraph.queries.answers.testing import CaseStatus, FunctionError, TestReport
from jotgraph.records.conventions import HANDLER_LABEL
from jotgraph.sandbox.estate.images import Image
from jotgraph.sandbox.folder_image import image_of
from jotgraph.sandbox.seed.ecr import MANIFEST, manifest
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import Invoked
from jotgraph.sources.cache import sha256_of

WHERE = "the embedded AWS"
_TASK = "var/task/"
_LONGEST = 30.0
"""Seconds that a handler may take."""
_RUN = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
module, _, name = sys.argv[2].rpartition(".")
try:
    answer = json.dumps(getattr(importlib.import_module(module), name)(json.load(sys.stdin), None))
except Exception as error:
    import traceback
    trace = traceback.format_tb(error.__traceback__)[1:]
    answer = json.dumps(
        {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": trace}
    )
    sys.exit(answer)
print(answer)
"""
"""A handler is called as Lambda's runtime does; its error goes to stderr."""


class SandboxWorkshop:
    """Builds for one sandbox."""

    engine = None

    def __init__(self, aws: Sandbox) -> None:
        self._aws = aws
        self._images: dict[str, Image] = {}

    def require(self) -> None:
        """Nothing else is needed."""

    def build(self, root: Path, handler: str, options: BuildOptions, run: Run) -> Built:
        """Build the image of a folder, and let the sandbox run its handler. Raises SandboxError for
        what needs an engine."""
        prepared = prepare(root, handler, options)
        image = image_of(prepared, options.platform)
        packed = packed_of(image)
        seen = image.image_id in self._images
        self._images[image.image_id] = image
        self._aws.answer(packed.digest, lambda event, invoked: _answered(image, event, invoked))
        return Built(
            run=run.name,
            result="there" if seen else "created",
            image_id=image.image_id,
            config_digest=image.image_id,
            reference=image.image_id,
            names=(),
            labels=prepared.labels,
            commit=prepared.head.revision if prepared.head else "",
            dirty=prepared.dirty,
            handler=prepared.handler,
            dockerfile=prepared.dockerfile,
            generated=prepared.generated,
            builder="classic",
            platform=options.platform,
            size=sum(map(len, image.layers)),
            findings=prepared.validation.findings,
        )

    def image(self, built: Built) -> PackedImage:
        """Return the bytes of a built image."""
        return packed_of(self._images[built.image_id])

    def test(
        self, built: Built, cases: Sequence[Case], options: RunOptions, now: datetime
    ) -> TestReport:
        """Run the cases against the handler of an image."""
        image = self._images[built.image_id]
        results = []
        for case in cases:
            begun = time.monotonic()
            reply = _reply(image, case.event, options.timeout, options.environment)
            results.append(judged(case, reply, round(time.monotonic() - begun, 3)))
        return TestReport(
            at=now,
            image=image.image_id,
            config_digest=image.image_id,
            where=WHERE,
            results=tuple(results),
        )


def packed_of(image: Image) -> PackedImage:
    """Return the image in the form in which it is pushed to ECR."""
    listed = [(sha256_of(layer), len(layer)) for layer in image.layers]
    blobs = {image.image_id: image.config, **{sha256_of(layer): layer for layer in image.layers}}
    text = manifest(image.config, listed)
    return PackedImage(manifest=text.encode(), media_type=MANIFEST, blobs=blobs)


def _answered(image: Image, event: Any, invoked: Invoked) -> Any:
    """Return what ``Invoke`` answers; raise again what the handler raised."""
    reply = _reply(image, json.dumps(event).encode())
    if reply.error is not None:
        raise RuntimeError(reply.error.message)
    return json.loads(reply.body)


def _reply(
    image: Image,
    event: bytes,
    timeout: float = _LONGEST,
    variables: Mapping[str, str] | None = None,
) -> Reply:
    """Return what the handler of an image answers."""
    handler = json.loads(image.config)["config"]["Labels"].get(HANDLER_LABEL, "")
    with TemporaryDirectory() as folder:
        _unpack(image, Path(folder))
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-B", "-c", _RUN, folder, handler],
                input=event,
                capture_output=True,
                timeout=timeout,
                check=False,
                env={**os.environ, **(variables or {})},
            )
        except subprocess.TimeoutExpired:
            return failed(FunctionError(f"no answer in {timeout:g} s"), CaseStatus.TIMEOUT)
    return failed(error_of(done.stderr)) if done.returncode else Reply(done.stdout.strip())


def _unpack(image: Image, folder: Path) -> None:
    """Write the files of ``/var/task``. Raises SandboxError for a name outside of it."""
    for layer in image.layers:
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(layer))) as archive:
            for entry in archive:
                name = entry.name.lstrip("./")
                if not entry.isreg() or not name.startswith(_TASK):
                    continue
                target = (folder / name.removeprefix(_TASK)).resolve()
                if not target.is_relative_to(folder.resolve()):
                    raise SandboxError(f"the image holds {entry.name}, which leads out of it")
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((archive.extractfile(entry) or io.BytesIO()).read())
