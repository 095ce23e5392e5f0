"""Pure functions on text, below everything else: they import nothing of this package."""
