"""The tables of a dataset and their columns, in one list for writers, readers and queries.

Each row also has ``record``, the whole record as JSON, from which the inventory is restored; the
other columns are for queries.
"""

from __future__ import annotations

from operator import attrgetter

from jotgraph.records import EcrImage, Function, ImageTest, Version, Workload
from jotgraph.records.references import lambda_target, reference, role_of
from jotgraph.scale.dataset.columns import NUMBER, TEXT, TEXTS, TIME, Column, Table, field_column

_ID = field_column("id", TEXT, "the resource's id, as every answer has it")
_NAME = field_column("name", TEXT, "its name")
_ARN = field_column("arn", TEXT, "its ARN")


def _critical(image: EcrImage) -> int | None:
    return image.scan.count("CRITICAL") if image.scan else None


def _passed(test: ImageTest, whether: bool) -> int:
    return sum(case.passed is whether for case in test.cases)


def _role(configuration: Function | Version) -> str | None:
    return role_of(configuration.role_arn)


def _digests(workload: Workload) -> list[str]:
    named = (used.digest or reference(used.image).digest for used in workload.images)
    return sorted({digest for digest in named if digest})


_OF_CONFIGURATIONS = (
    field_column("package_type", TEXT, "`Image` or `Zip`"),
    Column("digest", TEXT, "of an image, what runs: `sha256:…`", attrgetter("image_digest")),
    field_column("image_uri", TEXT, "as it was deployed, mostly by tag; null when not read"),
    field_column("resolved_image_uri", TEXT, "where Lambda found it; null when not read"),
    Column("role", TEXT, "id of the role that it assumes", _role),
    field_column("runtime", TEXT, "of a zip package"),
    field_column("state", TEXT, "`Active`, `Failed`…; null when not read"),
    field_column("last_modified", TIME, "when it was last changed"),
    field_column("invocations", NUMBER, "calls in the window of the scan; null when not read"),
)

