"""Packages as an installer leaves them: a module and a ``.dist-info`` on ``sys.path``."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "jotgraph_acme"


def install(
    patch: pytest.MonkeyPatch,
    folder: Path,
    module: str,
    source: str,
    entries: Mapping[str, Mapping[str, str]],
    version: str = "1.0",
) -> None:
    """Install one module with its entry points, for one test."""
    site = folder / f"site-{module}"
    info = site / f"{module}-{version}.dist-info"
    info.mkdir(parents=True)
    (site / f"{module}.py").write_text(source)
    name = module.replace("_", "-")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    lines = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in names.items())
        for group, names in entries.items()
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))
    patch.syspath_prepend(str(site))
    patch.delitem(sys.modules, module, raising=False)


def install_example(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Install the worked example of docs/plugins.md as its ``pyproject.toml`` says."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    source = (EXAMPLE / "jotgraph_acme.py").read_text()
    install(patch, folder, "jotgraph_acme", source, project["entry-points"], project["version"])
