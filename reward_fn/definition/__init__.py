"""Reward definitions: a TOML file, checked and compiled before anything is paid for."""
