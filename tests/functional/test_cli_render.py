"""``render``: a file of the kind its suffix names, the same bytes each time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest

from jotgraph.store import load, save
from tests.factories import function, inventory
from tests.functional.conftest import Run
from tests.render.html.test_page import data_of


@pytest.mark.parametrize("suffix", ["svg", "dot", "mmd", "graphml", "json"])
def test_the_same_bytes_each_time(run: Run, whole: str, tmp_path: Path, suffix: str) -> None:
    for name in ("one", "two"):
        result = run("render", "-o", f"{name}.{suffix}", "--from", whole)
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr.splitlines()[0] == f"wrote {name}.{suffix}"
    one, two = (tmp_path / f"{name}.{suffix}" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    assert b"checkout" in one.read_bytes()


def test_svg_is_xml_and_says_what_is_wrong(run: Run, whole: str, tmp_path: Path) -> None:
    assert run("render", "-o", "a.svg", "--focus", "billing", "--from", whole).exit_code == 0
    text = (tmp_path / "a.svg").read_text()
    ElementTree.fromstring(text)
    assert "billing" in text
    assert "drift" in text
    assert "nightly" not in text


def test_png(run: Run, whole: str, tmp_path: Path) -> None:
    assert run("render", "-o", "a.png", "--focus", "billing", "--from", whole).exit_code == 0
    assert (tmp_path / "a.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("arguments", "note", "shown", "hidden"),
    [
        (("--focus", "billing", "--depth", "1"), "lineage of billing within 1 step",
         "billing-role", "nightly"),
        (("--kind", "role"), "shown: roles alone", "gone-role", "nightly"),
        (("--state", "broken"), "what has the state broken, and what it touches",
         "report", "nightly"),
        (("--orphans",), "what has the state orphan, and what it touches", "orphan", "nightly"),
        (("--collapse",), "folded: 3 versions and aliases into 1 function", "checkout",
         "version 1"),
        (("--collapse", "--kind", "function", "--state", "drift"),
         "functions alone; of those, what has the state drift, and what it touches",
         "billing", "nightly"),
    ],
)  # fmt: skip
def test_filters_show_less_and_say_so(
    run: Run, whole: str, tmp_path: Path, arguments: tuple[str, ...], note: str, shown: str,
    hidden: str,
) -> None:  # fmt: skip
    assert run("render", "-o", "a.dot", *arguments, "--from", whole).exit_code == 0
    text = (tmp_path / "a.dot").read_text()
    assert note in text
    nodes = "".join(line for line in text.splitlines(True) if "tooltip=" in line)
    assert shown in nodes
    assert hidden not in nodes


def test_overlays(run: Run, whole: str, stored: str) -> None:
    assert run("render", "-o", "a.dot", "--diff", stored, "--from", whole).exit_code == 0
    assert run("render", "-o", "a.dot", "--where", "v1", "--from", whole).exit_code == 0
    both = run("render", "-o", "a.dot", "--where", "v1", "--diff", stored, "--from", whole)
    assert both.exit_code == 2


@pytest.mark.parametrize("arguments", [("-o", "a.doc"), ("-o", "a.svg", "--focus", "nope")])
def test_what_cannot_be_drawn(run: Run, whole: str, arguments: tuple[str, ...]) -> None:
    result = run("render", *arguments, "--from", whole)
    assert result.exit_code == 2
    assert not Path(arguments[1]).exists()


def test_a_plan_file_marks_the_picture_unless_it_was_edited(
    run: Run, whole: str, tmp_path: Path
) -> None:
    assert run("plan", "delete", "billing", "-o", "plan.json", "--from", whole).exit_code == 0
    marked = run("render", "-o", "a.svg", "--plan", "plan.json", "--from", whole)
    assert marked.exit_code == 0
    assert "plan: to delete" in (tmp_path / "a.svg").read_text()
    plan = tmp_path / "plan.json"
    plan.write_text(plan.read_text().replace("billing", "checkout"))
    refused = run("render", "-o", "a.svg", "--plan", "plan.json", "--from", whole)
    assert refused.exit_code == 4
    assert "edited" in refused.stderr


def test_a_plan_of_another_inventory_says_so(run: Run, whole: str, tmp_path: Path) -> None:
    assert run("plan", "delete", "billing", "-o", "plan.json", "--from", whole).exit_code == 0
    same = run("render", "-o", "a.svg", "--plan", "plan.json", "--from", whole)
    assert "made from" not in same.stderr
    assert "plan from" not in (tmp_path / "a.svg").read_text()
    before = load(whole)
    later = before.taken_at + timedelta(days=1)
    save(msgspec.structs.replace(before, taken_at=later), tmp_path / "later.jsonl")
    marked = run("render", "-o", "a.svg", "--plan", "plan.json", "--from", "later.jsonl")
    assert marked.exit_code == 0
    scanned = f"from the scan of {before.taken_at:%Y-%m-%d %H:%M} UTC"
    assert f"plan.json was made {scanned}, and this inventory is of" in marked.stderr
    assert f"plan {scanned}" in (tmp_path / "a.svg").read_text()


def test_a_plan_of_nothing_that_is_drawn_is_refused(run: Run, whole: str, tmp_path: Path) -> None:
    assert run("plan", "delete", "billing", "-o", "plan.json", "--from", whole).exit_code == 0
    save(inventory(function(account="222222222222")), tmp_path / "other.jsonl")
    refused = run("render", "-o", "a.svg", "--plan", "plan.json", "--from", "other.jsonl")
    assert (refused.exit_code, (tmp_path / "a.svg").exists()) == (2, False)
    assert "nothing that it speaks of is in this inventory" in refused.stderr


def test_a_page_of_a_difference_lists_what_was_removed(
    run: Run, whole: str, tmp_path: Path
) -> None:
    before = load(whole)
    after = msgspec.structs.replace(
        before,
        functions=tuple(function for function in before.functions if function.name != "nightly"),
    )
    save(after, tmp_path / "after.jsonl")
    shown = run("render", "-o", "a.html", "--diff", whole, "--from", str(tmp_path / "after.jsonl"))
    assert shown.exit_code == 0
    data = data_of((tmp_path / "a.html").read_text())
    rows = {row["f"]: data["nodes"][row["x"]].get("o") for row in data["jots"]}
    assert rows["nightly"] == "removed"
    assert rows["billing"] is None
