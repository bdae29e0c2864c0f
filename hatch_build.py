"""Writes the manual page and the completion scripts of the wheel, from the commands themselves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPLETIONS = {
    "bash": "share/bash-completion/completions/jotgraph",
    "zsh": "share/zsh/site-functions/_jotgraph",
    "fish": "share/fish/vendor_completions.d/jotgraph.fish",
}


class SharedFiles(BuildHookInterface):
    """Adds what goes below ``share`` of the environment that the wheel is installed into."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the files into the build's folder, and say where they are installed."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        try:
            from jotgraph.cli import cli  # noqa: PLC0415 -- the tree that is built
            from jotgraph.cli.completion import script  # noqa: PLC0415 -- as above
            from jotgraph.cli.man import page  # noqa: PLC0415 -- as above
        finally:
            sys.path.remove(self.root)
        texts = {"share/man/man1/jotgraph.1": page(cli)}
        texts |= {path: script(cli, shell) for shell, path in COMPLETIONS.items()}
        for path, text in texts.items():
            written = Path(self.directory) / "shared" / path
            written.parent.mkdir(parents=True, exist_ok=True)
            written.write_text(text, encoding="utf-8")
            build_data["shared_data"][str(written)] = path
