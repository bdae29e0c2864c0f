"""The table of findings -> docs/findings.md: ``python -m tests.analysis.health.findings_page``."""

from __future__ import annotations

from pathlib import Path

from jotgraph.analysis.health import FAILING, OUTDATED, SCAN, TABLE

PAGE = Path(__file__).parents[3] / "docs" / "findings.md"

_HEAD = """\
# Findings

A finding says that something about a resource is wrong, worth a look, or not known. All findings
are made in one place (`jotgraph/analysis/health`). `ls`, `show`, `trace`, `stale`, `check`,
`rescue`, `cleanup --stale`, pictures and the page show the same findings; a test compares them.

A finding has a code, a severity, one sentence with the facts that were read, and the next command
if there is one. The severities are:

- *wrong* (red): the resource fails or will fail, or it is not what its tag, label or role suggests;
- *look*: somebody should look at it;
- *remark*: for information;
- *good*: something was verified.

| code | severity | says | means |
|---|---|---|---|
"""

_MIDDLE = """
`check` with `no_broken` fails on {failing}.
`stale --check` exits 1 for these and for {outdated}.

**Not read.** If a rule lacks a fact, it reports this with the severity *unknown*. `show` and
`trace` list in one line what was not read of a resource, `ls` and `stale` count it at the end, and
`check` lists it as *not read*. Each names one scan command that reads all of it, if there is one.
For a region or an account that was not scanned, this is `--region all`, or `--accounts` with
`--role-arn`. Otherwise:

| fact | read by |
|---|---|
"""

_TAIL = """ A scan that reads less never reports more as *wrong*. An image of a repository that was
not read is *image not read*. If a function may run one of several copies, a missing copy is not
reported as wrong. An archived image is not reported as *broken* while it is not known whether a
quarantine archived it.

**Workloads that run a tag.** A workload that its service starts by a tag is *broken* if the tag
names no image, or an archived image: the next start fails. If it runs, and the service does not
report which image the tag named at the start (App Runner), what it runs is *not read*, whatever the
tag names now.

**Aliases.** An alias has the findings of the versions that it routes to. Only *idle* is judged for
the alias itself.

**Vulnerabilities.** *vulnerable* means critical vulnerabilities that ECR's last scan counted in an
image that runs. An image whose scan is unknown is reported once, for the image, as *not read*:
[vulnerabilities that run](vulnerabilities.md).

**Tests.** *tested* and *test failed* apply to the digest that was tested, and to what is proven to
be the same image ([tests](deploying.md#what-is-kept)). If no test is known, neither is reported.

**One commit for the lag.** If an image may be built from several commits, every view shows the one
nearest to the ref (a commit on the ref, if there is one), and counts the lag from it.

**Broken functions that are still called.** Lambda keeps a copy of what it runs, so a function whose
image is gone or archived may work for weeks. Therefore `cleanup --stale broken` deletes a broken
function only if nobody calls it. Calls in the window that was read block it, and so do calls that
were not read (`scan --usage` reads them). While ECR is restoring an image, its function is not
*broken*, but *restoring*.
"""


def page() -> str:
    """The page, as it should be."""
    rows = "".join(
        f"| `{code}` | {entry.severity} | {entry.word} | {entry.means} |\n"
        for code, entry in TABLE.items()
    )
    facts = "".join(
        f"| {fact.words} | `{f'jotgraph scan {option}'.strip()}` |\n"
        for fact, option in SCAN.items()
    )
    failing = ", ".join(f"`{code}`" for code in TABLE if code in FAILING)
    outdated = ", ".join(f"`{code}`" for code in TABLE if code in OUTDATED - FAILING)
    middle = _MIDDLE.format(failing=failing, outdated=outdated)
    return _HEAD + rows + middle + facts + _TAIL


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
