"""The estate whose function is set aside: made once, put back for every test that begins there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

import jotgraph
from jotgraph.apply import Receipt, apply
from jotgraph.plan import Plan, plan_delete
from jotgraph.queries.find import find
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import iam_backend
from jotgraph.store.folders import runs_folder
from tests.apply.estate import Estate, fill
from tests.apply.runs import IGNORED, connect, scan
from tests.rig.kept import keep

ODD_TRUST = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect":   "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
     "Action": "sts:AssumeRole"}
  ]
}"""
"""Spaces and an order of its own: to come back to the letter."""


def odd(aws: Sandbox) -> Estate:
    """The estate, its role with a trust policy in a hand of its own."""
    made = fill(aws)
    role(aws).assume_role_policy_document = ODD_TRUST
    return made


def role(aws: Sandbox) -> Any:
    return next(e for e in iam_backend(aws.account).roles.values() if e.name == "app-role")


def planned(*names: str) -> Plan:
    graph = jotgraph.build(scan())
    targets = [find(graph, name) for name in names]
    now = datetime.now(UTC)
    return plan_delete(graph, targets, now=now, options=IGNORED, quarantine=True)


def set_aside(plan: Plan, *, watch: float = 0, backup: bool = False) -> Receipt:
    now = datetime.now(UTC)
    return apply(plan, connect(), now=now, patience=0.3, backup=backup, watch=watch)


HOMES = {"XDG_STATE_HOME": "state", "XDG_CACHE_HOME": "cache"}


class Aside:
    """The estate, and what follows from it when it is first asked for."""

    def __init__(self, aws: Sandbox, folder: Path) -> None:
        aws.reset()
        self.aws, self._folder = aws, folder
        self.estate = odd(aws)
        self.fill = keep(aws)

    @cached_property
    def _planned(self) -> tuple[Plan, Callable[[], None]]:
        self.fill()
        with self._at_home():
            return planned("function:app"), keep(self.aws)

    @cached_property
    def _receipt(self) -> tuple[Receipt, Callable[[], None]]:
        plan, put_back = self._planned
        put_back()
        with self._at_home():
            receipt = set_aside(plan)
        assert receipt.proven, receipt.outcomes
        return receipt, keep(self.aws)

    def plan(self) -> Plan:
        """The plan; the world is as its scan left it, and there is no run."""
        plan, put_back = self._planned
        put_back()
        self._move_in()
        shutil.rmtree(runs_folder(), ignore_errors=True)
        return plan

    def receipt(self) -> Receipt:
        """The receipt; the world and the state directory are as the run left them."""
        receipt, put_back = self._receipt
        put_back()
        self._move_in()
        return receipt

    @contextmanager
    def _at_home(self) -> Iterator[None]:
        """With a state directory and a cache of its own."""
        with pytest.MonkeyPatch.context() as patch:
            for name, folder in HOMES.items():
                patch.setenv(name, str(self._folder / folder))
            yield

    def _move_in(self) -> None:
        """Let state and cache of the test be as they were left: what a scan read is noted there."""
        for name, folder in HOMES.items():
            shutil.rmtree(os.environ[name], ignore_errors=True)
            if (self._folder / folder).exists():
                shutil.copytree(self._folder / folder, os.environ[name])


_ASIDE: dict[str, Aside] = {}
"""By the address of the sandbox."""


@contextmanager
def made_aside(aws: Sandbox) -> Iterator[Aside]:
    """Make it in an environment of its own, for the functions below."""
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        for name, value in aws.environment().items():
            patch.setenv(name, value)
        _ASIDE[aws.endpoint] = made = Aside(aws, Path(folder))
        yield made


def planned_of_estate() -> Plan:
    """What ``planned("function:app")`` gives and leaves of the estate, which nothing changed."""
    return _ASIDE[os.environ["AWS_ENDPOINT_URL"]].plan()


def estate_set_aside() -> Receipt:
    """What ``set_aside(planned("function:app"))`` gives and leaves of it."""
    return _ASIDE[os.environ["AWS_ENDPOINT_URL"]].receipt()
