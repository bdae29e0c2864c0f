"""Build a folder's image in process, where no engine runs: of its Dockerfile what needs none.

The files, the labels and the times are those of ``deploy.build``; ``FROM`` is the example's base
whatever it names, and ``RUN`` is refused, since nothing is run here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from posixpath import basename, join, normpath

from jotgraph.deploy.build.labels import timestamp
from jotgraph.deploy.build.preparation import Prepared
from jotgraph.deploy.build.sent import tar_of
from jotgraph.deploy.validation.command import is_aws_base
from jotgraph.deploy.validation.dockerfile import Instruction, expanded, lineage
from jotgraph.errors import SandboxError
from jotgraph.sandbox.estate.images import BASE_CREATED, BASE_LABELS, Image, base_layer, squeezed
from jotgraph.sources.cache import sha256_of

_KEPT = frozenset({"EXPOSE", "STOPSIGNAL", "MAINTAINER", "HEALTHCHECK", "USER", "SHELL", "VOLUME"})
"""What changes nothing that the sandbox looks at."""


@dataclass
class _State:
    """An image that is being built."""

    prepared: Prepared
    env: dict[str, str]
    folder: str
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    arguments: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    layers: list[tuple[str, bytes]] = field(default_factory=list)
    """What made each, as BuildKit writes it in the history, and its tar."""

    def whole(self, text: str) -> str:
        """Return a text with its variables filled in."""
        value = expanded(text, {**self.arguments, **self.env})
        if value is None:
            raise SandboxError(f"{text} has a variable without a value")
        return value


def image_of(prepared: Prepared, platform: str) -> Image:
    """The image of a folder, as ``build`` makes it for a platform. Raises SandboxError for what
    only an engine can do."""
    stages = lineage(prepared.file)
    aws = is_aws_base(prepared.file)
    state = _State(
        prepared,
        env={"PATH": "/usr/bin:/bin", **({"LAMBDA_TASK_ROOT": "/var/task"} if aws else {})},
        folder="/var/task" if aws else "/",
        entrypoint=("/lambda-entrypoint.sh",) if aws else (),
        labels=dict(BASE_LABELS),
    )
    for stage in stages:
        for step in stage.steps:
            _do(state, step)
    scratch = stages[0].image == "scratch"
    return _image(state, platform.rpartition("/")[2], with_base=not scratch)


def _do(state: _State, step: Instruction) -> None:
    match step.name:
        case "COPY" | "ADD":
            _copy(state, step)
        case "WORKDIR":
            state.folder = normpath(join(state.folder, state.whole(step.arguments)))
        case "ARG":
            name, _, value = step.arguments.partition("=")
            given = state.prepared.arguments.get(name)
            state.arguments[name] = given if given is not None else state.whole(value.strip("\"'"))
        case "ENV":
            state.env |= _pairs(state, step)
        case "LABEL":
            state.labels |= _pairs(state, step)
        case "CMD":
            state.command = step.exec_form or ("/bin/sh", "-c", step.arguments)
        case "ENTRYPOINT":
            state.entrypoint = step.exec_form or ("/bin/sh", "-c", step.arguments)
            state.command = ()
        case name:
            if name not in _KEPT:
                raise SandboxError(f"{name} in line {step.line} needs a Docker engine")


def _pairs(state: _State, step: Instruction) -> dict[str, str]:
    if "=" not in step.arguments.split()[0]:
        name, _, value = step.arguments.partition(" ")
        return {name: state.whole(value.strip())}
    words = (word.partition("=") for word in step.arguments.split())
    return {name.strip("\"'"): state.whole(value.strip("\"'")) for name, _, value in words}


def _copy(state: _State, step: Instruction) -> None:
    if any(flag.startswith("--from=") for flag in step.flags) or "<<" in step.rest:
        raise SandboxError(f"{step.name} in line {step.line} needs a Docker engine")
    *sources, target = (state.whole(word) for word in step.exec_form or step.arguments.split())
    place = normpath(join(state.folder, target))
    files: dict[str, str] = {}
    for source in sources:
        named = dict(_named(state.prepared, source))
        if not named:
            raise SandboxError(f"COPY in line {step.line}: there is no {source}")
        is_file = len(named) == 1 and "" in named
        into = target.endswith("/") or len(sources) > 1 or not is_file
        for relative, path in named.items():
            name = join(place, relative or basename(path)) if into else place
            files[name.lstrip("/")] = path
    tar = b"".join(tar_of(state.prepared.root, files, state.prepared.moment))
    words = " ".join((*sources, place + ("/" if target.endswith("/") else "")))
    state.layers.append((f"{step.name} {words} # buildkit", tar))


def _named(prepared: Prepared, source: str) -> Iterator[tuple[str, str]]:
    """Map a source of COPY: from the path below a folder (empty for the file itself) to the path in
    the build context."""
    plain = normpath(source.lstrip("/") or ".")
    below = f"{prepared.source}/" if prepared.source else ""
    depth = 0 if plain == "." else len(plain.split("/"))
    for path in prepared.context.sizes:
        parts = (below + path).split("/")
        if depth == 0 or fnmatchcase("/".join(parts[:depth]), plain):
            yield "/".join(parts[depth:]), path


def _image(state: _State, architecture: str, *, with_base: bool) -> Image:
    moment = datetime.fromtimestamp(state.prepared.moment, UTC)
    base = [("ADD rootfs.tar / # buildkit", base_layer())] if with_base else []
    times = [BASE_CREATED] * len(base) + [moment] * len(state.layers)
    layers = [*base, *state.layers]
    config = {
        "architecture": architecture,
        "os": "linux",
        "created": timestamp(moment),
        "config": {
            "Env": [f"{name}={value}" for name, value in state.env.items()],
            "Entrypoint": list(state.entrypoint),
            "Cmd": list(state.command),
            "WorkingDir": state.folder,
            "Labels": dict(sorted({**state.labels, **state.prepared.labels}.items())),
        },
        "rootfs": {"type": "layers", "diff_ids": _diff_ids([tar for _, tar in layers])},
        "history": [
            {"created": timestamp(when), "created_by": step}
            for when, (step, _) in zip(times, layers, strict=True)
        ],
    }
    tars = tuple(squeezed(tar) for _, tar in layers)
    return Image(json.dumps(config, sort_keys=True).encode(), tars)


def _diff_ids(tars: Sequence[bytes]) -> list[str]:
    return [sha256_of(tar) for tar in tars]
