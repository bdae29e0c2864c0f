"""Records of Lambda: functions, versions, aliases and triggers."""

from __future__ import annotations

from datetime import datetime

from jotgraph.records.fields import Pairs, Regional
from jotgraph.records.ids import ResourceId, alias_id, function_id, trigger_id, version_id
from jotgraph.records.references import HEX_DIGEST
from jotgraph.records.started import Words

LAMBDA_LOGS = "/aws/lambda/"
"""How the names of log groups begin that Lambda makes for functions which name none (Lambda guide,
"Sending Lambda function logs to CloudWatch Logs")."""


class _Configuration(Regional, frozen=True, kw_only=True, gc=False):
    """Fields that ``$LATEST`` and published versions have in common. The first block comes from
    ListFunctions; the second from GetFunction, and is None when that was not called."""

    name: str
    """The function's name."""
    arn: str = ""
    package_type: str = "Image"
    """``Image`` or ``Zip``; ``""`` when the response did not say, so that it may be either."""
    code_sha256: str = ""
    """For an image, the manifest digest in hex without ``sha256:``; for zip, base64."""
    role_arn: str = ""
    last_modified: datetime | None = None
    revision: str = ""
    """RevisionId, which changes with every change of the configuration."""
    runtime: str = ""
    handler: str = ""
    description: str = ""
    architectures: tuple[str, ...] = ()
    env_names: tuple[str, ...] = ()
    """Names only: values are never stored."""
    env_hash: str = ""
    """Keyed hash of the values, which shows whether they changed and nothing else."""
    env: Pairs = ()
    """Only environment variables on the allow-list of revision names."""
    mentions: tuple[str, ...] = ()
    """ARNs of roles and functions, ECR image references and digests in the values of environment
    variables: nothing else of a value is kept."""
    layers: tuple[str, ...] = ()
    """ARNs of the Lambda layer versions of a zip package."""
    log_group: str = ""
    custom_runtime: str = ""
    """ARN of the customer-managed runtime of a zip package. It was made from an image that no API
    names."""
    capacity_provider: str = ""
    """ARN of the capacity provider whose instances it runs on; empty for Lambda's own."""
    durable_seconds: int | None = None
    """How long a durable execution may last, most of which it may spend waiting; None when the
    function has none."""

    image_uri: str | None = None
    """As the deployer gave it, usually ``repo:tag``."""
    resolved_image_uri: str | None = None
    """``repo@sha256:…``, the image that runs."""
    state: str | None = None
    state_reason: str | None = None
    """StateReasonCode: ``ImageDeleted``, ``ImageAccessDenied``, ``Idle``…"""
    last_update_status: str | None = None
    entry_point: Words | None = None
    """``ImageConfig.EntryPoint``, in place of the image's ENTRYPOINT; empty where it is not set."""
    command: Words | None = None
    """``ImageConfig.Command``, in place of the image's CMD; empty where it is not set."""
    tags: Pairs | None = None

    @property
    def detail_read(self) -> bool:
        """Whether GetFunction was called for this very revision, in this scan or an earlier one."""
        return self.state is not None

    @property
    def image_digest(self) -> str | None:
        """The digest of the image that runs, ``sha256:<hex>``, or None for a zip package.

        CodeSha256 of an image function is its manifest digest in hex (undocumented; relied on by
        the Serverless Framework, cartography and Kosli; docs/architecture.md). For a zip package it
        is base64, 44 characters, so 64 hex digits always mean an image.
        """
        if self.resolved_image_uri and "@" in self.resolved_image_uri:
            return self.resolved_image_uri.rpartition("@")[2]
        return f"sha256:{self.code_sha256}" if HEX_DIGEST.fullmatch(self.code_sha256) else None

    @property
    def runs_what_it_says(self) -> bool:
        """Whether it runs the code that its configuration names. Versions always do."""
        return True

    @property
    def logs_to(self) -> str:
        """The name of the log group that it writes to."""
        return self.log_group or f"{LAMBDA_LOGS}{self.name}"

    @property
    def may_run_image(self) -> bool:
        """Whether it runs an image, or may. Everything may, except a package that AWS reports as a
        zip and that uses a runtime of AWS."""
        zipped = self.package_type == "Zip" and not self.custom_runtime
        return not zipped or self.image_digest is not None


