"""The result of checking a policy file, as JUnit XML and SARIF for continuous integration."""

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
    """Return one test case for each rule. A violation is a failure, a rule whose input was not read
    an error, and one with other gaps skipped."""
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
    """Return SARIF 2.1.0 (OASIS). A result's location is the policy file, which states its rule,
    because code scanning of GitHub refuses results without a file."""
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
    """The identity of an alert across runs: its rule and resource, not its wording."""
    text = f"{violation.rule}\n{violation.resource}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _line(violation: Violation) -> str:
    return f"{violation.resource}: {violation.because}" if violation.resource else violation.because


def _attr(text: str) -> str:
    """A quoted attribute without control characters and others that XML 1.0 forbids."""
    return quoteattr(clean(text, len(text)))