TABLES: tuple[Table, ...] = (
    Table(
        "repositories",
        "ecr_repositories",
        "Repositories of ECR.",
        (
            _ID,
            _NAME,
            _ARN,
            field_column("created_at", TIME, "when it was created"),
            field_column("mutability", TEXT, "whether tags may move: `MUTABLE`, `IMMUTABLE`"),
            field_column("policy", TEXT, "its policy, JSON; null for none, or when not read"),
            field_column("lifecycle", TEXT, "its lifecycle policy, JSON; the same"),
        ),
    ),
    Table(
        "images",
        "ecr_images",
        "Images of ECR: a row for each digest in each repository.",
        (
            _ID,
            field_column("repository_id", TEXT, "id of its repository"),
            field_column("repository", TEXT, "name of its repository"),
            field_column("digest", TEXT, "`sha256:…` of its manifest"),
            Column("tags", TEXTS, "its tags; empty for none", lambda image: list(image.tags)),
            field_column("type", TEXT, "`image index attestation signature soci artifact unknown`"),
            field_column("status", TEXT, "`ACTIVE` or `ARCHIVED`"),
            field_column("size", NUMBER, "bytes, compressed; of an index its largest image's"),
            field_column("pushed_at", TIME, "first push of the digest"),
            field_column("pulled_at", TIME, "last recorded pull, by anybody"),
            field_column("created_at", TIME, "when it was built; null when not read"),
            field_column("architecture", TEXT, "`amd64`, `arm64`; null when not read"),
            field_column("config_digest", TEXT, "of its configuration; null when not read"),
            Column("critical", NUMBER, "critical vulnerabilities; null when not known", _critical),
        ),
    ),
    Table(
        "functions",
        "functions",
        "Lambda functions: what `$LATEST` is.",
        (_ID, _NAME, _ARN, *_OF_CONFIGURATIONS),
    ),
    Table(
        "versions",
        "versions",
        "Published versions of functions.",
        (
            _ID,
            field_column("function", TEXT, "id of its function"),
            _NAME,
            field_column("number", TEXT, "its number"),
            _ARN,
            *_OF_CONFIGURATIONS,
        ),
    ),
    Table(
        "aliases",
        "aliases",
        "Aliases of functions.",
        (
            _ID,
            field_column("function", TEXT, "id of its function"),
            _NAME,
            field_column("version", TEXT, "number that it sends calls to, or `$LATEST`"),
            Column(
                "weighted",
                TEXTS,
                "numbers that it sends a share of the calls to",
                lambda alias: [number for number, _ in alias.weights],
            ),
            field_column("invocations", NUMBER, "calls in the window; null when not read"),
        ),
    ),
    Table(
        "triggers",
        "triggers",
        "Event source mappings.",
        (
            _ID,
            field_column("uuid", TEXT, "its UUID"),
            field_column("source_arn", TEXT, "whose events it takes"),
            field_column("function_arn", TEXT, "what it calls"),
            Column(
                "target",
                TEXT,
                "id of the function, version or alias that it calls",
                lambda trigger: lambda_target(trigger.function_arn),
            ),
            field_column("state", TEXT, "`Enabled`, `Disabled`…"),
            field_column("last_modified", TIME, "when it was last changed"),
        ),
    ),
    Table(
        "workloads",
        "workloads",
        "What runs images beside Lambda: ECS, Batch, SageMaker… ([workloads](workloads.md)).",
        (
            _ID,
            field_column("service", TEXT, "`ecs`, `batch`, `codebuild`…"),
            field_column("type", TEXT, "`service`, `task`, `job-definition`…"),
            _NAME,
            field_column(
                "state", TEXT, "`running`, `newest`, or `active`: it may be started by name"
            ),
            Column(
                "images",
                TEXTS,
                "references, as they are written there",
                lambda workload: [used.image for used in workload.images],
            ),
            Column("digests", TEXTS, "their digests, as far as it reports them", _digests),
            Column(
                "roles",
                TEXTS,
                "ARNs of the roles that it assumes",
                lambda record: list(record.roles),
            ),
            field_column("tasks", NUMBER, "tasks that run or start"),
            field_column("changed_at", TIME, "when it was deployed, registered or changed"),
        ),
    ),
    Table(
        "roles",
        "roles",
        "IAM roles. Their region is empty.",
        (
            _ID,
            _NAME,
            field_column("path", TEXT, "its path, `/` for most"),
            _ARN,
            field_column("created_at", TIME, "when it was created"),
            field_column("last_used_at", TIME, "last use in 400 days; null for none"),
            field_column("last_used_region", TEXT, "where that was"),
            field_column("trust", TEXT, "its trust policy, JSON"),
        ),
    ),
    Table(
        "log_groups",
        "log_groups",
        "Log groups, of a scan with `--logs`.",
        (
            _ID,
            _NAME,
            field_column("size", NUMBER, "stored bytes"),
            field_column("retention_days", NUMBER, "days that events are kept; null for ever"),
            field_column("created_at", TIME, "when it was created"),
        ),
    ),
    Table(
        "commits",
        "commits",
        "Commits of the git repositories read. Account and region are empty.",
        (
            _ID,
            field_column("sha", TEXT, "its full SHA"),
            Column("parents", TEXTS, "SHAs of its parents", lambda commit: list(commit.parents)),
            field_column("committed_at", TIME, "when it was committed"),
            field_column("author", TEXT, "who wrote it"),
            field_column("subject", TEXT, "first line of its message"),
            Column("repositories", TEXTS, "where it is", lambda record: list(record.repositories)),
        ),
    ),
    Table(
        "local_images",
        "local_images",
        "Images of the Docker engine. Account and region are empty.",
        (
            _ID,
            Column("tags", TEXTS, "its tags", lambda image: list(image.tags)),
            Column(
                "repo_digests",
                TEXTS,
                "pushed or pulled as",
                lambda record: list(record.repo_digests),
            ),
            field_column("config_digest", TEXT, "of its configuration"),
            field_column("created_at", TIME, "when it was built"),
            field_column("size", NUMBER, "bytes on disk"),
        ),
    ),
    Table(
        "containers",
        "containers",
        "Containers of the Docker engine. Account and region are empty.",
        (
            Column("id", TEXT, "the resource's id", attrgetter("id")),
            _NAME,
            field_column("image_id", TEXT, "the engine's id of its image"),
            field_column("state", TEXT, "`running`, `exited`…"),
            field_column("created_at", TIME, "when it was made"),
        ),
    ),
    Table(
        "content",
        "content",
        "What the bytes of images say, of a scan with `--content`. Account and region are those of "
        "what was compared.",
        (
            field_column("resource", TEXT, "id of the image or function that was compared"),
            field_column("repository", TEXT, "the git repository that it was compared with"),
            field_column("verdict", TEXT, "`exact`, `subset`, `nearest`… ([content](content.md))"),
            field_column("newest", TEXT, "SHA of the newest commit that fits"),
            field_column("count", NUMBER, "how many commits fit"),
        ),
    ),
    Table(
        "tests",
        "tests",
        "What `test` and `invoke` found. Account and region are those of what was invoked.",
        (
            field_column("at", TIME, "when it was run"),
            field_column("image", TEXT, "the digest that was tested"),
            field_column("config_digest", TEXT, "of a local image, its configuration"),
            field_column("function", TEXT, "id of what was invoked; null for an engine's run"),
            field_column("ran_on", TEXT, "the engine's name for its machine, or an ARN", "where"),
            field_column("ran_by", TEXT, "`user@machine`, or an ARN", "by"),
            Column("passed", NUMBER, "cases that passed", lambda test: _passed(test, True)),
            Column("failed", NUMBER, "cases that did not", lambda test: _passed(test, False)),
        ),
    ),
)
"""The tables that are files."""

FIRST: tuple[tuple[str, str, str], ...] = (
    ("scan", TEXT, "which scan, by its time: `2026-03-04T09-00-00Z`"),
    ("account", TEXT, "its account; empty for what is in none"),
    ("region", TEXT, "its region; empty for what is in none"),
)
"""Columns that partition the files; every table has them."""
LAST: tuple[tuple[str, str, str], ...] = (
    ("position", NUMBER, "its place among those of its kind"),
    ("record", TEXT, "the whole record, JSON"),
)
