"""Policy files: each rule held, broken and unread; malformed ones say which key."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from jotgraph.errors import OptionError
from jotgraph.graph import build
from jotgraph.policy_check import (
    MustContain,
    Policy,
    RequireTested,
    check,
    parse_policy,
    read_policy,
)
from jotgraph.queries.answers.check import Checked, Violation
from jotgraph.records import (
    Kind,
    Touched,
)
from jotgraph.render.answers import check_reports
from jotgraph.render.answers.check import writers
from tests.factories import (
    ACCOUNT,
    HERE,
    LONG_AGO,
    REGION,
    REVISION,
    alias,
    build_input,
    commit,
    content_match,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    gap,
    git_repository,
    image_scan,
    image_test,
    inventory,
    role,
    scope,
    touched,
    version,
)

C1, C2 = "1" * 40, "2" * 40
SOURCE = "https://github.com/acme/shop"
SOURCE_LABEL = "org.opencontainers.image.source"


def labelled(n: int, sha: str, *tags: str) -> Any:
    labels = ((REVISION, sha), (SOURCE_LABEL, SOURCE))
    return ecr_image(n, *tags, labels=labels, config_read=True)


ESTATE = (
    ecr_repository(),
    labelled(1, C1),
    labelled(2, C2, "v1"),
    ecr_image(3, "old"),
    role(),
    function(runs=1, state="Failed", state_reason="ImageDeleted"),
    version(1, runs=1, tag="v1"),
    alias("prod", 1),
    commit(C1, committed_at=LONG_AGO),
    commit(C2, C1, committed_at=LONG_AGO),
    git_repository(head=C2, remote=SOURCE),
)


def held(policy: Policy, *records: object, **fields: Any) -> Checked:
    return check(build(inventory(*(records or ESTATE), **fields)), policy)


def said(policy: Policy, *records: object, **fields: Any) -> list[tuple[str, str]]:
    found = held(policy, *records, **fields).violations
    return [(violation.rule, violation.resource.rpartition("/")[2]) for violation in found]


def test_nothing_asked_nothing_found() -> None:
    found = held(Policy())
    assert (found.rules, found.violations, found.unknown) == ((), (), ())


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Policy(max_orphans=0), [("max_orphans", "")]),
        (Policy(max_orphans=1), []),
        (Policy(max_orphans_of={"ecr-image": 0}), [("max_orphans_of", "")]),
        (Policy(max_orphans_of={"role": 0}), []),
        (Policy(protect=("*/app@*",)), [("protect", ecr_image(3).id.rpartition("/")[2])]),
        (Policy(protect=("other@*",)), []),
        (Policy(protect=("app:o*",)), [("protect", ecr_image(3).id.rpartition("/")[2])]),
        (Policy(protect=("app:v*",)), []),
        (Policy(no_drift=("prod",)), [("no_drift", "pay:prod")]),
        (Policy(no_drift=("pay",)), [("no_drift", "pay")]),
        (Policy(no_drift=("dev",)), []),
        (Policy(no_broken=True), [("no_broken", "pay")]),
        (Policy(max_lag=0), [("max_lag", "pay:prod"), ("max_lag", "pay"), ("max_lag", "pay:1")]),
        (Policy(max_lag=1), []),
        (
            Policy(max_image_age_days=100),
            [("max_image_age_days", ecr_image(1).id.rpartition("/")[2])],
        ),
        (Policy(max_image_age_days=300), []),
        (Policy(must_contain=(MustContain("main", "prod"),)), [("must_contain", "pay:prod")]),
        (Policy(must_contain=(MustContain("main", "dev"),)), []),
        (Policy(must_contain=(MustContain(C1[:8]),)), []),
        (Policy(no_gaps=True), []),
    ],
)
def test_rules(policy: Policy, expected: list[tuple[str, str]]) -> None:
    found = said(policy)
    assert found == expected


def test_what_was_not_read_is_no_violation_and_no_pass() -> None:
    unread = gap("lambda:GetFunction", facts=("deployed-tag",), account="", region="")
    estate = (ecr_repository(), ecr_image(1), function(runs=1, tag=None), role())
    found = held(Policy(no_drift=("*",), no_gaps=True), *estate, gaps=(unread,))
    name = f"function:{ACCOUNT}/{REGION}/pay"
    denied = Violation("no_drift", "", "lambda GetFunction was not read (denied)")
    assert found.failed == (denied,)
    assert found.unknown == (
        denied,
        Violation("no_drift", name, "the tag it was deployed from was not read"),
    )
    assert [violation.rule for violation in found.violations] == ["no_gaps"]


EVERY = Policy(
    max_orphans=9,
    max_orphans_of={"role": 9},
    no_drift=("dev",),
    no_recreated_roles=True,
    must_contain=(MustContain("main", "dev"),),
)
"""Rules that all hold of the estate."""
ORPHANS, STANDING = {"max_orphans"}, {"no_drift", "no_recreated_roles"}
ROLES, CONTAINS = {"max_orphans_of"}, {"must_contain"}


@pytest.mark.parametrize(
    ("call", "reason", "rules"),
    [
        ("lambda:ListFunctions", "denied", ORPHANS | STANDING | CONTAINS),
        ("ecr:DescribeRepositories", "throttled", ORPHANS | STANDING | CONTAINS),
        ("iam:GetAccountAuthorizationDetails", "denied", ORPHANS | STANDING | ROLES),
        ("docker:GET /images/json", "unreachable", set()),
        ("lambda:ListFunctions", "left-out", set()),
    ],
)
def test_a_service_that_was_not_read_fails_the_rules_that_need_it(
    call: str, reason: str, rules: set[str]
) -> None:
    lost = gap(call, reason=reason)
    assert held(EVERY, *ESTATE).failed == ()
    assert {violation.rule for violation in held(EVERY, *ESTATE, gaps=(lost,)).failed} == rules
    assert held(EVERY, *ESTATE, gaps=(lost,)).violations == ()


def test_no_rule_passes_where_no_account_was_read() -> None:
    found = held(EVERY, *ESTATE, scope=scope())
    assert {violation.rule for violation in found.failed} == set(found.rules)
    assert {violation.because for violation in found.failed} >= {"no AWS account was read"}
    (suite,) = ElementTree.fromstring(check_reports.junit(found))
    assert (suite.attrib["failures"], suite.attrib["errors"]) == ("0", "5")
    (run,) = json.loads(check_reports.sarif(found))["runs"]
    wrong = {result["ruleId"] for result in run["results"] if result["level"] == "error"}
    assert wrong == set(found.rules)


def test_a_gap_about_what_is_no_resource_is_a_violation_of_the_estate() -> None:
    """Git, archives and repositories are named by path; only some gaps are about a resource."""
    gaps = (
        gap("content:compare", resource="shop/a b.tar", reason="error", account="", region=""),
        gap("ecr:BatchGetImage", resource=ecr_image(1).id, account="", region=""),
    )
    found = held(Policy(no_gaps=True), *ESTATE, gaps=gaps)
    assert [violation.resource for violation in found.violations] == ["", ecr_image(1).id]
    for write in writers().values():
        assert write(found)


def test_a_pattern_that_names_nothing_is_named() -> None:
    asked = Policy(
        no_drift=("pay*", "typo"),
        protect=("app*", "*@sha*", "app:v1", "tpyo"),
        must_contain=(MustContain(C1[:8], "prod"), MustContain(C1[:8], "pord")),
    )
    unknown = held(asked, *ESTATE).unknown
    assert {
        (violation.rule, violation.because) for violation in unknown if not violation.resource
    } == {
        ("no_drift", "nothing is named typo"),
        ("protect", "nothing is named tpyo"),
        ("must_contain", "no alias is named pord"),
    }


@pytest.mark.parametrize(
    ("records", "because"),
    [
        ((ecr_image(1, pushed_at=None), function(runs=1)), "was pushed was not read"),
        ((function(runs=1),), "was pushed was not read"),
        ((function(runs=1, code_sha256="", resolved_image_uri=None),), "runs was not read"),
    ],
)
def test_an_age_that_nobody_knows_is_no_violation_and_is_named(
    records: tuple[object, ...], because: str
) -> None:
    found = held(Policy(max_image_age_days=1), ecr_repository(), role(), *records)
    assert found.violations == ()
    (unknown,) = found.unknown
    assert (unknown.rule, because in unknown.because) == ("max_image_age_days", True), unknown


def test_a_lag_that_nobody_can_measure_is_no_violation_and_is_named() -> None:
    found = held(
        Policy(max_lag=0),
        ecr_repository(),
        ecr_image(1),
        function(runs=1),
        function("zip", None),
        role(),
    )
    why = {
        "pay": "the commit of its image is not known",
        "zip": "it runs no image that was read",
    }
    unknown = tuple(
        Violation("max_lag", f"function:{ACCOUNT}/{REGION}/{name}", why[name]) for name in why
    )
    assert (found.violations, found.unknown) == ((), unknown)


SCANNED = image_scan(counts=(("CRITICAL", 3),))
CRITICAL = (ecr_repository(), role(), ecr_image(1, "v1", scan=SCANNED), function(runs=1, tag="v1"))


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (3, []),
        (2, [("max_critical_running", ""), ("max_critical_running", f"app@{digest(1)}")]),
        (0, [("max_critical_running", ""), ("max_critical_running", f"app@{digest(1)}")]),
    ],
)
def test_critical_vulnerabilities_that_run(most: int, expected: list[tuple[str, str]]) -> None:
    """Another image with more of them, that nothing runs, is of no matter."""
    idle = ecr_image(2, scan=image_scan(counts=(("CRITICAL", 99),)))
    found = held(Policy(max_critical_running=most), *CRITICAL, idle)
    assert [
        (violation.rule, violation.resource.rpartition("/")[2]) for violation in found.violations
    ] == expected
    assert (found.unknown, found.failed) == ((), ())
    if expected:
        assert [violation.because for violation in found.violations] == [
            f"what runs has 3 critical vulnerabilities, {most} allowed",
            "it runs, and has 3 critical vulnerabilities",
        ]


def test_an_image_that_runs_unscanned_fails_closed_unless_the_policy_allows_it() -> None:
    rule, unscanned = "max_critical_running", ecr_image(2, "v2", scan=image_scan("FAILED"))
    estate = (*CRITICAL, unscanned, function("g", runs=2, tag="v2"))
    found = held(Policy(max_critical_running=3), *estate)
    whole = Violation(
        rule,
        "",
        "the vulnerabilities of 1 resource that run are not known (its scan failed); "
        "allow_unscanned = true lets them pass",
    )
    one = Violation(rule, unscanned.id, "its scan failed")
    assert (found.violations, found.unknown, found.failed) == ((), (whole, one), (whole,))
    allowed = held(Policy(max_critical_running=3, allow_unscanned=True), *estate)
    assert (allowed.violations, allowed.unknown, allowed.failed) == ((), (one,), ())
    assert held(Policy(allow_unscanned=True), *estate).rules == ()


@pytest.mark.parametrize(
    ("service", "action", "fails"),
    [
        ("ecs", "ListClusters", True),
        ("lambda", "ListFunctions", True),
        ("iam", "GetAccountAuthorizationDetails", False),
    ],
)
def test_a_service_that_may_run_images_unread_fails_the_count(
    service: str, action: str, fails: bool
) -> None:
    hides = (Kind.WORKLOAD,) if service == "ecs" else ()
    lost = gap(f"{service}:{action}", *hides)
    found = held(Policy(max_critical_running=9), *CRITICAL, gaps=(lost,))
    assert bool(found.failed) == fails


def test_reports_for_continuous_integration() -> None:
    found = held(Policy(max_orphans=0, no_broken=True, no_recreated_roles=True))
    suite = ElementTree.fromstring(check_reports.junit(found))[0]
    assert suite.attrib == {"name": "jotgraph", "tests": "3", "failures": "2", "errors": "0"}
    assert {case.attrib["name"]: len(case) for case in suite} == {
        "max_orphans": 1,
        "no_broken": 1,
        "no_recreated_roles": 0,
    }
    (run,) = json.loads(check_reports.sarif(found))["runs"]
    assert [(result["ruleId"], result["level"]) for result in run["results"]] == [
        ("max_orphans", "error"),
        ("no_broken", "error"),
    ]


def test_nothing_in_a_report_steers_a_terminal_or_is_no_xml() -> None:
    hostile = Violation("no_gaps", "", 'a\x1b[2J\x85\u202e\ud800\uffff&"<')
    found = msgspec.structs.replace(held(Policy(no_gaps=True)), violations=(hostile,))
    text = check_reports.junit(found)
    (failure,) = ElementTree.fromstring(text.encode()).iter("failure")
    assert failure.attrib["message"] == 'a\ufffd[2J\ufffd\ufffd\ufffd\ufffd&"<'


def test_every_sarif_result_is_at_the_policy_and_the_same_alert_in_every_run() -> None:
    """GitHub refuses a whole file for one result without a file, and takes results of one rule at
    one line for one alert unless their fingerprints differ."""
    found = held(Policy(max_orphans=0, no_gaps=True), *ESTATE, gaps=(gap("ecr:DescribeImages"),))
    results = json.loads(check_reports.sarif(found, "ci/my policy.toml"))["runs"][0]["results"]
    assert len(results) > 2
    places = [
        location["physicalLocation"] for result in results for location in result["locations"]
    ]
    assert places == [
        {"artifactLocation": {"uri": "ci/my%20policy.toml"}, "region": {"startLine": 1}}
    ] * len(results)
    prints = [result["partialFingerprints"]["primaryLocationLineHash"] for result in results]
    assert len(set(prints)) == len(results)
    again = json.loads(check_reports.sarif(found))["runs"][0]["results"]
    assert [result["partialFingerprints"]["primaryLocationLineHash"] for result in again] == prints


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"max_orphan": 1}, "'max_orphan'; did you mean 'max_orphans'"),
        ({"max_orphans_of": {"ecr-imge": 1}}, "did you mean 'ecr-image'"),
        ({"must_contain": [{"comit": "main"}]}, "did you mean 'commit'"),
        ({"max_orphans": "many"}, "max_orphans: a whole number is needed, not text"),
        ({"ignore": ["gap"]}, "cannot be ignored"),
        ({"require_tested": {"of": []}}, "require_tested: of names nothing"),
    ],
)
def test_malformed_policies(table: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        parse_policy(table)


def test_policy_files(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text('max-orphans = 3\n[[must-contain]]\ncommit = "main"\n')
    assert read_policy(path) == Policy(max_orphans=3, must_contain=(MustContain("main"),))
    path.write_text("max_orphans =")
    with pytest.raises(OptionError, match="is not TOML"):
        read_policy(path)
    with pytest.raises(OptionError, match=r"there is no policy file .*jotgraph check --init"):
        read_policy(tmp_path / "none.toml")


YAML = """
max-orphans: 3
max_orphans_of: {ecr-image: 2}
no_drift: [prod]
must_contain:
  - commit: main
