"""Code of the commands for deployed functions: targets, prices, concurrency, the doctor's checks."""
