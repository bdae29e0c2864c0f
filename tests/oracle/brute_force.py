"""Verdicts written down from the definitions, slowly and with plain sets: no graph, no link, no
code of the package but its records. Only for inventories whose whole scope was read."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from fnmatch import fnmatch
from typing import Any

from jotgraph.records import EcrImage, Inventory

KEEP = ("latest", "main", "master", "prod*", "stable")


def verdicts(whole: Inventory) -> dict[str, str]:
    """Every resource but commits -> ``in-use``, ``orphan`` or ``unknown``."""
    return {
        **{function.id: "in-use" for function in whole.functions},
        **{alias.id: "in-use" for alias in whole.aliases},
        **_versions(whole),
        **_triggers(whole),
        **_roles(whole),
        **_ecr(whole),
        **_engine(whole),
    }


def _younger(whole: Inventory, when: datetime | None, days: float) -> bool:
    return when is None or whole.taken_at - when < timedelta(days=days)


def _configurations(whole: Inventory) -> list[Any]:
    return [*whole.functions, *whole.versions]


def _named_versions(whole: Inventory) -> set[tuple[str, str, str, str]]:
    """(account, region, function, number) that an alias or a trigger names."""
    named = set()
    for alias in whole.aliases:
        for number in [alias.version] + [number for number, _ in alias.weights]:
            named.add((alias.account, alias.region, alias.function_name, number))
    return named


def _versions(whole: Inventory) -> dict[str, str]:
    named = _named_versions(whole)
    for trigger in whole.triggers:
        words = trigger.function_arn.split(":")
        if len(words) == 8:
            named.add((words[4], words[3], words[6], words[7]))
    for function in whole.functions:
        named |= {
            (function.account, function.region, function.name, number)
            for number in function.provisioned or ()
        }
    return {
        version.id: "in-use"
        if (version.account, version.region, version.name, version.number) in named
        or version.invocations
        else "unknown"
        for version in whole.versions
    }


def _triggers(whole: Inventory) -> dict[str, str]:
    targets = {(f.account, f.region, f.name) for f in whole.functions}
    targets |= {(v.account, v.region, f"{v.name}:{v.number}") for v in whole.versions}
    targets |= {(a.account, a.region, f"{a.function_name}:{a.name}") for a in whole.aliases}
    judged = {}
    for trigger in whole.triggers:
        words = trigger.function_arn.split(":", 6)
        if (words[4], words[3], words[6]) in targets:
            judged[trigger.id] = "in-use"
        else:
            judged[trigger.id] = (
                "unknown" if _younger(whole, trigger.last_modified, 1) else "orphan"
            )
    return {str(key): verdict for key, verdict in judged.items()}


def _halfway(whole: Inventory, account: str) -> bool:
    """Whether a function of an account may assume the role from before an update."""
    return any(
        function.last_update_status == "Failed"
        for function in whole.functions
        if function.account == account
    )


def _roles(whole: Inventory) -> dict[str, str]:
    assumed = {configuration.role_arn for configuration in _configurations(whole)}
    assumed |= {role for workload in whole.workloads for role in workload.roles}
    judged = {}
    for role in whole.roles:
        trusts_others = "ecs.amazonaws.com" in role.trust
        used = role.last_used_at is not None and (
            _younger(whole, role.last_used_at, 400 if "ecs-tasks" in role.trust else 90)
            or (role.account, role.last_used_region) not in whole.scope.places
        )
        if role.arn in assumed:
            judged[role.id] = "in-use"
        elif trusts_others or used or role.instance_profiles or _halfway(whole, role.account):
            judged[role.id] = "unknown"
        else:
            judged[role.id] = "unknown" if _younger(whole, role.created_at, 30) else "orphan"
    return {str(key): verdict for key, verdict in judged.items()}


def _key(image: EcrImage) -> tuple[str, str, str, str]:
    return (image.account, image.region, image.repository, image.digest)


def _used_images(whole: Inventory) -> set[tuple[str, str, str, str]]:
    """Run by a function or version, or named now by the tag it was deployed from."""
    aliased = _named_versions(whole)
    used_images = set()
    for configuration in _configurations(whole):
        if configuration.package_type == "Zip":
            continue
        host, _, path = configuration.resolved_image_uri.partition("/")
        account, region = host.split(".")[0], host.split(".")[3]
        name, _, digest = path.partition("@")
        used_images.add((account, region, name, digest))
        number = getattr(configuration, "number", None)
        if (
            number
            and (configuration.account, configuration.region, configuration.name, number)
            not in aliased
        ):
            continue
        tag = configuration.image_uri.partition("/")[2].removeprefix(name)
        for image in whole.ecr_images:
            if _key(image)[:3] == (account, region, name) and tag[1:] in image.tags:
                used_images.add(_key(image))
    return used_images


def _named_by_workloads(whole: Inventory, *, active: bool) -> set[tuple[str, str, str, str]]:
    """What a workload runs, by digest and by its tag of now; or may run, of an older revision."""
    named = set()
    for workload in whole.workloads:
        for used in workload.images if (workload.state.value == "active") is active else ():
            host, _, path = used.image.partition("/")
            if not host.endswith(".amazonaws.com"):
                continue
            name, _, pinned = path.partition("@")
            name, _, tag = name.partition(":")
            home = (host.split(".")[0], host.split(".")[3], name)
            digest = used.digest or pinned
            if digest:
                named.add((*home, digest))
            if not pinned and not (active and digest):
                here = [image for image in whole.ecr_images if _key(image)[:3] == home]
                named |= {_key(image) for image in here if tag in image.tags}
    return named


def _group(whole: Inventory, image: EcrImage) -> set[tuple[str, str, str, str]]:
    """The image and everything it stands or falls with."""
    here = [member for member in whole.ecr_images if _key(member)[:3] == _key(image)[:3]]
    digests = {image.digest}
    while True:
        wider = set(digests)
        for member in here:
            tied = {child.digest for child in member.children} | (
                {member.subject} if member.subject else set()
            )
            tied |= {f"sha256:{tag[7:71]}" for tag in member.tags if tag.startswith("sha256-")}
            if member.digest in digests or tied & digests:
                wider |= {member.digest} | tied
        if wider == digests:
            return {(*_key(image)[:3], digest) for digest in digests}
        digests = wider


def _ecr(whole: Inventory) -> dict[str, str]:
    used = _used_images(whole) | _named_by_workloads(whole, active=False)
    doubtful = {_key(image) for image in whole.ecr_images if _doubtful(whole, image)}
    doubtful |= _named_by_workloads(whole, active=True) | _newest(whole)
    judged: dict[str, str] = {}
    for image in whole.ecr_images:
        group = _group(whole, image)
        judged[image.id] = "in-use" if group & used else "unknown" if group & doubtful else "orphan"
    for repository in whole.ecr_repositories:
        place = (repository.account, repository.region, repository.name)
        within = {judged[image.id] for image in whole.ecr_images if _key(image)[:3] == place}
        named = _deployed_from(whole) | _repositories_named(whole, active=False)
        if "in-use" in within or place in named:
            judged[repository.id] = "in-use"
        elif (
            within
            or repository.tags
            or place in _repositories_named(whole, active=True)
            or _filled_by_replication(whole, place)
            or _registry_doubt(whole, place)
            or _runs_untold(whole, place)
        ):
            judged[repository.id] = "unknown"
        else:
            young = _younger(whole, repository.created_at, 1)
            judged[repository.id] = "unknown" if young else "orphan"
    return judged


def _newest(whole: Inventory) -> set[tuple[str, str, str, str]]:
    """The newest image of each repository that something runs from: what runs first, when two were
    pushed at once. No part of an index, and nothing attached to an image."""
    workloads = _named_by_workloads(whole, active=False)
    run = workloads | {
        (host.split(".")[0], host.split(".")[3], *path.split("@"))
        for configuration in _configurations(whole)
        if configuration.package_type == "Image"
        for host, _, path in (configuration.resolved_image_uri.partition("/"),)
    }
    newest = set()
    for account, region, name in _run_from(whole) | {key[:3] for key in workloads}:
        here = [image for image in whole.ecr_images if _key(image)[:3] == (account, region, name)]
        parts = {child.digest for image in here for child in image.children}
        best: tuple[Any, ...] | None = None
        for image in here:
            extra = image.subject or image.type.value in ("attestation", "signature", "artifact")
            if image.digest in parts or extra or image.pushed_at is None:
                continue
            digests = [image.digest] + [child.digest for child in image.children]
            runs = any((account, region, name, digest) in run for digest in digests)
            best = max(best or (), (image.pushed_at, runs, image.digest))
        if best:
            newest.add((account, region, name, best[2]))
    return newest


def _run_from(whole: Inventory) -> set[tuple[str, str, str]]:
    repositories = set()
    for configuration in _configurations(whole):
        if configuration.package_type == "Image":
            host, _, path = configuration.resolved_image_uri.partition("/")
            repositories.add((host.split(".")[0], host.split(".")[3], path.partition("@")[0]))
    return repositories


def _filled_by_replication(whole: Inventory, place: tuple[str, str, str]) -> bool:
    account, region, name = place
    home = f"{account}/{region}"
    return any(
        home in registry.replication
        or any(name.startswith(p) and to == home for p, to in registry.replication_by_prefix)
        for registry in whole.registries
    )


def _deployed_from(whole: Inventory) -> set[tuple[str, str, str]]:
    aliased = _named_versions(whole)
    repositories = set()
    for configuration in _configurations(whole):
        number = getattr(configuration, "number", None)
        bare = (
            number
            and (configuration.account, configuration.region, configuration.name, number)
            not in aliased
        )
        if configuration.package_type == "Image" and not bare:
            host, _, path = configuration.resolved_image_uri.partition("/")
            repositories.add((host.split(".")[0], host.split(".")[3], path.partition("@")[0]))
    return repositories


def _repositories_named(whole: Inventory, *, active: bool) -> set[tuple[str, str, str]]:
    """The repositories that workloads take images from, there or not."""
    repositories = set()
    for workload in whole.workloads:
        for used in workload.images if (workload.state.value == "active") is active else ():
            host, _, path = used.image.partition("/")
            if host.endswith(".amazonaws.com"):
                name = path.partition("@")[0].partition(":")[0]
                repositories.add((host.split(".")[0], host.split(".")[3], name))
    return repositories


def _registry_doubt(whole: Inventory, place: tuple[str, str, str]) -> bool:
    account, region, name = place
    for registry in whole.registries:
        if (registry.account, registry.region) == (account, region):
            through = any(name.startswith(f"{prefix}/") for prefix in registry.pull_through)
            copied = any(name.startswith(prefix) for prefix, _ in registry.replication_by_prefix)
            if registry.replication or copied or through:
                return True
        for prefix, home in registry.upstreams:
            fetched = not prefix or name == prefix or name.startswith(f"{prefix}/")
            let_in = registry.account == account or registry.account in _let_in(whole, place)
            if home == f"{account}/{region}" and fetched and let_in:
                return True
    for repository in whole.ecr_repositories:
        mine = (repository.account, repository.region, repository.name) == place
        if mine and repository.policy:
            for statement in json.loads(repository.policy)["Statement"]:
                principal = statement["Principal"]["AWS"]
                read = {account for account, where in whole.scope.places if where == region}
                if not any(known in principal for known in read):
                    return True
    return False


def _let_in(whole: Inventory, place: tuple[str, str, str]) -> str:
    """The text of the principals that the policy of a repository lets in."""
    return " ".join(
        statement["Principal"]["AWS"]
        for repository in whole.ecr_repositories
        if (repository.account, repository.region, repository.name) == place and repository.policy
        for statement in json.loads(repository.policy)["Statement"]
    )


def _runs_untold(whole: Inventory, place: tuple[str, str, str]) -> bool:
    """Whether something runs an image of a repository that its tag named some time."""
    for function in whole.functions:
        image = len(function.code_sha256) == 64 and function.region == place[1]
        if image and function.last_update_status == "Failed":  # what it ran before may be any
            return True
    for workload in whole.workloads:
        keeps = workload.state.value == "running" or workload.service == "bedrock-agentcore"
        resolved = {used.image for used in workload.images if used.digest}
        for used in workload.images if keeps else ():
            host, _, rest = used.image.partition("/")
            name, colon, _ = rest.partition(":")
            if host.endswith(".amazonaws.com") and colon and "@" not in rest:
                home = (host.split(".")[0], host.split(".")[3], name)
                if home == place and used.image not in resolved:
                    return True
    return False


def _doubtful(whole: Inventory, image: EcrImage) -> bool:
    pulled = any(
        when is not None and _younger(whole, when, 7)
        for when in (image.pulled_at, image.last_in_use_at)
    )
    kept = any(fnmatch(tag, pattern) for tag in image.tags for pattern in KEEP)
    young = _younger(whole, image.pushed_at, 1)
    place = _key(image)[:3]
    beside = {member.digest for member in whole.ecr_images if _key(member)[:3] == place}
    if image.subject and image.subject not in beside:
        return True
    return pulled or kept or young or _runs_untold(whole, place) or _registry_doubt(whole, place)


def _engine(whole: Inventory) -> dict[str, str]:
    judged = {}
    for container in whole.containers:
        if container.state == "running":
            judged[container.id] = "in-use"
        else:
            stopped = container.state in ("exited", "dead")
            old = not _younger(whole, container.created_at, 1)
            judged[container.id] = "orphan" if stopped and old else "unknown"
    images = {image.image_id: image for image in whole.local_images}
    used = _with_parents(whole, {container.image_id for container in whole.containers})
    doubtful = _with_parents(
        whole, {key for key in set(images) - used if _local_doubt(whole, images[key])}
    )
    for key, image in images.items():
        judged[image.id] = "in-use" if key in used else "unknown" if key in doubtful else "orphan"
    return {str(key): verdict for key, verdict in judged.items()}


def _with_parents(whole: Inventory, digests: set[str]) -> set[str]:
    while True:
        wider = digests | {
            image.parent
            for image in whole.local_images
            if image.image_id in digests and image.parent
        }
        if wider == digests:
            return digests
        digests = wider


def _local_doubt(whole: Inventory, image: Any) -> bool:
    if any(fnmatch(tag.split(":")[1], pattern) for tag in image.tags for pattern in KEEP):
        return True
    if _younger(whole, image.created_at, 1):
        return True
    pushed = {reference.split("@")[1] for reference in image.repo_digests}
    copies = [
        copy
        for copy in whole.ecr_images
        if copy.config_digest == image.image_id or copy.digest in pushed
    ]
    if any(copy.status == "ACTIVE" for copy in copies):
        return False
    exact = any(
        match.resource == image.id and match.verdict.value == "exact" for match in whole.content
    )
    return bool(pushed) or not exact
