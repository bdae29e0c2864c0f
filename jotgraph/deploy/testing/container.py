"""One container of the image under test: started, asked, and always removed."""

from __future__ import annotations

import http.client
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from jotgraph.deploy.testing.cases import LARGEST
from jotgraph.deploy.testing.leftovers import labels_of, remove_container, remove_network
from jotgraph.deploy.testing.replies import Reply, error_of, failed, is_error
from jotgraph.deploy.testing.runtime_api import RuntimeApi, can_bind
from jotgraph.errors import ApplyError, CallFailedError
from jotgraph.queries.answers.testing import FunctionError, Status
from jotgraph.sources.connections import ask_engine

EMULATOR = "aws-lambda-rie"
"""AWS's runtime interface emulator: where AWS's bases have it, and as it is called elsewhere."""
_IN_BASES = f"/usr/local/bin/{EMULATOR}"
_PORT = 8080
_INVOKE = "/2015-03-31/functions/function/invocations"
_LOOK = 0.2
_INIT = 10.0
"""Seconds that a function has to begin, whatever its timeout (Lambda guide, "Init phase")."""
_ENDED = ("exited", "dead")
_TIMED_OUT = b"Task timed out after"
"""How the emulator's answer begins where the function had not answered in time."""


class Image(NamedTuple):
    """What the engine says of the image under test."""

    id: str
    config_digest: str
    """Empty where the engine does not say (containerd image store)."""
    command: tuple[str, ...]
    """Entry point and arguments."""


@dataclass(frozen=True)
class Options:
    """How an image is run."""

    timeout: float = 30.0
    """Seconds for each event."""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    network: bool = True
    """Whether it may reach anything but this machine."""


class Function(Protocol):
    """A running container that answers events."""

    def invoke(self, event: bytes) -> Reply: ...


@dataclass(frozen=True)
class Started:
    """A container that runs, and how it is asked."""

    api: Any
    id: str
    function: Function

    def log(self, lines: int) -> tuple[str, ...]:
        """The end of what it logged; why not, where the engine does not tell."""
        try:
            text = ask_engine(self.api.logs, self.id, stdout=True, stderr=True, tail=lines)
        except CallFailedError as error:
            return (f"(its log cannot be read: {error.failure.message})",)
        return tuple(text.decode("utf-8", "replace").splitlines())


@contextmanager
def started(api: Any, image: Image, run: str, options: Options) -> Iterator[Started]:
    """Start the image on a network of its own; both are removed at the end, however that comes.
    Raises CallFailedError, or ApplyError where it cannot be reached."""
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
        runtime = None if emulated else stack.enter_context(RuntimeApi(_address(api, network)))
        environment = _environment(options)
        host: dict[str, Any] = {}
        if runtime is None:
            host["port_bindings"] = {_PORT: ("127.0.0.1", None)}
        else:
            name, host = _reached_by(api, network)
            environment["AWS_LAMBDA_RUNTIME_API"] = f"{name}:{runtime.port}"
        container = _create(api, image, environment, labels, network, host)
        stack.callback(remove_container, api, container)
        ask_engine(api.start, container)
        function: Function
        if runtime is None:
            function = _Emulated(api, container, options.timeout, _port(api, container))
        else:
            runtime.answer_only(_ip(api, container, host))
            function = _Played(api, container, options.timeout, runtime)
        yield Started(api, container, function)


def _environment(options: Options) -> dict[str, str]:
    return {
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "3008",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(math.ceil(options.timeout)),
        **options.environment,
    }


