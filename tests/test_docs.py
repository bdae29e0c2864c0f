"""What the documentation says of the program is true: commands, links, the snippet, the picture."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from jotgraph import store
from jotgraph.cli import COMMANDS
from tests.functional import commands_page
from tests.functional.estate import estate

ROOT = Path(__file__).parents[1]
PAGES = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(#[^)\s]*)?\)")


def test_every_command_is_documented_as_its_help_says() -> None:
    assert commands_page.PAGE.read_text(encoding="utf-8") == commands_page.page()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    lost = [
        path + anchor
        for path, anchor in _LINK.findall(text)
        if not (target := page.parent / path if path else page).exists()
        or (anchor and anchor not in anchors(target))
    ]
    assert lost == []


def test_no_change_is_listed_twice() -> None:
    """A changed wording once stayed beside the new one, in fifteen entries."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert alike(text) == []
    entry = "- `where` lists what contains the commit first, then what lacks it"
    other = f"{entry}, like its JSON."
    assert alike(f"{entry}.\n- `ls` has a column.\n{other}\n") == [(other, f"{entry}.")]


def alike(text: str) -> list[tuple[str, str]]:
    """Entries of a list that share six words in a row, and nearly half of all their words."""
    by_phrase: dict[tuple[str, ...], set[str]] = defaultdict(set)
    counts = Counter(re.findall(r"^- .*(?:\n  .*)*", text, re.MULTILINE))
    for entry in counts:
        words = re.findall(r"[\w`-]+", entry.lower())
        for start in range(len(words) - 5):
            by_phrase[tuple(words[start : start + 6])].add(entry)
    pairs = {pair for entries in by_phrase.values() for pair in combinations(sorted(entries), 2)}
    repeated = [(entry, entry) for entry, count in counts.items() if count > 1]
    return sorted(repeated + [pair for pair in pairs if overlap(*pair) > 0.45])


def overlap(entry: str, other: str) -> float:
    """The share of the words of two texts that are in both."""
    some, more = (set(re.findall(r"[\w`-]+", text.lower())) for text in (entry, other))
    return len(some & more) / len(some | more)


def test_the_files_that_contributing_names_exist() -> None:
    named = paths_in((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert "jotgraph/links/__init__.py" in named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_a_path_in_prose_is_told_from_other_code() -> None:
    text = (
        "`docs/rules.md`, `README.md`, `jotgraph/cli/`, `.ci/run`, `make test`, `RULES`, `--format`"
    )
    assert paths_in(text) == ["docs/rules.md", "README.md", "jotgraph/cli/", ".ci/run"]


def paths_in(text: str) -> list[str]:
    """The code spans of a page that are paths of files or folders."""
    return [
        span for span in re.findall(r"`([^`\s]+)`", text) if "/" in span or span.endswith(".md")
    ]


def anchors(page: Path) -> set[str]:
    """GitHub's anchors of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {f"#{heading.strip().replace(' ', '-')}" for heading in plain}


def test_the_readme_names_the_commands_there_are() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.partition("## Commands\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    named = {words.split()[0] for row in rows for words in re.findall(r"`([^`]+)`", row)}
    assert named == {command.name for command in COMMANDS}


def test_the_snippet_of_the_readme_runs(tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (tmp_path / "demo").mkdir()
    store.save(estate(), tmp_path / "demo" / "inventory.json")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", snippet],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 5
