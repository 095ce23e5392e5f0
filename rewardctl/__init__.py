"""The command line for people who write rewards."""
