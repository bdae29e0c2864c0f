"""How a function is: what is kept of it before it is changed, and compared before that is put
back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jotgraph.deploy.rollout.known import SETTINGS, VARIABLES
from jotgraph.records.references import ecr_reference
from jotgraph.sources.environment import env_hash, machine_key


def running_digest(current: Any) -> str:
    """The digest that a function or version runs; empty where it runs no image of ECR."""
    resolved = ecr_reference((current.get("Code") or {}).get("ResolvedImageUri"))
    sha = str((current.get("Configuration") or current).get("CodeSha256") or "")
    return resolved.digest if resolved else f"sha256:{sha}" if len(sha) == 64 else ""


def state_of(current: Any) -> dict[str, Any]:
    """What is kept of a function before it is changed, and compared before that is put back."""
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
    """What tells values of variables apart and does not tell what they are."""
    return env_hash(variables, machine_key())


def in_words(facts: Iterable[str], now: Mapping[str, Any]) -> str:
    """Facts of a function as they are; of variables no value is told."""
    phrases = {VARIABLES: "its variables are others", "digest": f"it runs {now['digest'][:19]}"}
    return ", ".join(phrases.get(fact, f"{fact} is {now.get(fact)}") for fact in facts)
