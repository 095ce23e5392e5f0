"""The report on scored rollouts: figures, a judgement of health, and one HTML page that needs no network."""
