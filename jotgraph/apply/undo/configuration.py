"""Translates GetFunction's answer into the parameters of calls that create a function or
version."""

from __future__ import annotations

from typing import Any

from jotgraph.apply.backup.paths import package_path
from jotgraph.apply.undo.restorer import Restorer
from jotgraph.errors import UnrestorableError
from jotgraph.records import ecr_repo_id
from jotgraph.records.references import ecr_reference
from jotgraph.sources.single import digest_of_tag

DIRECT = 50 << 20
"""Longest zip package that Lambda takes in a call; larger ones are read from S3 (Lambda quotas)."""
_KEPT = (
    "Role", "Handler", "Runtime", "Description", "Timeout", "MemorySize", "KMSKeyArn",
    "FileSystemConfigs", "Architectures", "PackageType", "EphemeralStorage", "LoggingConfig",
    "DurableConfig", "TenancyConfig", "CapacityProviderConfig",
)  # fmt: skip
"""Members of a FunctionConfiguration that CreateFunction takes unchanged."""
_NETWORK = ("SubnetIds", "SecurityGroupIds", "Ipv6AllowedForDualStack")


def configuration(config: dict[str, Any]) -> dict[str, Any]:
    """Return GetFunction's answer as parameters of CreateFunction."""
    request: dict[str, Any] = {key: config[key] for key in _KEPT if config.get(key)}
    if (config.get("DeadLetterConfig") or {}).get("TargetArn"):
        request["DeadLetterConfig"] = config["DeadLetterConfig"]
    if layers := config.get("Layers"):
        request["Layers"] = [layer["Arn"] if isinstance(layer, dict) else layer for layer in layers]
    if variables := (config.get("Environment") or {}).get("Variables"):
        request["Environment"] = {"Variables": variables}
    if network := {k: v for k, v in (config.get("VpcConfig") or {}).items() if k in _NETWORK and v}:
        request["VpcConfig"] = network
    if image := (config.get("ImageConfigResponse") or {}).get("ImageConfig"):
        request["ImageConfig"] = image
    if (config.get("SnapStart") or {}).get("ApplyOn", "None") != "None":
        request["SnapStart"] = {"ApplyOn": config["SnapStart"]["ApplyOn"]}
    mode = (config.get("TracingConfig") or {}).get("Mode", "PassThrough")
    return request | {"TracingConfig": {"Mode": mode}}


def zipped(copy: dict[str, Any]) -> bool:
    """Return whether GetFunction describes a zip function."""
    return bool(copy["Configuration"].get("PackageType") != "Image")


def code(restorer: Restorer, copy: dict[str, Any]) -> dict[str, Any]:
    """Return the code for CreateFunction. An image is named by the tag it was deployed from while
    that still names the digest it ran, so that later drift shows; else by the digest."""
    if zipped(copy):
        return {"ZipFile": _package(restorer, copy)}
    image_uri, resolved = copy["Code"].get("ImageUri", ""), copy["Code"]["ResolvedImageUri"]
    return {"ImageUri": image_uri if _names(restorer, image_uri, resolved) else resolved}


def _package(restorer: Restorer, copy: dict[str, Any]) -> bytes:
    """The zip package. Raises UnrestorableError when there is no copy, or it is too large."""
    path = package_path(restorer.copies.folder, copy["Configuration"]["CodeSha256"])
    if not path.exists():
        raise UnrestorableError("a zip function: its package was not kept")
    if path.stat().st_size > DIRECT:
        size = f"{path.stat().st_size >> 20} MB"
        raise UnrestorableError(
            f"its zip package has {size}, and Lambda takes no more than 50 in a call: put {path} "
            "into a bucket and make the function from there; its configuration is in the backup"
        )
    return path.read_bytes()


def _names(restorer: Restorer, image_uri: str, resolved: str) -> bool:
    """Whether a tag that this account can read names that digest now."""
    tagged, full = ecr_reference(image_uri), ecr_reference(resolved)
    if not (tagged and tagged.tag and full) or tagged.account != restorer.client.account:
        return False
    client = restorer.client
    repository = ecr_repo_id(client.account, client.region, tagged.repository)
    return digest_of_tag(restorer.session.connections, repository, tagged.tag) == full.digest
