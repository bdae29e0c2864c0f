"""Calls and wall time of a scan of a large account, beside a bare boto3 loop making the same calls.

    python -m benchmarks.scan [--functions 5000] [--images 10000] [--roles 1000]
                              [--repositories 100]

The embedded AWS runs in a process of its own and logs every call. Pacing is off in both: AWS would
hold back the scan and the bare loop alike (15 calls a second for Lambda's control plane), and the
figure would be that of the quota. The bare loop is one thread, reads every page and keeps nothing.
Each wall time is the best of three, the two kinds in turn.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from math import ceil
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from botocore import xform_name

from jotgraph.clients import Clients, connect
from jotgraph.records import Inventory
from jotgraph.sources import ScanOptions, collect
from tests.sources.conftest import NOTHING_RUNS

ROUNDS = 3
VERSIONED = 50
"""Functions with two published versions and an alias."""
INDEXED = 10
"""Repositories with one index of two children (taken from the images asked for)."""
TRIGGERS = 150

CONSUMERS = [
    (service, xform_name(action))
    for service, _, action in (call.partition(":") for call in NOTHING_RUNS)
] + [("lambda", "list_capacity_providers")]
"""What is asked of each region to know that nothing beside functions runs images there."""

Tally = dict[str, int]


def serve(pipe: Connection, size: Mapping[str, int]) -> None:
    """Run the embedded AWS; answer ``tally`` (and forget) over the pipe until told ``stop``."""
    from jotgraph.sandbox.server import Sandbox  # noqa: PLC0415 -- only in the child

    with Sandbox() as aws:
        fill(aws, size)
        pipe.send(aws.environment())
        while pipe.recv() != "stop":
            pipe.send(aws.calls.tally())
            aws.calls.clear()


def fill(aws: Any, size: Mapping[str, int]) -> None:
    from jotgraph.sandbox import seed  # noqa: PLC0415 -- only in the child

    names = [f"team/app-{n:03}" for n in range(size["repositories"])]
    for name in names:
        seed.repository(aws, name, tags={"team": "a"})
    roles = [seed.role(aws, f"role-{n}") for n in range(size["roles"])]
    indexed = names[:INDEXED]
    for name in indexed:
        pair = [seed.image(aws, name, config=b'{"n":"%s-%d"}' % (name.encode(), n)) for n in (0, 1)]
        seed.index(aws, name, {pair[0]: "linux/amd64", pair[1]: "linux/arm64"}, "multi")
    for n in range(size["images"] - 3 * len(indexed)):
        name = names[n % len(names)]
        seed.image(aws, name, f"v{n}", config=b'{"n":"%s-%d"}' % (name.encode(), n + 2))
    for n in range(size["functions"]):
        image = n % (size["images"] - 3 * len(indexed))
        tagged = f"{names[image % len(names)]}:v{image}"
        seed.function(aws, f"function-{n}", image=tagged, role=roles[n % len(roles)])
    for n in range(min(VERSIONED, size["functions"])):
        seed.version(aws, f"function-{n}")
        seed.version(aws, f"function-{n}")
        seed.alias(aws, f"function-{n}", "live", "2")
    for n in range(TRIGGERS):
        seed.trigger(aws, f"function-{n}", f"arn:aws:sqs:us-east-1:123456789012:q{n}")


@contextmanager
def world(size: Mapping[str, int]) -> Iterator[Callable[[], Tally]]:
    """Start the embedded AWS, export its environment, and give the tally of calls on demand."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    child = context.Process(target=serve, args=(there, dict(size)), daemon=True)
    child.start()
    os.environ.update(here.recv())

    def tally() -> Tally:
        here.send("tally")
        counted: Tally = here.recv()
        return counted

    try:
        yield tally
    finally:
        here.send("stop")
        child.join(10)


def pages(count: int, size: int) -> int:
    return max(1, ceil(count / size))


