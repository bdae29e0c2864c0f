"""Draw docs/images/demo.svg, two deployments of ``jotgraph demo`` on a private engine, and store
its inventory as tests/render/demo.jsonl.zst (then ``python -m tests.render.goldens``):
``python -m tests.functional.demo_picture`` (as root, with Debian's docker.io)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from jotgraph import store
from tests.render.goldens import DEMO
from tests.rig.live import ROOT, open_rig

KINDS = ("commit", "ecr-image", "ecr-repo", "function", "workload")
"""What a README, 840 pixels wide, has room for at a size that can be read."""
SHOWN = (
    *("--focus", "checkout", "--focus", "ecs/service/web/storefront"),
    *(word for kind in KINDS for word in ("--kind", kind)),
    *("--title", "Two tags that moved since they were deployed"),
)
STORED = "demo/inventory.json"
PICTURE = ROOT / "docs" / "images" / "demo.svg"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, open_rig(Path(folder)) as rig:
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        for words in (("demo",), ("render", "-o", str(PICTURE), *SHOWN, "--from", STORED)):
            subprocess.run(
                [sys.executable, "-m", "jotgraph", *words],
                cwd=folder,
                env=os.environ | {"DOCKER_HOST": rig.docker_host, "PYTHONPATH": str(ROOT)},
                check=True,
            )
        store.save(store.load(Path(folder, STORED)), DEMO)


if __name__ == "__main__":
    main()
