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
        **{each.id: "in-use" for each in whole.functions},
        **{each.id: "in-use" for each in whole.aliases},
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
    found = set()
    for alias in whole.aliases:
        for number in [alias.version] + [number for number, _ in alias.weights]:
            found.add((alias.account, alias.region, alias.function_name, number))
    return found


def _versions(whole: Inventory) -> dict[str, str]:
    named = _named_versions(whole)
    for trigger in whole.triggers:
        words = trigger.function_arn.split(":")
        if len(words) == 8:
            named.add((words[4], words[3], words[6], words[7]))
    for one in whole.functions:
        named |= {(one.account, one.region, one.name, number) for number in one.provisioned or ()}
    return {
        each.id: "in-use"
        if (each.account, each.region, each.name, each.number) in named or each.invocations
        else "unknown"
        for each in whole.versions
    }


def _triggers(whole: Inventory) -> dict[str, str]:
    targets = {(f.account, f.region, f.name) for f in whole.functions}
    targets |= {(v.account, v.region, f"{v.name}:{v.number}") for v in whole.versions}
    targets |= {(a.account, a.region, f"{a.function_name}:{a.name}") for a in whole.aliases}
    found = {}
    for each in whole.triggers:
        words = each.function_arn.split(":", 6)
        if (words[4], words[3], words[6]) in targets:
            found[each.id] = "in-use"
        else:
            found[each.id] = "unknown" if _younger(whole, each.last_modified, 1) else "orphan"
    return {str(key): said for key, said in found.items()}


def _roles(whole: Inventory) -> dict[str, str]:
    assumed = {each.role_arn for each in _configurations(whole)}
    assumed |= {role for each in whole.workloads for role in each.roles}
    found = {}
    for role in whole.roles:
        trusts_others = "ecs.amazonaws.com" in role.trust
        used = role.last_used_at is not None and (
            _younger(whole, role.last_used_at, 90)
            or (role.account, role.last_used_region) not in whole.scope.places
        )
        if role.arn in assumed:
            found[role.id] = "in-use"
        elif trusts_others or used or role.instance_profiles:
            found[role.id] = "unknown"
        else:
            found[role.id] = "unknown" if _younger(whole, role.created_at, 30) else "orphan"
    return {str(key): said for key, said in found.items()}


def _key(image: EcrImage) -> tuple[str, str, str, str]:
    return (image.account, image.region, image.repository, image.digest)


def _used_images(whole: Inventory) -> set[tuple[str, str, str, str]]:
    """Run by a function or version, or named now by the tag it was deployed from."""
    aliased = _named_versions(whole)
    found = set()
    for each in _configurations(whole):
        if each.package_type == "Zip":
            continue
        host, _, rest = each.resolved_image_uri.partition("/")
        account, region = host.split(".")[0], host.split(".")[3]
        name, _, digest = rest.partition("@")
        found.add((account, region, name, digest))
        number = getattr(each, "number", None)
        if number and (each.account, each.region, each.name, number) not in aliased:
            continue
        tag = each.image_uri.partition("/")[2].removeprefix(name)
        for image in whole.ecr_images:
            if _key(image)[:3] == (account, region, name) and tag[1:] in image.tags:
                found.add(_key(image))
    return found


def _named_by_workloads(whole: Inventory, *, active: bool) -> set[tuple[str, str, str, str]]:
    """What a workload runs, by digest and by its tag of now; or may run, of an older revision."""
    found = set()
    for each in whole.workloads:
        for used in each.images if (each.state.value == "active") is active else ():
            host, _, rest = used.image.partition("/")
            if not host.endswith(".amazonaws.com"):
                continue
            name, _, pinned = rest.partition("@")
            name, _, tag = name.partition(":")
            home = (host.split(".")[0], host.split(".")[3], name)
            digest = used.digest or pinned
            if digest:
                found.add((*home, digest))
            if not pinned and not (active and digest):
                here = [image for image in whole.ecr_images if _key(image)[:3] == home]
                found |= {_key(image) for image in here if tag in image.tags}
    return found


def _group(whole: Inventory, image: EcrImage) -> set[tuple[str, str, str, str]]:
    """The image and everything it stands or falls with."""
    here = [each for each in whole.ecr_images if _key(each)[:3] == _key(image)[:3]]
    found = {image.digest}
    while True:
        more = set(found)
        for each in here:
            tied = {child.digest for child in each.children} | (
                {each.subject} if each.subject else set()
            )
            tied |= {f"sha256:{tag[7:71]}" for tag in each.tags if tag.startswith("sha256-")}
            if each.digest in found or tied & found:
                more |= {each.digest} | tied
        if more == found:
            return {(*_key(image)[:3], digest) for digest in found}
        found = more


def _ecr(whole: Inventory) -> dict[str, str]:
    used = _used_images(whole) | _named_by_workloads(whole, active=False)
    doubtful = {_key(each) for each in whole.ecr_images if _doubtful(whole, each)}
    doubtful |= _named_by_workloads(whole, active=True) | _newest(whole)
    found: dict[str, str] = {}
    for image in whole.ecr_images:
        group = _group(whole, image)
        found[image.id] = "in-use" if group & used else "unknown" if group & doubtful else "orphan"
    for repository in whole.ecr_repositories:
        place = (repository.account, repository.region, repository.name)
        held = {found[each.id] for each in whole.ecr_images if _key(each)[:3] == place}
        if "in-use" in held or place in _deployed_from(whole):
            found[repository.id] = "in-use"
        elif held or _registry_doubt(whole, place) or repository.tags:
            found[repository.id] = "unknown"
        else:
            young = _younger(whole, repository.created_at, 1)
            found[repository.id] = "unknown" if young else "orphan"
    return found


