"""Print how long ``jotgraph --help`` takes against ``python -c "import click"``, best of many."""

from __future__ import annotations

import subprocess
import sys
import time

ROUNDS = 15
LIMIT = 2.5
FLOOR = (sys.executable, "-c", "import click")
HELP = (sys.executable, "-m", "jotgraph", "--help")


def once(command: tuple[str, ...]) -> float:
    """Seconds that one run of a command takes."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(rounds: int = ROUNDS) -> tuple[float, float]:
    """Best seconds of the floor and of ``--help``, run in turns so that both see the same load."""
    pairs = [(once(FLOOR), once(HELP)) for _ in range(rounds)]
    return min(floor for floor, _ in pairs), min(own for _, own in pairs)


def main() -> None:
    floor, own = measure()
    print(f"python -c 'import click'   {floor * 1000:6.0f} ms")
    print(f"jotgraph --help            {own * 1000:6.0f} ms   {own / floor:.2f} times")
    sys.exit(own > LIMIT * floor)


if __name__ == "__main__":
    main()
