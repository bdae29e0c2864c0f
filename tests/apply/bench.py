"""One plan, applied a thousand times: the world comes back between runs, and each run is disturbed
at one of its calls, or killed there.

What kill -9 leaves is the world and the files as they are at that moment. Both are kept then; the
run is unwound, and whatever it still does is refused or thrown away.
"""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jotgraph.apply import Receipt, Status, apply
from jotgraph.plan import Plan
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import Images, ecr_backend, iam_backend
from jotgraph.store.folders import cache_folder, runs_folder
from jotgraph.store.journal import Entry, Journal, run_name
from tests.apply.wire import Wire

ACCOUNT, REGION = "123456789012", "us-east-1"
State = dict[str, Any]
"""Everything there is, by id, in the sandbox's own words."""


class Killed(BaseException):
    """The run ended here."""


class Bench:
    """A world, a plan made of it, and what an undisturbed run leaves and calls."""

    def __init__(self, wire: Wire, plan: Plan, *, backup: bool = True) -> None:
        self.wire, self.plan, self.backup = wire, plan, backup
        self.aws = wire.aws
        self._restore = keep(self.aws)
        self.start()
        self.before = state(self.aws)
        self.gone_after: dict[str, int] = {}
        """The number of the call that deletes a resource."""
        self.wire.at = self._note_gone
        receipt = self.apply()
        assert receipt.proven, receipt
        self.names = list(wire.names)
        self.after = state(self.aws)
        self.planned = frozenset(each.id for each in plan.steps)
        assert self.before.keys() - self.after.keys() == self.planned

    def _note_gone(self, number: int, name: str, after: bool) -> None:
        if after and "Delete" in name:
            now = state(self.aws)
            for each in self.before.keys() - now.keys():
                self.gone_after.setdefault(each, number)

    def start(self) -> None:
        """The world as it was when the plan was made, and no run of it."""
        self._restore()
        shutil.rmtree(cache_folder() / "pulls", ignore_errors=True)  # what another run has read
        shutil.rmtree(runs_folder(), ignore_errors=True)
        self.wire.restart()

    def apply(self) -> Receipt:
        return apply(
            self.plan,
            self.wire.clients,
            now=self.plan.made_at,
            patience=0.3,
            backup=self.backup,
        )

    def again(self) -> Receipt:
        """The same command, undisturbed."""
        self.aws.faults.clear()
        self.wire.restart()
        return self.apply()

    def killed(self) -> Callable[[], None]:
        """What to call at the moment of the kill."""
        here = runs_folder().parent
        kept = here.with_name(f"{here.name}-kept")

        def kill() -> None:
            if not kept.exists():
                shutil.copytree(here, kept)
            raise Killed

        return kill

    def die(self) -> None:
        """Run until killed, then put the files back as they were at that moment."""
        here = runs_folder().parent
        kept = here.with_name(f"{here.name}-kept")
        shutil.rmtree(kept, ignore_errors=True)
        try:
            self.apply()
        except Killed:
            pass
        else:
            raise AssertionError("the run was not killed")
        shutil.rmtree(here)
        kept.rename(here)

    def unanswered(self) -> list[Entry]:
        with Journal(runs_folder() / run_name(self.plan.digest)) as journal:
            return journal.unanswered()

    def only_planned_was_touched(self) -> State:
        """The state, in which everything that is not in the plan is as it was."""
        now = state(self.aws)
        for each, said in self.before.items():
            if each not in self.planned:
                assert now.get(each) == said, each
        assert now.keys() <= self.before.keys()
        return now

    def ends_well(self) -> None:
        """The same command ends in the world of an undisturbed run, and every intent has its
        outcome."""
        receipt = self.again()
        assert receipt.proven, receipt.outcomes
        assert state(self.aws) == self.after
        assert self.unanswered() == []

    def says_the_truth(self, receipt: Receipt, now: State) -> None:
        """What is said to be done is gone; and what is gone without being done is said to have
        failed: it could not be seen."""
        for each in receipt.outcomes:
            assert (each.status is not Status.DONE) or each.id not in now, each
            if each.id not in now:
                assert each.status in (Status.DONE, Status.FAILED), each
        assert [each.id for each in receipt.outcomes] == [each.id for each in self.plan.steps]
        assert receipt.proven == all(each.status is Status.DONE for each in receipt.outcomes)

    def is_whole(self, now: State) -> None:
        """Nothing that stays is crippled or disabled."""
        for each in self.planned & now.keys():
            if each.startswith(("role:", "trigger:", "ecr-repo:", "alias:")):
                assert now[each] == self.before[each], each


