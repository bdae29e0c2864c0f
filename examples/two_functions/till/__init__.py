"""A till of two functions: what an order costs, and its receipt."""
