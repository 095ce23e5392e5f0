"""The doctor's checks: each looks at one thing and gives findings, a line each with its remedy."""
