"""What is planned, done, swept, released and undone is named alike: images by their tags."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from jotgraph.sandbox.server import Sandbox
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal_lines import encoded, read_lines
from tests.apply.estate import Estate, fill
from tests.functional.conftest import Run

READ = ("--no-docker", "--usage")
NOW = ("--watch", "0")


@pytest.fixture
def estate(aws_environment: Sandbox) -> Estate:
    return fill(aws_environment)


def _images(text: str) -> list[str]:
    """The names of images in a Markdown table, in which no name is cut."""
    rows = [line.replace("\u200b", "").split(" | ") for line in text.splitlines()]
    return sorted(row[2] for row in rows if len(row) > 2 and row[1] == "ecr-image")


def _of_plan() -> list[str]:
    plan = json.loads(Path("plan.json").read_text())
    titles = dict(plan["titles"])
    images = [step["id"] for step in plan["steps"] if step["id"].startswith("ecr-image:")]
    assert images
    assert all("@" in titles.get(image, "@") for image in images)
    assert any(":" in titles.get(image, "") for image in images), "one has a tag"
    return sorted(titles.get(image) or _by_digest(image) for image in images)


def _by_digest(image: str) -> str:
    repository, _, digest = image.rpartition("/")[2].partition("@sha256:")
    return f"{repository}@{digest[:9]}"


def test_a_quarantine_its_sweep_and_its_release(run: Run, estate: Estate) -> None:
    run("plan", "delete", "function:app", "--quarantine", *READ, "-o", "plan.json")
    names = _of_plan()
    done = run("apply", "plan.json", "--yes", *NOW, "--format", "md")
    assert done.exit_code == 0, done.output
    assert _images(done.stdout) == names
    assert _images(run("sweep", *READ, "--format", "md").stdout) == names
    released = run("release", _the_run(), "--format", "md")
    assert _images(released.stdout) == names
    again = run("release", _the_run())
    assert all(name in again.stdout for name in names)


def test_a_deletion_and_its_undo(run: Run, estate: Estate) -> None:
    run("plan", "delete", "function:app", *READ, "-o", "plan.json")
    names = _of_plan()
    done = run("apply", "plan.json", "--yes", "--format", "md")
    assert done.exit_code == 0, done.output
    assert _images(done.stdout) == names
    undone = run("undo", _the_run(), "--format", "md")
    assert _images(undone.stdout) == names


def test_a_journal_without_names_leaves_the_digest(run: Run, estate: Estate) -> None:
    run("plan", "delete", "function:app", *READ, "-o", "plan.json")
    plan = json.loads(Path("plan.json").read_text())
    done = run("apply", "plan.json", "--yes", "--format", "json")
    receipt = json.loads(done.stdout)
    journal = Path(receipt["journal"])
    lines = (
        msgspec.structs.replace(entry, params={**entry.params, "titles": None})
        for entry in read_lines(journal).entries
    )
    journal.write_bytes(b"".join(map(encoded, lines)))
    images = [step["id"] for step in plan["steps"] if step["id"].startswith("ecr-image:")]
    undone = run("undo", receipt["run"], "--format", "md")
    assert _images(undone.stdout) == sorted(map(_by_digest, images))


def _the_run() -> str:
    """The name of the only run."""
    (folder,) = (path for path in runs_folder().iterdir() if path.is_dir())
    return folder.name
