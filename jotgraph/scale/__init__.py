"""Splits an inventory into shards, and judges them with processes or Spark."""
