"""``plan --format sh``, run with an ``aws`` and a ``docker`` that write down what they are given
and answer what the plan was made from: it names the targets of the plan and nothing else, whatever
they are called, stops at what changed, and passes over what is gone."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jotgraph.plan import Plan, Step
from jotgraph.plan.model import ACTIONS, LIFETIME
from jotgraph.records import Kind, ResourceId, kind_of
from jotgraph.render.answers import plan_script
from tests.factories import scope
from tests.strength import examples

ACCOUNT = "123456789012"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
DIGEST = f"sha256:{'ab' * 32}"
HOSTILE = "a b;$(touch hurt)`touch hurt`'\"\\&|>hurt<*?~#!{}[]\nhurt"
RECORDER = """#!/bin/sh
printf '%s\\0' "$(($# + 1))" "${0##*/}" "$@" >>"$CALLS"
asked="${0##*/} $1 $2"
if [ "$asked" = 'aws sts get-caller-identity' ]; then
  echo "$SIGNED_IN"
elif [ -e "$ANSWERS/$asked" ]; then
  cat "$ANSWERS/$asked"
elif [ -e "$ANSWERS/$asked fails" ]; then
  cat "$ANSWERS/$asked fails" >&2
  exit 254
fi
"""
LOOKS = ("get-", "list-", "describe-", "inspect", "--type")
"""Second words of the calls that change nothing."""
ARN = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:gone"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/p"
ANSWERS = {
    "aws lambda get-event-source-mapping": ARN,
    "aws lambda get-alias": "r1",
    "aws lambda get-function-configuration": "r1",
    "aws lambda list-versions-by-function": "$LATEST",
    "aws ecr describe-images": "v1 v2",
    "aws ecr batch-delete-image": "0",
    "aws ecr describe-repositories": "2026-01-02T03:04:05.678000+00:00",
    "aws logs describe-log-groups": "1767323045678",
    "aws iam get-role": "AROA1",
    "aws iam list-instance-profiles-for-role": "p",
    "aws iam list-attached-role-policies": POLICY,
    "aws iam list-role-policies": "i",
    "docker inspect --type": DIGEST,
    "docker image inspect": DIGEST,
}
"""What the plan of ``all_kinds`` was made from."""


class Recorder:
    """A folder for PATH, and what was called."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.calls = folder, folder / "calls"
        self.answers = folder / "answers"
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
        now: datetime = NOW,
        answers: Mapping[str, str] | None = None,
        without: Sequence[str] = (),
    ) -> tuple[int, list[list[str]]]:
        """Exit code and the calls made that change something."""
        self.calls.write_bytes(b"")
        shutil.rmtree(self.answers, ignore_errors=True)
        self.answers.mkdir()
        for asked, answer in (ANSWERS | dict(answers or {})).items():
            if asked not in without:
                (self.answers / asked).write_text(answer)
        done = subprocess.run(
            [shell],
            input=text.encode(),
            cwd=self.folder,
            check=False,
            capture_output=True,
            env={"PATH": f"{self.folder}:/usr/bin:/bin", "CALLS": str(self.calls),
                 "SIGNED_IN": account, "ANSWERS": str(self.answers),
                 "CLOCK": f"{now.timestamp():.0f}"},
        )  # fmt: skip
        assert not (self.folder / "hurt").exists()
        changing = [call for call in self._recorded() if not call[2].startswith(LOOKS)]
        return done.returncode, changing

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
        taken_at=NOW, scope=scope(), complete=True,
        steps=tuple(
            Step(
                id=ResourceId(resource), action=ACTIONS[kind_of(ResourceId(resource))],
                because=because, fingerprint=tuple(sorted(facts.items())),
            )
            for resource, facts in steps
        ),
    )  # fmt: skip


def all_kinds(name: str) -> tuple[tuple[str, dict[str, str]], ...]:
    """One step of each kind, all called ``name``."""
    here = f"{ACCOUNT}/eu-west-1"
    role = {"role-id": "AROA1", "attached": POLICY, "inline": "i=1", "profiles": "p"}
    return (
        (f"trigger:{here}/{name}", {"function": ARN}),
        (f"alias:{here}/f:{name}", {"revision": "r1"}),
        (f"version:{here}/{name}:7", {"revision": "r1"}),
        (f"function:{here}/{name}", {"revision": "r1"}),
        (f"ecr-image:{here}/{name}@{DIGEST}", {"tags": "v1 v2"}),
        (f"ecr-repo:{here}/{name}", {"created": "2026-01-02T03:04:05+00:00"}),
        (f"role:{ACCOUNT}/path/{name}", role),
        (f"log-group:{here}/{name}", {"created": "2026-01-02T03:04:05+00:00"}),
        ("container:0123", {"image": DIGEST}),
        (f"local-image:{DIGEST}", {"image": DIGEST, "tags": "app:one app:two"}),
    )