def floor(inventory: Inventory) -> int:
    """The least calls for what was found, and one STS; see ``jotgraph.sources.collect``."""
    by_repository: dict[str, list[Any]] = {r.name: [] for r in inventory.ecr_repositories}
    for image in inventory.ecr_images:
        by_repository[image.repository].append(image)
    indexes = {n: [i for i in images if i.children] for n, images in by_repository.items()}
    return (
        1  # STS
        + pages(len(inventory.functions) + len(inventory.versions), 50)
        + len({version.name for version in inventory.versions})
        + pages(len(inventory.triggers), 100)
        + pages(len(inventory.ecr_repositories), 1000)
        + sum(pages(len(images), 1000) for images in by_repository.values())
        + sum(ceil(len(listed) / 100) for listed in indexes.values())
        + sum(ceil(sum(len(i.children) for i in listed) / 100) for listed in indexes.values())
        + pages(len(inventory.roles), 1000)
        + len(CONSUMERS)
    )


def settings(inventory: Inventory) -> int:
    """Calls for settings that a quick scan leaves out."""
    tagged = sum(bool(repository.tags) for repository in inventory.ecr_repositories)
    functions = sum(bool(function.tags) for function in inventory.functions)
    of_tags = pages(tagged, 100) + pages(functions, 100)
    probes = len({*inventory.scope.enabled} - {*inventory.scope.places}) * (1 + len(CONSUMERS))
    return 2 * len(inventory.ecr_repositories) + of_tags + 4 + 1 + probes  # 1: regions enabled


def details(inventory: Inventory) -> int:
    """GetFunction calls: image functions, and versions that an alias routes to."""
    routed = {(a.function_name, a.version) for a in inventory.aliases}
    routed |= {(a.function_name, number) for a in inventory.aliases for number, _ in a.weights}
    image = sum(function.package_type == "Image" for function in inventory.functions)
    return image + sum((v.name, v.number) in routed for v in inventory.versions)


def unpaced() -> Clients:
    return connect(use_docker=False, rates={})


def scan(
    cache: Path, *, quick: bool, previous: Inventory | None = None, refresh: bool = True
) -> Inventory:
    options = ScanOptions(quick=quick, env_key=b"benchmark", cache=cache, refresh=refresh)
    return collect(options, unpaced(), previous)


def bare(inventory: Inventory, *, quick: bool) -> None:
    """The same calls, one after the other, by boto3 alone."""
    import boto3  # noqa: PLC0415 -- what a plain script would do

    boto3.client("sts").get_caller_identity()
    client = boto3.client("lambda")
    _follow(client.list_functions, "Marker", "NextMarker", FunctionVersion="ALL")
    for name in sorted({version.name for version in inventory.versions}):
        client.list_aliases(FunctionName=name)
    _follow(client.list_event_source_mappings, "Marker", "NextMarker")
    ecr = boto3.client("ecr")
    _follow(ecr.describe_repositories, "nextToken", "nextToken", maxResults=1000)
    any_status = {"imageStatus": "ANY"}
    for repository in inventory.ecr_repositories:
        name = repository.name
        _follow(
            ecr.describe_images, "nextToken", "nextToken",
            repositoryName=name, maxResults=1000, filter=any_status,
        )  # fmt: skip
    for image in inventory.ecr_images:
        if image.children:
            for digests in ([image.digest], [child.digest for child in image.children]):
                ids = [{"imageDigest": digest} for digest in digests]
                ecr.batch_get_image(repositoryName=image.repository, imageIds=ids)
    _follow(
        boto3.client("iam").get_account_authorization_details, "Marker", "Marker",
        Filter=["Role"], MaxItems=1000,
    )  # fmt: skip
    for _, region in inventory.scope.places if quick else inventory.scope.enabled:
        for service, ask in CONSUMERS:
            getattr(boto3.client(service, region), ask)()
    if not quick:
        for _, region in {*inventory.scope.enabled} - {*inventory.scope.places}:
            boto3.client("lambda", region).list_functions()
        _bare_rest(inventory, client, ecr)