def keep(aws: Sandbox) -> Callable[[], None]:
    """Remember the world; what is returned brings it back, without faults, policy or calls."""
    world = {key: value for key, value in aws.world.__dict__.items() if key != "endpoint"}
    repositories = ecr_backend(ACCOUNT, REGION).repositories
    replication = ecr_backend(ACCOUNT, REGION).replication_config
    held = copy.deepcopy((world, repositories, replication, _identities(iam_backend(ACCOUNT))))

    def restore() -> None:
        world, repositories, replication, identities = copy.deepcopy(held)
        aws.world.__dict__.update(world)
        ecr_backend(ACCOUNT, REGION).repositories = repositories
        ecr_backend(ACCOUNT, REGION).replication_config = replication
        iam_backend(ACCOUNT).__dict__.update(identities)
        aws.app.allowed = None
        aws.calls.clear()
        aws.faults.clear()

    return restore


def _identities(iam: Any) -> dict[str, Any]:
    return {key: iam.__dict__[key] for key in ("roles", "instance_profiles", "managed_policies")}


def state(aws: Sandbox) -> State:
    """Everything in the sandbox's home account and region, but when images were last pulled."""
    found: State = {}
    for name, made in ecr_backend(ACCOUNT, REGION).repositories.items():
        here = f"{ACCOUNT}/{REGION}/{name}"
        found[f"ecr-repo:{here}"] = (made.policy, made.lifecycle_policy)
        images = made.images if isinstance(made.images, Images) else Images()
        for digest, image in images.by_digest.items():
            found[f"ecr-image:{here}@{digest}"] = (image.manifest, sorted(image.tags))
    lambdas = aws.world.lambda_of(ACCOUNT, REGION)
    for name, function in lambdas.functions.items():
        here = f"{ACCOUNT}/{REGION}/{name}"
        whole = (function.policies, function.urls, function.tags, function.concurrency)
        found[f"function:{here}"] = copy.deepcopy((function.latest, *whole))
        for number, version in function.versions.items():
            found[f"version:{here}:{number}"] = dict(version)
        for alias, routed in function.aliases.items():
            found[f"alias:{here}:{alias}"] = dict(routed)
    for uuid, trigger in lambdas.triggers.items():
        steady = {k: v for k, v in trigger.items() if k not in _MOVING}
        found[f"trigger:{ACCOUNT}/{REGION}/{uuid}"] = steady
    return found | _roles()


_MOVING = frozenset({"LastModified", "StateTransitionReason", "RevisionId"})


def _roles() -> State:
    iam = iam_backend(ACCOUNT)
    profiles: dict[str, list[str]] = {}
    for profile in iam.instance_profiles.values():
        for role in profile.roles:
            profiles.setdefault(role.name, []).append(profile.name)
    return {
        f"role:{ACCOUNT}{role.path}{role.name}": (
            role.id,
            role.assume_role_policy_document,
            sorted(role.managed_policies),
            dict(role.policies),
            role.permissions_boundary_arn,
            sorted(profiles.get(role.name, ())),
        )
        for role in iam.roles.values()
    }


def journal_path(plan: Plan) -> Path:
    return runs_folder() / run_name(plan.digest) / "journal.jsonl"


def fsync_hook(at: Callable[[bool], None], real: Callable[[int], None]) -> Callable[[int], None]:
    """An ``os.fsync`` that tells before and after; and whether it is a line of the journal that
    may not be on the disk yet."""

    def fsync(number: int) -> None:
        at(os.readlink(f"/proc/self/fd/{number}").endswith("journal.jsonl"))
        real(number)
        at(False)

    return fsync
