"""Follow what an engine says while it builds: steps, their last lines, and how it ended."""

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
"""Lines of output that are shown of a step that fails."""
_LONGEST_LINE = 300
_STEP = re.compile(r"Step \d+/\d+ : ")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_NOISE = re.compile(
    r" ---> (?:[0-9a-f]{12}|Running in [0-9a-f]{12}|Using cache)$|"
    r"Removing intermediate container [0-9a-f]{12}$|Successfully (?:built|tagged) "
)
_INTERNAL = re.compile(r"\[internal\]|exporting |resolve image config ")


@dataclass
class Follower:
    """What was said so far."""

    tell: Callable[[str], None]
    """Told of each step, in one line."""
    image_id: str = ""
    step: str = ""
    _lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    _rest: str = ""
    _told: set[str] = field(default_factory=set)
    _of: str = ""

    def follow(self, events: Iterable[Mapping[str, Any]]) -> str:
        """Take all that is said and return the image's id. Raises BuildError with the last lines
        of the step that failed."""
        for event in events:
            self._take(event)
        if not self.image_id:
            raise BuildError("the engine ended without an image and said no reason; build again")
        return self.image_id

    def _take(self, event: Mapping[str, Any]) -> None:
        aux = event.get("aux")
        if "error" in event or "errorDetail" in event:
            detail = event.get("errorDetail")
            said = detail.get("message") if isinstance(detail, Mapping) else None
            raise BuildError(self._failure(str(said or event.get("error") or "")))
        if isinstance(aux, Mapping) and isinstance(aux.get("ID"), str):
            self.image_id = aux["ID"]
        elif isinstance(aux, str) and event.get("id") == "moby.buildkit.trace":
            for report in reports(aux):
                if isinstance(report, Vertex):
                    self._vertex(report)
                else:
                    self._output(report.text, report.vertex)
        elif isinstance(event.get("stream"), str):
            self._output(event["stream"])

    def _vertex(self, vertex: Vertex) -> None:
        if not (vertex.started or vertex.cached) or _INTERNAL.match(vertex.name):
            return
        if vertex.digest not in self._told:
            self._told.add(vertex.digest)
            self._begin(vertex.name)

    def _begin(self, step: str) -> None:
        self.step = clean(step, _LONGEST_LINE)
        self._lines.clear()
        self.tell(self.step)

    def _output(self, text: str, of: str = "") -> None:
        if of != self._of:
            self._of, self._rest = of, ""
        *whole, self._rest = (self._rest + _COLOUR.sub("", text)).split("\n")
        self._rest = self._rest[-_LONGEST_LINE:]
        for line in whole:
            if _STEP.match(line):
                self._begin(line)
            elif line.strip() and not _NOISE.match(line):
                self._lines.append(clean(line.rpartition("\r")[2], _LONGEST_LINE))

    def _failure(self, said: str) -> str:
        last = [*self._lines, *([clean(self._rest, _LONGEST_LINE)] if self._rest.strip() else ())]
        lines = "".join(f"\n    {line}" for line in last)
        where = f"{self.step}: " if self.step else ""
        return f"{where}{reason(said)}{lines}"


def reason(said: str) -> str:
    """The engine's words for a failure, with what to do where that is known."""
    text = clean(" ".join(said.split()), 600)
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
