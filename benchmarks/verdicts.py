"""Judge 100,000 ECR images and 10,000 versions, beside a plain-dictionary floor; link and build.

    python -m benchmarks.verdicts [IMAGES]

Verdicts go from the inventory to the answer: they ask the rules that they need, and no digraph is
made. ``link`` lists every link, ``build`` makes the digraph of them. The floor answers one question
only, with no evidence, doubt or gap: which digests no version runs.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import msgspec

from jotgraph.graph import build
from jotgraph.links import infer
from jotgraph.queries.orphans import orphans
from jotgraph.records import Inventory
from jotgraph.records.interning import Interned
from tests.factories import (
    NOW,
    alias,
    ecr_image,
    ecr_repository,
    function,
    inventory,
    layer,
    role,
    version,
)

T = TypeVar("T")


def estate(images: int) -> Inventory:
    """One place: 100 repositories, functions with 10 versions each, one version in ten aliased.
    What images have in common is held once, as a scan holds it."""
    functions = max(images // 100, 1)
    records: list[object] = [ecr_repository(f"r{n}") for n in range(100)]
    interned = Interned()
    for n in range(images):
        tags = (f"v{n}",) if n % 3 == 0 else ()
        pushed = NOW - timedelta(days=2 + n % 300)
        layers = tuple(layer(10**6 + n % 1000 + m, 1000 + m) for m in range(5))
        layers = interned.layers((*layers, layer(10**7 + n, 500)))
        records.append(
            ecr_image(n, *tags, repository=f"r{n % 100}", pushed_at=pushed, layers=layers)
        )
    for n in range(functions):
        home = f"r{n * 7 % 100}"
        runs = n * 7 % images
        named: dict[str, str] = {"role": f"role-{n % 500}", "repository": home}
        records.append(function(f"f{n}", runs, tag=f"v{runs}", **named))
        for number in range(1, 11):
            old = (runs + number * 100) % images
            records.append(
                version(number, f"f{n}", old, tag=f"v{old}" if number == 10 else None, **named)
            )
        records.append(alias("live", 10, f"f{n}"))
    records += [role(f"role-{n}") for n in range(600)]
    made = inventory(*records)
    in_order = tuple(sorted(made.ecr_images, key=lambda image: image.id))  # as a scan has them
    return msgspec.structs.replace(made, ecr_images=in_order)


def floor(whole: Inventory) -> set[str]:
    """Digests that no function or version runs: dictionaries and sets alone."""
    run = {configuration.code_sha256 for configuration in (*whole.functions, *whole.versions)}
    return {image.digest for image in whole.ecr_images if image.digest[7:] not in run}


def timed(label: str, work: Callable[[], T]) -> T:
    """Run once and print wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{label:<12} {wall:7.2f} s wall {cpu:7.2f} s CPU")
    return result


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    whole = estate(count)
    print(f"{len(whole.ecr_images)} images, {len(whole.versions)} versions")
    loaded = peak()
    answer = timed("verdicts", lambda: orphans(build(whole)))
    print(
        f"peak {peak():.0f} MB, {loaded:.0f} of it the inventory; {len(answer.in_use)} in use, ",
        end="",
    )
    print(f"{len(answer.orphans)} orphans, {len(answer.unknown)} unknown, {answer.freed.ecr} bytes")
    del answer
    timed("floor", lambda: floor(whole))
    links = timed("link", lambda: list(infer(whole)))
    timed("build", lambda: build(whole, links).number_of_edges())
    print(f"peak {peak():.0f} MB")


def peak() -> float:
    """MB that this process held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