def expected(name: str) -> list[list[str]]:
    where = ["--region", "eu-west-1"]
    ecr = [*where, "--registry-id", ACCOUNT, "--repository-name", name]
    role = ["--role-name", name]
    failed = "length(failures[?failureCode!='ImageNotFound'])"
    images = ["--image-ids", f"imageDigest={DIGEST}", "--query", failed]
    images += ["--output", "text"]
    found = [
        ["lambda", "delete-event-source-mapping", *where, "--uuid", name],
        ["lambda", "delete-alias", *where, "--function-name", "f", "--name", name],
        ["lambda", "delete-function", *where, "--function-name", name, "--qualifier", "7"],
        ["lambda", "delete-function", *where, "--function-name", name],
        ["ecr", "batch-delete-image", *ecr, *images],
        ["ecr", "delete-repository", *ecr],
        ["iam", "remove-role-from-instance-profile", *role, "--instance-profile-name", "p"],
        ["iam", "detach-role-policy", *role, "--policy-arn", POLICY],
        ["iam", "delete-role-policy", *role, "--policy-name", "i"],
        ["iam", "delete-role", *role],
        ["logs", "delete-log-group", *where, "--log-group-name", name],
    ]
    engine = [["rm", "0123"], ["rmi", "--no-prune", "app:one"], ["rmi", "--no-prune", "app:two"]]
    return [["aws", *command] for command in found] + [["docker", *command] for command in engine]


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("name", ["app", HOSTILE])
def test_it_calls_what_the_plan_says_in_its_order(
    recorder: Recorder, name: str, shell: str
) -> None:
    text = plan_script.as_script(plan_of(*all_kinds(name), because=HOSTILE))
    assert recorder.run(text, shell) == (0, expected(name))
    assert {kind_of(ResourceId(resource)) for resource, _ in all_kinds(name)} == set(ACTIONS)


@examples(5, many=30)
@given(name=st.text(st.characters(exclude_characters="\0/:@", codec="utf-8"), min_size=1))
@example(name="\n")
@example(name="app\n")
@example(name="\r")
@example(name="\r\n")
@example(name="\\")
@example(name="'")
@example(name="-")
@example(name="--name=x")
def test_no_name_leaves_its_place(recorder: Recorder, name: str) -> None:
    text = plan_script.as_script(plan_of(*all_kinds(name), because=name))
    code, calls = recorder.run(text)
    assert (code, [list(taken_apart(call)) for call in calls]) == (0, expected(name))


def taken_apart(call: list[str]) -> Iterator[str]:
    """The words of a call, with ``--option=-value`` as the two that it stands for: aws and docker
    take the rest of the word for the value."""
    for word in call:
        option, equals, value = word.partition("=-")
        if equals and re.fullmatch(r"--[a-z-]+", option):
            yield option
            yield f"-{value}"
        else:
            yield word


def test_a_name_that_begins_as_options_do_is_a_value(recorder: Recorder) -> None:
    name = "--debug"
    role = {"role-id": "AROA1", "attached": "", "inline": f"{name}=1", "profiles": name}
    here = f"{ACCOUNT}/eu-west-1"
    steps = (
        (f"alias:{here}/{name}:{name}", {"revision": "r1"}),
        (f"version:{here}/{name}:7", {"revision": "r1"}),
        (f"function:{here}/{name}", {"revision": "r1"}),
        (f"role:{ACCOUNT}/{name}", role),
        (f"log-group:{here}/{name}", {"created": "2026-01-02T03:04:05+00:00"}),
    )
    answers = {
        "aws iam list-instance-profiles-for-role": name,
        "aws iam list-attached-role-policies": "",
        "aws iam list-role-policies": name,
    }
    code, calls = recorder.run(plan_script.as_script(plan_of(*steps)), answers=answers)
    given = [word for call in calls for word in call if name in word]
    assert (code, len(given)) == (0, 10)
    assert {word.partition("=")[2] for word in given} == {name}


def test_nothing_is_called_in_another_account(recorder: Recorder) -> None:
    steps = all_kinds("app")
    code, calls = recorder.run(plan_script.as_script(plan_of(*steps)), account="210987654321")
    assert (code, calls) == (1, [])
    local = [step for step in steps if kind_of(ResourceId(step[0])) in (Kind.LOCAL_IMAGE,)]
    code, calls = recorder.run(plan_script.as_script(plan_of(*local)), account="")
    assert (code, [call[0] for call in calls]) == (0, ["docker", "docker"])


def test_nothing_is_called_when_the_plan_has_expired(recorder: Recorder) -> None:
    text = plan_script.as_script(plan_of(*all_kinds("app")))
    assert recorder.run(text, now=NOW + LIFETIME) == (1, [])
    assert recorder.run(text, now=NOW + LIFETIME - timedelta(seconds=1))[0] == 0


