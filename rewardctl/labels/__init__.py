"""Labels that people gave to rollouts: files, sampling, agreement, imports from other tools, the screen."""
