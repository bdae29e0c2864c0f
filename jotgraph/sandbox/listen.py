"""The web server of the sandbox, and the one place that imports moto."""

from __future__ import annotations

import warnings
from typing import Any

with warnings.catch_warnings():  # notices of moto's and its dependencies' own modules
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.simplefilter("ignore", PendingDeprecationWarning)
    import moto.backends
    import moto.settings
    from moto.core.base_backend import BackendDict
    from moto.core.model_instances import reset_model_data
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    for _name in ("ecr", "iam", "sts", "cloudwatch", "logs"):
        moto.backends.get_backend(_name)

    # moto's EC2, which its IAM wakes, makes 650 machine images at each start and reset, 0.25 s a
    # time; its setting for that is a variable of the environment, which is not ours to change.
    moto.settings.ec2_load_default_amis = lambda: False

    # moto lists its own package's directory at each call to find out whose it is: 0.4 ms a time.
    _modules = tuple(moto.backends.list_of_moto_modules())
    moto.backends.list_of_moto_modules = lambda: iter(_modules)

from jotgraph.sandbox.app import App
from jotgraph.sandbox.world import World


class _Handler(MotoRequestHandler):
    """HTTP/1.1 with kept connections, no log lines, no delay of small packets."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:
        return None


def application(world: World) -> App:
    return App(world, DomainDispatcherApplication(create_backend_app))


def server(host: str, port: int, app: App) -> Any:
    """A threaded server, bound; the caller runs ``serve_forever``."""
    return make_server(host, port, app, threaded=True, request_handler=_Handler)


def forget_everything() -> None:
    """Drop all of moto's state."""
    reset_model_data()
    BackendDict.reset()
