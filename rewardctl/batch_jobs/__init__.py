"""Judging through Bedrock's batch jobs: half the price, for work that can wait."""
