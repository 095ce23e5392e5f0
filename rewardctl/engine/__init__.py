"""Scoring of many rows: batches, in this process, in several, or through a function in Lambda."""
