"""Verdicts that were paid for once, kept for the next batch."""
