"""``jotgraph test`` with a real engine: handlers answer, by the emulator and without one; what
fails is told with a diff; nothing is left behind, even by a test that was killed."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jotgraph.deploy.testing.leftovers import remove_leftovers
from jotgraph.store.evidence import read_tests
from tests.live.netns import Beside, environment_of, in_rig
from tests.rig.live import Rig
from tests.rig.python_base import put_python_base
from tests.strength import one_in, some, spread

HANDLER = """\
import os, sys, time

def handler(event, context):
    print("asked for", sorted(event))
    time.sleep(event.get("sleep", 0))
    if "exit" in event:
        sys.exit(event["exit"])
    return {"total": sum(event["prices"]), "from": os.environ.get("SHOP", "nowhere")}
"""
EVENTS: dict[str, Any] = {
    "two": ({"prices": [1, 2]}, {"$subset": {"total": 3}}),
    "none": ({"prices": []}, {"$path": {"total": 0}}),
    "lacking": ({}, {"$error": "KeyError"}),
}


BASES = [False, True]
IDS = ["runtime-api", "emulator"]


def on_one_base(tests: str) -> pytest.MarkDecorator:
    """Without an emulator, and in CI also with one."""
    bases = some(f"{tests} with an emulator", BASES, 2)
    return pytest.mark.parametrize("_image", bases, indirect=True, ids=IDS[: len(bases)])


@pytest.fixture(scope="module", params=BASES, ids=IDS)
def _image(request: pytest.FixtureRequest, _rig: Rig) -> str:
    """An image with the handler, and with or without an emulator."""
    _rig.wipe()
    handler = {"app.py": HANDLER.encode()}
    put_python_base(_rig, "shop:dev", emulator=request.param, handler=handler)
    return "shop:dev"


@pytest.fixture(scope="module")
def beside(_rig: Rig) -> Iterator[Beside]:
    """Runs command lines where the engine is."""
    with Beside(_rig) as started:
        yield started


@pytest.fixture
def engine(_rig: Rig) -> Rig:
    """The engine with that image: no test makes another."""
    return _rig


@pytest.fixture
def image(_image: str, engine: Rig) -> Iterator[str]:
    """That image; each test leaves the engine as it was."""
    api = engine.docker.api
    before = {image["Id"] for image in api.images(all=True)}
    yield _image
    assert api.containers(all=True) == []
    assert {network["Name"] for network in api.networks()} == {"host", "none"}
    assert {image["Id"] for image in api.images(all=True)} == before


def cases(folder: Path, **added: Any) -> str:
    """A folder of cases."""
    folder.mkdir()
    for name, (event, expectation) in {**EVENTS, **added}.items():
        (folder / f"{name}.event.json").write_text(json.dumps(event))
        (folder / f"{name}.expect.json").write_text(json.dumps(expectation))
    return str(folder)


@pytest.mark.live_docker
def test_a_handler_answers_and_its_digest_is_tested(
    engine: Rig, beside: Beside, image: str, tmp_path: Path
) -> None:
    variables = tmp_path / "shop.env"
    variables.write_text("SHOP=here\n")
    here = ({"prices": [4]}, {"total": 4, "from": "here"})
    folder = cases(tmp_path / "cases", here=here)
    words = ("test", image, "--cases", folder, "--env-file", str(variables), "--format", "json")
    done = beside.run(*words)
    assert (done.status, json.loads(done.stdout)["passed"]) == (0, True), done.stderr
    assert "here" not in done.stderr.replace("passed: here", "")
    (test,) = read_tests().tests
    identity = engine.docker.images.get(image).id
    assert (test.image, test.config_digest, test.function) == (identity, identity, None)
    assert [(case.name, case.passed) for case in test.cases] == [
        (name, True) for name in ("here", "lacking", "none", "two")
    ]


@pytest.mark.live_docker
def test_a_wrong_answer_fails_with_a_diff_and_the_log(
    engine: Rig, beside: Beside, image: str, tmp_path: Path
) -> None:
    wrong = ({"prices": [1]}, {"total": 2, "from": "nowhere", "tax": 0})
    added: dict[str, Any] = {
        "wrong": wrong,
        "crash": ({"prices": [], "exit": 7}, {}),
        "slow": ({"prices": [], "sleep": 30}, {}),
    }
    folder = cases(tmp_path / "cases", **added)
    words = ("test", image, "--cases", folder, "--timeout", "1", "--format", "csv")
    done = beside.run(*words)
    assert done.status == 1, done.stderr
    rows = [line.split(",")[:2] for line in done.stdout.splitlines()[1:]]
    assert rows == [
        ["crash", "stopped"], ["lacking", "passed"], ["none", "passed"], ["slow", "timeout"],
        ["two", "passed"], ["wrong", "differs"],
    ]  # fmt: skip
    assert "- total: 2; + total: 1; - tax: 0" in done.stdout
    assert "exit code 7" in done.stdout
    assert "asked for ['exit', 'prices']" in done.stderr
    (test,) = read_tests().tests
    assert {case.name for case in test.cases if not case.passed} == {"crash", "slow", "wrong"}


@pytest.mark.live_docker
def test_without_a_network_it_asks_for_events_all_the_same(
    engine: Rig, beside: Beside, image: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = cases(tmp_path / "cases")
    done = beside.run("test", image, "--cases", folder, "--no-network")
    if "emulator" in request.node.name:
        assert "starts the emulator, which is reached by the network" in done.stderr
    assert done.status == (4 if "emulator" in request.node.name else 0), done.stderr


@pytest.mark.in_ci
@pytest.mark.live_docker
def test_what_a_killed_test_left_is_removed_by_the_next(
    engine: Rig, beside: Beside, image: str, tmp_path: Path
) -> None:
    folder = cases(tmp_path / "cases", slow=({"prices": [], "sleep": 60}, {}))
    words = ("-m", "jotgraph", "test", image, "--cases", folder, "--timeout", "60")
    killed = subprocess.Popen(
        in_rig(engine, *words), env=environment_of(engine), stderr=subprocess.PIPE, text=True
    )
    wait_for_container(engine)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert len(engine.docker.api.containers()) == 1
    assert read_tests() == ((), ())

    event, expect = tmp_path / "cases" / "two.event.json", tmp_path / "cases" / "two.expect.json"
    done = beside.run("test", image, "--event", str(event), "--expect", str(expect))
    assert done.status == 0, done.stderr


@pytest.mark.live_docker
@on_one_base("tests of handlers at once")
def test_two_tests_at_once_spare_one_another(beside: Beside, image: str, tmp_path: Path) -> None:
    folder = cases(tmp_path / "cases", slow=({"prices": [7], "sleep": 1}, {"$path": {"total": 7}}))
    ends = beside.run_at_once(2, "test", image, "--cases", folder)
    assert [end.status for end in ends] == [0, 0], ends


def wait_for_container(engine: Rig) -> None:
    """Until a container runs."""
    deadline = time.monotonic() + 60
    while not engine.docker.api.containers() and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.mark.live_docker
@on_one_base("tests of handlers killed at a call")
@pytest.mark.parametrize(
    "when", some("tests of handlers killed after a call", ["before", "after"], 2)
)
def test_killed_at_any_call_of_the_engine_it_leaves_nothing_that_is_not_found(
    engine: Rig, beside: Beside, image: str, tmp_path: Path, when: str
) -> None:
    words = ("test", image, "--cases", cases(tmp_path / "cases"))
    whole = beside.run(*words)
    assert whole.status == 0, whole.stderr
    deaths, leaving = 0, list[int]()
    step = one_in(4)
    places = spread(whole.calls, step, first=step - 1)
    for place in places:
        killed = beside.run(*words, place=place, when=when)
        # how often the container is looked at depends on the machine: it may end before that place
        assert killed.status in (0, 9), killed.stderr
        deaths += killed.status == 9
        leaving += [place] if engine.docker.api.containers(all=True) else []
        remove_leftovers(engine.docker.api)
        assert engine.docker.api.containers(all=True) == []
        networks = {network["Name"] for network in engine.docker.api.networks()}
        assert networks == {"host", "none"}
    assert deaths > len(places) // 2
    tests, gaps = read_tests()
    assert (len(tests), gaps) == (1, ())
    assert beside.run(*words, place=leaving[0], when=when).status == 9
    assert len(engine.docker.api.containers(all=True)) == 1
    assert beside.run(*words).status == 0  # and that nothing is left is looked at afterwards
