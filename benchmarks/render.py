"""Times of ``render`` by size, beside bare ``dot`` on the unfolded graph where that ends.

usage: python benchmarks/render.py [most resources, default 20000]
"""

from __future__ import annotations

import shutil
import sys
import time

from jotgraph.errors import RenderError
from jotgraph.render import dot, engine, picture
from jotgraph.render.view import Options, view
from tests.render.estate import crowd

SIZES = (300, 2_000, 10_000, 20_000, 100_000)
WAIT = 60.0


def main(most: int) -> None:
    print("resources | cards | draw s | svg s | bare graphviz-pure s | bare dot s")
    for size in (each for each in SIZES if each <= most):
        graph = crowd(max(1, size // 8))
        start = time.perf_counter()
        drawing = picture.draw(graph)
        drawn = time.perf_counter()
        picture.to_svg(drawing)
        done = time.perf_counter()
        bare = [_bare(dot.write(view(graph, Options())), each) for each in ("pure", "dot")]
        print(
            f"{len(graph):9,} | {len(drawing.nodes):5} | {drawn - start:6.2f} | {done - drawn:5.2f}"
            f" | {bare[0]:>20} | {bare[1]:>10}"
        )


def _bare(source: str, which: str) -> str:
    if which == "dot" and not shutil.which("dot"):
        return "no dot"
    start = time.perf_counter()
    try:
        engine.run(source, "svg", engine=which, seconds=WAIT)
    except RenderError:
        return f"over {WAIT:.0f}"
    return f"{time.perf_counter() - start:.2f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
