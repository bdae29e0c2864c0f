"""What Lambda holds: functions, their versions and aliases, and the triggers that call them."""

from __future__ import annotations

import re
from datetime import datetime

from jotgraph.records.fields import Pairs, Regional
from jotgraph.records.ids import ResourceId, alias_id, function_id, trigger_id, version_id
from jotgraph.records.started import Words

LAMBDA_LOGS = "/aws/lambda/"
"""How the names of log groups begin that Lambda makes for functions which name none (Lambda guide,
"Sending Lambda function logs to CloudWatch Logs")."""
_HEX = re.compile(r"[0-9a-f]{64}")


class _Configuration(Regional, frozen=True, kw_only=True, gc=False):
    """What ListFunctions says of ``$LATEST`` and of each published version alike; the fields of
    the second block come from GetFunction and are None when it was not called."""

    name: str
    """The function's name."""
    arn: str = ""
    package_type: str = "Image"
    """``Image`` or ``Zip``; ``""`` when the answer did not say, which may be either."""
    code_sha256: str = ""
    """For an image, the manifest digest in hex without ``sha256:``; for zip, base64."""
    role_arn: str = ""
    last_modified: datetime | None = None
    revision: str = ""
    """RevisionId: changes with every change of the configuration."""
    runtime: str = ""
    handler: str = ""
    description: str = ""
    architectures: tuple[str, ...] = ()
    env_names: tuple[str, ...] = ()
    """Names only: values are never stored."""
    env_hash: str = ""
    """Keyed hash of the values, to tell whether they changed; useless without the key."""
    env: Pairs = ()
    """Only environment variables on the allow-list of revision names."""
    mentions: tuple[str, ...] = ()
    """ARNs of roles and functions, ECR image references and digests in the values of environment
    variables: nothing else of a value is kept."""
    layers: tuple[str, ...] = ()
    """ARNs of the versions of Lambda layers that are laid under a zip package."""
    log_group: str = ""
    custom_runtime: str = ""
    """ARN of the customer-managed runtime under a zip package. One is made of an image, of which
    nothing here tells."""
    capacity_provider: str = ""
    """ARN of the capacity provider on whose instances it runs; empty where Lambda has its own."""
    durable_seconds: int | None = None
    """How long a durable execution may last, waiting for most of it; None where none is begun."""

    image_uri: str | None = None
    """As the deployer gave it, usually ``repo:tag``."""
    resolved_image_uri: str | None = None
    """``repo@sha256:…``, what runs."""
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
        """Whether GetFunction was asked about this very revision, in this scan or before."""
        return self.state is not None

    @property
    def image_digest(self) -> str | None:
        """The digest that runs, ``sha256:<hex>``, or None for a zip package.

        CodeSha256 of an image function is its manifest digest in hex (undocumented; relied on by
        the Serverless Framework, cartography and Kosli; docs/architecture.md). Of a zip package it
        is base64, 44 characters, so that 64 hex digits name an image whatever else is said.
        """
        if self.resolved_image_uri and "@" in self.resolved_image_uri:
            return self.resolved_image_uri.rpartition("@")[2]
        return f"sha256:{self.code_sha256}" if _HEX.fullmatch(self.code_sha256) else None

    @property
    def logs_to(self) -> str:
        """The name of the log group that it writes to."""
        return self.log_group or f"{LAMBDA_LOGS}{self.name}"

    @property
    def may_run_image(self) -> bool:
        """Whether it runs an image, or may: anything but a package that is said to be a zip, and
        that on a runtime of AWS's own."""
        zipped = self.package_type == "Zip" and not self.custom_runtime
        return not zipped or self.image_digest is not None


class Function(
    _Configuration, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="function"
):
    """One Lambda function: its ``$LATEST``, and what calls it."""

    policy: str | None = None
    """Resource policy, JSON; ``""`` when there is none, None when not read."""
    urls: tuple[str, ...] | None = None
    """Qualifiers with a function URL (``""`` is the function itself); None when not read."""
    provisioned: tuple[str, ...] | None = None
    """Versions and aliases with provisioned concurrency; None when not read."""
    concurrency: int | None = None
    """Reserved concurrency, from GetFunction; None is also *no reserve*."""
    invocations: int | None = None
    """Sum over the scan's window of all qualifiers; None when not read."""

    @property
    def id(self) -> ResourceId:
        return function_id(self.account, self.region, self.name)


class Version(_Configuration, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="version"):
    """One published version: frozen code, configuration and role."""

    number: str
    """A number, or ``$LATEST.PUBLISHED`` of a function that runs on a capacity provider."""
    invocations: int | None = None

    @property
    def order(self) -> int:
        """Versions count up as they are published; one without a number comes before all."""
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
    """``AdditionalVersionWeights``: (version, share of calls from 0 to 1); the main version has
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
    """Read of a disabled one alone, which a quarantine may have marked. None: not read."""

    @property
    def id(self) -> ResourceId:
        return trigger_id(self.account, self.region, self.uuid)
