"""What a policy file found, as JUnit XML and SARIF for continuous integration."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from jotgraph.queries.answers.check import Checked, Violation
from jotgraph.render.words import clean
from jotgraph.version import __version__

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def junit(answer: Checked) -> str:
    """One test case a rule: a failure for each violation, an error where what the rule needs was
    not read, skipped where something else was not."""
    cases = []
    for rule in answer.rules:
        failed = [violation for violation in answer.violations if violation.rule == rule]
        unread = [violation for violation in answer.unknown if violation.rule == rule]
        body = [f"<failure message={_attr(_line(violation))}/>" for violation in failed]
        errors = [violation for violation in answer.failed if violation.rule == rule]
        if errors and not failed:
            body = [f"<error message={_attr('; '.join(map(_line, errors)))}/>"]
        elif unread and not failed:
            body = [f"<skipped message={_attr('; '.join(map(_line, unread)))}/>"]
        inner = "".join(f"\n      {line}" for line in body)
        head = f'    <testcase classname="jotgraph" name={_attr(rule)}>'
        cases.append(f"{head}{inner}\n    </testcase>")
    failures = sum(
        any(violation.rule == rule for violation in answer.violations) for rule in answer.rules
    )
    broken = {violation.rule for violation in answer.violations}
    errors_in = len({violation.rule for violation in answer.failed} - broken)
    counts = f'tests="{len(answer.rules)}" failures="{failures}" errors="{errors_in}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites>\n  <testsuite name="jotgraph" {counts}>\n'
        + "".join(f"{case}\n" for case in cases)
        + "  </testsuite>\n</testsuites>\n"
    )


POLICY = "jotgraph.toml"


def sarif(answer: Checked, policy: str = POLICY) -> str:
    """SARIF 2.1.0 (OASIS). A result is at the policy file, which states its rule, and about a
    resource: code scanning of GitHub refuses a file with a result that is at no file."""
    alerts = [(violation, "error") for violation in answer.violations]
    alerts += [
        (violation, "error" if violation in answer.failed else "note")
        for violation in answer.unknown
    ]
    seen: Counter[str] = Counter()
    results = []
    for violation, level in alerts:
        alert = _alert(violation)
        seen[alert] += 1
        results.append(_result(violation, level, policy, f"{alert}:{seen[alert]}"))
    driver = {
        "name": "jotgraph",
        "version": __version__,
        "rules": [{"id": rule} for rule in answer.rules],
    }
    run = {"tool": {"driver": driver}, "results": results}
    whole = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
    return json.dumps(whole, indent=2, sort_keys=True) + "\n"


def _result(violation: Violation, level: str, policy: str, same: str) -> dict[str, object]:
    place = {"fullyQualifiedName": violation.resource or "estate", "kind": "resource"}
    file = {"artifactLocation": {"uri": quote(policy)}, "region": {"startLine": 1}}
    return {
        "ruleId": violation.rule,
        "level": level,
        "message": {"text": _line(violation)},
        "locations": [{"physicalLocation": file, "logicalLocations": [place]}],
        "partialFingerprints": {"primaryLocationLineHash": same},
    }


def _alert(violation: Violation) -> str:
    """What makes it the same alert in every run: its rule and resource, not how it is put."""
    text = f"{violation.rule}\n{violation.resource}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _line(violation: Violation) -> str:
    return f"{violation.resource}: {violation.because}" if violation.resource else violation.because


def _attr(text: str) -> str:
    """A quoted attribute, in which nothing steers a terminal or is what XML 1.0 cannot hold."""
    return quoteattr(clean(text, len(text)))
