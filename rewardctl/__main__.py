"""`python -m rewardctl`."""

from rewardctl.cli import main

main(prog_name="rewardctl")
