"""Checks that a Dockerfile names its base images by digest, so that a commit always builds the
same."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jotgraph.deploy.validation.dockerfile import Dockerfile
from jotgraph.deploy.validation.flaws import flaw, shown
from jotgraph.queries.answers.validation import Flaw, FlawCode, FlawSeverity
from jotgraph.records.references import reference

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_PLATFORM = re.compile(r"linux/(amd64|arm64)(/v8)?", re.I)
_PIN = "Pin it: docker buildx imagetools inspect IMAGE prints the digest; write IMAGE@sha256:…"


def bases(file: Dockerfile, name: str) -> Iterator[Flaw]:
    """Yield a finding for each external image that a stage starts from or copies from."""
    names = {stage.name for stage in file.stages if stage.name}
    for stage in file.stages:
        if stage.parent is None:
            yield from _image(stage.image, stage.written, name, stage.line)
    for stage in file.stages:
        for step in stage.steps:
            source = next((f[7:] for f in step.flags if f.startswith("--from=")), "")
            external = source and source.lower() not in names and not source.isdigit()
            if step.name == "COPY" and external:
                yield from _image(None if "$" in source else source, source, name, step.line)
    if file.stages:
        last = file.stages[-1]
        if last.platform and "$" not in last.platform and not _PLATFORM.fullmatch(last.platform):
            yield flaw(
                FlawCode.BASE_PLATFORM,
                FlawSeverity.WRONG,
                f"The image is built for {shown(last.platform)}, which Lambda does not run.",
                "Build for linux/amd64 or linux/arm64.",
                name,
                last.line,
            )


def _image(image: str | None, written: str, name: str, line: int) -> Iterator[Flaw]:
    word = shown(written)
    if image == "scratch":
        return
    if image is None:
        yield flaw(
            FlawCode.BASE_UNKNOWN,
            FlawSeverity.UNKNOWN,
            f"Which image {word} is depends on a variable without a default before the first FROM.",
            "Give its ARG a default that ends with @sha256:…",
            name,
            line,
        )
        return
    named = reference(image)
    if not named.name or ("@" in image and not _DIGEST.fullmatch(named.digest)):
        yield flaw(
            FlawCode.BASE_INVALID,
            FlawSeverity.WRONG,
            f"{shown(image) or 'An empty text'} names no image.",
            "Write IMAGE@sha256: and 64 hexadecimal digits.",
            name,
            line,
        )
    elif not named.digest:
        tagged = f"the tag {shown(named.tag)}, which may move"
        what = tagged if named.tag else "no tag, so it is latest"
        yield flaw(
            FlawCode.BASE_NOT_PINNED,
            FlawSeverity.WARNING,
            f"{shown(image)} is not pinned by a digest: it has {what}.",
            _PIN,
            name,
            line,
        )
