"""A stand-in for Bedrock Runtime's Converse, on loopback, with a lexical judge and faults to order.

Good for trying things out and for measuring the path around a judge; its verdicts are not for training.
"""

from rewardctl.emulate.process import Emulator, EmulatorError
from rewardctl.emulate.settings import EmulatorSettings, EmulatorSettingsError, Fault
from rewardctl.emulate.stats import Stats

__all__ = ["Emulator", "EmulatorError", "EmulatorSettings", "EmulatorSettingsError", "Fault", "Stats"]
