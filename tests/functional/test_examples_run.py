"""Every example line of every command's help is run: none may lie.

Names of a reader's own estate are filled in from a table. Lines that read a stored inventory get
the small estate, the others the embedded AWS, where lines that delete delete.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from jotgraph import store
from jotgraph.cli import cli
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.scale.dataset.export import export_to
from tests.apply.estate import OLD
from tests.content.images import layer, saved
from tests.functional.estate import estate
from tests.rig.git import new_repository
from tests.rig.wire import connect_by_wire

NAMES: Mapping[str, str] = {
    "checkout-api": "checkout",
    "fix-1234": "side",
    "shop/checkout:prod": "shop/checkout:v2",
    "~/src/shop": "src/shop",
    "shop:latest": "",
}
"""What a reader has and the test has not -> what the test has."""

SCANS = ("scan", "plan", "delete", "cleanup", "sweep", "lifecycle", "doctor")
"""Commands whose examples read the world: without an engine here, whatever this machine has."""

ASKS = ("apply", "delete", "cleanup")
"""Commands that ask before they delete, and are told no."""

FINDS = ("stale", "lifecycle", "check")
"""Commands whose examples may find something and then end with 1."""

PARSED = ("build", "demo", "deploy", "promote", "push", "rollback", "test", "up")
"""Too slow, or in need of a Docker engine or of a deployment: run by tests of their own."""


def examples() -> Iterator[tuple[str, ...]]:
    """The words of every example, one command at a time, without what pipes and files take."""
    for command in _commands(cli):
        epilog = " ".join((command.epilog or "").split("\n\n")[0].split())
        for text in re.findall(r"(?:Example|Try): (.*)$", epilog):
            for line in text.split(" && "):
                words = shlex.split(re.split(r" (?:[|>]|>>) |, then ", line)[0])
                assert words[0] == "jotgraph", text
                yield tuple(words[1:])


def _commands(group: click.Group) -> Iterator[click.Command]:
    yield group
    for name in group.list_commands(click.Context(group)):
        found = group.get_command(click.Context(group), name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from _commands(found)
        else:
            yield found


class Ready:
    """An empty folder with all that the examples speak of, the estates, and two runs."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = environment
        self.runs: dict[str, str] = {}

    def invoke(self, *words: str, typed: str = "") -> tuple[int, str]:
        done = CliRunner().invoke(cli, words, input=typed, prog_name="jotgraph")
        return done.exit_code, done.output

    def filled(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """An example with the reader's own names replaced."""
        named = [NAMES.get(word, word) for word in words]
        if words[0] in self.runs:
            named[1] = self.runs[words[0]]
        if words[0] in SCANS and "--from" not in words:
            named.append("--no-docker")
        return tuple(filter(None, named))


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ready]:
    folder = tmp_path_factory.mktemp("examples")
    with Sandbox(region="eu-west-1") as aws, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        environment = aws.environment() | {
            "AWS_CONFIG_FILE": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"),
            "COLUMNS": "100",
        }
        for name, value in environment.items():
            patch.setenv(name, value)
        connect_by_wire(aws, {}, patch)
        (folder / "config").write_text(PROFILE)
        (folder / "jotgraph.toml").write_text("max_orphans = 100\n")
        (folder / "new.json").write_text(LIFECYCLE)
        (folder / "order.json").write_text("{}")
        (folder / "receipt.json").write_text("null")
        git = new_repository(folder / "src" / "shop")
        git.commit({"app.py": "print()\n"})
        (folder / "services" / "checkout").mkdir(parents=True)
        (folder / "services" / "checkout" / "app.py").write_text(
            "def handler(event, context): ...\n"
        )
        (folder / "image.tar").write_bytes(saved([layer({"app.py": b"print()\n"})], ["COPY . /"]))
        _fill(aws)
        made = Ready(folder, environment)
        made.runs["release"] = _run(made, "aside", "--quarantine")
        made.runs["undo"] = _run(made, "gone")
        code, said = made.invoke(
            "plan", "delete", "function:spare", *READ, "-o", str(folder / "plan.json")
        )
        assert code == 0, said
        for _ in range(2):
            store.Snapshots().remember(estate(), "prod")
        store.save(estate(), folder / "estate.jsonl")
        store.save(estate(), folder / "prod.jsonl.zst")
        export_to(str(folder / "estate"), estate())
        yield made


PROFILE = """\
[profile prod]
region = eu-west-1
aws_access_key_id = testing
aws_secret_access_key = testing
"""
LIFECYCLE = """{"rules": [{"rulePriority": 1, "action": {"type": "expire"}, "selection": {
  "tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 5}}]}"""
READ = ("--no-docker", "--usage")


def _fill(aws: Sandbox) -> None:
    seed.repository(aws, "shop/checkout", created=OLD)
    for name in ("checkout", "spare", "aside", "gone"):
        seed.image(aws, "shop/checkout", name, config=b'{"n":"%s"}' % name.encode(), pushed=OLD)
    for name in ("checkout", "spare"):
        role = seed.role(aws, f"{name}-role", created=OLD)
        seed.function(aws, name, f"shop/checkout:{name}", role=role, modified=OLD)


def _run(made: Ready, name: str, *how: str) -> str:
    words = (
        "delete",
        f"shop/checkout:{name}",
        *READ,
        *how,
        "--watch",
        "0",
        "--yes",
        "--format",
        "json",
    )
    code, said = made.invoke(*words)
    assert code == 0, said
    found = re.search(r'"run": "(\w+)"', said)
    assert found is not None, said
    return found[1]


@pytest.mark.parametrize("words", sorted(set(examples())), ids=" ".join)
def test_an_example_runs(
    ready: Ready, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder that holds what the example speaks of, whatever ran before."""
    if words[0] in PARSED:
        found = cli.get_command(click.Context(cli), words[0])
        assert found is not None
        assert found.make_context(words[0], list(words[1:])).params
        return
    shutil.copytree(ready.folder, tmp_path / "here", ignore=lambda *_: ["state"])
    monkeypatch.chdir(tmp_path / "here")
    for name, value in ready.environment.items():
        monkeypatch.setenv(name, value)
    if words[0] == "scan":
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    code, said = ready.invoke(*ready.filled(words), typed="no\n")
    if words[0] in ASKS:
        assert ("not confirmed" if code == 4 else "nothing to delete") in said, said
        assert code in (0, 4), said
    else:
        assert code in ((0, 1) if words[0] in FINDS else (0,)), said
