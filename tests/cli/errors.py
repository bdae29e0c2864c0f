"""Run every wrong command line and write docs/errors.md: ``python -m tests.cli.errors --write``.

Each is run for real: in a folder of its own files, with inventories that were stored before, and
against the embedded AWS.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from git import Actor, Repo

from jotgraph import store
from jotgraph.cli import cli
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.scale.dataset.export import export_to
from jotgraph.store.folders import runs_folder
from jotgraph.store.journal import journal_path
from jotgraph.store.journal_lines import read_lines
from tests.cli.circumstances import CIRCUMSTANCES
from tests.cli.wrong_inputs import WRONG, Wrong
from tests.examples.two_functions import project
from tests.factories import scope
from tests.functional.estate import estate
from tests.rig.git import new_repository
from tests.rig.wire import connect_by_wire

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
ROOT = Path(__file__).parents[2]

HEAD = """\
# Wrong inputs

The messages and exit codes for input that cannot work. `python -m tests.cli.errors --write` writes
this page by running every command on it; a test compares the whole page.

A message says what is wrong, where, and what to do next. There are two exit codes for it:

- **2**: the command line is wrong. An option, a value, a file or a name is malformed or does not
  exist, and the same command line fails again.
- **4**: the command line is right, and it failed: AWS does not answer, a file is damaged, a plan is
  too old, nobody confirmed. Once that is fixed, the same command line works.

1 is for what `--check` finds and for what `validate` calls wrong, 3 for gaps with `--strict`, and
130 for Ctrl-C (143 for SIGTERM, 129 for SIGHUP; [all exit codes](commands.md)).
"""


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    message: str
    idle_runs: tuple[str, ...] = ()
    """Runs that it left and that announced nothing."""


class Desk:
    """A folder with the files that wrong command lines name, and an embedded AWS."""

    def __init__(self, folder: Path, aws: Sandbox, patch: pytest.MonkeyPatch) -> None:
        self._folder, self._aws, self._patch = folder, aws, patch
        _settle(folder, aws, patch)
        connect_by_wire(aws, {}, patch)
        _write_files(folder)

    def run(self, wrong: Wrong) -> Said:
        """Run a command line. What stands before the last message (usage, tables) is left out."""
        self._aws.faults.clear()
        shutil.rmtree(runs_folder(), ignore_errors=True)  # each line is the first that is typed
        if wrong.deployed:
            self._aws.reset()
            _deploy(self._aws)
        with self._patch.context() as patch:
            if not wrong.also:
                return self._run_line(wrong, wrong.command, patch)
            with CIRCUMSTANCES[wrong.also](self._aws, patch) as run:
                end = self._run_line(wrong, wrong.command.replace("RUN", run or "RUN"), patch)
            message = end.message.replace(run, "RUN") if run else end.message
            return Said(end.code, message, end.idle_runs)

    def _run_line(self, wrong: Wrong, command: str, patch: pytest.MonkeyPatch) -> Said:
        line, _, typed = command.partition(" <<< ")
        words = _words(line)
        settings = dict(word.split("=", 1) for word in words[: words.index("jotgraph")])
        arguments = words[words.index("jotgraph") + 1 :]
        if wrong.fault:
            service, action, code = wrong.fault
            self._aws.faults.error(
                service, action, code=code, message="the request was refused", status=400
            )
        for name, value in settings.items():
            patch.setenv(name, value) if value else patch.delenv(name, raising=False)
        if wrong.missing == "moto":  # which is in use here: a process of its own can lack it
            return self._run_without(wrong.missing, arguments)
        if wrong.missing:
            _take_away(wrong.missing, patch)
        result = CliRunner().invoke(
            cli, arguments, input=f"{typed}\n" if typed else None, prog_name="jotgraph"
        )
        assert not isinstance(result.exception, AssertionError), result.exception
        return Said(result.exit_code, self._message(result.stderr), _idle_runs())

    def _run_without(self, package: str, arguments: list[str]) -> Said:
        stub = self._folder / "without" / f"{package}.py"
        stub.parent.mkdir(exist_ok=True)
        stub.write_text(f"raise ImportError(\"No module named '{package}'\")\n")
        path = os.pathsep.join([str(stub.parent), str(ROOT)])
        ended = subprocess.run(
            [sys.executable, "-m", "jotgraph", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": path},
        )
        stub.unlink()
        return Said(ended.returncode, self._message(ended.stderr))

    def _message(self, stderr: str) -> str:
        """What is said, of click's usage errors without the usage, and the same on any machine."""
        text = re.sub(r"(?s)^Usage: .*?\n\n(?=Error: )", "", stderr)
        text = text.replace(str(self._folder), "/work").replace(self._aws.endpoint, "ENDPOINT")
        text = re.sub(r"Scanned (\S+ \S+) UTC \(.*?\)", r"Scanned \1 UTC (…)", text)
        text = re.sub(r"Python 3\.\d+ cannot", "Python 3.… cannot", text)
        return re.sub(r"was there \d+ days ago", "was there … days ago", text).strip("\n")


