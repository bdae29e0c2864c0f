"""What others did to a repository and its images since a plan was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from jotgraph.apply.run import Run
from jotgraph.plan import Step
from jotgraph.plan.fingerprints import LIFECYCLE, POLICY, REPLICATION, UNREAD, setting
from jotgraph.plan.outcome import Status
from jotgraph.records import EcrImage, EcrRepository, ResourceId
from jotgraph.sources.aws.calls import RegionClient
from jotgraph.sources.ecr.registry import replication
from jotgraph.sources.ecr.settings import lifecycle_policy, repository_policy

READ = "read"
"""In a journal: images were pulled, by us."""
OWN_PULL = timedelta(minutes=5)
"""ECR's clock against ours, and the time it takes."""


def unpulled(
    run: Run, step: Step, there: Mapping[str, EcrImage], ended: dict[ResourceId, tuple[Status, str]]
) -> bool:
    """Whether nobody pulled an image since the plan was made; our own backups are no pulls."""
    pulled = there[step.id.rpartition("@")[2]].pulled_at
    if pulled is None or pulled <= run.plan.made_at:
        return True
    ours = (each.at for each in run.journal.entries if each.what == READ and step.id in each.steps)
    if any(at - OWN_PULL <= pulled <= at + OWN_PULL for at in ours):
        return True
    said = f"somebody pulled it after the plan was made ({pulled:%Y-%m-%d %H:%M} UTC)"
    ended[step.id] = (Status.REFUSED, said)
    return False


def changed(place: RegionClient, name: str, step: Step) -> str:
    """Why nothing of a repository may go: others may pull from it, it is copied elsewhere, or ECR
    deletes in it, as was not so when the plan was made. What was not read then is not compared."""
    planned = dict(step.fingerprint)
    repository = EcrRepository(account=place.account, region=place.region, name=name)
    reads: dict[str, Callable[[], str]] = {
        POLICY: lambda: setting(repository_policy(place, repository)),
        LIFECYCLE: lambda: setting(lifecycle_policy(place, repository)),
        REPLICATION: lambda: " ".join(replication(place).copies_to(name)),
    }
    for fact, read_now in reads.items():
        if planned.get(fact, UNREAD) != UNREAD and read_now() != planned[fact]:
            said = {LIFECYCLE: "lifecycle policy"}.get(fact, fact)
            return f"the {said} of its repository changed since the plan was made"
    return ""
