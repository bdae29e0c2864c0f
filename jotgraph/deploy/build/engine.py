"""Builds with Docker's engine through its API alone: no docker program is needed.

Both builders get the prepared tar. BuildKit is used without a session, so features that need one
are not available: RUN --mount=type=secret or ssh, and its own logins. Base images are pulled
beforehand, with the logins that docker-py knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

from jotgraph.deploy.build.events import Follower, reason
from jotgraph.deploy.build.options import Builder, BuildOptions
from jotgraph.deploy.build.preparation import Prepared
from jotgraph.deploy.validation.dockerfile import Dockerfile
from jotgraph.errors import BuildError, CallFailedError, Failure, SourceError
from jotgraph.records.references import reference
from jotgraph.sources.connections import ask_engine, is_gone
from jotgraph.sources.docker import image_id_of

BUILD = "docker:POST /build"
PULL = "docker:POST /images/create"
EPOCH = "SOURCE_DATE_EPOCH"
_NEEDS_BUILDKIT = re.compile(
    r"--mount=|--link\b|--chmod=|--security=|--network=|<<-?[\"']?[A-Za-z_]"
)
_TIMEOUT = 3600.0
"""Seconds without output after which the engine is given up."""


def builder_of(api: Any, file: Dockerfile, wanted: Builder) -> Builder:
    """Return the builder to use: the one that the Dockerfile needs, else the engine's preference.
    Raises CallFailedError."""
    if wanted is not Builder.AUTO:
        return wanted
    steps = (step for stage in file.stages for step in stage.steps)
    if file.frontend or any(_NEEDS_BUILDKIT.search(step.rest) for step in steps):
        return Builder.BUILDKIT
    answer = ask_engine(api.get, f"{api.base_url}/_ping", timeout=60)
    return Builder.BUILDKIT if answer.headers.get("Builder-Version") == "2" else Builder.CLASSIC


def bases_of(file: Dockerfile, builder: Builder) -> tuple[str, ...]:
    """Return the external images that a build needs, as far as the Dockerfile names them."""
    names = {stage.name for stage in file.stages if stage.name}
    images = {stage.image: None for stage in file.stages if stage.parent is None and stage.image}
    for stage in file.stages:
        for flag in (flag for step in stage.steps for flag in step.flags if step.name == "COPY"):
            source = flag.removeprefix("--from=")
            local = source.isdigit() or source.lower() in names or "$" in source
            if flag.startswith("--from=") and not local:
                images[source] = None
    if file.frontend and builder is Builder.BUILDKIT:
        images[file.frontend] = None
    return tuple(image for image in images if image != "scratch")


def pinned_by(api: Any) -> Callable[[str], str]:
    """Return a function that adds the digest to the name of an image that the engine has from a
    registry."""

    def pin(image: str) -> str:
        named = reference(image)
        try:
            detail = ask_engine(api.inspect_image, image)
        except CallFailedError:
            return image
        references = [reference(name) for name in detail.get("RepoDigests") or ()]
        known = [known_as.digest for known_as in references if known_as.name == named.name]
        return f"{image}@{known[0]}" if known and not named.digest else image

    return pin


def has_image(api: Any, image: str, platform: str) -> bool:
    """Return whether the engine has an image for a platform. Raises CallFailedError."""
    try:
        detail = ask_engine(api.inspect_image, image)
    except CallFailedError as error:
        if is_gone(error):
            return False
        raise
    system, _, processor = platform.partition("/")
    return (detail.get("Os"), detail.get("Architecture")) == (system, processor)


def id_named(api: Any, name: str) -> str:
    """Return the id of the image that a name refers to now, empty for none. Raises
    CallFailedError."""
    try:
        return image_id_of(ask_engine(api.inspect_image, name)["Id"])
    except CallFailedError as error:
        if is_gone(error):
            return ""
        raise


def pull(api: Any, image: str, platform: str) -> None:
    """Pull an image with the engine. Raises CallFailedError."""
    named = reference(image)
    words = {"tag": named.digest or named.tag or "latest", "platform": platform}
    events = ask_engine(api.pull, named.name, stream=True, decode=True, **words)
    while (event := ask_engine(next, events, None)) is not None:
        if "error" in event:
            raise CallFailedError(Failure("error", str(event["error"])))


def build_by(
    api: Any,
    prepared: Prepared,
    options: BuildOptions,
    builder: Builder,
    tell: Callable[[str], None],
) -> str:
    """Build an image and return its id. Raises BuildError, SourceError for a file that could not be
    sent, and CallFailedError."""
    follower = Follower(tell)
    sent = _Sent(prepared.tar())
    try:
        answer = ask_engine(_post, api, parameters(prepared, options, builder), sent)
        with closing(answer):
            return follower.follow(_events(answer))
    except CallFailedError as error:
        if sent.error:
            raise sent.error from error
        if error.failure.code == "400":  # what it calls a bad request is the Dockerfile
            raise BuildError(reason(error.failure.message)) from error
        raise


def parameters(
    prepared: Prepared, options: BuildOptions, builder: Builder
) -> Mapping[str, str | int]:
    """Return the parameters of the build (Docker Engine API, ImageBuild). No attestation is
    requested: an image with one is an index, which Lambda refuses."""
    arguments = dict(prepared.arguments)
    if builder is Builder.BUILDKIT or _asks_for_epoch(prepared.file):
        arguments.setdefault(EPOCH, str(prepared.moment))
    words: dict[str, str | int] = {
        "dockerfile": prepared.dockerfile,
        "labels": json.dumps(dict(prepared.labels)),
        "buildargs": json.dumps(arguments, sort_keys=True),
        "platform": options.platform,
        "rm": 1,
        "forcerm": 1,
    }
    if builder is Builder.BUILDKIT:
        words["version"] = "2"
    if options.network:
        words["networkmode"] = options.network
    if not options.cache:
        words["nocache"] = 1
    return words


def _asks_for_epoch(file: Dockerfile) -> bool:
    """Whether the classic builder would complain about an unused build argument."""
    steps = (step for stage in file.stages for step in stage.steps)
    return any(step.name == "ARG" and step.arguments.startswith(EPOCH) for step in steps)


class _Sent:
    """The files being sent, and the error that stopped them, which the engine's answer does not
    contain."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.error: SourceError | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        except SourceError as error:
            self.error = error
            raise


def _post(api: Any, words: Mapping[str, str | int], sent: _Sent) -> Any:
    """Send the request. docker-py's own ``build`` supports neither BuildKit nor a tar that is
    generated on the way."""
    from docker.errors import create_api_error_from_http_exception  # noqa: PLC0415 -- imported by the client
    from requests import HTTPError  # noqa: PLC0415 -- as above

    answer = api.post(
        f"{api.base_url}/v{api.api_version}/build",
        params=words,
        data=sent,
        headers={"Content-Type": "application/x-tar"},
        stream=True,
        timeout=_TIMEOUT,
    )
    try:
        answer.raise_for_status()
    except HTTPError as error:
        create_api_error_from_http_exception(error)
    return answer


def _events(answer: Any) -> Iterator[Mapping[str, Any]]:
    from docker.utils.json_stream import json_stream  # noqa: PLC0415 -- as above

    events = json_stream(answer.iter_content(chunk_size=None))
    while (event := ask_engine(next, events, None)) is not None:
        if isinstance(event, Mapping):
            yield event
