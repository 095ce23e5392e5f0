"""All tests. A package, so that they can share :mod:`tests.factory`."""
