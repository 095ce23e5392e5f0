"""Tiers: short names of judge models."""

from collections.abc import Mapping

TIERS: Mapping[str, str] = {
    "medium": "us.amazon.nova-2-lite-v1:0",
    "medium-claude": "us.anthropic.claude-haiku-4-5-20251001-v1:0",
    "heavyweight": "us.amazon.nova-pro-v1:0",
    "heavyweight-claude": "us.anthropic.claude-opus-4-5-20251101-v1:0",
}
"""One model for each price class and model family. A definition may name any other model."""
