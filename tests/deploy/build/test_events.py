"""What an engine says while it builds, without one: steps, last lines, and how it ended."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.deploy.build.events import LAST_LINES, Follower
from jotgraph.deploy.build.trace import StepOutput, Vertex, reports
from jotgraph.errors import BuildError

Event = Mapping[str, Any]


def field(number: int, value: bytes | int) -> bytes:
    """One field of a protocol buffer."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    size = len(value)
    length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    return bytes([number << 3 | 2]) + length + value


def vertex(digest: str, name: str, **fields: int) -> bytes:
    text = field(1, digest.encode()) + field(2, b"input") + field(3, name.encode())
    if "cached" in fields:
        text += field(4, 1)
    if "started" in fields:
        text += field(5, b"\x08\x01")
    if "error" in fields:
        text += field(7, b"it failed")
    return field(1, text)


def output(digest: str, text: str) -> bytes:
    return field(3, field(1, digest.encode()) + field(3, 1) + field(4, text.encode()))


def trace(*messages: bytes) -> Event:
    return {"id": "moby.buildkit.trace", "aux": base64.b64encode(b"".join(messages)).decode()}


def follow(*events: Event) -> tuple[list[str], str]:
    """The steps that are told, and the image or the failure."""
    steps: list[str] = []
    try:
        return steps, Follower(steps.append).follow(events)
    except BuildError as error:
        return steps, str(error)


def test_the_classic_builder() -> None:
    lines = ("Step 1/2 : FROM a", "\n", " ---> 0123456789ab\n", "Step 2/2 : COPY . /\n", " ---> Us")
    end = ("ing cache\n", "Successfully built 0123456789ab\n")
    events = [{"stream": line} for line in (*lines, *end)]
    assert follow(*events, {"aux": {"ID": "sha256:1"}}) == (
        ["Step 1/2 : FROM a", "Step 2/2 : COPY . /"],
        "sha256:1",
    )


def test_buildkit() -> None:
    events = (
        trace(vertex("a", "[internal] load remote build context", started=1)),
        trace(vertex("b", "[1/2] FROM a", cached=1), vertex("c", "[2/2] RUN x")),
        trace(vertex("c", "[2/2] RUN x", started=1), output("c", "hello\n")),
        trace(vertex("c", "[2/2] RUN x", started=1)),
        trace(vertex("d", "exporting to image", started=1)),
        {"id": "moby.image.id", "aux": {"ID": "sha256:2"}},
    )
    assert follow(*events) == (["[1/2] FROM a", "[2/2] RUN x"], "sha256:2")


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("write /x: no space left on device", "the engine's disk is full: docker system df"),
        ("no active sessions", "docker login"),
        ("the --mount option requires BuildKit", "--builder buildkit"),
        ("exec /bin/sh: exec format error", "cannot run programs of that platform"),
        ("something else", ""),
    ],
)
def test_why_it_failed(error: str, advice: str) -> None:
    _, failure = follow({"error": error, "errorDetail": {"code": 1, "message": error}})
    assert failure.startswith(error)
    assert advice in failure


def test_the_last_lines_of_the_step_that_failed_are_shown() -> None:
    before = {"stream": "Step 1/2 : RUN a\nnot shown\n"}
    step = {"stream": "Step 2/2 : RUN b\n"}
    lines = {"stream": "".join(f"\x1b[91mline {n}\x1b[0m\n" for n in range(50)) + "\x1b]0;x\x07end"}
    _, failure = follow(before, step, lines, {"error": "code: 1"})
    first, *last = failure.split("\n")
    assert first == "Step 2/2 : RUN b: code: 1"
    shown = [f"    line {n}" for n in range(50 - LAST_LINES, 50)]
    assert last == [*shown, "    \N{REPLACEMENT CHARACTER}]0;x\N{REPLACEMENT CHARACTER}end"]


def test_two_steps_at_once_do_not_mix_their_lines() -> None:
    started = trace(vertex("a", "A", started=1), vertex("b", "B", started=1))
    mixed = trace(output("a", "one "), output("b", "two\n"), output("a", "three\n"))
    _, failure = follow(started, mixed, trace(vertex("a", "A", error=1)), {"error": "x"})
    assert failure == "A: x\n    one three"


@pytest.mark.parametrize(
    "events",
    [(), ({"status": "Pulling"},), ({"aux": {"ID": 1}},), ({"aux": "x"},), ({"stream": None},)],
)
def test_an_end_without_an_image(events: tuple[Event, ...]) -> None:
    assert "ended without an image" in follow(*events)[1]


@given(st.binary(max_size=300))
def test_no_trace_is_too_strange(data: bytes) -> None:
    for report in reports(base64.b64encode(data).decode()):
        assert isinstance(report, Vertex | StepOutput)


@given(st.text(max_size=50))
def test_what_is_no_trace_says_nothing(text: str) -> None:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        assert list(reports(text)) == []
