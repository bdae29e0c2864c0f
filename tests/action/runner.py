"""A runner for composite actions: each step in a shell of its own, as GitHub's runner does it.

Steps that use other actions are played by a function each, for they need GitHub: of a cache and of
artefacts there is a folder.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.action.expressions import filled, holds
from tests.wheel.installed import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]


@dataclass
class Service:
    """What GitHub keeps between jobs."""

    folder: Path
    sarif: list[Path] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)

    @property
    def caches(self) -> Path:
        return self.folder / "caches"

    @property
    def artefacts(self) -> Path:
        return self.folder / "artefacts"


@dataclass
class Job:
    """One job on a fresh machine."""

    service: Service
    workspace: Path
    temporary: Path
    env: dict[str, str]
    inputs: Mapping[str, str]
    after_install: Callable[[Path], None]
    run_id: int = 1
    failed: bool = False
    log: list[str] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    outputs: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    summary: str = ""
    path: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Run every step in order, but those whose condition does not hold."""
        self.temporary.mkdir(parents=True)
        for step in STEPS:
            if holds(step.get("if", ""), self.names(), failed=self.failed, cancelled=False):
                self.ran.append(step["name"])
                self._step(step)

    def names(self) -> dict[str, Any]:
        """What expressions may name."""
        defaults = {
            name: declared.get("default", "") for name, declared in ACTION["inputs"].items()
        }
        github = {"action_path": str(ROOT), "run_id": str(self.run_id), "run_attempt": "1"}
        return {
            "inputs": {**defaults, **self.inputs},
            "github": github,
            "runner": {"temp": str(self.temporary)},
            "steps": self.outputs,
        }

    def told(self) -> dict[str, str]:
        """The outputs of the action."""
        return {name: filled(o["value"], self.names()) for name, o in ACTION["outputs"].items()}

    def _step(self, step: dict[str, Any]) -> None:
        if "uses" in step:
            given = {name: filled(str(v), self.names()) for name, v in step["with"].items()}
            PLAYED[step["uses"].partition("@")[0]](self, given)
            return
        files = {name: self.temporary / name for name in ("OUTPUT", "PATH", "STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        script = self.temporary / "step.sh"
        script.write_text(step["run"])
        own = {name: filled(str(v), self.names()) for name, v in step.get("env", {}).items()}
        env = {
            **self.env,
            "PATH": ":".join([*reversed(self.path), self.env["PATH"]]),
            "RUNNER_TEMP": str(self.temporary),
            **{f"GITHUB_{name}": str(file) for name, file in files.items()},
            **own,
        }
        shell = {"bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}[step["shell"]]
        done = subprocess.run(
            [*shell, script],
            cwd=self.workspace,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        self.log.append(f"## {step['name']}: {done.returncode}\n{done.stdout}{done.stderr}")
        self.failed = self.failed or done.returncode != 0
        self.path += files["PATH"].read_text().splitlines()
        self.summary += files["STEP_SUMMARY"].read_text()
        lines = files["OUTPUT"].read_text().splitlines()
        if "id" in step:
            pairs = (line.partition("=") for line in lines)
            self.outputs[step["id"]] = {"outputs": {name: v for name, _, v in pairs}}
        if step["name"] == "Install jotgraph" and not self.failed:
            self.after_install(self.temporary / "jotgraph-venv")


def _restore(job: Job, given: dict[str, str]) -> None:
    """The newest cache whose key begins with one of those asked for."""
    for prefix in (given["key"], *given["restore-keys"].split()):
        found = sorted(job.service.caches.glob(f"{prefix}*"), key=lambda path: path.stat().st_ctime)
        if found:
            shutil.copytree(found[-1], given["path"])
            return


def _save(job: Job, given: dict[str, str]) -> None:
    kept = job.service.caches / given["key"]
    assert not kept.exists(), "a cache is never overwritten"
    shutil.copytree(given["path"], kept)


def _upload(job: Job, given: dict[str, str]) -> None:
    shutil.copytree(given["path"], job.service.artefacts / given["name"], dirs_exist_ok=True)


def _sarif(job: Job, given: dict[str, str]) -> None:
    assert Path(given["sarif_file"]).is_file()
    job.service.sarif.append(Path(given["sarif_file"]))


def _assume(job: Job, given: dict[str, str]) -> None:
    job.service.roles.append(given["role-to-assume"])


def _nothing(job: Job, given: dict[str, str]) -> None:
    assert given
    assert not job.failed


PLAYED: Mapping[str, Callable[[Job, dict[str, str]], None]] = {
    "actions/setup-python": _nothing,
    "actions/cache/restore": _restore,
    "actions/cache/save": _save,
    "actions/upload-artifact": _upload,
    "aws-actions/configure-aws-credentials": _assume,
    "github/codeql-action/upload-sarif": _sarif,
}
