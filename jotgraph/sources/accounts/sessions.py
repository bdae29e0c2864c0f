"""Role sessions that the caller's session assumes, one for each account."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

from jotgraph.clients.aws import Aws
from jotgraph.clients.sessions import core_session
from jotgraph.sources.aws.classify import DENIED

SESSION_NAME = "jotgraph"
"""Session name, which CloudTrail shows."""


def assumed(base: Aws, role_arn: str, external_id: str) -> Aws:
    """Return the session of a role. The role is assumed at the first call, and again before its
    credentials expire; these are in memory alone. A role assumed by another role is valid for an
    hour, whatever its own setting (API_AssumeRole, "role chaining")."""
    import boto3  # noqa: PLC0415 -- boto3 takes 0.3 s to import
    from botocore.credentials import (  # noqa: PLC0415 -- as above
        CredentialProvider,
        CredentialResolver,
        DeferredRefreshableCredentials,
    )
    from botocore.exceptions import ClientError  # noqa: PLC0415 -- as above

    asked = {"RoleArn": role_arn, "RoleSessionName": SESSION_NAME}
    if external_id:
        asked["ExternalId"] = external_id

    refused: list[ClientError] = []

    def assume() -> Mapping[str, str]:
        if refused:  # each call of this session would ask again
            raise refused[0]
        try:
            given = base.client("sts", base.home).assume_role(**asked)["Credentials"]
        except ClientError as error:
            if error.response["Error"]["Code"] in DENIED:
                refused.append(error)
            raise
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }

    class AssumedRole(CredentialProvider):
        METHOD = "assume-role"

        def load(self) -> DeferredRefreshableCredentials:
            return DeferredRefreshableCredentials(assume, self.METHOD)

    core = core_session(base.profile or None)
    core.register_component("credential_provider", CredentialResolver([AssumedRole()]))
    session = boto3.session.Session(botocore_session=core, region_name=base.home)
    return replace(
        base,
        session=session,
        role_arn=role_arn,
        _clients={},
        _lock=threading.Lock(),
    )
