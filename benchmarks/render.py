"""Times of ``jotgraph render`` from a stored inventory to an SVG, for a varied estate of several
sizes, beside bare Graphviz on the unfolded graph where that ends.

usage: python -m benchmarks.render [sizes, default 300 2000 10000 20000 100000]
Processor seconds tell more than the clock's on a busy machine.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from jotgraph import graph as graphs
from jotgraph import store
from jotgraph.errors import RenderError
from jotgraph.records import Inventory, Role
from jotgraph.render.files import dot
from jotgraph.render.picture.drawing.view import PictureOptions, view
from jotgraph.render.picture.layout import graphviz_engine
from tests.factories import (
    alias,
    commit,
    ecr_image,
    function,
    inventory,
    local_image,
    role,
    scope,
    version,
)
from tests.render.estate import DATA, EAST, PROD, WEST

SIZES = (300, 2_000, 10_000, 20_000, 100_000)
WAIT = 60.0
PLACES = ((PROD, WEST), (PROD, EAST), (DATA, WEST), (DATA, EAST))


def main(sizes: tuple[int, ...]) -> None:
    print("resources | cards | file to SVG s | CPU s | bare graphviz-pure s | bare dot s")
    for size in sizes:
        inventory = estate(size)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "estate.jsonl.zst"
            store.save(inventory, path)
            took, worked = _timed(folder, path)
            cards = (Path(folder) / "estate.svg").read_text().count('<g class="node')
        bare = ["not tried"] * 2
        if size <= 20_000:
            source = dot.write(view(graphs.build(inventory), PictureOptions()))
            bare = [
                _bare(source, engine) for engine in (graphviz_engine.PURE, graphviz_engine.SYSTEM)
            ]
        print(
            f"{sum(1 for _ in inventory.records()):9,} | {cards:5} | {took:13.2f} | "
            f"{worked:5.2f} | {bare[0]:>20} | {bare[1]:>10}",
            flush=True,
        )


def _timed(folder: str, path: Path) -> tuple[float, float]:
    """Seconds by the clock and of the processor (Graphviz's too) to draw a stored estate."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    command = [sys.executable, "-m", "jotgraph", "render", "-o", f"{folder}/estate.svg"]
    subprocess.run([*command, "--from", str(path)], check=True, capture_output=True)
    took = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def estate(size: int) -> Inventory:
    """No two applications alike: one to nine images, none to five versions and aliases, a commit
    or none, roles of their own or shared by hundreds, tags that moved, images that are gone."""
    rng = Random(size)
    fields: dict[str, list[object]] = {name: [] for name in Inventory.__struct_fields__}
    shared = [role(f"shared-{n}", account=a) for a in (PROD, DATA) for n in range(4)]
    fields["roles"] += shared
    total, number = len(shared), 0
    while total < size:
        made = list(_application(rng, number, shared))
        for name, record in made:
            fields[name].append(record)
        total += len(made)
        number += 1
    return inventory(
        scope=scope(*PLACES, git=("mono",), engine=""),
        **{name: tuple(records) for name, records in fields.items() if records},
    )


def _application(rng: Random, number: int, shared: list[Role]) -> list[tuple[str, object]]:
    account, region = rng.choice(PLACES)
    name = f"app-{number:05}"
    records: list[tuple[str, object]] = []
    texts = [f"{name}-{at}" for at in range(rng.randint(1, 9))]
    owner = rng.choice([shared_role for shared_role in shared if shared_role.account == account])
    if rng.random() < 0.5:
        owner = role(f"{name}-role", account=account)
        records.append(("roles", owner))
    for at, text in enumerate(texts):
        made = commit(text, subject=f"Change {text}", repositories=("mono",))
        tags = (made.sha,) if rng.random() < 0.8 else ()
        pushed = ecr_image(
            text,
            *tags,
            f"v{at}",
            repository=f"team-{number % 97}/{name}",
            account=account,
            region=region,
        )
        records += [("commits", made), ("ecr_images", pushed)]
        if rng.random() < 0.3:
            labels = (("org.opencontainers.image.revision", made.sha),)
            records.append(("local_images", local_image(pushed.digest, text, labels=labels)))
    gone = rng.random() < 0.02
    runs = function(
        name,
        "gone" if gone else rng.choice(texts),
        tag=None,
        invocations=None,
        role=owner.name,
        account=account,
        region=region,
    )
    uri = f"{account}.dkr.ecr.{region}.amazonaws.com/team-{number % 97}/{name}"
    runs = _deployed(runs, uri, len(texts) - 1)
    records.append(("functions", runs))
    for at in range(1, rng.randint(1, 6)):
        frozen = version(
            str(at), name, rng.choice(texts), account=account, region=region, invocations=None
        )
        records.append(("versions", _deployed(frozen, uri, rng.randrange(len(texts)))))
        if rng.random() < 0.4:
            named = alias(f"a{at}", str(at), name, account=account, region=region)
            records.append(("aliases", named))
    return records


def _deployed(configuration: object, uri: str, tag: int) -> object:
    import msgspec  # noqa: PLC0415 -- beside its only use

    digest = f"sha256:{configuration.code_sha256}"  # type: ignore[attr-defined] # function or version
    return msgspec.structs.replace(
        configuration,
        image_uri=f"{uri}:v{tag}",
        resolved_image_uri=f"{uri}@{digest}",  # type: ignore[type-var]
    )


def _bare(source: str, which: str) -> str:
    start = time.perf_counter()
    try:
        graphviz_engine.run(source, "svg", engine=which, seconds=WAIT)
    except RenderError as err:
        return f"over {WAIT:.0f}" if "more than" in str(err) else "none"
    return f"{time.perf_counter() - start:.2f}"


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
