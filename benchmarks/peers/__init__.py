"""The example estate, judged by the rules of other cleaners of ECR and by ours.

``python -m benchmarks.peers`` prints the table of docs/comparison.md.
"""
