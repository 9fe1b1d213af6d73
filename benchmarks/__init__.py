"""Benchmarks of consentpy against Python references and peers, in one interleaved run.

`python -m benchmarks.run` prints the tables, `python -m benchmarks.instructions` counts machine
instructions. docs/performance.md explains what is measured.
"""
