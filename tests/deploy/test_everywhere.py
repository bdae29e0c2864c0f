"""Runs that make things, disturbed at each of their calls and of their file operations: the same
command ends as if nothing had happened, and undo leaves the world as it was, whether the run went
on or not.

CI takes one place in three, and one file operation in seven; the plain suite one in eleven of those
around calls that change something, and one in 61; JOTGRAPH_THOROUGH every one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import cycle, product

import pytest

from jotgraph.clients import Clients
from jotgraph.deploy.push import PushOptions, push
from jotgraph.deploy.rollout import (
    DeployOptions,
    deploy,
    promote,
    rollback,
    rollback_service,
    update_service,
)
from jotgraph.deploy.run import running
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.runs import connect
from tests.apply.test_everywhere import FAULTS, spoil
from tests.deploy.bench import MakingBench, MakingBenches, Scenario
from tests.deploy.push.small_engine import packed
from tests.rig.file_operations import FileOperations
from tests.strength import MANY_PLACES, one_in, spread
from tests.tally import FAULTS as FAULTY
from tests.tally import KILLS, tried


def nothing(aws: Sandbox) -> None:
    """An empty account."""


def new(clients: Clients) -> str:
    """A repository, an image, a role, a function, a version and an alias, in one run."""
    subject = {"function": "app"}
    with running("up", subject, clients, patience=0.3) as run:
        pushed = push(run, None, packed("one"), "app", PushOptions(tag="v1", immutable=True))
        options = DeployOptions(alias="live", memory=256, environment={"A": "b"})
        deploy(run, pushed.reference, "app", options)
        return run.name


def deployed(aws: Sandbox) -> None:
    """An account where that was done."""
    new(connect())


def again(clients: Clients) -> str:
    """The next image under the same function, with other settings and a share of calls; its tag is
    new, and another that was there moves."""
    subject = {"function": "app", "image": "two"}
    with running("up", subject, clients, patience=0.3) as run:
        pushed = push(run, None, packed("two"), "app", PushOptions(tag="v2"))
        options = DeployOptions(alias="live", weight=0.1, timeout=9, environment={"A": "c"})
        deploy(run, pushed.reference, "app", options)
        return run.name


def deployed_twice(aws: Sandbox) -> None:
    """An account where all calls go to the second version."""
    new(connect())
    with running("up", {"image": "two"}, connect(), patience=0.3) as run:
        pushed = push(run, None, packed("two"), "app", PushOptions(tag="v2"))
        deploy(run, pushed.reference, "app", DeployOptions(alias="live"))


def back(clients: Clients) -> str:
    """All calls go to the first version again."""
    with running("rollback", {"function": "app"}, clients, patience=0.3) as run:
        rollback(run, "app", "live")
        return run.name


def two_images(aws: Sandbox) -> None:
    """A repository with two images, and nothing that runs them."""
    seed.repository(aws, "app")
    for tag in ("one", "two"):
        layer = tag.encode()
        config = seed.image_config({"tag": tag}, diff_ids=[seed.sha256_of(layer)])
        seed.image(aws, "app", tag, config=config, layers=[layer])


def alone(clients: Clients) -> str:
    """A function of an image that is in ECR, with a role, a version and an alias."""
    with running("deploy", {"function": "app"}, clients, patience=0.3) as run:
        deploy(run, "app:one", "app", DeployOptions(alias="live"))
        return run.name


def a_share(aws: Sandbox) -> None:
    """An account where a tenth of the calls goes to the second version."""
    new(connect())
    again(connect())


def onward(clients: Clients) -> str:
    """All calls go to the version that had a share of them."""
    with running("promote", {"function": "app"}, clients, patience=0.3) as run:
        promote(run, "app", "live")
        return run.name


SERVICE = "default/web"


def a_service(aws: Sandbox) -> None:
    """An account with a service of two containers that runs the first image."""
    two_images(aws)
    seed.repository(aws, "side")
    seed.image(aws, "side", "1")
    seed.task_definition(aws, "web", "app:one", "side:1")
    seed.ecs_service(aws, "web", "web")


def onto(clients: Clients) -> str:
    """The service runs the second image, by a new revision of its task definition."""
    with running("deploy", {"service": SERVICE}, clients, patience=0.3) as run:
        update_service(run, "app:two", SERVICE)
        return run.name


def moved_service(aws: Sandbox) -> None:
    """An account where that was done."""
    a_service(aws)
    onto(connect())


def off(clients: Clients) -> str:
    """The service is on the revision that it had before."""
    with running("rollback", {"service": SERVICE}, clients, patience=0.3) as run:
        rollback_service(run, SERVICE)
        return run.name


SCENARIOS: dict[str, Scenario] = {
    "new": (nothing, new),
    "again": (deployed, again),
    "alone": (two_images, alone),
    "back": (deployed_twice, back),
    "onward": (a_share, onward),
    "service": (a_service, onto),
    "service-back": (moved_service, off),
}


@pytest.fixture(scope="module")
def _benches(_sandbox: Sandbox) -> Iterator[MakingBenches]:
    with MakingBenches(_sandbox) as benches:
        yield benches


@pytest.fixture(params=SCENARIOS)
def bench(
    request: pytest.FixtureRequest, _benches: MakingBenches, monkeypatch: pytest.MonkeyPatch
) -> MakingBench:
    return _benches.enter(request.param, SCENARIOS[request.param], monkeypatch)


READS = ("BatchCheck", "BatchGet", "Describe", "GET", "Get", "List")
"""How calls begin that change nothing: to be killed around one is to be killed around the next."""


def kills(names: Sequence[str]) -> Sequence[int]:
    """Where to kill: before (even) and after (odd) calls. In CI one place in three; on every day
    one in eleven of those around calls that change something."""
    if MANY_PLACES:
        return spread(2 * len(names), one_in(1, 3))
    changes = [n for n, name in enumerate(names) if not name.partition(":")[2].startswith(READS)]
    return [place for n in changes for place in (2 * n, 2 * n + 1)][1::11]


def killed_at(bench: MakingBench, place: int) -> None:
    with FileOperations(place, bench.killed()):
        bench.make()


def kill_from(place: int, kill: Callable[[], None], number: int, name: str, after: bool) -> None:
    if 2 * (number - 1) + after >= place:  # and whatever the unwinding run still tries
        kill()


def test_killed_and_started_again(bench: MakingBench) -> None:
    for place in kills(bench.names):
        bench.start()
        tried(KILLS)
        bench.wire.at = partial(kill_from, place, bench.killed())
        bench.die(bench.make)
        bench.ends_well()
        bench.is_undone()


def test_killed_and_undone(bench: MakingBench) -> None:
    for place in kills(bench.names):
        if place < 2:
            continue  # before the run begins
        bench.start()
        tried(KILLS)
        bench.wire.at = partial(kill_from, place, bench.killed())
        bench.die(bench.make)
        bench.is_undone()


def test_an_undo_that_is_killed_goes_on(bench: MakingBench) -> None:
    for place in kills(bench.undoing):
        bench.start()
        bench.make()
        tried(KILLS)
        bench.calm()
        bench.wire.at = partial(kill_from, place, bench.killed())
        bench.die(bench.undo)
        bench.is_undone()


def test_killed_at_any_file_operation(bench: MakingBench) -> None:
    """What was written by then is all that the next attempt, or undo, knows."""
    bench.start()
    with FileOperations() as operations:
        bench.make()
    for place in spread(len(operations.names), one_in(61, 7)):
        for ends in (bench.ends_well, bench.is_undone):
            bench.start()
            tried(KILLS)
            bench.die(partial(killed_at, bench, place))
            if bench.finished():  # killed after its last line: the same command would be a new run
                bench.is_done()
                bench.is_undone()
            elif ends == bench.is_undone and not bench.begun():
                bench.is_as_before()
            else:
                ends()


def wrong_calls(scenario: str, count: int, part: int) -> Iterable[tuple[int, str]]:
    """Calls that go wrong, and by which fault: in CI one call in three by each; on every day one in
    fifteen by one, and each scenario begins with another one."""
    faults = tuple(FAULTS)
    if MANY_PLACES:
        step = one_in(15, 3)
        return product(spread(count, step, first=part * step // len(faults)), faults[part:][:1])
    first = list(SCENARIOS).index(scenario) % len(faults)
    return zip(spread(count, 15), cycle(faults[first:] + faults[:first]), strict=False)


@pytest.mark.parametrize("part", range(len(FAULTS) if MANY_PLACES else 1))
def test_one_call_goes_wrong(request: pytest.FixtureRequest, bench: MakingBench, part: int) -> None:
    scenario = request.node.callspec.params["bench"]
    for place, fault in wrong_calls(scenario, len(bench.names), part):
        bench.start()
        tried(FAULTY)
        spoil(bench.aws, fault, place + 1, 1)
        bench.fails(bench.make)
        if bench.finished():
            bench.is_undone()
            continue
        bench.ends_well()
        bench.is_undone()
