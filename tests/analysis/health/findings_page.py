"""The table of findings -> docs/findings.md: ``python -m tests.analysis.health.findings_page``."""

from __future__ import annotations

from pathlib import Path

from jotgraph.analysis.health import FAILING, OUTDATED, SCAN, TABLE

PAGE = Path(__file__).parents[3] / "docs" / "findings.md"

_HEAD = """\
# Findings

What is wrong with a resource, worth a look, or not known of it is found in one place
(`jotgraph/analysis/health`). `ls`, `show`, `trace`, `stale`, `check`, `rescue`, `cleanup --stale`,
pictures and the page all show these findings and judge nothing by themselves; a test holds them to
one another.

A finding has a code, a severity, one sentence with the facts that were read, and the next command
where there is one. *wrong* is red: it fails, or will, or it is not what people believe it to be.
*look* deserves a look, *remark* is a remark, *good* speaks for it.

| code | severity | says | means |
|---|---|---|---|
"""

_MIDDLE = """
`check` with `no_broken` fails on {failing}.
`stale --check` exits 1 for these and for {outdated}.

**Not read.** A rule that lacks a fact says so, with the severity *unknown*: that is
never silence. `show` and `trace` list what was not read of a resource in one line, `ls` and
`stale` count it at the end, `check` lists it as *not read*. Each names the scan that reads it, in
one command for all; none where no scan would. Of a region or an account that was not scanned it is
`--region all`, or `--accounts` with `--role-arn`; else it is:

| fact | read by |
|---|---|
"""

_TAIL = """
Reading less of the same world makes nothing fail that did not: an image of a repository that was
not read is *image not read*, one of several copies that a function may run condemns nothing, and
an archived image breaks nothing while nobody knows whether a quarantine archived it.

**A workload by a tag.** One that its service starts by a tag is *broken* where the tag names no
image, or an archived one: it fails on the next start. Where it runs, and the service does not tell
which image the tag named when it was started (App Runner), what it runs is *not read*, whatever the
tag names now.

**An alias** is as wrong as the versions it leads to; whether it is *idle* is its own matter.

**Vulnerabilities.** *vulnerable* is about critical ones that ECR's last scan counted in an image
that runs. An image whose scan is unknown is reported once, for the image, as *not read*:
[vulnerabilities that run](vulnerabilities.md).

**Tests.** *tested* and *test failed* are about the digest that was tested, and what is proven to
be the same image ([tests](deploying.md#what-is-kept)); where no test is known, neither is said.

**One commit, one lag.** Of all the commits that an image may be built from, the one nearest to the
ref (and on it, where any is) stands for the others in every view; the lag is counted from it.

**What is broken and still called.** Lambda keeps a copy of what it runs, so that a function whose
image is gone or archived may work for weeks. `cleanup --stale broken` therefore takes what `stale`
calls broken, and of that only what nobody calls: calls in the window that was read block, and so
do calls that were not read (`scan --usage` reads them). An image
that ECR is restoring breaks nothing: it is *restoring*.
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
