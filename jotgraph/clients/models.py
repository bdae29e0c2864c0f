"""Reads service models of botocore twice as fast as its own loader.

A scan uses 15 services, whose models are 13 MB of JSON.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Mapping
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


def loader_of(data_path: str | None) -> Loader:
    """Return a loader for service models of botocore and of the folders in ``data_path``."""
    made = create_loader(data_path)
    made.file_loader = ModelFiles()
    return made
