"""Doubts from policies of ECR and from rules of registries."""

from __future__ import annotations

from collections.abc import Callable

from jotgraph.analysis.usage.index import GraphIndex
from jotgraph.analysis.usage.model import Doubt
from jotgraph.analysis.usage.principals import Admitted, admitted
from jotgraph.graph import ResourceGraph, about, remembered
from jotgraph.records import EcrRepository, Place
from jotgraph.records.ecr import within


def outside(index: GraphIndex, who: Admitted, account: str, whose: str) -> list[Doubt]:
    """Return doubts about whom the policy of a repository or of the registry lets in."""
    strangers = sorted(who.accounts - {account} - set(index.about.scope.accounts))
    outside = [
        Doubt(
            "outside-account",
            f"the {whose}'s policy admits {stranger}, which was not read",
            about=f"{whose}: {stranger}",
        )
        for stranger in (*(f"account {account}" for account in strangers), *who.others)
    ]
    known = [principal for principal in who.principals if not _of(principal, strangers)]
    return outside + [
        Doubt(
            "other-principal",
            f"the {whose}'s policy admits {principal}, wherever it runs",
            about=f"{whose}: {principal}",
        )
        for principal in known
    ]


def _of(principal: str, accounts: list[str]) -> bool:
    return any(f":{account}:" in principal for account in accounts)


def registry_doubts(index: GraphIndex, place: Place, name: str) -> list[Doubt]:
    """Return doubts from the rules of the registry itself. A replica that another registry sent is
    an independent copy: what uses it is in its own region and read there."""
    account, region = place
    registry = index.registries.get(place)
    if registry is None:
        unread = f"replication and pull-through rules of {account} in {region} were not read"
        return [Doubt("registry-unread", unread, about=f"{account}/{region}")]
    doubts = [
        Doubt(
            "replication",
            f"the registry replicates its images to {destination}",
            about=destination,
        )
        for destination in registry.copies_to(name)
    ]
    if registry.policy is None:
        unread = f"the registry policy of {account} was not read"
        doubts.append(Doubt("policy-unread", unread, "registry-policy-unread"))
    else:
        doubts += outside(index, admitted(registry.policy), account, "registry")
    if registry.pull_exclusions is None:
        hidden = "whether pulls of some roles are not recorded was not read"
        doubts.append(Doubt("pulls-hidden", hidden))
    else:
        doubts += [
            Doubt("pulls-hidden", f"pulls by {principal} are not recorded", about=principal)
            for principal in registry.pull_exclusions
        ]
    for prefix in registry.pull_through:
        if prefix == "ROOT" or within(name, prefix):
            statement = f"filled by the pull-through cache rule {prefix}"
            doubts.append(Doubt("pull-through", statement, about=prefix))
    return doubts


_RULES = frozenset({"replication", "pull-through"})
"""Facts of a registry; when one is missing, none of its rules is known."""


def cached_elsewhere(
    index: GraphIndex, place: Place, name: str, record: EcrRepository | None
) -> list[Doubt]:
    """Return doubts that another registry fetches from a repository by a pull-through rule. What
    runs there names that registry, which fetches from here again when needed."""
    lets_in = _lets_in(index, place, record)
    doubts = [
        Doubt(
            "pull-through",
            f"pull-through rules of {owner} in {region} fetch from it",
            about=f"{owner}/{region}",
        )
        for (owner, region), registry in sorted(index.registries.items())
        if registry.fills_from(place, name) and lets_in(owner)
    ]
    unread = _doubts_of_unread(index, place, "pull-through rules", "a rule may fetch from it")
    return doubts + [doubt for owner, doubt in unread if lets_in(owner)]


def copied_into(index: GraphIndex, place: Place, name: str) -> list[Doubt]:
    """Return doubts that a replication rule fills a repository, which ECR would create again
    without its settings."""
    home = f"{place.account}/{place.region}"
    doubts = [
        Doubt(
            "replication",
            f"the registry of {owner} in {region} replicates images into it",
            about=f"from {owner}/{region}",
        )
        for (owner, region), registry in sorted(index.registries.items())
        if home in registry.copies_to(name)
    ]
    unread = _doubts_of_unread(index, place, "replication rules", "a rule may fill it")
    return doubts + [doubt for _, doubt in unread]


def _lets_in(
    index: GraphIndex, place: Place, record: EcrRepository | None
) -> Callable[[str], bool]:
    """Return a function that tells whether a registry lets in an account, by its own policy or by
    that of the repository."""
    registry = index.registries.get(place)
    policies = (record.policy if record else None, registry.policy if registry else None)
    known = [admitted(policy).accounts for policy in policies if policy is not None]
    if len(known) < len(policies):
        return lambda account: True
    accounts = {place.account}.union(*known)
    return lambda account: account in accounts


def _doubts_of_unread(
    index: GraphIndex, place: Place, rules: str, effect: str
) -> list[tuple[str, Doubt]]:
    """Each other registry whose rules could not be read: its account, and a doubt about them."""
    return [
        (
            owner,
            Doubt(
                "registry-unread",
                f"{rules} of {owner} in {region} were not read: {effect}",
                about=f"{rules} of {owner}/{region}",
            ),
        )
        for owner, region in _rules_unread(index.graph)
        if (owner, region) != place
    ]


@remembered
def _rules_unread(graph: ResourceGraph) -> list[tuple[str, str]]:
    """The registries whose rules could not be read."""
    return sorted(
        {
            (gap.account, gap.region)
            for gap in about(graph).gaps
            if gap.service == "ecr" and _RULES.intersection(gap.facts)
        }
    )
