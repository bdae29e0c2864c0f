"""Scan every account, store the inventory, hold it to a policy, and publish what was found.

The environment says what is read (JOTGRAPH_ACCOUNTS, JOTGRAPH_ROLE_ARN, JOTGRAPH_REGIONS and the
other settings of jotgraph), where inventories are kept (JOTGRAPH_STORE) and where the page, the
summary and the tables go (PUBLISH, s3://BUCKET/PREFIX). The exit code is that of jotgraph check: 1
where the policy does not hold, 4 where what a rule needs was not read. A scan that fails publishes
nothing: the page of the night before stays, with its date.
"""

from __future__ import annotations

import json
import mimetypes
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3

POLICY = Path(__file__).parent / "jotgraph.toml"
NAME = os.environ.get("JOTGRAPH_NAME", "nightly")
REPORTS = {
    "summary.md": ("summary", "--format", "md"),
    "summary.json": ("summary", "--format", "json"),
    "deployments.csv": ("ls", "--format", "csv"),
    "orphans.csv": ("orphans", "--format", "csv"),
    "costs.csv": ("costs", "--format", "csv"),
}
"""What is printed into each file."""
CHECKS = {"check.md": "md", "check.xml": "junit", "check.sarif": "sarif"}
"""Each file that tells how the policy holds, and its format."""


def jotgraph(*words: str) -> str:
    """What a command answers. Raises CalledProcessError."""
    command = [sys.executable, "-m", "jotgraph", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def report(folder: Path, inventory: str) -> None:
    """Write what the stored inventory tells."""
    for file, words in REPORTS.items():
        (folder / file).write_text(jotgraph(*words, "--from", inventory))
    jotgraph("render", "--from", inventory, "-o", str(folder / "index.html"))


def check(folder: Path, inventory: str) -> int:
    """Write how the policy holds; the exit code of jotgraph check."""
    code = 0
    for file, form in CHECKS.items():
        words = ["check", "--policy", str(POLICY), "--from", inventory, "--format", form]
        try:
            answer = jotgraph(*words) or "The policy holds.\n"
        except subprocess.CalledProcessError as error:
            code, answer = error.returncode, error.stdout or error.stderr
        (folder / file).write_text(answer)
    return code


def publish(folder: Path, location: str) -> None:
    """Put the reports into the bucket, each over the one of the night before."""
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    s3 = boto3.client("s3")
    # the page last: who opens it finds the tables of the same night beside it
    for file in sorted(folder.iterdir(), key=lambda file: file.suffix == ".html"):
        kind = mimetypes.guess_type(file.name)[0] or "text/plain"
        key = "/".join(filter(None, (prefix.rstrip("/"), file.name)))
        s3.upload_file(str(file), bucket, key, ExtraArgs={"ContentType": f"{kind}; charset=utf-8"})


def main() -> int:
    location = os.environ["PUBLISH"]
    words = ("scan", "--no-docker", "--name", NAME, "--format", "json")
    scan = subprocess.run(
        [sys.executable, "-m", "jotgraph", *words], stdout=subprocess.PIPE, text=True, check=False
    )
    if scan.returncode:
        return scan.returncode
    (inventory,) = json.loads(scan.stdout)["stored"]  # nightly#42: of this scan, not the newest
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            report(folder, inventory)
        except subprocess.CalledProcessError as error:
            print(error.stderr, file=sys.stderr)
            return error.returncode
        code = check(folder, inventory)
        publish(folder, location)
        print((folder / "summary.md").read_text(), (folder / "check.md").read_text(), sep="\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
