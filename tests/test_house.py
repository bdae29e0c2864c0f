"""The count of what extensions cost, on a package small enough to count by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOOL = Path(__file__).parents[1] / "tools" / "house.py"
FILES = {
    "__init__.py": '"""Public names."""\n',
    "records/__init__.py": "from x import Trigger\n",
    "records/inventory.py": "class Inventory:\n    triggers: tuple[Trigger, ...] = ()\n",
    "records/lambda_.py": 'class Trigger(Fields, tag="trigger"):\n    """One trigger."""\n',
    "records/other.py": '"""Of a Trigger only a docstring speaks."""\n# Trigger\n',
    "links/found.py": "@rule(Relation.RUNS)\ndef found(lookup):\n    return lookup\n",
    "links/__init__.py": "RULES = (found.found,)\n",
    "plan/order.py": "FIRST = Kind.TRIGGER\n",
    "queries/impact.py": "def impact(graph):\n    return graph\n",
    "render/files.py": 'FORMATS = ("csv", ".mmd")\n',
    "render/page.css": ".kind-trigger { stroke: red }\n",
    "sandbox/app.py": "Trigger\n",
}
CONTRIBUTING = """\
## Add a kind of resource

| file | what to add |
|---|---|
| `jotgraph/records/kinds.py` | a row |
| a module of `jotgraph/links/` | a rule |
| `tests/world.py` | one of it |

## Add a finding

| file | what to add |
|---|---|
| `jotgraph/health.py` | the rule |
"""
REPORT = """\
Files that an extension touches
     2  a linking rule                         with its name; the median of 1 rules
     4  all that reads or shows a Trigger      with TRIGGER, Trigger, trigger_id, triggers, \
or kind-trigger in the page; not those of deletion
     5  the same with what deletes a Trigger   with TRIGGER, Trigger, trigger_id, triggers, \
or kind-trigger in the page
     1  a query with its command, as impact    with the word impact
     0  a query with its command, as rescue    with the word rescue
     1  an output format of answers, as csv    with the string 'csv'
     1  a picture format, as .mmd              with the string '.mmd'
     2  a new kind that is only read           with a row in the list of CONTRIBUTING.md; \
tests, docs left out

Lines of Python
       7  records
       4  links
       2  queries
       1  __init__.py
       1  plan
       1  render
       1  sandbox
      17  in all

Largest file: 3 lines, links/found.py
Largest function: 2 lines, impact in queries/impact.py
Entries at the top of the package: 7
"""


def test_the_count_of_a_small_package(tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / "jotgraph" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "CONTRIBUTING.md").write_text(CONTRIBUTING)
    report = subprocess.run(
        [sys.executable, TOOL, "--root", tmp_path], capture_output=True, text=True, check=True
    )
    assert report.stdout == REPORT
