"""The version of jotgraph, where any module may read it."""

__version__ = "0.1.0"
