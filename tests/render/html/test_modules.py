"""The page's scripts: modules to those who write and check them, one script in the page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from jotgraph.render import html

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "jotgraph" / "render" / "html"
CHECKS = ROOT / "tools" / "page"
_DECLARED = re.compile(r"^(?:const|let|function) (\w+|\[[^\]]+\])", re.MULTILINE)


def test_every_module_is_in_the_page() -> None:
    assert sorted(html.SCRIPTS) == sorted(path.name for path in FOLDER.glob("*.js"))


def test_the_page_has_one_script_without_imports_exports_or_types() -> None:
    program = html._scripts()[1]
    assert re.findall(r"^(?:import|export)\b.*", program, re.MULTILINE) == []
    assert "@param" not in program
    assert program.count("\nfunction lineage(start) {") == 1


def test_no_two_modules_declare_the_same_name() -> None:
    """In one script the second function of a name would silently take the place of the first."""
    names = Counter(
        name
        for declared in _DECLARED.findall(html._scripts()[1])
        for name in re.findall(r"\w+", declared)
    )
    assert names["lineage"] == 1
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.skipif(
    not (shutil.which("npm") and (CHECKS / "node_modules").exists()),
    reason="make check installs what checks the page's scripts (needs node and npm)",
)
@pytest.mark.parametrize(
    ("part", "fault", "complaint"),
    [
        ("types", "export const odd = nodes[0].nothing;", "TS2339"),
        ("lint", "export const odd = nowhere;", "no-undef"),
    ],
)
def test_a_fault_in_a_script_is_found(
    tmp_path: Path, part: str, fault: str, complaint: str
) -> None:
    """Each by its part of the check, which takes seconds."""
    package = json.loads((CHECKS / "package.json").read_text(encoding="utf-8"))
    parts = package["scripts"]["check"].split(" && ")
    assert f"npm run --silent {part}" in parts
    checks = tmp_path / "tools" / "page"
    shutil.copytree(CHECKS, checks, ignore=shutil.ignore_patterns("node_modules"))
    (checks / "node_modules").symlink_to(CHECKS / "node_modules")
    shutil.copytree(FOLDER, tmp_path / "jotgraph" / "render" / "html")
    model = tmp_path / "jotgraph" / "render" / "html" / "model.js"
    model.write_text(model.read_text(encoding="utf-8") + fault + "\n", encoding="utf-8")
    done = subprocess.run(
        ["npm", "run", "--silent", part],
        cwd=checks,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert complaint in done.stdout
