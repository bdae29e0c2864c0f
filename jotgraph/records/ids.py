"""The kinds of resource, and the ids that name one."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NewType

ResourceId = NewType("ResourceId", str)
"""``<kind>:<key>``, see the table in docs/architecture.md. Sorts and hashes as text."""

_DIGEST = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")


class Kind(StrEnum):
    """The kinds of resource, in the order in which work flows."""

    COMMIT = "commit"
    LOCAL_IMAGE = "local-image"
    CONTAINER = "container"
    ECR_REPO = "ecr-repo"
    ECR_IMAGE = "ecr-image"
    FUNCTION = "function"
    VERSION = "version"
    ALIAS = "alias"
    TRIGGER = "trigger"
    ROLE = "role"


_KINDS = {each.value: each for each in Kind}
"""Five times as fast as to call the enumeration, and asked for each of many resources."""


def kind_of(resource: ResourceId) -> Kind:
    """Return the kind that an id names. Raises ValueError for text that is no id."""
    kind = resource.partition(":")[0]
    return _KINDS.get(kind) or Kind(kind)


def key_of(resource: ResourceId) -> str:
    """Return an id without its kind."""
    return resource.partition(":")[2]


def name_of(resource: ResourceId) -> str:
    """An id without its kind, account and region."""
    return key_of(resource).split("/", 2)[-1]


def shortened(text: str) -> str:
    """Text, an id or a sentence about some, with every digest cut to twelve digits."""
    return _DIGEST.sub(r"\1", text)


def commit_id(sha: str) -> ResourceId:
    return ResourceId(f"commit:{sha}")


def local_image_id(image: str) -> ResourceId:
    """``image`` is the engine's id, ``sha256:<hex>``."""
    return ResourceId(f"local-image:{image}")


def container_id(container: str) -> ResourceId:
    return ResourceId(f"container:{container}")


def ecr_repo_id(account: str, region: str, name: str) -> ResourceId:
    return ResourceId(f"ecr-repo:{account}/{region}/{name}")


def ecr_image_id(account: str, region: str, repository: str, digest: str) -> ResourceId:
    """``digest`` is ``sha256:<hex>``."""
    return ResourceId(f"ecr-image:{account}/{region}/{repository}@{digest}")


def function_id(account: str, region: str, name: str) -> ResourceId:
    return ResourceId(f"function:{account}/{region}/{name}")


def version_id(account: str, region: str, function: str, number: str) -> ResourceId:
    return ResourceId(f"version:{account}/{region}/{function}:{number}")


def alias_id(account: str, region: str, function: str, alias: str) -> ResourceId:
    return ResourceId(f"alias:{account}/{region}/{function}:{alias}")


def role_id(account: str, path_and_name: str) -> ResourceId:
    """``path_and_name`` has no leading slash: ``service/app-role`` or ``app-role``."""
    return ResourceId(f"role:{account}/{path_and_name.lstrip('/')}")


def trigger_id(account: str, region: str, uuid: str) -> ResourceId:
    return ResourceId(f"trigger:{account}/{region}/{uuid}")
