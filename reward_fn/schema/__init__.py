"""JSON Schemas: compiled, bounded, and without access to the network."""
