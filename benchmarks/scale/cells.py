"""One cell of the table: a measurement in a process of its own, whatever becomes of that."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

Cell = dict[str, Any]


class CellError(Exception):
    """A cell has no figures; the message says why, in a line."""


class Results(NamedTuple):
    """A file of cells, a line of JSON each, that another run goes on from; or none."""

    path: Path | None

    def known(self) -> dict[tuple[str, int], Cell]:
        """What was measured before, by engine and size. A last line that is cut is none."""
        if self.path is None or not self.path.exists():
            return {}
        cells = {}
        for line in self.path.read_text().splitlines():
            with suppress(ValueError):
                cell = json.loads(line)
                cells[cell["engine"], cell["size"]] = cell
        return cells

    def add(self, cell: Cell) -> None:
        """Keep a cell, before the next begins."""
        if self.path is not None:
            with self.path.open("a") as file:
                file.write(json.dumps(cell) + "\n")


def measured(engine: str, size: int, folder: Path, seconds: float) -> Cell:
    """The figures of one cell. Raises CellError for one that fails, is ended by the system, or
    takes longer than so many seconds; what it began is ended with it."""
    command = [sys.executable, "-m", "benchmarks.scale.measuring", engine, str(size), str(folder)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise CellError(f"not done in {seconds:,.0f} s (--seconds)") from error
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # a JVM, or processes that judge
    if process.returncode < 0:
        name = signal.Signals(-process.returncode).name
        raise CellError(f"ended by {name}, of the system for want of memory, or of somebody")
    try:
        cell: Cell = json.loads(out.splitlines()[-1])
    except (IndexError, ValueError) as error:
        lines = [line for line in err.splitlines() if line.strip()]
        raise CellError((lines or [f"ended with {process.returncode}"])[-1].strip()) from error
    return cell
