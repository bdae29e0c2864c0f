"""Runs and their undo in every order: undo of the later run first leads back to the very state
before, any other order is refused by the name of the later run, and what somebody else changed in
between stays.

The plain suite takes one walk in 16, CI one in three, ``JOTGRAPH_THOROUGH=1`` every walk.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from itertools import product

import pytest

from jotgraph.deploy.push import PushOptions, push
from jotgraph.deploy.rollout import DeployOptions, deploy
from jotgraph.deploy.run import running
from jotgraph.deploy.undo.model import CHANGED_BETWEEN, CHANGED_SINCE
from jotgraph.errors import JotgraphError
from jotgraph.store.folders import runs_folder
from tests.apply.runs import connect
from tests.deploy.push.small_engine import packed
from tests.deploy.rollout.conftest import Account, account
from tests.deploy.rollout.test_services import Services, services
from tests.deploy.undo.test_undo import undone
from tests.deploy.up.bench import _steady
from tests.rig.kept import State, keep, state
from tests.strength import one_in, spread

__all__ = ["account", "services"]

Run = Callable[[], str]
"""Makes one run; returns its name."""
Walk = tuple[str, ...]
UNDO = "undo"


class Functions:
    """What can be done to the function ``app`` and its alias."""

    def __init__(self, account: Account) -> None:
        self._account, self._pushed = account, 0

    @property
    def runs(self) -> dict[str, Run]:
        return {
            "up": self._up,
            "share": lambda: self._up(weight=0.1),
            "deploy": lambda: (
                self._account.deploy(("two", "one")[self._pushed % 2], alias="live").run
            ),
            "rollback": lambda: self._account.rollback().run,
            "promote": lambda: self._account.promote().run,
        }

    def _up(self, weight: float | None = None) -> str:
        """As ``up`` does: a push, and a deployment with settings."""
        self._pushed += 1
        options = DeployOptions(alias="live", memory=128 + self._pushed, weight=weight)
        with running("up", {"function": "app", "n": str(self._pushed)}, connect()) as run:
            image = packed(f"i{self._pushed}")
            pushed = push(run, None, image, "app", PushOptions(tag=f"t{self._pushed % 2}"))
            deploy(run, pushed.reference, "app", options)
        return run.name


def of_service(services: Services) -> dict[str, Run]:
    """What can be done to the service ``web``."""
    return {
        "two": lambda: services.update("two").run,
        "three": lambda: services.update("three").run,
        "rollback": lambda: services.back().run,
    }


def walks(names: tuple[str, ...], runs: int) -> list[Walk]:
    """Every order of so many runs and the undo of each, always of the newest that is left."""

    def further(walk: Walk, left: int, standing: int) -> Iterator[Walk]:
        if not left and not standing:
            yield walk
        for name in names if left else ():
            yield from further((*walk, name), left - 1, standing + 1)
        if standing:
            yield from further((*walk, UNDO), left, standing - 1)

    return list(further((), runs, 0))


def world(account: Account) -> State:
    return {resource: _steady(said) for resource, said in state(account.aws).items()}


def begin(restore: Callable[[], None]) -> None:
    restore()
    shutil.rmtree(runs_folder(), ignore_errors=True)


def walked(account: Account, runs: dict[str, Run], walk: Walk) -> int:
    """Take one walk; returns how many of its runs were not refused."""
    standing: list[tuple[str, State]] = []
    made = 0
    for step in walk:
        if step == UNDO:
            if not standing:
                break  # a run of the walk was refused
            earlier_runs_are_refused(standing, walk)
            run, before = standing.pop()
            told = undone(run)
            assert {status for status, _ in told.values()} <= {"removed", "restored"}, (walk, told)
            assert world(account) == before, walk
        else:
            before = world(account)
            try:
                standing.append((runs[step](), before))
            except JotgraphError:
                continue
            made += 1
    return made


def earlier_runs_are_refused(standing: list[tuple[str, State]], walk: Walk) -> None:
    """Undo of a run that is not the newest names a newer one, and nobody else."""
    for number, (run, _) in enumerate(standing[:-1]):
        later = [name for name, _ in standing[number + 1 :]]
        for resource, (status, because) in undone(run, only_look=True).items():
            assert because not in (CHANGED_SINCE, CHANGED_BETWEEN), (walk, resource)
            first = because.partition("jotgraph undo ")[2].partition(" ")[0]
            assert status != "cannot" or first in ("", *later), (walk, resource, because)


@pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
@pytest.mark.parametrize("runs", [2, 3])
def test_functions(account: Account, there: bool, runs: int) -> None:
    if there:
        account.deploy("one", alias="live")
    restore, made = keep(account.aws), 0
    every = walks(tuple(Functions(account).runs), runs)
    for place in spread(len(every), one_in(16, 3)):
        begin(restore)
        made += walked(account, Functions(account).runs, every[place])
    assert made > 1, "some runs were made"


@pytest.mark.parametrize("runs", [2, 3])
def test_services(services: Services, runs: int) -> None:
    services.image("three")
    restore, made = keep(services.aws), 0
    every = walks(tuple(of_service(services)), runs)
    for place in spread(len(every), one_in(4, 2)):
        begin(restore)
        made += walked(services, of_service(services), every[place])
    assert made > 1, "some runs were made"


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("what", ["settings", "alias"])
def test_what_somebody_else_changed_between_stays(account: Account, at: int, what: str) -> None:
    account.deploy("one", alias="live")
    restore, refused = keep(account.aws), 0
    every = list(product(Functions(account).runs, repeat=2))
    for place in spread(len(every), one_in(3, 2)):
        begin(restore)
        runs, standing = Functions(account).runs, list[str]()
        for number, step in enumerate(every[place], 1):
            try:
                standing.append(runs[step]())
            except JotgraphError:
                refused += 1
            if number == at:
                theirs = changed_by_others(account, what)
        told = [undone(run) for run in reversed(standing)]
        assert others_have(account, what) == theirs, (every[place], told)
        reasons = {because for one in told for _, because in one.values()}
        about = {"settings": "up share deploy", "alias": "up share deploy rollback promote"}[what]
        if standing and at == len(every[place]) and every[place][-1] in about.split():
            assert CHANGED_SINCE in reasons or refused, (every[place], told)


def changed_by_others(account: Account, what: str) -> object:
    if what == "settings":
        account.client.update_function_configuration(FunctionName="app", MemorySize=1024)
    else:
        newest = account.versions()[-1]
        weights = {newest: 0.25} if newest != "1" else {}
        account.client.update_alias(
            FunctionName="app", Name="live", FunctionVersion="1",
            RoutingConfig={"AdditionalVersionWeights": weights},
        )  # fmt: skip
    return others_have(account, what)


def others_have(account: Account, what: str) -> object:
    return (
        account.function()["Configuration"]["MemorySize"] if what == "settings" else account.alias()
    )


def test_a_service_that_somebody_else_deployed_stays(services: Services) -> None:
    services.image("three")
    run = services.update("two").run
    services.ecs.register_task_definition(
        family="web", containerDefinitions=[{"name": "c0", "image": "theirs"}]
    )
    services.ecs.update_service(cluster="default", service="web", taskDefinition="web:3")
    later = services.update("three").run
    assert undone(later)["workload:ecs/service/default/web"] == (
        "restored",
        "back on web:3; web:4 is inactive",
    )
    assert undone(run)["workload:ecs/service/default/web"] == ("cannot", CHANGED_SINCE)
    assert services.revision() == "web:3"
