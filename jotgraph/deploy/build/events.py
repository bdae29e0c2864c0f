"""Follows an engine's output during a build: steps, their last lines, and the result."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jotgraph.deploy.build.trace import Vertex, reports
from jotgraph.errors import BuildError
from jotgraph.render.words import clean

LAST_LINES = 20
"""Lines of output shown of a failed step."""
_LONGEST_LINE = 300
_STEP = re.compile(r"Step \d+/\d+ : ")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NOISE = re.compile(
    r" ---> (?:[0-9a-f]{12}|Running in [0-9a-f]{12}|Using cache)$|"
    r"Removing intermediate container [0-9a-f]{12}$|Successfully (?:built|tagged) "
)
_INTERNAL = re.compile(r"\[internal\]|exporting |resolve image config ")


@dataclass
class _Step:
    """One step, and its last lines of output."""

    name: str = ""
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    rest: str = ""

    def write(self, text: str) -> None:
        """Add output, which may arrive in pieces of lines."""
        *whole, self.rest = (self.rest + text).split("\n")
        self.rest = self.rest[-_LONGEST_LINE:]
        for line in whole:
            if line.strip() and not _NOISE.match(line):
                self.lines.append(clean(line.rpartition("\r")[2], _LONGEST_LINE))

    def last(self) -> list[str]:
        return [*self.lines, *([clean(self.rest, _LONGEST_LINE)] if self.rest.strip() else ())]


@dataclass
class Follower:
    """The output so far."""

    tell: Callable[[str], None]
    """Called with each step, in one line."""
    image_id: str = ""
    _step: _Step = field(default_factory=_Step)
    """The step that started last, or the one that failed."""
    _steps: dict[str, _Step] = field(default_factory=dict)
    """The parallel steps of BuildKit, by digest."""

    def follow(self, events: Iterable[Mapping[str, Any]]) -> str:
        """Read all output and return the image's id. Raises BuildError with the last lines of the
        failed step."""
        for event in events:
            self._take(event)
        if not self.image_id:
            raise BuildError("the engine ended without an image and gave no reason; build again")
        return self.image_id

    def _take(self, event: Mapping[str, Any]) -> None:
        aux = event.get("aux")
        if "error" in event or "errorDetail" in event:
            detail = event.get("errorDetail")
            message = detail.get("message") if isinstance(detail, Mapping) else None
            raise BuildError(self._failure(str(message or event.get("error") or "")))
        if isinstance(aux, Mapping) and isinstance(aux.get("ID"), str):
            self.image_id = aux["ID"]
        elif isinstance(aux, str) and event.get("id") == "moby.buildkit.trace":
            for report in reports(aux):
                if isinstance(report, Vertex):
                    self._vertex(report)
                elif report.vertex in self._steps:
                    self._steps[report.vertex].write(_COLOUR.sub("", report.text))
        elif isinstance(event.get("stream"), str):
            self._stream(_COLOUR.sub("", event["stream"]))

    def _vertex(self, vertex: Vertex) -> None:
        begun = (vertex.started or vertex.cached) and not _INTERNAL.match(vertex.name)
        if begun and vertex.digest not in self._steps:
            self._steps[vertex.digest] = self._begin(vertex.name)
        if vertex.error and vertex.digest in self._steps:
            self._step = self._steps[vertex.digest]

    def _begin(self, name: str) -> _Step:
        self._step = _Step(clean(name, _LONGEST_LINE))
        self.tell(self._step.name)
        return self._step

    def _stream(self, text: str) -> None:
        """Read output of the classic builder, whose steps start at the beginning of a piece."""
        if _STEP.match(text):
            line, _, text = text.partition("\n")
            self._begin(line)
        self._step.write(text)

    def _failure(self, error: str) -> str:
        lines = "".join(f"\n    {line}" for line in self._step.last())
        where = f"{self._step.name}: " if self._step.name else ""
        return f"{where}{reason(error)}{lines}"


def reason(error: str) -> str:
    """Return the engine's reason for a failure, with what to do where that is known."""
    text = clean(" ".join(error.split()), 600)
    for words, advice in _ADVICE.items():
        if words in text:
            return f"{text}; {advice}"
    return text


_ADVICE = {
    "no space left on device": "the engine's disk is full: docker system df says of what",
    "no active session": "the registry asks who you are: docker login, or docker pull the base",
    "requires BuildKit": "build with --builder buildkit",
    "exec format error": "the engine cannot run programs of that platform: build on such a machine",
    "pull access denied": "the image is not there, or docker login is needed",
    "manifest unknown": "there is no such tag or digest",
}
