"""Speed, cost and rightness as ratios against named baselines, measured in one run."""
