"""The state of a function: recorded before a change, and compared before that is restored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jotgraph.deploy.rollout.known import SETTINGS, VARIABLES
from jotgraph.records.ids import shortened
from jotgraph.records.references import ecr_reference
from jotgraph.sources.environment import env_hash, machine_key


def running_digest(current: Any) -> str:
    """Return the digest that a function or version runs; empty when it runs no ECR image."""
    resolved = ecr_reference((current.get("Code") or {}).get("ResolvedImageUri"))
    sha = str((current.get("Configuration") or current).get("CodeSha256") or "")
    return resolved.digest if resolved else f"sha256:{sha}" if len(sha) == 64 else ""


def state_of(current: Any) -> dict[str, Any]:
    """Return the facts of a function that are recorded before a change, and compared before they
    are restored."""
    config = current["Configuration"]
    kept = {key: config[key] for key in SETTINGS if key in config}
    code = current.get("Code") or {}
    return {
        **kept,
        VARIABLES: hash_of((config.get("Environment") or {}).get("Variables") or {}),
        "digest": running_digest(current),
        "image": code.get("ResolvedImageUri") or code.get("ImageUri") or "",
        "revision": config.get("RevisionId", ""),
        "modified": config.get("LastModified", ""),
    }


def hash_of(variables: Mapping[str, str]) -> str:
    """Return a hash that distinguishes values of variables without revealing them."""
    return env_hash(variables, machine_key())


def in_words(facts: Iterable[str], now: Mapping[str, Any]) -> str:
    """Return the facts of a function in words, without the values of variables."""
    phrases = {
        VARIABLES: "its variables are others",
        "digest": f"it runs {shortened(now['digest'])}",
    }
    return ", ".join(phrases.get(fact, f"{fact} is {now.get(fact)}") for fact in facts)