def _idle_runs() -> tuple[str, ...]:
    folders = sorted(runs_folder().iterdir()) if runs_folder().is_dir() else []
    return tuple(
        folder.name
        for folder in folders
        if all(line.what != "intent" for line in read_lines(journal_path(folder)).entries)
    )


def _take_away(package: str, patch: pytest.MonkeyPatch) -> None:
    """Let a package be one that is not installed."""
    for name in {package, *sys.modules}:
        if name.partition(".")[0] == package:
            patch.setitem(sys.modules, name, None)  # as Python says it


@contextmanager
def desk() -> Iterator[Desk]:
    """What command lines are run in."""
    with (
        tempfile.TemporaryDirectory() as name,
        Sandbox() as aws,
        pytest.MonkeyPatch.context() as patch,
        chdir(name),
    ):
        yield Desk(Path(name).resolve(), aws, patch)


def _settle(folder: Path, aws: Sandbox, patch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("AWS_", "JOTGRAPH_"))]:
        patch.delenv(name)
    settings = {
        **aws.environment(),
        "COLUMNS": "100",
        "HOME": str(folder / "home"),
        "XDG_STATE_HOME": str(folder / "state"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "DOCKER_HOST": f"unix://{folder}/docker.sock",
        "NO_COLOR": "1",
        "JOTGRAPH_PROGRESS": "off",
    }
    for name, value in settings.items():
        patch.setenv(name, value)
    patch.setattr(time, "sleep", lambda seconds: None)


def _write_files(folder: Path) -> None:
    for _ in range(3):
        store.Snapshots().remember(estate(), "prod")
    _write_inventories(folder)
    _write_datasets(folder)
    _write_policies(folder)
    _write_plans(folder)
    _write_projects(folder)
    (folder / "accounts.txt").write_text("111122223333 shop\n444455556666 billing\n")
    (folder / "typo.txt").write_text("111122223333 shop\n44445555666 billing\n")
    (folder / "twice.txt").write_text("111122223333 shop\n444455556666\n111122223333\n")
    (folder / "notes.json").write_text('{"to do": ["write a plan"]}\n')
    (folder / "pods.json").write_text('{"kind": "List", "items": [{"kind": "Pod", "metadata": {\n')
    (folder / "torn.tar").write_bytes(
        b"manifest.json".ljust(257, b"\0") + b"ustar\x0000" + b"\0" * 99
    )
    (folder / "plain").mkdir()
    (folder / "shop").mkdir()
    (folder / "shop" / "app.py").write_text("print('shop')\n")
    repository = Repo.init(folder / "shop")
    repository.index.add(["app.py"])
    ada = Actor("Ada", "ada@example.com")
    repository.index.commit("Start the shop", author=ada, committer=ada)
    repository.close()


def _write_projects(folder: Path) -> None:
    """The example of two functions, one that has a syntax error, and one with changes."""
    project(folder / "till")
    broken = new_repository(folder / "broken")
    broken.commit({"Dockerfile": _DOCKERFILE, "app.py": "def handler(event, context:\n"})
    dirty = new_repository(folder / "dirty")
    dirty.commit({"Dockerfile": _DOCKERFILE, "app.py": "def handler(event, context): ...\n"})
    dirty.write({"app.py": "def handler(event, context): return event\n"})


_DOCKERFILE = """\
FROM public.ecr.aws/lambda/python:3.13
COPY app.py ${LAMBDA_TASK_ROOT}/
CMD ["app.handler"]
"""


def _deploy(aws: Sandbox) -> None:
    """What others have deployed."""
    seed.repository(aws, "frozen", mutability="IMMUTABLE")
    child = seed.image(aws, "frozen", "v1", config=seed.image_config())
    seed.index(aws, "frozen", {child: "linux/amd64"}, "both")
    seed.role(aws, "app")
    seed.function(aws, "zipped")
    seed.function(aws, "shared", f"frozen@{child}")
    versions = [seed.version(aws, "shared") for _ in range(2)]
    seed.alias(aws, "shared", "live", versions[0], weights={versions[1]: 0.2})


def _write_inventories(folder: Path) -> None:
    whole = estate()
    other = msgspec.structs.replace(whole.functions[0], region="us-east-1")
    commit = msgspec.structs.replace(whole.commits[0], sha=f"1{'c0ffee' * 6}fff")
    files = {
        "two.jsonl": msgspec.structs.replace(
            whole, functions=(*whole.functions, other), commits=(*whole.commits, commit)
        ),
        "other.jsonl": msgspec.structs.replace(whole, scope=scope(("222222222222", "eu-west-1"))),
        "local.jsonl": msgspec.structs.replace(
            whole,
            scope=scope(git=("shop",)),
            functions=(),
            versions=(),
            aliases=(),
            local_images=(),
            containers=(),
        ),
        "fresh.jsonl": msgspec.structs.replace(whole, taken_at=datetime.now(UTC)),
        "torn.jsonl": whole,
        "torn.jsonl.zst": whole,
        "edited.jsonl": whole,
        "newer.jsonl": whole,
    }
    for name, inventory in files.items():
        store.save(inventory, folder / name)
    for name in ("torn.jsonl", "torn.jsonl.zst"):
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])
    edited = (folder / "edited.jsonl").read_text().replace("checkout", "checkin ")
    (folder / "edited.jsonl").write_text(edited)
    newer = (folder / "newer.jsonl").read_text()
    (folder / "newer.jsonl").write_text(
        re.sub(r"jotgraph/inventory/\d+", "jotgraph/inventory/99", newer, count=1)
    )


