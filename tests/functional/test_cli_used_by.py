"""--used-by on a stored inventory: what it names is in use, and what cannot be read is refused."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from jotgraph import store
from tests.functional.conftest import Run
from tests.functional.estate import HOST, digest, estate, image


def verdicts(run: Run, *arguments: str) -> dict[str, str]:
    answer = run("orphans", "--all", "--kind", "ecr-image", "--format", "json", *arguments)
    assert answer.exit_code == 0, answer.stderr
    found = json.loads(answer.stdout)
    return {
        judgement["id"]: key for key in ("orphans", "unknown", "in_use") for judgement in found[key]
    }


def test_what_a_file_names_is_in_use(run: Run) -> None:
    known = estate()
    lost = image(6, "shop/checkout", "old")
    images = (*known.ecr_images, lost)
    store.save(msgspec.structs.replace(known, ecr_images=images), "more.jsonl")
    before = verdicts(run, "--from", "more.jsonl")
    Path("keep.json").write_text(json.dumps([f"{HOST}/shop/checkout@{digest(6)}"]))
    after = verdicts(run, "--from", "more.jsonl", "--used-by", "keep.json")
    assert before[lost.id] != "in_use"
    assert after == {**before, lost.id: "in_use"}


def test_files_that_cannot_be_used_are_one_line(run: Run, whole: str) -> None:
    Path("empty.json").write_text("")
    Path("cut.json").write_text(f'["{HOST}/shop@{digest(1)}", ')
    said = {
        name: (answer.exit_code, answer.stdout, answer.stderr)
        for name in ("gone.json", "empty.json", "cut.json")
        for answer in [run("orphans", "--from", whole, "--used-by", name)]
    }
    cut = "Expecting value: line 1 column "
    assert said["gone.json"] == (2, "", "jotgraph: --used-by gone.json: there is no such file\n")
    assert said["empty.json"] == (
        4,
        "",
        "jotgraph: --used-by empty.json is empty: for an empty list write [], for no objects "
        "write items []\n",
    )
    assert said["cut.json"][:2] == (4, "")
    assert said["cut.json"][2].startswith(
        f"jotgraph: --used-by cut.json is not complete JSON ({cut}"
    )
