"""Assumptions about Lambda's responses."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jotgraph.doctor.assumptions.model import AssumptionRule, SampleCheck, only_by, outcome
from jotgraph.doctor.samples import Sample, Samples
from jotgraph.queries.answers.diagnosis import Words, words
from jotgraph.records.references import HEX_DIGEST, lambda_target

_DIGEST = re.compile(r".+@sha256:(?P<hex>[0-9a-f]{64})")
_NO_IMAGE = "no function of an image was answered"
_LISTED = "no function was listed"
_LATEST = "$LATEST"


def code_sha256(samples: Samples) -> SampleCheck:
    """CodeSha256 of an image function is the digest that Lambda resolved."""

    def look() -> Iterator[Words | None]:
        for configuration, code in _of_images(samples):
            match = _DIGEST.fullmatch(code.get("ResolvedImageUri") or "")
            if match:
                same = configuration.get("CodeSha256") == match["hex"]
                name = str(configuration.get("FunctionArn"))
                sha = str(configuration.get("CodeSha256"))
                yield (
                    None
                    if same
                    else words("{} has CodeSha256 {} and runs sha256:{}", name, sha, match["hex"])
                )

    return outcome(look(), _NO_IMAGE)


def resolved_uri(samples: Samples) -> SampleCheck:
    """GetFunction returns the digest that an image function runs."""
    return outcome(
        (
            None
            if code.get("ImageUri") and _DIGEST.fullmatch(code.get("ResolvedImageUri") or "")
            else words(
                "{}: ImageUri {}, ResolvedImageUri {}",
                str(configuration.get("FunctionArn")),
                str(code.get("ImageUri")),
                str(code.get("ResolvedImageUri")),
            )
            for configuration, code in _of_images(samples)
        ),
        _NO_IMAGE,
    )


def listed_sha256(samples: Samples) -> SampleCheck:
    """CodeSha256 is hex for an image, and base64 of 32 bytes for a zip package."""

    def fits(item: Mapping[str, Any]) -> bool:
        sha = str(item.get("CodeSha256") or "")
        if item.get("PackageType") == "Image":
            return bool(HEX_DIGEST.fullmatch(sha))
        try:
            return len(base64.b64decode(sha, validate=True)) == 32 and not HEX_DIGEST.fullmatch(sha)
        except binascii.Error:
            return False

    items = samples.items("lambda", "ListFunctions", "Functions")
    return outcome(
        (
            None
            if fits(item)
            else words(
                "{}: PackageType {}, CodeSha256 {}",
                str(item.get("FunctionArn")),
                str(item.get("PackageType")),
                str(item.get("CodeSha256")),
            )
            for _, item in items
        ),
        _LISTED,
    )


def listed_as_described(samples: Samples) -> SampleCheck:
    """The listing and GetFunction agree on one revision."""
    listed = {
        (sample.region, str(item.get("FunctionArn"))): item
        for sample, item in samples.items("lambda", "ListFunctions", "Functions")
    }

    def look() -> Iterator[Words | None]:
        for sample in samples.of("lambda", "GetFunction"):
            described = sample.answer.get("Configuration") or {}
            arn = str(described.get("FunctionArn"))
            item = listed.get((sample.region, arn)) or listed.get(
                (sample.region, f"{arn}:{_LATEST}")
            )
            if item is not None and item.get("RevisionId") == described.get("RevisionId"):
                other = [
                    name
                    for name in ("CodeSha256", "Role", "PackageType")
                    if item.get(name) != described.get(name)
                ]
                yield words(f"{{}}: another {', '.join(other)}", arn) if other else None

    return outcome(look(), "no function was both listed and described in one revision")


def revision_there(samples: Samples) -> SampleCheck:
    """Each listed configuration has a RevisionId."""
    return outcome(
        (
            None if item.get("RevisionId") else words("{} has none", str(item.get("FunctionArn")))
            for _, item in samples.items("lambda", "ListFunctions", "Functions")
        ),
        _LISTED,
    )


def arns_named(samples: Samples) -> SampleCheck:
    """The ARN of a listed configuration contains its name and, for a published version, its
    number."""

    def fits(sample: Sample, item: Mapping[str, Any]) -> bool:
        arn, name = str(item.get("FunctionArn")), str(item.get("FunctionName"))
        named = f":lambda:{sample.region}:{sample.account}:function:{name}"
        version = f":{item.get('Version')}"
        return arn.endswith(f"{named}{version}") or (
            version == f":{_LATEST}" and arn.endswith(named)
        )

    return outcome(
        (
            None if fits(sample, item) else words("{}", str(item.get("FunctionArn")))
            for sample, item in samples.items("lambda", "ListFunctions", "Functions")
        ),
        _LISTED,
    )


def aliases_route_to_listed(samples: Samples) -> SampleCheck:
    """``ListFunctions(ALL)`` contains every version that an alias routes to."""
    whole = {
        (sample.account, sample.region)
        for sample in samples.of("lambda", "ListFunctions")
        if not sample.answer.get("NextMarker")
    }
    listed = {
        (sample.region, item.get("FunctionName"), item.get("Version"))
        for sample, item in samples.items("lambda", "ListFunctions", "Functions")
    }

    def look() -> Iterator[Words | None]:
        for sample, alias in samples.items("lambda", "ListAliases", "Aliases"):
            if (sample.account, sample.region) not in whole:
                continue
            weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
            for version in (alias.get("FunctionVersion"), *weights):
                name = sample.params.get("FunctionName")
                there = (sample.region, name, version) in listed
                arn = str(alias.get("AliasArn"))
                yield None if there else words("{} routes to {}", arn, str(version))

    return outcome(look(), "no alias was listed, or not every function")


def triggers_named(samples: Samples) -> SampleCheck:
    """A trigger names a function, version or alias by ARN."""
    return outcome(
        (
            None if lambda_target(str(item.get("FunctionArn"))) else words("{}", str(item))
            for _, item in samples.items("lambda", "ListEventSourceMappings", "EventSourceMappings")
        ),
        "no trigger was listed",
    )


def metric_for_each(samples: Samples) -> SampleCheck:
    """GetMetricData answers every query, including those without a value."""

    def look() -> Iterator[Words | None]:
        for sample in samples.of("cloudwatch", "GetMetricData"):
            asked = {query["Id"] for query in sample.params.get("MetricDataQueries") or ()}
            results = sample.answer.get("MetricDataResults") or ()
            answered = {result.get("Id") for result in results}
            if not sample.answer.get("NextToken"):
                left = len(asked - answered)
                yield Words(f"{left:,} of {len(asked):,} queries got no result") if left else None

    return outcome(look(), "no metric was asked for")


def _of_images(samples: Samples) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    for sample in samples.of("lambda", "GetFunction"):
        configuration = sample.answer.get("Configuration") or {}
        if configuration.get("PackageType") == "Image":
            yield configuration, sample.answer.get("Code") or {}


RULES = (
    AssumptionRule(
        "code-sha256-is-digest",
        "CodeSha256 of an image function is the digest of the image that it runs, in hex",
        "jotgraph.sources.functions.listing",
        code_sha256,
    ),
    AssumptionRule(
        "get-function-resolves",
        "GetFunction names the deployed tag (ImageUri) and the digest that runs (ResolvedImageUri)",
        "jotgraph.sources.functions.detail",
        resolved_uri,
    ),
    AssumptionRule(
        "code-sha256-form",
        "CodeSha256 is 64 hex digits for an image, and base64 for a zip package",
        "jotgraph.links.digests",
        listed_sha256,
    ),
    AssumptionRule(
        "listing-agrees",
        "With one RevisionId, ListFunctions and GetFunction give the same code, role and type",
        "jotgraph.sources.functions.detail",
        listed_as_described,
    ),
    AssumptionRule(
        "revision-listed",
        "ListFunctions gives a RevisionId for each function and version",
        "jotgraph.sources.functions.detail",
        revision_there,
    ),
    AssumptionRule(
        "function-arns",
        "FunctionArn names the account, region, function, and a published version by its number",
        "jotgraph.records.references",
        arns_named,
    ),
    AssumptionRule(
        "every-version-listed",
        "ListFunctions with FunctionVersion=ALL lists every version that an alias routes to",
        "jotgraph.sources.functions.listing",
        aliases_route_to_listed,
    ),
    AssumptionRule(
        "trigger-targets",
        "A trigger names a function, a version or an alias by ARN",
        "jotgraph.sources.functions.listing",
        triggers_named,
    ),
    AssumptionRule(
        "metric-for-each-query",
        "GetMetricData answers each query, one without any call too",
        "jotgraph.sources.functions.requests",
        metric_for_each,
    ),
    AssumptionRule(
        "trigger-of-a-lost-function",
        "A trigger stays when its function is deleted, and is no use of a new one of that name",
        "jotgraph.apply.undo.triggers",
        only_by("a deletion"),
    ),
)
