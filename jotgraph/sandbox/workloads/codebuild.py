"""CodeBuild's projects."""

from __future__ import annotations

from collections.abc import Mapping

from jotgraph.sandbox.kept import Paging, arn, cut, last, shelf
from jotgraph.sandbox.wire import AwsError, Reply, Request, json_reply
from jotgraph.sandbox.world import Handler, World

PROJECTS = "codebuild/project"
PAGES = Paging("projects", 100, 100, error="InvalidInputException")


def create_project(world: World, request: Request) -> Reply:
    name, projects = request.text("name"), shelf(world, request, PROJECTS)
    if name in projects:
        raise AwsError("ResourceAlreadyExistsException", f"Project already exists: {name}")
    named = arn(request, "codebuild", f"project/{name}")
    times = {"created": world.now(), "lastModified": world.now()}
    projects[name] = {**request.params, "name": name, "arn": named, **times}
    return json_reply({"project": projects[name]})


def update_project(world: World, request: Request) -> Reply:
    """Members that are named replace what was there (API_UpdateProject)."""
    project = shelf(world, request, PROJECTS).get(request.text("name"))
    if project is None:
        raise AwsError("ResourceNotFoundException", "Project cannot be found")
    project.update(request.params, lastModified=world.now())
    return json_reply({"project": project})


def list_projects(world: World, request: Request) -> Reply:
    """ "If there are more than 100 items in the list, only the first 100 items are returned"; no
    size can be asked for (API_ListProjects)."""
    return cut(world, request, PAGES, lambda: sorted(shelf(world, request, PROJECTS)))


def batch_get_projects(world: World, request: Request) -> Reply:
    """1 to 100 by name or ARN (API_BatchGetProjects)."""
    names = [last(project) for project in request.params.get("names") or ()]
    if not 1 <= len(names) <= 100:
        raise AwsError("InvalidInputException", "Invalid project names: 1 to 100 are allowed")
    projects = shelf(world, request, PROJECTS)
    known = [projects[name] for name in names if name in projects]
    missing = [name for name in names if name not in projects]
    return json_reply({"projects": known, "projectsNotFound": missing})


HANDLERS: Mapping[str, Handler] = {
    "BatchGetProjects": batch_get_projects,
    "CreateProject": create_project,
    "ListProjects": list_projects,
    "UpdateProject": update_project,
}
