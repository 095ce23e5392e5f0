"""The judges that a command can name with --judge, real ones and stand-ins."""

STAND_IN = "stand-in"
"""The offline judge, which compares words and costs nothing."""
