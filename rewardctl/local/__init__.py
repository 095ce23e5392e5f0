"""Run the function on this machine as Lambda would, without an AWS account."""
