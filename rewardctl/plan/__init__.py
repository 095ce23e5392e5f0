"""What a job will ask of the judge and the function: calls, tokens, money, quota, concurrency and time."""