def _write_datasets(folder: Path) -> None:
    for name in ("parquet", "half", "cut", "later", "renamed"):
        export_to(str(folder / name), estate())
    (manifest,) = (folder / "half" / "scans").iterdir()
    manifest.unlink()
    (manifest,) = (folder / "later" / "scans").iterdir()
    later = manifest.read_text().replace("jotgraph/dataset/1", "jotgraph/dataset/9")
    manifest.write_text(later)
    (manifest,) = (folder / "renamed" / "scans").iterdir()
    manifest.rename(manifest.with_name("2026-03-05T09-00-00Z.json"))
    (manifest,) = (folder / "cut" / "scans").iterdir()
    cut = next((folder / "cut").rglob("roles/**/*.parquet"))
    cut.rename(cut.with_name("0.parquet"))
    named = str(cut.relative_to(folder / "cut"))
    renamed = named.replace(cut.name, "0.parquet")
    manifest.write_text(manifest.read_text().replace(named, renamed))
    content = cut.with_name("0.parquet").read_bytes()
    cut.with_name("0.parquet").write_bytes(content[:100])


def _write_policies(folder: Path) -> None:
    (folder / "badkey.toml").write_text("no_brokn = true\n")
    (folder / "badvalue.toml").write_text('max_orphans = "many"\n')
    (folder / "torn.toml").write_text("max_orphans = \n")
    (folder / "gone.toml").write_text('[[must_contain]]\ncommit = "fix-1234"\n')


def _write_plans(folder: Path) -> None:
    for source, name in (("prod", "old.json"), ("fresh.jsonl", "removal.json")):
        made = CliRunner().invoke(
            cli,
            ["plan", "delete", "nightly", "report", "--from", source, "-o", name],
            prog_name="jotgraph",
        )
        assert (made.exit_code, (folder / name).is_file()) == (0, True), made.output
    plan = json.loads((folder / "removal.json").read_text())
    plan["steps"] = plan["steps"][:1]
    (folder / "edited-plan.json").write_text(json.dumps(plan))


def _words(command: str) -> list[str]:
    r"""The words of a command line, as bash takes them: ``$'\e[31m'`` too."""
    quoted: list[str] = []

    def keep(match: re.Match[str]) -> str:
        text = match[1].replace(r"\e", "\x1b")
        quoted.append(text.replace(r"\n", "\n"))
        return f"@quoted-{len(quoted) - 1}"

    words = shlex.split(re.sub(r"\$'([^']*)'", keep, command))
    return [
        quoted[int(word.removeprefix("@quoted-"))] if word.startswith("@quoted-") else word
        for word in words
    ]


def page(ends: Mapping[Wrong, Said]) -> str:
    """The whole page."""
    parts = [HEAD]
    for section, rows in groupby(ends, key=lambda wrong: wrong.section):
        table = [f"## {section}\n", "| | command | exit | message |", "|---|---|---|---|"]
        table += [_row(wrong, ends[wrong]) for wrong in rows]
        parts.append("\n".join(table) + "\n")
    return "\n".join(parts)


def _row(wrong: Wrong, end: Said) -> str:
    message = "<br>".join(f"`{_cell(line)}`" for line in end.message.splitlines() if line.strip())
    return f"| {wrong.what} | `{_cell(wrong.command)}` | {end.code} | {message} |"


def _cell(text: str) -> str:
    return text.strip().replace("|", "\\|").replace("`", "'")


def everything_said() -> dict[Wrong, Said]:
    """Run every command line of the table."""
    with desk() as at:
        return {wrong: at.run(wrong) for wrong in WRONG}


if __name__ == "__main__":
    text = page(everything_said())
    if "internal error" in text:
        sys.exit("an input crashes the program: mend that first; tests/cli/test_errors.py names it")
    if "--write" in sys.argv:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text)
