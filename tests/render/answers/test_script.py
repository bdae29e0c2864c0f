"""``plan --format sh``, run with an ``aws`` and a ``docker`` that only write down what they are
given: it names the targets of the plan and nothing else, whatever they are called."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jotgraph.plan import Plan, Step
from jotgraph.plan.model import ACTIONS, LIFETIME
from jotgraph.records import Kind, ResourceId, Scope, kind_of
from jotgraph.render.answers import plan_script
from tests.strength import examples

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
DIGEST = f"sha256:{'ab' * 32}"
HOSTILE = "a b;$(touch hurt)`touch hurt`'\"\\&|>hurt<*?~#!{}[]\nhurt"
RECORDER = """#!/bin/sh
printf '%s\\0' "$(($# + 1))" "${0##*/}" "$@" >>"$CALLS"
case "$1 $2" in
  'sts get-caller-identity') echo "$SIGNED_IN" ;;
  'ecr batch-delete-image') echo "$FAILURES" ;;
esac
"""


class Recorder:
    """A folder for PATH, and what was called."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls = folder, folder / "calls"
        for name in ("aws", "docker"):
            (folder / name).write_text(RECORDER)
            (folder / name).chmod(0o755)
        (folder / "date").write_text('#!/bin/sh\necho "$CLOCK"\n')
        (folder / "date").chmod(0o755)

    def run(
        self,
        text: str,
        shell: str = "sh",
        account: str = ACCOUNT,
        failures: str = "0",
        now: datetime = NOW,
    ) -> tuple[int, list[list[str]]]:
        """Exit code and the calls made, without the question who is signed in."""
        self.calls.write_bytes(b"")
        done = subprocess.run(
            [shell],
            input=text.encode(),
            cwd=self.folder,
            check=False,
            capture_output=True,
            env={"PATH": f"{self.folder}:/usr/bin:/bin", "CALLS": str(self.calls),
                 "SIGNED_IN": account, "FAILURES": failures, "CLOCK": f"{now.timestamp():.0f}"},
        )  # fmt: skip
        assert not (self.folder / "hurt").exists()
        return done.returncode, [call for call in self._recorded() if call[1] != "sts"]

    def _recorded(self) -> list[list[str]]:
        """The words of each call; how many there are is written before them, for a word may hold
        anything but a NUL."""
        words = iter(self.calls.read_bytes().decode().split("\0")[:-1])
        return [list(islice(words, int(count))) for count in words]


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    return Recorder(tmp_path_factory.mktemp("path"))


def plan_of(*steps: tuple[str, dict[str, str]], because: str = "nothing uses it") -> Plan:
    return Plan(
        asked=f"jotgraph plan delete {because}", made_at=NOW, expires_at=NOW + LIFETIME,
        taken_at=NOW, scope=Scope(), complete=True,
        steps=tuple(
            Step(
                id=ResourceId(each), action=ACTIONS[kind_of(ResourceId(each))], because=because,
                fingerprint=tuple(sorted(facts.items())),
            )
            for each, facts in steps
        ),
    )  # fmt: skip


def all_kinds(name: str) -> tuple[tuple[str, dict[str, str]], ...]:
    """One step of each kind, all called ``name``."""
    here = f"{ACCOUNT}/eu-west-1"
    arn = f"arn:aws:iam::{ACCOUNT}:policy/p"
    return (
        (f"trigger:{here}/{name}", {}),
        (f"alias:{here}/f:{name}", {}),
        (f"version:{here}/{name}:7", {}),
        (f"function:{here}/{name}", {}),
        (f"ecr-image:{here}/{name}@{DIGEST}", {}),
        (f"ecr-repo:{here}/{name}", {}),
        (f"role:{ACCOUNT}/path/{name}", {"attached": arn, "inline": "i=1", "profiles": "p"}),
        ("container:0123", {}),
        (f"local-image:{DIGEST}", {"tags": "app:one app:two"}),
    )


