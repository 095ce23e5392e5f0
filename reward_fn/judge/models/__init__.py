"""Judge models: tiers, capabilities and prices, as data."""
