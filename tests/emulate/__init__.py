"""Tests of the Bedrock Runtime stand-in."""