def test_it_stops_at_an_image_that_stays(recorder: Recorder) -> None:
    answers = {"aws ecr batch-delete-image": "1"}
    code, calls = recorder.run(plan_script.as_script(plan_of(*all_kinds("app"))), answers=answers)
    assert (code, calls) == (1, expected("app")[:5])


CHANGED = {
    "trigger": {"aws lambda get-event-source-mapping": f"{ARN}:live"},
    "alias": {"aws lambda get-alias": "r2"},
    "version": {"aws lambda get-function-configuration": "r2"},
    "function": {"aws lambda get-function-configuration": "r2"},
    "function that has a version": {"aws lambda list-versions-by-function": "$LATEST\t8"},
    "function that has an alias": {"aws lambda list-aliases": "live"},
    "ecr-image": {"aws ecr describe-images": "v1 v2 v3"},
    "ecr-repo": {"aws ecr describe-repositories": "2026-01-02T03:04:06+00:00"},
    "role made again": {"aws iam get-role": "AROA2"},
    "role with one more policy": {"aws iam list-attached-role-policies": f"{POLICY}\t{POLICY}2"},
    "role with another policy": {"aws iam list-role-policies": "j"},
    "role in a profile": {"aws iam list-instance-profiles-for-role": "p\tq"},
    "log-group": {"aws logs describe-log-groups": "1767323046678"},
    "container": {"docker inspect --type": "sha256:other"},
    "local-image": {"docker image inspect": "sha256:other"},
}


def only(kind: str) -> str:
    """The script of the one step of a kind."""
    steps = [step for step in all_kinds("app") if kind.split()[0] == kind_of(ResourceId(step[0]))]
    return plan_script.as_script(plan_of(*steps))


@pytest.mark.parametrize("what", CHANGED)
def test_it_stops_at_what_is_not_as_planned(recorder: Recorder, what: str) -> None:
    assert recorder.run(only(what), answers=CHANGED[what]) == (1, [])
    code, calls = recorder.run(only(what))
    assert (code, len(calls) > 0) == (0, True)


def test_a_time_may_have_either_form(recorder: Recorder) -> None:
    for written in ("1767323045.678", "2026-01-02T03:04:05+00:00"):
        answers = {"aws ecr describe-repositories": written}
        assert recorder.run(only("ecr-repo"), answers=answers)[0] == 0
    assert recorder.run(only("ecr-repo"), answers={"aws ecr describe-repositories": ""})[0] == 1


def _gone(asked: str) -> str:
    if asked.startswith("docker"):
        return "Error response from daemon: No such image: app:one\n"
    code = "NoSuchEntity" if " iam " in asked else "ResourceNotFoundException"
    return f"\nAn error occurred ({code}) when calling the X operation: not found\n"


@pytest.mark.parametrize("kind", [str(kind) for kind in ACTIONS])
def test_what_is_gone_is_passed_over_and_no_other_failure_is(recorder: Recorder, kind: str) -> None:
    looks = [asked for asked in ANSWERS if asked.split()[2].startswith(LOOKS)]
    gone = {f"{asked} fails": _gone(asked) for asked in looks}
    assert recorder.run(only(kind), answers=gone, without=looks) == (0, [])
    denied = "\nAn error occurred (AccessDenied) when calling the X operation: no\n"
    failing = {f"{asked} fails": denied for asked in looks}
    assert recorder.run(only(kind), answers=failing, without=looks) == (1, [])


def test_a_function_that_changed_keeps_its_parts(recorder: Recorder) -> None:
    here = f"{ACCOUNT}/eu-west-1"
    steps = (
        (f"trigger:{here}/u", {"function": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"}),
        (f"alias:{here}/f:live", {"revision": "r1"}),
        (f"function:{here}/f", {"revision": "r0"}),
    )
    answers = {"aws lambda get-event-source-mapping": steps[0][1]["function"]}
    script = plan_script.as_script(plan_of(*steps))
    assert recorder.run(script, answers=answers) == (1, [])
    as_planned = answers | {"aws lambda get-function-configuration": "r0"}
    assert [call[2] for call in recorder.run(script, answers=as_planned)[1]] == [
        "delete-event-source-mapping",
        "delete-alias",
        "delete-function",
    ]


def test_a_fact_that_the_plan_lacks_stops_it(recorder: Recorder) -> None:
    script = plan_script.as_script(plan_of((f"function:{ACCOUNT}/eu-west-1/f", {"revision": ""})))
    assert recorder.run(script) == (1, [])


def test_shellcheck_has_nothing_to_say() -> None:
    """Where it is installed; CI has it. SC2016: names are taken literally on purpose."""
    if not shutil.which("shellcheck"):
        pytest.skip("no shellcheck: apt-get install shellcheck")
    scripts = [
        plan_script.as_script(plan_of(*all_kinds(name), because=HOSTILE))
        for name in ("app", HOSTILE)
    ]
    for script in (*scripts, only("function"), only("role"), only("container")):
        subprocess.run(["shellcheck", "--exclude=SC2016", "-"], input=script, text=True, check=True)
