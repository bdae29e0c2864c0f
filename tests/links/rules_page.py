"""The rules' own documentation -> docs/rules.md: ``python -m tests.links.rules_page``."""

from __future__ import annotations

from pathlib import Path

from jotgraph.links import RULES, Grade, Relation, Rule

_INTRO = """# The rules

How jotgraph knows that one thing depends on another. Every link in the graph was found by one of
these rules, which says so: `jotgraph why A B` prints the rule, its grade, where the claim was read
and the claim itself. `jotgraph rules` prints this page's table.

Any link, however weak, protects what it leads to. Only PROOF and STRONG spread a deletion.

| grade | means |
|---|---|
| PROOF | bytes are equal, or the owner of the fact says so by full id |
| STRONG | a full revision that exists in the repository it names |
| SUPPORT | abbreviated, partial, or a full revision without its repository |
| HINT | names and times |

The order of the rules does not matter, and none sees what another found: claims that contradict
each other are all kept, and shown as a conflict. A rule that finds nothing says nothing about
what is there: what could not be read is a gap.

This page is written by `python -m tests.links.rules_page` from the rules' own docstrings.
"""

_READS: dict[Relation, str] = {
    Relation.ROUTES_TO: "alias → version, or function for `$LATEST`",
    Relation.RUNS: "function, version or workload → ECR image, by the digest it resolved to",
    Relation.FOLLOWS: "function, version or workload → ECR image that its deployed tag names now",
    Relation.MAY_RUN: "workload → ECR image of an active revision that nothing runs today",
    Relation.ASSUMES: "function, version or workload → role",
    Relation.LOGS_TO: "A function or version -> the log group that it writes to.",
    Relation.PART_OF: "version or alias → function",
    Relation.INVOKES: "trigger → function, version or alias",
    Relation.CONTAINS: "image index → ECR image",
    Relation.DESCRIBES: "attestation, signature or SOCI index → ECR image",
    Relation.STORED_IN: "ECR image → ECR repository",
    Relation.COPY_OF: "ECR image → local image",
    Relation.BASED_ON: "image → image whose layers it begins with",
    Relation.USES: "container → local image",
    Relation.MENTIONS: "function, version, alias, repository or role → what its text names",
    Relation.BUILT_FROM: "image → commit: a claim about the build",
    Relation.CONTENT_EQUALS: "image → commit: a fact about bytes",
}


def page() -> str:
    """The whole page; relations in the order in which they are declared, best grade first."""
    parts = [_INTRO]
    for relation in Relation:
        rules = [rule for rule in RULES if rule.relation is relation]
        if rules:
            parts.append(f"## {relation}\n\n{_READS[relation]}\n")
            parts += [_entry(rule) for rule in sorted(rules, key=lambda rule: -rule.grade)]
    return "\n".join(parts)


def _entry(rule: Rule) -> str:
    text = " ".join(rule.doc.split()).replace("``", "`")
    return f"### {rule.name}\n\n**{Grade(rule.grade).name}.** {text}\n"


if __name__ == "__main__":
    target = Path(__file__).parents[2] / "docs" / "rules.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(page())
