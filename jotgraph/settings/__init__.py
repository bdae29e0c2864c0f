"""What a team or a user has set once: ``jotgraph.toml`` of a project, ``config.toml`` of a user.

A project's file is foreign input, as all of a cloned repository is. It is read within a limit, it
names nothing that is executed, and it never loosens a deletion (docs/settings.md).
"""
