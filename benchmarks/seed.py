"""Seed 10,000 images in 50 repositories of the embedded AWS, in process.

python -m benchmarks.seed [IMAGES]
"""

from __future__ import annotations

import sys
import time

from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox

REPOSITORIES = 50


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with Sandbox() as aws:
        wall, cpu = time.perf_counter(), time.process_time()
        for number in range(REPOSITORIES):
            seed.repository(aws, f"r{number}")
        for number in range(count):
            seed.image(aws, f"r{number % REPOSITORIES}", f"t{number}")
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(f"{count} images in {REPOSITORIES} repositories: {wall:.2f} s wall, {cpu:.2f} s CPU")


if __name__ == "__main__":
    main()
