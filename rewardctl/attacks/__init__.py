"""Attacks on judges: the corpus, its cost, and how many attacks succeed under a definition."""
