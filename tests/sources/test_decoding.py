"""What was kept is decoded by several threads at once, and by nobody before them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.strength import MANY_PLACES

AT_ONCE = """
import sys, threading
from pathlib import Path
from types import SimpleNamespace

from jotgraph.sources.aws.roles import RoleRead
from jotgraph.sources.aws.workloads import WorkloadRead
from jotgraph.sources.ecr.listing import EcrRead
from jotgraph.sources.parts import Parts

folder, place = Path(sys.argv[1]), SimpleNamespace(account="1", region="a")
(folder / "1" / "a").mkdir(parents=True)
gap = '{"service": "ecr", "action": "ecr:X", "reason": "denied"}'
(folder / "1" / "a" / "part.json").write_text('{"gaps": [' + gap + "]}")
parts, kinds = Parts(folder), (EcrRead, RoleRead, WorkloadRead) * 6
ready, found = threading.Barrier(len(kinds)), []
sys.setswitchinterval(1e-6)

def read(of):
    ready.wait()
    found.append(len(parts.get("part", place, of).gaps) == 1)

threads = [threading.Thread(target=read, args=(of,)) for of in kinds]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(found), all(found))
"""


@pytest.mark.parametrize("number", range(8 if MANY_PLACES else 2))
def test_threads_that_are_the_first_to_decode_a_type(number: int, tmp_path: Path) -> None:
    """A class that one thread was looking at ended the process where another decoded it: a third
    of such processes died."""
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "18 True\n"), (number, done.stderr)