class Function(
    _Configuration, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="function"
):
    """One Lambda function: its ``$LATEST``, and what calls it."""

    policy: str | None = None
    """Resource policy, JSON; ``""`` when the function has none, None when not read."""
    urls: tuple[str, ...] | None = None
    """Qualifiers that have a function URL (``""`` for the function itself); None when not read."""
    provisioned: tuple[str, ...] | None = None
    """Versions and aliases with provisioned concurrency; None when not read."""
    concurrency: int | None = None
    """Reserved concurrency, from GetFunction; None also when there is none."""
    invocations: int | None = None
    """Invocations in the scan's window, all qualifiers together; None when not read."""
    used_before: tuple[str, ...] = ()
    """Images (``repo@sha256:…``) and ARNs of roles that earlier scans read as its own, where its
    last update failed or is in progress, or its result was not read: it may use one of them, or
    something that no scan read."""

    @property
    def id(self) -> ResourceId:
        return function_id(self.account, self.region, self.name)

    @property
    def runs_what_it_says(self) -> bool:
        """Whether no update of it is known to have failed or to be in progress: its configuration
        is the new one then, and calls go to the code of before (Lambda guide, "Lambda function
        states"). One that failed altogether runs nothing."""
        return self.state == "Failed" or self.last_update_status not in ("InProgress", "Failed")

    @property
    def update_read(self) -> bool:
        """Whether it is known how its last update ended: GetFunction tells, and what an earlier
        scan lends of a revision was settled then."""
        return self.detail_read or self.resolved_image_uri is not None

    @property
    def settled(self) -> bool:
        """Whether its last update is known to be through. GetFunction, which tells, is not called
        for zip packages: only an update that is known not to be through counts for them."""
        return self.runs_what_it_says and (self.update_read or not self.may_run_image)


class Version(_Configuration, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="version"):
    """One published version: frozen code, configuration and role."""

    number: str
    """A number, or ``$LATEST.PUBLISHED`` of a function that runs on a capacity provider."""
    invocations: int | None = None

    @property
    def order(self) -> int:
        """A sort key: versions count up as they are published; one without a number sorts first."""
        return int(self.number) if self.number.isdigit() else -1

    @property
    def id(self) -> ResourceId:
        return version_id(self.account, self.region, self.name, self.number)

    @property
    def function(self) -> ResourceId:
        return function_id(self.account, self.region, self.name)


class Alias(Regional, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="alias"):
    """One alias and where it routes."""

    function_name: str
    name: str
    arn: str = ""
    version: str
    """``FunctionVersion``: a number or ``$LATEST``."""
    weights: tuple[tuple[str, float], ...] = ()
    """``AdditionalVersionWeights``: (version, share of calls from 0 to 1); the main version gets
    the rest."""
    revision: str = ""
    description: str = ""
    invocations: int | None = None

    @property
    def id(self) -> ResourceId:
        return alias_id(self.account, self.region, self.function_name, self.name)

    @property
    def function(self) -> ResourceId:
        return function_id(self.account, self.region, self.function_name)


class Trigger(Regional, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="trigger"):
    """One event source mapping; it outlives the function it names."""

    uuid: str
    function_arn: str
    source_arn: str = ""
    state: str = ""
    last_modified: datetime | None = None
    tags: Pairs | None = None
    """Tags; only read for a disabled trigger, which a quarantine may have marked. None when not
    read."""

    @property
    def id(self) -> ResourceId:
        return trigger_id(self.account, self.region, self.uuid)
