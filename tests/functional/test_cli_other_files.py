"""Every option and argument that takes a file, given every other kind of file: one line that names
the file, says what it is and what is needed, with exit code 2. One of the right kind that was cut
off is damaged: 4 (docs/errors.md)."""

from __future__ import annotations

import shlex
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jotgraph import store
from jotgraph.cli import cli
from jotgraph.store.journal import Journal
from tests.functional.estate import estate
from tests.rig.git import new_repository

TAKES = {
    "jotgraph apply FILE --yes": "plan",
    "jotgraph render -o x.svg --from inventory --plan FILE": "plan",
    "jotgraph ls --from FILE": "inventory",
    "jotgraph diff FILE inventory": "inventory",
    "jotgraph diff inventory FILE": "inventory",
    "jotgraph render -o x.svg --from inventory --diff FILE": "inventory",
    "jotgraph snapshot import copy --from FILE": "inventory",
    "jotgraph snapshot export FILE --to x.jsonl": "inventory",
    "jotgraph snapshot redact FILE -o x.jsonl": "inventory",
    "jotgraph orphans --from inventory --used-by FILE": "used",
    "jotgraph check --from inventory --policy FILE": "policy",
    "jotgraph apply plan --yes --policy FILE": "limits",
    "jotgraph lifecycle shop/checkout --from inventory --policy FILE": "lifecycle",
    "jotgraph push shop:latest --lifecycle-policy FILE": "lifecycle",
    "jotgraph deploy shop:latest --function shop --env-file FILE": "variables",
    "jotgraph test shop:latest --event event --expect event --env-file FILE": "variables",
    "jotgraph scan --no-docker --role-arn 'arn:aws:iam::{account}:role/r' --accounts FILE": "list",
    "jotgraph content FILE --git shop": "image",
}
"""Command lines by the kind of file that each of them takes."""
OURS = {
    "plan": "is a plan",
    "cut-plan": "is a plan",
    "inventory": "is an inventory",
    "cut-inventory": "is an inventory",
    "cut-header": "is an inventory",
    "answer": "is the answer of a command (jotgraph/jots/",
    "journal": "is the journal of a run",
}
"""Files that jotgraph wrote, and what is said of them where another is needed."""
OTHERS = ("packed", "table", "empty", "binary", "folder")
EMPTY_SAYS_NOTHING = {"limits", "variables"}
"""An empty file of these sets no limit, or no variable."""
CUT_OFF = {
    "used": ("empty", "binary", "table"),
    "image": ("packed", "table", "empty", "binary", "folder"),
}
"""Files that are taken for damaged ones of their kind, for an image that cannot be read, or for the
name of one in the engine."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of each kind."""
    desk = tmp_path_factory.mktemp("desk")
    store.save(estate(), desk / "inventory")
    store.save(estate(), desk / "packed.zst")
    (desk / "packed.zst").rename(desk / "packed")
    with chdir(desk):
        assert run("plan", "delete", "nightly", "--from", "inventory", "-o", "plan").exit_code == 0
        for name, form in (("answer", "json"), ("table", "csv")):
            answer = run("ls", "--from", "inventory", "--format", form)
            (desk / name).write_text(answer.stdout)
    with Journal(desk / "run") as journal:
        journal.add("make", call="push")
    (desk / "run" / "journal.jsonl").rename(desk / "journal")
    for name, source, size in (
        ("cut-plan", "plan", 700), ("cut-inventory", "inventory", 3000),
        ("cut-header", "inventory", 100),
    ):  # fmt: skip
        (desk / name).write_bytes((desk / source).read_bytes()[:size])
    (desk / "event").write_text("{}")
    (desk / "empty").touch()
    (desk / "binary").write_bytes(bytes(range(256)) * 20)
    (desk / "folder").mkdir()
    new_repository(desk / "shop").commit({"app.py": "print('shop')\n"})
    return desk


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words, prog_name="jotgraph")


@pytest.fixture
def at_desk(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    monkeypatch.setenv("XDG_STATE_HOME", str(desk / "state"))
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{desk}/docker.sock")


def given(line: str, name: str) -> tuple[int, str]:
    """How a command line ends with a file, and its last line."""
    result = run(*shlex.split(line.replace("FILE", name))[1:])
    return result.exit_code, (result.stderr.strip().splitlines() or [""])[-1]


@pytest.mark.usefixtures("at_desk")
@pytest.mark.parametrize("line", TAKES)
def test_a_file_of_another_kind(line: str) -> None:
    kind = TAKES[line]
    odd = {}
    for name in (*OURS, *OTHERS):
        if name.removeprefix("cut-") == kind or (name, kind) == ("cut-header", "inventory"):
            continue
        if (name == "packed" and kind == "inventory") or (
            name == "empty" and kind in EMPTY_SAYS_NOTHING
        ):
            continue
        code, message = given(line, name)
        fine = code == (4 if name in CUT_OFF.get(kind, ()) else 2)
        if name in OURS:
            fine &= f"{name} {OURS[name]}" in message
            fine &= ", not a" in message
        elif code == 2:
            fine &= name in message
        if not fine or "internal error" in message:
            odd[name] = code, message
    assert odd == {}


@pytest.mark.usefixtures("at_desk")
@pytest.mark.parametrize(
    ("line", "name", "message"),
    [
        ("jotgraph apply FILE --yes", "cut-plan", "is cut off or damaged"),
        ("jotgraph ls --from FILE", "cut-inventory", "is truncated: it ends at line"),
        ("jotgraph ls --from FILE", "cut-header", "is truncated or damaged in its first line"),
    ],
)
def test_a_file_of_the_right_kind_that_was_cut_off(line: str, name: str, message: str) -> None:
    code, said = given(line, name)
    assert (code, f"{name} {message}" in said) == (4, True), said
