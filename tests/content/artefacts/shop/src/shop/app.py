"""The shop's orders, as the package that is installed has them."""

from .prices import price


def main() -> None:
    """Print what an order costs."""
    print(price("apple", 3))
