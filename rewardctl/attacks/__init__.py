"""Attacks on judges: the corpus, its cost, and how many attacks succeed under a definition."""

from pathlib import Path

SHIPPED_CORPUS = Path(__file__).with_name("shipped")
"""The corpus that comes with this package."""
