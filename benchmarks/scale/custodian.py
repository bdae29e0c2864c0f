"""Cloud Custodian and a scan of ours, on the same embedded AWS.

Custodian is a peer for three of the questions: images without a tag, functions of images, and roles
that nothing uses. The scan reads everything, and judges it. Neither is paced: the emulator has no
quotas.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

PROGRAM = "JOTGRAPH_BENCHMARK_CUSTODIAN"
"""The environment variable that names its command."""
POLICIES: dict[str, dict[str, Any]] = {
    "c7n images": {
        "resource": "aws.ecr-image",
        "filters": [{"type": "value", "key": "imageTags", "value": "absent"}],
    },
    "c7n functions": {
        "resource": "aws.lambda",
        "filters": [{"type": "value", "key": "PackageType", "value": "Image"}],
    },
    "c7n roles": {"resource": "aws.iam-role", "filters": ["unused"]},
}


def measure(cell: dict[str, Any], size: int, timed: Callable[..., Any]) -> None:
    """Time both on an embedded AWS of about so many resources: a function for ten images, a role
    for five functions."""
    from benchmarks.scan import scan, world  # noqa: PLC0415 -- the sandbox, only here
    from jotgraph.graph import build  # noqa: PLC0415 -- as above
    from jotgraph.queries.orphans import orphans  # noqa: PLC0415 -- as above

    functions = max(size // 11, 10)
    images = {"images": functions * 10, "functions": functions}
    others = {"roles": max(functions // 5, 1), "repositories": max(functions // 20, 10)}
    with world({**images, **others}) as tally, tempfile.TemporaryDirectory() as folder:
        cell["calls"] = {}
        for name, policy in POLICIES.items():
            file = Path(folder) / "policy.json"
            file.write_text(json.dumps({"policies": [{"name": "asked", **policy}]}))
            tally()
            timed(cell, name, lambda file=file: _run(file, folder))
            cell["calls"][name] = sum(tally().values())
        judged = timed(
            cell, "scan", lambda: orphans(build(scan(Path(folder) / "cache", quick=False)))
        )
        cell["calls"]["scan"] = sum(tally().values())
    cell["found"] = [len(judged.in_use), len(judged.orphans), len(judged.unknown)]


def _run(file: Path, folder: str) -> None:
    """Run its command as its manual says, without what it would keep between runs."""
    region = os.environ["AWS_DEFAULT_REGION"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    words = [os.environ[PROGRAM], "run", "--region", region, "--cache-period", "0"]
    subprocess.run(
        [*words, "-s", f"{folder}/out", str(file)],
        env=environment,
        check=True,
        capture_output=True,
    )
