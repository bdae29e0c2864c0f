"""Runs and their undo in every order: undo of the later run first leads back to the very state
before, any other order is refused by the name of the later run, and what somebody else changed in
between stays.

The plain suite takes as few walks of three runs as have any two runs on any two places and each
run on each place in each order of undoing. CI takes one walk in three,
``JOTGRAPH_THOROUGH=1`` every walk.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import combinations, product

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
from tests.strength import MANY_PLACES, one_in, spread

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


def orders(runs: int) -> list[tuple[bool, ...]]:
    """Every order of so many runs and the undo of each, which is False, of the newest that is
    left."""

    def further(order: tuple[bool, ...], left: int, standing: int) -> Iterator[tuple[bool, ...]]:
        if not left and not standing:
            yield order
        if left:
            yield from further((*order, True), left - 1, standing + 1)
        if standing:
            yield from further((*order, False), left, standing - 1)

    return list(further((), runs, 0))


def walk_of(order: tuple[bool, ...], runs: Iterable[str]) -> Walk:
    """These runs, undone in that order."""
    following = iter(runs)
    return tuple(next(following) if run else UNDO for run in order)


def walks(names: tuple[str, ...], runs: int) -> list[Walk]:
    """Every walk of so many runs."""
    every = product(product(names, repeat=runs), orders(runs))
    return [walk_of(order, chosen) for chosen, order in every]


def pairs(names: tuple[str, ...]) -> list[tuple[int, Walk]]:
    """Walks of three runs: any two runs have any two places, and each run has each place in each
    order of undoing. With them a number from 0 to 4, of which each goes with each run.

    This is an orthogonal array: 25 walks in place of 625 where there are five runs to choose from.
    """
    count, numbered = len(names), []
    for first, (step, order) in product(range(count), enumerate(orders(3))):
        chosen = (names[(first + step * place) % count] for place in range(3))
        numbered.append(((first + 3 * step) % 5, walk_of(order, chosen)))
    return numbered


def some_walks(names: tuple[str, ...], runs: int, wanted: Container[int]) -> list[Walk]:
    """The walks that are taken: of the plain suite's those with a wanted number."""
    if not MANY_PLACES:
        return [walk for number, walk in pairs(names) if number in wanted]
    every = walks(names, runs)
    return [every[place] for place in spread(len(every), one_in(3, 3))]


def world(account: Account) -> State:
    return {resource: _steady(facts) for resource, facts in state(account.aws).items()}


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
            outcomes = undone(run)
            assert {status for status, _ in outcomes.values()} <= {"removed", "restored"}, (
                walk,
                outcomes,
            )
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
            assert because not in (CHANGED_SINCE.words, CHANGED_BETWEEN.words), (walk, resource)
            first = because.partition("jotgraph undo ")[2].partition(" ")[0]
            assert status != "cannot" or first in ("", *later), (walk, resource, because)


def test_any_two_choices_meet() -> None:
    for names in (tuple("abcde"), tuple("xyz")):
        rows = [
            (*(step for step in walk if step != UNDO), tuple(step == UNDO for step in walk))
            for _, walk in pairs(names)
        ]
        columns = [*zip(*rows, strict=True)]
        for first, second in combinations(columns, 2):
            assert len({*zip(first, second, strict=True)}) == len({*first}) * len({*second})
    assert len({(walk[0], number) for number, walk in pairs(tuple("abcde"))}) == 25
    for part, at in product(("settings", "alias"), (1, 2)):
        walks = two_runs(tuple("abcde"), at, part)
        assert [{*column} for column in zip(*walks, strict=True)] == [{*"abcde"}] * 2


RUNS = (2, 3) if MANY_PLACES else (3,)
"""Runs of a walk: those of three have every two runs, too."""


@pytest.mark.parametrize("there", [False, True], ids=["new", "there"])
@pytest.mark.parametrize("runs", RUNS)
def test_functions(account: Account, there: bool, runs: int) -> None:
    if there:
        account.deploy("one", alias="live")
    restore, made = keep(account.aws), 0
    for walk in some_walks(tuple(Functions(account).runs), runs, (1, 3) if there else (0, 2, 4)):
        begin(restore)
        made += walked(account, Functions(account).runs, walk)
    assert made > 1, "some runs were made"


@pytest.mark.parametrize("runs", RUNS)
def test_services(services: Services, runs: int) -> None:
    services.image("three")
    restore, made = keep(services.aws), 0
    for walk in some_walks(tuple(of_service(services)), runs, range(5)):
        begin(restore)
        made += walked(services, of_service(services), walk)
    assert made > 1, "some runs were made"


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("part", ["settings", "alias"])
def test_what_somebody_else_changed_between_stays(account: Account, at: int, part: str) -> None:
    account.deploy("one", alias="live")
    restore, refused = keep(account.aws), 0
    for walk in two_runs(tuple(Functions(account).runs), at, part):
        begin(restore)
        runs, standing = Functions(account).runs, list[str]()
        for number, step in enumerate(walk, 1):
            try:
                standing.append(runs[step]())
            except JotgraphError:
                refused += 1
            if number == at:
                theirs = changed_by_others(account, part)
        outcomes = [undone(run) for run in reversed(standing)]
        assert others_have(account, part) == theirs, (walk, outcomes)
        reasons = {because for undone_run in outcomes for _, because in undone_run.values()}
        about = {"settings": "up share deploy", "alias": "up share deploy rollback promote"}[part]
        if standing and at == len(walk) and walk[-1] in about.split():
            assert CHANGED_SINCE.words in reasons or refused, (walk, outcomes)


def two_runs(names: tuple[str, ...], at: int, part: str) -> list[Walk]:
    """Every two runs; of the plain suite a share that has each run on each place, the four tests
    together every two."""
    every = list(product(names, repeat=2))
    if MANY_PLACES:
        return [every[place] for place in spread(len(every), one_in(1, 2))]
    share = 2 * (at - 1) + (part == "alias")
    return [
        (first, second)
        for first, second in every
        if (names.index(first) + names.index(second)) % 4 == share
    ]


def changed_by_others(account: Account, part: str) -> object:
    if part == "settings":
        account.client.update_function_configuration(FunctionName="app", MemorySize=1024)
    else:
        newest = account.versions()[-1]
        weights = {newest: 0.25} if newest != "1" else {}
        account.client.update_alias(
            FunctionName="app", Name="live", FunctionVersion="1",
            RoutingConfig={"AdditionalVersionWeights": weights},
        )  # fmt: skip
    return others_have(account, part)


def others_have(account: Account, part: str) -> object:
    return (
        account.function()["Configuration"]["MemorySize"] if part == "settings" else account.alias()
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
    assert undone(run)["workload:ecs/service/default/web"] == ("cannot", CHANGED_SINCE.words)
    assert services.revision() == "web:3"
