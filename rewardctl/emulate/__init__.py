"""A stand-in for Bedrock Runtime's Converse on loopback: a judge that compares words, and faults on demand.

It serves to try things out and to measure the code around a judge. Its verdicts are not for training.
"""

from rewardctl.emulate.process import Emulator, EmulatorError
from rewardctl.emulate.settings import EmulatorSettings, EmulatorSettingsError, Fault
from rewardctl.emulate.stats import Stats

__all__ = ["Emulator", "EmulatorError", "EmulatorSettings", "EmulatorSettingsError", "Fault", "Stats"]
