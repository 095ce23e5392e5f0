"""Providers of judge models, one package or module each."""
