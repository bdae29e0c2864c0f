"""Search the inputs of parsers by coverage: of one, or of each in a process of its own.

    python -m tests.fuzzing.guided [TARGET ...] [--seconds 60]

Needs atheris (``pip install atheris``). What does harm is written to ``tests/fuzzing/kept/TARGET``,
where the tests try it from then on.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

KEPT = Path(__file__).parent / "kept"


def main() -> int:
    parser = argparse.ArgumentParser(description="search the inputs of parsers by coverage")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="default: each of them")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    asked = parser.parse_args()
    if find_spec("atheris") is None:
        print("not searched by coverage: atheris is not installed", file=sys.stderr)
        return 0
    if len(asked.targets) == 1:
        search(asked.targets[0], asked.seconds)
        return 0
    from tests.fuzzing.targets import TARGETS  # noqa: PLC0415 -- not yet instrumented

    names = asked.targets or list(TARGETS)
    command = [sys.executable, "-m", "tests.fuzzing.guided", "--seconds", str(asked.seconds)]
    return max(subprocess.run([*command, name], check=False).returncode for name in names)


def search(name: str, seconds: int) -> None:
    """Feed a target until the time is over; ends the process, as atheris does."""
    import atheris  # noqa: PLC0415 -- it does not install everywhere

    with atheris.instrument_imports(include=["jotgraph"]):
        from tests.fuzzing.targets import TARGETS, fed  # noqa: PLC0415 -- imported instrumented
    target = TARGETS[name]
    folder = KEPT / name

    def one(data: bytes) -> None:
        try:
            fed(target, data)
        except Exception:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
            raise

    with tempfile.TemporaryDirectory() as seeds:
        for number, seed in enumerate(target.seeds()):
            (Path(seeds) / str(number)).write_bytes(seed)
        options = [f"-max_total_time={seconds}", "-rss_limit_mb=2048", "-timeout=20"]
        atheris.Setup([sys.argv[0], seeds, *options, "-print_final_stats=1"], one)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
