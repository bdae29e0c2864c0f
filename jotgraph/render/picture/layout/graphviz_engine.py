"""Runs Graphviz, graphviz-pure or the system's dot, always with a time limit.

The package ``graphviz``, which writes our DOT files, could only run a ``dot`` on the path, and
without a limit.
"""

from __future__ import annotations

import shutil
import subprocess
import sysconfig
from pathlib import Path

from jotgraph.errors import RenderError

PURE, SYSTEM = "pure", "dot"
SECONDS = 30.0


def run(
    source: str, form: str, *, engine: str = PURE, layout: str = "dot", seconds: float = SECONDS
) -> bytes:
    """Lay out DOT and return it as ``form`` (``svg png pdf json0``…). Raises RenderError if the
    program does not exist, fails, or takes over ``seconds``."""
    program = _program(engine, form)
    command = [program, f"-K{layout}", f"-T{form}", "-q"]
    if layout == "neato":
        command.append("-n2")
    try:
        done = subprocess.run(
            command, input=source.encode(), capture_output=True, timeout=seconds, check=True
        )
    except subprocess.TimeoutExpired as err:
        raise RenderError(
            f"{program} took more than {seconds:.0f} s for {form}; draw less of the estate "
            "(--focus NAME, --collapse), or write .html"
        ) from err
    except (OSError, subprocess.CalledProcessError) as err:
        output = getattr(err, "stderr", b"") or str(err).encode()
        text = output if isinstance(output, str) else output.decode(errors="replace")
        raise RenderError(f"{program} could not draw {form}: {text.strip()[:300]}") from err
    return done.stdout


def _program(engine: str, form: str) -> str:
    if engine == SYSTEM or form == "pdf":
        program = shutil.which("dot")
        if program:
            return program
        need = "PDF needs" if form == "pdf" else "--engine dot needs"
        raise RenderError(
            f"{need} the system's Graphviz, and no 'dot' is on the path; install the package "
            "graphviz, or write .svg or .png, which need nothing"
        )
    beside = Path(sysconfig.get_path("scripts")) / "graphviz-pure"
    program = shutil.which(str(beside)) or shutil.which("graphviz-pure")
    if not program:
        raise RenderError(
            "graphviz-pure is not installed beside jotgraph; pip install graphviz-pure, or use "
            "--engine dot"
        )
    return program
