"""What the commands for a deployed function share: targets, prices, concurrency, the doctor's checks."""
