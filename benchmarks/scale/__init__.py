"""How time and memory grow with an estate, in one process, on several, and on Spark."""
