"""Reads service models of botocore twice as fast as its own loader, and once for all sessions.

A scan uses 15 services, whose models are 13 MB of JSON.
"""

from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader, Loader, create_loader

from jotgraph.gc_pause import collector_off

_OPENED_BY: Mapping[str, Callable[..., Any]] = {".json": open, ".json.gz": gzip.open}
"""File suffixes in botocore's order."""


class ModelFiles(JSONFileLoader):
    """Reads JSON with msgspec, and files that are not strict JSON like botocore."""

    def load_file(self, file_path: str) -> Any:
        """Return the content of a file given without suffix; None if it does not exist."""
        for end, opened in _OPENED_BY.items():
            if os.path.isfile(file_path + end):
                with opened(file_path + end, "rb") as file:
                    content = file.read()
                try:
                    with collector_off():  # what is read stays
                        return msgspec.json.decode(content)
                except msgspec.DecodeError:
                    break
        return super().load_file(file_path)


class _Paths(list[str]):
    """Folders of models. Each session of boto3 adds its own, which is the same every time."""

    def append(self, path: str) -> None:
        """Add a folder that is not among them."""
        if path not in self:
            super().append(path)


class SharedLoader(Loader):
    """A loader for sessions of several threads: while one reads a model, the others wait for it."""

    def __init__(self, paths: Iterable[str]) -> None:
        super().__init__(_Paths(paths), ModelFiles(), include_default_search_paths=False)
        self._lock = threading.RLock()

    def list_available_services(self, type_name: str) -> list[str]:
        with self._lock:
            return super().list_available_services(type_name)

    def load_service_model(
        self, service_name: str, type_name: str, api_version: str | None = None
    ) -> Mapping[str, Any]:
        with self._lock:
            model: Mapping[str, Any] = super().load_service_model(
                service_name, type_name, api_version
            )
            return model

    def load_data_with_path(self, name: str) -> Any:
        with self._lock:
            return super().load_data_with_path(name)


def loader_of(data_path: str | None) -> Loader:
    """Return a loader for service models of botocore and of the folders in ``data_path``."""
    return SharedLoader(create_loader(data_path).search_paths)
