"""Attacks on judges: a corpus of them, and how many pay under a definition."""