def _create(
    api: Any,
    image: Image,
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


def _has_emulator(api: Any, image: Image, labels: dict[str, str]) -> bool:
    """Whether the image starts its function by AWS's emulator: its command names it, or AWS's
    bases' own script, which starts it where no runtime API is given."""
    if _starts_emulator(image):
        return True
    looked_at = str(ask_engine(api.create_container, image.id, "x", labels=labels)["Id"])
    try:
        return _holds(api, looked_at, _IN_BASES)
    finally:
        remove_container(api, looked_at)


def _holds(api: Any, container: str, path: str) -> bool:
    """Whether a container has a file; nothing of it is read."""
    try:
        stream, _ = ask_engine(api.get_archive, container, path)
    except CallFailedError as error:
        if error.failure.code == "NotFound":
            return False
        raise
    with suppress(AttributeError):
        stream.close()
    return True


def _gateway(api: Any, network: str) -> str:
    """This machine's address on a network."""
    ipam = ask_engine(api.inspect_network, network).get("IPAM") or {}
    gateways = (config.get("Gateway", "") for config in ipam.get("Config") or ())
    return next((str(gateway).partition("/")[0] for gateway in gateways if gateway), "")


def _address(api: Any, network: str) -> str:
    """Where the runtime API listens: on the network's own address of this machine, or, where the
    engine is in a virtual machine, on loopback."""
    gateway = _gateway(api, network)
    return gateway if gateway and can_bind(gateway) else "127.0.0.1"


def _reached_by(api: Any, network: str) -> tuple[str, dict[str, Any]]:
    """How the container calls this machine."""
    gateway = _gateway(api, network)
    if gateway and can_bind(gateway):
        return gateway, {}
    return "host.docker.internal", {"extra_hosts": {"host.docker.internal": "host-gateway"}}


def _ip(api: Any, container: str, host: Mapping[str, Any]) -> str:
    """The container's address, which alone may ask; empty where a virtual machine hides it."""
    if host:
        return ""
    networks = _inspected(api, container)["NetworkSettings"]["Networks"].values()
    return next((str(network["IPAddress"]) for network in networks), "")


def _port(api: Any, container: str) -> int:
    """The port of this machine's loopback that the engine chose; 0 where it has ended already."""
    bound = _inspected(api, container)["NetworkSettings"]["Ports"].get(f"{_PORT}/tcp") or ()
    return int(bound[0]["HostPort"]) if bound else 0


def _inspected(api: Any, container: str) -> Mapping[str, Any]:
    inspected: Mapping[str, Any] = ask_engine(api.inspect_container, container)
    return inspected


def _ended(api: Any, container: str) -> Reply | None:
    """That the container has ended, with its exit code; None while it runs."""
    state = _inspected(api, container)["State"]
    if state["Status"] not in _ENDED:
        return None
    why = str(state.get("Error") or "")
    killed = "it was out of memory" if state.get("OOMKilled") else ""
    said = "; ".join(filter(None, (f"exit code {state.get('ExitCode')}", killed, why)))
    message = f"the container ended before it answered ({said})"
    return failed(FunctionError(message), Status.STOPPED)


def _timed_out(seconds: float) -> Reply:
    return failed(FunctionError(f"no answer within {seconds:g} s"), Status.TIMEOUT)


@dataclass
class _Played:
    """An image whose runtime client asks us for events."""

    api: Any
    container: str
    timeout: float
    runtime: RuntimeApi

    def invoke(self, event: bytes) -> Reply:
        began = self.runtime.asked.is_set()
        deadline = time.monotonic() + self.timeout + (0.0 if began else _INIT)
        number = self.runtime.give(event, self.timeout)
        while time.monotonic() < deadline:
            if reply := self.runtime.reply_to(number, _LOOK):
                return reply
            if ended := _ended(self.api, self.container):
                # What it said last may have come just before it ended.
                return self.runtime.reply_to(number, _LOOK) or ended
        if not self.runtime.asked.is_set():
            message = (
                "it never asked for an event: it has no runtime client, or a firewall keeps the "
                "container from this machine"
            )
            return failed(FunctionError(message), Status.TIMEOUT)
        return _timed_out(self.timeout)


@dataclass
class _Emulated:
    """An image that holds AWS's emulator, which takes events by HTTP."""

    api: Any
    container: str
    timeout: float
    port: int
    up: bool = False

    def invoke(self, event: bytes) -> Reply:
        if not self.up and (reply := self._begin()):
            return reply
        try:
            status, body = self._ask("POST", _INVOKE, event, self.timeout + _LOOK)
        except TimeoutError:
            return _timed_out(self.timeout)
        except (OSError, http.client.HTTPException) as error:
            time.sleep(_LOOK)  # until the engine knows that it ended
            lost = failed(FunctionError(f"the emulator gave no answer ({error})"), Status.STOPPED)
            return _ended(self.api, self.container) or lost
        if len(body) > LARGEST:
            return failed(FunctionError(f"its answer has more than {LARGEST:,} bytes"))
        if body.startswith(_TIMED_OUT):
            return _timed_out(self.timeout)
        if status != http.client.OK or is_error(body):
            return failed(error_of(body))
        return Reply(body)

    def _begin(self) -> Reply | None:
        """Wait until the emulator listens: the engine takes connections before it does."""
        deadline = time.monotonic() + _INIT
        while time.monotonic() < deadline:
            if ended := _ended(self.api, self.container):
                return ended
            with suppress(OSError, http.client.HTTPException):
                self._ask("GET", "/", b"", _INIT)
                self.up = True
                return None
            time.sleep(_LOOK)
        return failed(FunctionError(f"its emulator did not begin in {_INIT:g} s"), Status.TIMEOUT)

    def _ask(self, method: str, path: str, body: bytes, seconds: float) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read(LARGEST + 1)
        finally:
            connection.close()


def engine_image(api: Any, name: str) -> Image:
    """What an engine calls by a name. Raises CallFailedError (``NotFound``)."""
    inspected = ask_engine(api.inspect_image, name)
    config = inspected.get("Config") or {}
    words = (*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ()))
    identity = str(inspected["Id"])
    return Image(identity, "" if "Descriptor" in inspected else identity, tuple(map(str, words)))


def require_runnable(image: Image, options: Options) -> None:
    """Raise ApplyError for an image that starts nothing, or that cannot be asked as told."""
    if not image.command:
        raise ApplyError("the image starts nothing: it has neither ENTRYPOINT nor CMD")
    if not options.network and _starts_emulator(image):
        raise ApplyError(
            "what the image starts is the emulator, which is asked by the network: leave out "
            "--no-network"
        )


def _starts_emulator(image: Image) -> bool:
    return any(word.rpartition("/")[2] == EMULATOR for word in image.command)
