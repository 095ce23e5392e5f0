"""The subcommands: each module holds a click command named `command`."""
