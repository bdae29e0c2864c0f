"""What a scan says of itself, what it read beside resources, and whole inventories."""

from __future__ import annotations

from typing import Any

from jotgraph.records import (
    RECORDS,
    ContentMatch,
    ContentVerdict,
    Coverage,
    CoverageState,
    Gap,
    GitRepository,
    ImageTest,
    Inventory,
    Kind,
    Missing,
    Record,
    Registry,
    ResourceId,
    Scope,
    UsedByFile,
    local_image_id,
)
from jotgraph.records.kinds import CONSUMERS, KINDS
from tests.factories.names import (
    ACCOUNT,
    HERE,
    LONG_AGO,
    NOW,
    REGION,
    REVISION,
    Name,
    digest,
    sha,
    uri,
)
from tests.factories.parts import case_outcome
from tests.factories.records import (
    alias,
    commit,
    container,
    ecr_image,
    ecr_repository,
    function,
    local_image,
    made,
    role,
    trigger,
    version,
    workload,
)


def image_test(runs: Name = 1, *names: str, passed: bool = True, **fields: Any) -> ImageTest:
    """What a test of an engine's image found, by cases of these names."""
    usual: dict[str, Any] = {
        "at": NOW,
        "image": digest(runs),
        "where": "engine",
        "by": "ada@engine",
        "cases": tuple(case_outcome(name, passed=passed) for name in names or ("smoke",)),
    }
    return made(ImageTest, usual, fields)


def git_repository(
    key: str = "shop",
    head: Name | None = None,
    *,
    remote: str = "",
    heads: dict[str, Name] | None = None,
    tags: dict[str, Name] | None = None,
    **fields: Any,
) -> GitRepository:
    """A clone with ``main`` checked out at ``head``; without one it is empty."""
    branches = {} if head is None else {"main": head}
    refs = {f"refs/heads/{name}": sha(tip) for name, tip in {**branches, **(heads or {})}.items()}
    refs |= {f"refs/tags/{name}": sha(tip) for name, tip in (tags or {}).items()}
    usual: dict[str, Any] = {
        "key": key,
        "remotes": (remote,) if remote else (),
        "head": None if head is None else sha(head),
        "head_ref": "" if head is None else "refs/heads/main",
        "refs": refs,
    }
    return made(GitRepository, usual, fields)


def registry(account: str = ACCOUNT, region: str = REGION, **fields: Any) -> Registry:
    """A registry with no policy, no replication and no rule of a pull-through cache."""
    usual = {"account": account, "region": region, "policy": "", "pull_exclusions": ()}
    return made(Registry, usual, fields)


def content_match(
    resource: ResourceId | None = None,
    *commits: Name,
    verdict: ContentVerdict = ContentVerdict.EXACT,
    **fields: Any,
) -> ContentMatch:
    """What the files of an image have in common with commits, of which the newest is first."""
    shas = tuple(sha(commit) for commit in commits)
    ends = {"newest": shas[0], "oldest": shas[-1]} if shas else {}
    usual: dict[str, Any] = {
        "resource": resource or local_image_id(digest(1)),
        "repository": "" if verdict is ContentVerdict.NONE else "shop",
        "verdict": verdict,
        "commits": shas,
        "count": len(shas),
        **ends,
    }
    return made(ContentMatch, usual, fields)


def gap(call: str = "lambda:ListFunctions", *hides: Kind, **fields: Any) -> Gap:
    """A call that was refused, in the place of the scan if it is a call of one place."""
    service, _, action = call.partition(":")
    usual = {"service": service, "action": action, "reason": "denied", "hides": hides}
    if service not in ("docker", "git"):
        usual["account"] = ACCOUNT
    if service not in ("docker", "git", "iam"):
        usual["region"] = REGION
    return made(Gap, usual, fields)


def missing(resource: ResourceId | None = None, *, looked: bool = False) -> Missing:
    return Missing(resource=resource or ecr_image(404).id, looked=looked)


def used_by_file(name: str = "pods.json", **fields: Any) -> UsedByFile:
    return made(UsedByFile, {"name": name, "read_at": LONG_AGO}, fields)


def coverage(
    service: str = "lambda", state: CoverageState = CoverageState.EMPTY, **fields: Any
) -> Coverage:
    usual = {"account": ACCOUNT, "region": REGION, "service": service, "state": state}
    return made(Coverage, usual, fields)


def asked(
    *places: tuple[str, str], state: CoverageState = CoverageState.EMPTY, **services: CoverageState
) -> tuple[Coverage, ...]:
    """Every service that runs images was asked in each place; ``services`` are the exceptions."""
    return tuple(
        coverage(
            service, services.get(service.replace("-", "_"), state), account=account, region=region
        )
        for account, region in sorted(places)
        for service in ("lambda", *CONSUMERS)
    )


def scope(*places: tuple[str, str], **fields: Any) -> Scope:
    """Every service of each place was read, and an engine; no other place is enabled. Without a
    place nothing was read."""
    usual = {
        "accounts": tuple(sorted({account for account, _ in places})),
        "places": places,
        "enabled": places,
        "engine": "engine" if places else "",
        "tests": bool(places),
        "window_days": 30 if places else 0,
        "coverage": asked(*places),
    }
    return made(Scope, usual, fields)


def inventory(
    *records: object, places: tuple[tuple[str, str], ...] = (HERE,), **fields: Any
) -> Inventory:
    """Everything given, in a scope of which every place, region and registry was read."""
    homes = {RECORDS[kind]: about.field for kind, about in KINDS.items()} | _BESIDE
    held: dict[str, list[object]] = {name: [] for name in homes.values()}
    for record in records:
        held[homes[type(record)]].append(record)  # type: ignore[index]  # KeyError is the check
    usual = {
        "taken_at": NOW,
        "scope": scope(*places),
        **{name: tuple(records) for name, records in held.items()},
    }
    usual["registries"] = usual["registries"] or tuple(registry(*place) for place in places)
    return made(Inventory, usual, fields)


_BESIDE: dict[type, str] = {
    Gap: "gaps",
    GitRepository: "git",
    Registry: "registries",
    ContentMatch: "content",
    ImageTest: "tests",
}
"""Fields of an inventory for what is no resource."""


def deployment(name: str = "pay", runs: Name = 1, **fields: Any) -> tuple[Record, ...]:
    """A repository, an image in it, a role, and the function that runs the one as the other."""
    return ecr_repository(), ecr_image(runs, "v1"), role(), function(name, runs, **fields)


def estate() -> Inventory:
    """A commit, what was built of it, and all that runs it in one account and region."""
    return inventory(
        git_repository(head=1, remote="https://github.com/acme/shop"),
        commit(1),
        local_image(
            101, "app:dev", config_digest=digest(101), repo_digests=(f"{uri()}@{digest(1)}",)
        ),
        container(image=101),
        ecr_image(1, "v1", config_digest=digest(101), labels={REVISION: sha(1)}),
        ecr_repository(),
        function(),
        version(1),
        alias("live", 1),
        trigger(function="pay:live"),
        workload("prod/web", (f"{uri()}:v1", digest(1))),
        role(),
    )