def _newest(whole: Inventory) -> set[tuple[str, str, str, str]]:
    """The newest image of each repository that something runs from: what runs first, when two were
    pushed at once. No part of an index, and nothing attached to an image."""
    workloads = _named_by_workloads(whole, active=False)
    run = workloads | {
        (host.split(".")[0], host.split(".")[3], *rest.split("@"))
        for each in _configurations(whole)
        if each.package_type == "Image"
        for host, _, rest in (each.resolved_image_uri.partition("/"),)
    }
    found = set()
    for account, region, name in _run_from(whole) | {key[:3] for key in workloads}:
        here = [each for each in whole.ecr_images if _key(each)[:3] == (account, region, name)]
        parts = {child.digest for each in here for child in each.children}
        best: tuple[Any, ...] | None = None
        for each in here:
            extra = each.subject or each.type.value in ("attestation", "signature", "artifact")
            if each.digest in parts or extra or each.pushed_at is None:
                continue
            digests = [each.digest] + [child.digest for child in each.children]
            runs = any((account, region, name, one) in run for one in digests)
            best = max(best or (), (each.pushed_at, runs, each.digest))
        if best:
            found.add((account, region, name, best[2]))
    return found


def _run_from(whole: Inventory) -> set[tuple[str, str, str]]:
    found = set()
    for each in _configurations(whole):
        if each.package_type == "Image":
            host, _, rest = each.resolved_image_uri.partition("/")
            found.add((host.split(".")[0], host.split(".")[3], rest.partition("@")[0]))
    return found


def _deployed_from(whole: Inventory) -> set[tuple[str, str, str]]:
    aliased = _named_versions(whole)
    found = set()
    for each in _configurations(whole):
        number = getattr(each, "number", None)
        bare = number and (each.account, each.region, each.name, number) not in aliased
        if each.package_type == "Image" and not bare:
            host, _, rest = each.resolved_image_uri.partition("/")
            found.add((host.split(".")[0], host.split(".")[3], rest.partition("@")[0]))
    return found


def _registry_doubt(whole: Inventory, place: tuple[str, str, str]) -> bool:
    account, region, name = place
    for each in whole.registries:
        if (each.account, each.region) == (account, region):
            through = any(name.startswith(f"{prefix}/") for prefix in each.pull_through)
            copied = any(name.startswith(prefix) for prefix, _ in each.replication_by_prefix)
            if each.replication or copied or through:
                return True
    for repository in whole.ecr_repositories:
        mine = (repository.account, repository.region, repository.name) == place
        if mine and repository.policy:
            for statement in json.loads(repository.policy)["Statement"]:
                who = statement["Principal"]["AWS"]
                read = {one for one, where in whole.scope.places if where == region}
                if not any(known in who for known in read):
                    return True
    return False


def _doubtful(whole: Inventory, image: EcrImage) -> bool:
    pulled = any(
        when is not None and _younger(whole, when, 7)
        for when in (image.pulled_at, image.last_in_use_at)
    )
    kept = any(fnmatch(tag, pattern) for tag in image.tags for pattern in KEEP)
    young = _younger(whole, image.pushed_at, 1)
    return pulled or kept or young or _registry_doubt(whole, _key(image)[:3])


def _engine(whole: Inventory) -> dict[str, str]:
    found = {}
    for each in whole.containers:
        if each.state == "running":
            found[each.id] = "in-use"
        else:
            stopped = each.state in ("exited", "dead")
            old = not _younger(whole, each.created_at, 1)
            found[each.id] = "orphan" if stopped and old else "unknown"
    images = {each.image_id: each for each in whole.local_images}
    used = _with_parents(whole, {each.image_id for each in whole.containers})
    doubtful = _with_parents(
        whole, {key for key in set(images) - used if _local_doubt(whole, images[key])}
    )
    for key, image in images.items():
        found[image.id] = "in-use" if key in used else "unknown" if key in doubtful else "orphan"
    return {str(key): said for key, said in found.items()}


def _with_parents(whole: Inventory, digests: set[str]) -> set[str]:
    while True:
        more = digests | {
            each.parent for each in whole.local_images if each.image_id in digests and each.parent
        }
        if more == digests:
            return digests
        digests = more


def _local_doubt(whole: Inventory, image: Any) -> bool:
    if any(fnmatch(tag.split(":")[1], pattern) for tag in image.tags for pattern in KEEP):
        return True
    if _younger(whole, image.created_at, 1):
        return True
    pushed = {each.split("@")[1] for each in image.repo_digests}
    copies = [
        each
        for each in whole.ecr_images
        if each.config_digest == image.image_id or each.digest in pushed
    ]
    if any(each.status == "ACTIVE" for each in copies):
        return False
    exact = any(
        each.resource == image.id and each.verdict.value == "exact" for each in whole.content
    )
    return bool(pushed) or not exact