def _bare_rest(inventory: Inventory, client: Any, ecr: Any) -> None:
    import boto3  # noqa: PLC0415 -- as in bare

    for repository in inventory.ecr_repositories:
        for ask in (ecr.get_repository_policy, ecr.get_lifecycle_policy):
            try:
                ask(repositoryName=repository.name)
            except ecr.exceptions.ClientError:
                continue  # it has none
    tagging = boto3.client("resourcegroupstaggingapi")
    for kind in ("ecr:repository", "lambda:function"):
        tagging.get_resources(ResourceTypeFilters=[kind])
    boto3.client("ec2").describe_regions()
    ecr.describe_registry()
    with suppress(ecr.exceptions.RegistryPolicyNotFoundException):
        ecr.get_registry_policy()
    ecr.describe_pull_through_cache_rules()
    ecr.list_pull_time_update_exclusions()
    for function in inventory.functions:
        client.get_function(FunctionName=function.name)
    for alias in inventory.aliases:
        client.get_function(FunctionName=alias.function_name, Qualifier=alias.version)


def _follow(ask: Any, token: str, following: str, **params: Any) -> None:
    while True:
        answer = ask(**params)
        if not answer.get(following):
            return
        params[token] = answer[following]


def timed(run: Callable[[], Any], tally: Callable[[], Tally]) -> tuple[float, Any, Tally]:
    tally()
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result, tally()


def compare(name: str, ours: Callable[[Path], Any], theirs: Callable[[], Any], tally: Any) -> float:
    """Print the wall time of both, in turn, and the calls; return the ratio."""
    own, plain = [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            seconds, _, calls = timed(lambda f=folder: ours(Path(f)), tally)  # type: ignore[misc]  # bound per turn
        own.append((seconds, sum(calls.values())))
        seconds, _, calls = timed(theirs, tally)
        plain.append((seconds, sum(calls.values())))
    ratio = min(own)[0] / min(plain)[0]
    print(f"{name}: scan {min(own)[0]:.2f} s in {min(own)[1]:,} calls; bare loop "
          f"{min(plain)[0]:.2f} s in {min(plain)[1]:,} calls; ratio {ratio:.2f}")  # fmt: skip
    return ratio


def check(label: str, calls: int, expected: int) -> bool:
    print(f"{label}: {calls:,} calls, formula {expected:,}: {'equal' if calls == expected else 'NOT EQUAL'}")  # fmt: skip  # noqa: E501 -- one line of output
    return calls == expected


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name, number in (("functions", 5000), ("images", 10000), ("roles", 1000)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--repositories", type=int, default=100)
    size = vars(parser.parse_args())
    print(f"{size}; pacing off: AWS's quotas would hold back both alike and hide the difference")
    with world(size) as tally, tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        _, quick, calls = timed(lambda: scan(cache / "a", quick=True), tally)
        fine = check("quick scan", sum(calls.values()), floor(quick))
        _, whole, calls = timed(lambda: scan(cache / "b", quick=False), tally)
        expected = floor(whole) + settings(whole) + details(whole)
        fine &= check("full scan", sum(calls.values()), expected)
        again = timed(lambda: scan(cache / "b", quick=False, previous=whole, refresh=False), tally)
        cached = sum(n for name, n in calls.items() if name == "ecr:BatchGetImage")
        expected = floor(whole) + settings(whole) - cached
        fine &= check("second scan with --no-refresh", sum(again[2].values()), expected)
        fine &= check(
            "second scan with --no-refresh, GetFunction", again[2].get("lambda:GetFunction", 0), 0
        )
        fresh = timed(lambda: scan(cache / "b", quick=False, previous=whole), tally)
        asked = fresh[2].get("lambda:GetFunction", 0)
        fine &= check("second scan, GetFunction", asked, details(whole))
        ratios = [
            compare(name, lambda f, q=q: scan(f, quick=q), lambda q=q: bare(whole, quick=q), tally)  # type: ignore[misc]  # bound per kind
            for name, q in (("quick", True), ("full", False))
        ]  # fmt: skip
    print("goal: at most 1.5 times the bare loop")
    return 0 if fine and max(ratios) <= 1.5 else 1


if __name__ == "__main__":
    sys.exit(main())
