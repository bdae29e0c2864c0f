"""A program that applies plans in children, so that a test can kill them.

Run as ``-m tests.apply.victim``. A line on stdin, the path of a plan, forks a child that applies
it; the child's pid goes to stdout at once, its exit status (0 done, 4 not all of it, -9 killed)
when it has ended.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from jotgraph import clients
from jotgraph.apply import apply
from jotgraph.plan import parse
from jotgraph.sources.consumers import CONSUMERS

SERVICES = sorted(
    {"cloudwatch", "ec2", "ecr", "iam", "lambda", "sts"}
    | {entry.client or entry.service for entry in CONSUMERS}
)
"""All that a run calls."""


def main() -> None:
    made = clients.connect(use_docker=False, rates={}, attempts=1, rounds=1, read_timeout=60)
    for service in SERVICES:  # made once, before the forks
        made.aws[0].client(service, made.aws[0].regions[0])
    for line in sys.stdin:
        plan = parse(Path(line.strip()).read_bytes())
        pid = os.fork()
        if not pid:
            receipt = apply(plan, made, now=datetime.now(UTC), patience=0.5, backup=True)
            os._exit(0 if receipt.proven else 4)
        print(pid, flush=True)
        status = os.waitpid(pid, 0)[1]
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