"""


@pytest.mark.parametrize("name", ["policy.yaml", "policy.yml"])
def test_yaml_says_the_same_as_toml(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(YAML)
    assert read_policy(path) == Policy(
        max_orphans=3,
        max_orphans_of={"ecr-image": 2},
        no_drift=("prod",),
        must_contain=(MustContain("main"),),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no_brokn: true", "policy.yaml: unknown key 'no_brokn'; did you mean 'no_broken'?"),
        ("must_contain: [{comit: main}]", "did you mean 'commit'"),
        ("max_orphans: many", "policy.yaml: max_orphans: a whole number is needed, not text"),
        ("must_contain: 3", "must_contain: a list is needed, not a whole number"),
        ("max_orphans_of: 3", "max_orphans_of: a table is needed, not a whole number"),
        ("a: [", "is not YAML"),
        ("- max_orphans", "is not a mapping of rules"),
        ("[]", "is not a mapping of rules"),
        ("false", "is not a mapping of rules"),
        ("keep_days: -1", "keep_days is -1; it must be 0 or more"),
    ],
)
def test_yaml_that_is_wrong_says_where(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    with pytest.raises(OptionError) as raised:
        read_policy(path)
    assert says in str(raised.value)


def test_yaml_without_pyyaml_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(YAML)
    monkeypatch.setitem(sys.modules, "yaml", None)  # what an import finds where none is installed
    with pytest.raises(OptionError, match=r"needs PyYAML \(pip install 'jotgraph\[yaml\]'\)"):
        read_policy(path)


def test_a_rollback_window_in_days() -> None:
    young = ecr_image(3, pushed_at=days_ago(20))
    assert said(Policy(max_orphans=0), ecr_repository(), young) == [("max_orphans", "")]
    assert said(Policy(max_orphans=0, keep_days=30), ecr_repository(), young) == []
    assert said(Policy(max_orphans=0, keep_images=1), ecr_repository(), young) == []


def test_the_newest_image_where_something_runs_is_no_orphan() -> None:
    world = (ecr_repository(), ecr_image(3, pushed_at=days_ago(20)), ecr_image(1), function(runs=1))
    assert said(Policy(max_orphans_of={"ecr-image": 0}), *world) == []
    without = Policy(max_orphans_of={"ecr-image": 0}, keep_images=0)
    assert said(without, *world) == [("max_orphans_of", "")]


def test_a_lag_that_touches_nothing_of_an_image_is_none() -> None:
    match = content_match(ecr_image(1).id, C1)

    def lagging(touched: Touched) -> int:
        content = msgspec.structs.replace(match, touched=touched)
        return len(said(Policy(max_lag=0), *ESTATE, content))

    assert lagging(touched(C2)) == 3
    assert lagging(touched(inputs=(build_input("Dockerfile", C2),))) == 3
    assert lagging(touched()) == 0


# Tests


TESTED = (ecr_repository(), ecr_image(1, "v1"), role(), function(invocations=5))
RULE = "require_tested"


@pytest.mark.parametrize(
    ("rule", "tests", "expected"),
    [
        (True, [], ["no test of it is known"]),
        (True, [image_test(1)], []),
        (True, [image_test(2)], ["no test of it is known"]),
        (True, [image_test(1, "a", "b", passed=False), image_test(1, "a")],
         ["failed 1 of 2 cases (b) on 2026-03-01 by engine engine"]),
        (RequireTested(max_age="2d"), [image_test(1, at=days_ago(1))], []),
        (RequireTested(max_age="2d"), [image_test(1, at=days_ago(3))],
         ["it was last tested on 2026-02-26, 2 days allowed"]),
        (RequireTested(cases=("smoke", "load*")), [image_test(1)],
         ["no passed case is named load*"]),
        (RequireTested(cases=("smoke",)), [image_test(1)], []),
        (RequireTested(of=("other",)), [], []),
        (RequireTested(of=("pay",)), [], ["no test of it is known"]),
    ],
)  # fmt: skip
def test_what_runs_was_tested(rule: Any, tests: list[Any], expected: list[str]) -> None:
    found = held(Policy(require_tested=rule), *TESTED, *tests)
    assert [violation.because for violation in found.violations] == expected
    assert {violation.rule for violation in found.violations} <= {RULE}
    assert found.failed == ()
    assert found.rules == (RULE,)


def test_an_alias_and_its_version_are_held_as_one() -> None:
    estate = (*TESTED, version(1, runs=2), ecr_image(2, "v0"), alias("live", 1))
    found = held(Policy(require_tested=RequireTested(of=("live",))), *estate, image_test(1))
    assert [(violation.resource, violation.because) for violation in found.violations] == [
        (version(1).id, "no test of it is known")
    ]


def test_a_zip_package_is_set_aside() -> None:
    assert held(Policy(require_tested=True), role(), function(runs=None)).violations == ()


@pytest.mark.parametrize(
    ("fields", "image", "reason"),
    [
        (
            {"scope": scope(HERE, tests=False)},
            ecr_image(1, "v1"),
            "the tests that are kept were not read",
        ),
        (
            {"gaps": (gap("tests:read", facts=("tests",), detail="it is damaged"),)},
            ecr_image(1, "v1"),
            "it is damaged",
        ),
        (
            {"tests": (image_test(9),)},
            ecr_image(1, "v1", manifest_read=False),
            "its manifest was not read: a tested local image may be the same",
        ),
    ],
)
def test_evidence_that_was_not_read_lets_nothing_pass(
    fields: dict[str, Any], image: Any, reason: str
) -> None:
    found = held(Policy(require_tested=True), ecr_repository(), image, role(), function(), **fields)
    assert reason in {violation.because for violation in found.failed if violation.rule == RULE}
    assert found.failed[0] in found.unknown


def test_a_name_that_nothing_has_is_told() -> None:
    found = held(Policy(require_tested=RequireTested(of=("liev",))), *TESTED, image_test(1))
    assert [violation.because for violation in found.unknown] == ["nothing is named liev"]


@pytest.mark.parametrize(
    ("requirement", "reason"),
    [
        ({"max_ages": "1d"}, "did you mean 'max_age'"),
        ({"max_age": "soon"}, "is not a time span"),
        ("yes", "require_tested"),
    ],
)
def test_a_malformed_requirement_is_refused(requirement: Any, reason: str) -> None:
    with pytest.raises(OptionError, match=reason):
        parse_policy({"require_tested": requirement})
