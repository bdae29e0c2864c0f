"""EMR Serverless's applications."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from jotgraph.sandbox.kept import Paging, arn, cut, image_digest, shelf
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

APPLICATIONS = "emr-serverless/application"
PAGES = Paging("applications", 50, 50, error="ValidationException")
SUMMARY = ("id", "name", "arn", "releaseLabel", "type", "state", "createdAt", "updatedAt")


def create_application(world: World, request: Request) -> Reply:
    """The image's digest is known once the application has started (API_ImageConfiguration,
    ``resolvedImageDigest``); here that is at once."""
    applications = shelf(world, request, APPLICATIONS)
    seed = f"{request.account}/{request.region}/{len(applications)}"
    identity = f"00f{hashlib.sha256(seed.encode()).hexdigest()[:13]}"
    made: dict[str, Any] = {
        "id": identity,
        "applicationId": identity,
        "name": request.text("name"),
        "arn": arn(request, "emr-serverless", f"/applications/{identity}"),
        "releaseLabel": request.text("releaseLabel"),
        "type": request.text("type"),
        "state": "STARTED",
        "createdAt": world.now(),
        "updatedAt": world.now(),
        "tags": request.params.get("tags") or {},
    }
    if request.params.get("imageConfiguration"):
        made["imageConfiguration"] = _resolved(world, request.params["imageConfiguration"])
    workers = request.params.get("workerTypeSpecifications") or {}
    if workers:
        made["workerTypeSpecifications"] = {
            name: {"imageConfiguration": _resolved(world, worker["imageConfiguration"])}
            for name, worker in workers.items()
            if worker.get("imageConfiguration")
        }
    applications[identity] = made
    return json_reply({key: made[key] for key in ("applicationId", "name", "arn")})


def _resolved(world: World, configuration: Mapping[str, Any]) -> dict[str, Any]:
    digest = image_digest(world, configuration["imageUri"])
    known = {"resolvedImageDigest": digest} if digest else {}
    return {"imageUri": configuration["imageUri"], **known}


def list_applications(world: World, request: Request) -> Reply:
    """Up to 50 a page (API_ListApplications)."""
    applications = shelf(world, request, APPLICATIONS)
    states = request.params.get("states") or ()
    return cut(
        world,
        request,
        PAGES,
        lambda: [
            {key: application[key] for key in SUMMARY}
            for application in applications.values()
            if not states or application["state"] in states
        ],
    )


def get_application(world: World, request: Request) -> Reply:
    identity = request.text("applicationId")
    application = shelf(world, request, APPLICATIONS).get(identity)
    if application is None:
        message = f"Application {identity} does not exist"
        raise AwsError("ResourceNotFoundException", message, 404)
    return json_reply({"application": {k: v for k, v in application.items() if k != "id"}})


HANDLERS: Mapping[str, Handler] = {
    "CreateApplication": create_application,
    "GetApplication": get_application,
    "ListApplications": list_applications,
}
