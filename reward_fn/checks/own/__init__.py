"""Checks of one's own: found outside this package, loaded, and run under guard."""
