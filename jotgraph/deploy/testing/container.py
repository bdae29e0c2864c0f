"""One container of the image under test: started, called, and always removed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from jotgraph.deploy.testing.functions import Emulated, Played, RunningFunction, inspected
from jotgraph.deploy.testing.image import EMULATOR, ImageUnderTest, RunOptions, starts_emulator
from jotgraph.deploy.testing.leftovers import labels_of, remove_container, remove_network
from jotgraph.deploy.testing.runtime_api import RuntimeApi, can_bind
from jotgraph.errors import CallFailedError
from jotgraph.sources.connections import ask_engine

_IN_BASES = f"/usr/local/bin/{EMULATOR}"
_PORT = 8080
_LOOPBACK = "127.0.0.1"
_LONGEST = 2000
"""Characters shown of a log line."""


@dataclass(frozen=True)
class Started:
    """A running container, and how to call it."""

    api: Any
    id: str
    function: RunningFunction

    def log(self, lines: int) -> tuple[str, ...]:
        """Return the end of its log; or why the engine does not give it."""
        try:
            text = ask_engine(self.api.logs, self.id, stdout=True, stderr=True, tail=lines)
        except CallFailedError as error:
            return (f"(its log cannot be read: {error.failure.message})",)
        whole = text.decode("utf-8", "replace").splitlines()
        return tuple(line[:_LONGEST] for line in whole)


@contextmanager
def started(api: Any, image: ImageUnderTest, run: str, options: RunOptions) -> Iterator[Started]:
    """Start the image on a network of its own; both are removed at the end in any case. Raises
    CallFailedError."""
    with ExitStack() as stack:
        labels = dict(labels_of(run))
        network = ask_engine(
            api.create_network,
            f"jotgraph-test-{run}",
            driver="bridge",
            internal=not options.network,
            labels=labels,
        )["Id"]
        stack.callback(remove_network, api, network)
        emulated = options.network and _has_emulator(api, image, labels)
        address = _address(api, network)
        runtime = None if emulated else stack.enter_context(RuntimeApi(address))
        environment = _environment(options)
        host: dict[str, Any] = {}
        if runtime is None:
            host["port_bindings"] = {_PORT: (_LOOPBACK, None)}
        else:
            name, host = _reached_by(address)
            environment["AWS_LAMBDA_RUNTIME_API"] = f"{name}:{runtime.port}"
        container = _create(api, image, environment, labels, network, host)
        stack.callback(remove_container, api, container)
        ask_engine(api.start, container)
        function: RunningFunction
        if runtime is None:
            function = Emulated(api, container, options.timeout, _port(api, container))
        else:
            runtime.answer_only(_ip(api, container, host))
            function = Played(api, container, options.timeout, runtime)
        yield Started(api, container, function)


def _environment(options: RunOptions) -> dict[str, str]:
    return {
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(math.ceil(options.timeout)),
        **options.environment,
    }


def _create(
    api: Any,
    image: ImageUnderTest,
    environment: Mapping[str, str],
    labels: dict[str, str],
    network: str,
    host: Mapping[str, Any],
) -> str:
    config = api.create_host_config(
        network_mode=network,
        security_opt=["no-new-privileges"],
        pids_limit=1024,  # what Lambda allows (Lambda guide, "Lambda quotas")
        log_config={"type": "json-file", "config": {"max-size": "10m"}},
        **host,
    )
    made = ask_engine(
        api.create_container,
        image.id,
        environment=dict(environment),
        labels=labels,
        host_config=config,
        ports=[_PORT] if "port_bindings" in host else None,
    )
    return str(made["Id"])


def _has_emulator(api: Any, image: ImageUnderTest, labels: dict[str, str]) -> bool:
    """Whether the image starts its function with AWS's emulator. Its command names the emulator, or
    the script of AWS's bases, which starts the emulator when no runtime API is given."""
    if starts_emulator(image):
        return True
    looked_at = str(ask_engine(api.create_container, image.id, "x", labels=labels)["Id"])
    try:
        return _holds(api, looked_at, _IN_BASES)
    finally:
        remove_container(api, looked_at)


def _holds(api: Any, container: str, path: str) -> bool:
    """Whether a container has a file; its content is not read."""
    try:
        stream, _ = ask_engine(api.get_archive, container, path)
    except CallFailedError as error:
        if error.failure.code == "NotFound":
            return False
        raise
    with suppress(AttributeError):
        stream.close()
    return True


def _address(api: Any, network: str) -> str:
    """The address for the runtime API. It is this machine's address on the network, or loopback
    when the address belongs to the engine's virtual machine."""
    ipam = ask_engine(api.inspect_network, network).get("IPAM") or {}
    gateways = (str(config.get("Gateway") or "") for config in ipam.get("Config") or ())
    gateway = next(filter(None, gateways), "").partition("/")[0]
    return gateway if gateway and can_bind(gateway) else _LOOPBACK


def _reached_by(address: str) -> tuple[str, dict[str, Any]]:
    """How the container reaches this machine, and the engine's options for it. An engine in a
    virtual machine has an address of its own for that."""
    if address != _LOOPBACK:
        return address, {}
    return "host.docker.internal", {"extra_hosts": {"host.docker.internal": "host-gateway"}}


def _ip(api: Any, container: str, host: Mapping[str, Any]) -> str:
    """The container's address, which alone may call; empty where a virtual machine hides it."""
    if host:
        return ""
    networks = inspected(api, container)["NetworkSettings"]["Networks"].values()
    return next((str(network["IPAddress"]) for network in networks), "")


def _port(api: Any, container: str) -> int:
    """The port that the engine chose on this machine's loopback; 0 if the container has exited."""
    bound = inspected(api, container)["NetworkSettings"]["Ports"].get(f"{_PORT}/tcp") or ()
    return int(bound[0]["HostPort"]) if bound else 0