def expected(name: str) -> list[list[str]]:
    where = ["--region", "eu-west-1"]
    ecr = [*where, "--registry-id", ACCOUNT, "--repository-name", name]
    role = ["--role-name", name]
    images = ["--image-ids", f"imageDigest={DIGEST}", "--query", "length(failures)"]
    images += ["--output", "text"]
    found = [
        ["lambda", "delete-event-source-mapping", *where, "--uuid", name],
        ["lambda", "delete-alias", *where, "--function-name", "f", "--name", name],
        ["lambda", "delete-function", *where, "--function-name", name, "--qualifier", "7"],
        ["lambda", "delete-function", *where, "--function-name", name],
        ["ecr", "batch-delete-image", *ecr, *images],
        ["ecr", "delete-repository", *ecr],
        ["iam", "remove-role-from-instance-profile", *role, "--instance-profile-name", "p"],
        ["iam", "detach-role-policy", *role, "--policy-arn", f"arn:aws:iam::{ACCOUNT}:policy/p"],
        ["iam", "delete-role-policy", *role, "--policy-name", "i"],
        ["iam", "delete-role", *role],
    ]
    engine = [["rm", "0123"], ["rmi", "--no-prune", "app:one"], ["rmi", "--no-prune", "app:two"]]
    return [["aws", *each] for each in found] + [["docker", *each] for each in engine]


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("name", ["app", HOSTILE])
def test_it_calls_what_the_plan_says_in_its_order(
    recorder: Recorder, name: str, shell: str
) -> None:
    text = plan_script.as_script(plan_of(*all_kinds(name), because=HOSTILE))
    assert recorder.run(text, shell) == (0, expected(name))
    assert {kind_of(ResourceId(each)) for each, _ in all_kinds(name)} == set(ACTIONS)


@examples(15)
@given(name=st.text(st.characters(exclude_characters="\0/:@", codec="utf-8"), min_size=1))
@example(name="\n")
@example(name="app\n")
@example(name="\r")
@example(name="\r\n")
@example(name="\\")
@example(name="'")
def test_no_name_leaves_its_place(recorder: Recorder, name: str) -> None:
    text = plan_script.as_script(plan_of(*all_kinds(name), because=name))
    assert recorder.run(text) == (0, expected(name))


def test_nothing_is_called_in_another_account(recorder: Recorder) -> None:
    steps = all_kinds("app")
    code, calls = recorder.run(plan_script.as_script(plan_of(*steps)), account="210987654321")
    assert (code, calls) == (1, [])
    local = [each for each in steps if kind_of(ResourceId(each[0])) in (Kind.LOCAL_IMAGE,)]
    code, calls = recorder.run(plan_script.as_script(plan_of(*local)), account="")
    assert (code, [each[0] for each in calls]) == (0, ["docker", "docker"])


def test_nothing_is_called_when_the_plan_has_expired(recorder: Recorder) -> None:
    text = plan_script.as_script(plan_of(*all_kinds("app")))
    assert recorder.run(text, now=NOW + LIFETIME) == (1, [])
    assert recorder.run(text, now=NOW + LIFETIME - timedelta(seconds=1))[0] == 0


def test_it_stops_at_an_image_that_stays(recorder: Recorder) -> None:
    code, calls = recorder.run(plan_script.as_script(plan_of(*all_kinds("app"))), failures="1")
    assert (code, calls) == (1, expected("app")[:5])


def test_shellcheck_has_nothing_to_say() -> None:
    """Where it is installed; CI has it. SC2016: names are taken literally on purpose."""
    if not shutil.which("shellcheck"):
        pytest.skip("no shellcheck: apt-get install shellcheck")
    for name in ("app", HOSTILE):
        text = plan_script.as_script(plan_of(*all_kinds(name), because=HOSTILE))
        subprocess.run(["shellcheck", "--exclude=SC2016", "-"], input=text, text=True, check=True)
