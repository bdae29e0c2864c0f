"""Fail a pipeline when the estate has grown new orphans: ``python examples/orphans_in_ci.py AFTER
[BEFORE]``, two stored inventories (``jotgraph scan -o estate.jsonl.zst``).

An orphan is new if it was none in BEFORE; without BEFORE every orphan is. What could not be judged
is told but never fails the run. On GitHub the lines become annotations.
"""

from __future__ import annotations

import sys

import jotgraph


def main() -> int:
    after = jotgraph.orphans(jotgraph.build(jotgraph.load(sys.argv[1])))
    known = frozenset[str]()
    if len(sys.argv) > 2:
        before = jotgraph.orphans(jotgraph.build(jotgraph.load(sys.argv[2])))
        known = frozenset(verdict.id for verdict in before.orphans)

    new = [verdict for verdict in after.orphans if verdict.id not in known]
    for verdict in new:
        print(f"::error title=new orphan::{verdict.id}: {verdict.because}")
    for verdict in after.unknown:
        print(f"::notice title=in doubt::{verdict.id}: {verdict.doubts[0].statement}")
    print(f"{len(new)} new orphans of {len(after.orphans)}, {len(after.unknown)} in doubt")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
