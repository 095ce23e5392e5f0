"""Pure statistics on the answers of a judge and the labels of people.

Every function takes plain numbers and returns an :class:`~rewardctl.calibrate.stats.estimate.Estimate`: a
value with an interval, or the reason why the value is undefined. numpy, scipy and statsmodels are imported
inside the functions, so that the command line starts without them.
"""
