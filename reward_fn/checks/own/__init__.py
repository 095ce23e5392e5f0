"""Custom checks: found outside this package, loaded, and run under guard."""
