"""Settings of a team or a user: ``jotgraph.toml`` of a project, ``config.toml`` of a user.

A project's file is foreign input, like the rest of a cloned repository. Its size is limited, it
names nothing that is executed, and it never loosens a deletion (docs/settings.md).
"""
