"""The sentence with which a calibration ends."""

from rewardctl.calibrate.calibration import Calibration, JudgeResult
from rewardctl.calibrate.cases import ALL_CRITERIA, OVERALL_NAME
from rewardctl.calibrate.compare import Judge, advice
from rewardctl.calibrate.measure import Measures
from rewardctl.calibrate.words import inline

FEW_PASSES = 0.8
"""A judge whose true negative rate is at least this passes few of the answers that people reject. Random
false positives of .15 cost about 2 points, systematic ones more (arXiv 2604.07666)."""


def sentence(calibration: Calibration) -> str:
    """For several judges which one to take, and why; for one judge how far it agrees with people."""
    judges = calibration.judges
    if len(judges) > 1:
        compared = [Judge(judge.name, judge.parts, judge.cost_usd) for judge in judges]
        chosen, words = advice(compared, calibration.comparisons)
        taken = next((judge for judge in judges if judge.name == chosen), None)
        return f"{words} {_of_one(taken)}" if taken and not _is_better_than_chance(taken) else words
    return _of_one(judges[0])


def decisive(judge: JudgeResult) -> Measures | None:
    """The part that stands for the judge: the whole answer, else all criteria, else the only criterion."""
    by_name = {measures.part: measures for measures in judge.measures}
    names = [*(name for name in (OVERALL_NAME, ALL_CRITERIA) if name in by_name), *by_name]
    return by_name[names[0]] if names else None


def _is_better_than_chance(judge: JudgeResult) -> bool:
    measures = decisive(judge)
    kappa = measures.figures["kappa"] if measures else None
    return kappa is not None and kappa.interval is not None and kappa.interval.low > 0


def _of_one(judge: JudgeResult) -> str:
    measures = decisive(judge)
    if measures is None or measures.labels == 0:
        return f"{judge.name} gave no answer to a labelled question, so nothing can be said about it."
    kappa, false_yes, no = measures.figures["kappa"], measures.table.false_yes, measures.table.label_no
    on = f"{judge.name} on {measures.part}"
    if kappa.value is None or kappa.interval is None:
        return f"{on}: agreement can't be measured, since {kappa.undefined}."
    figure = f"kappa {inline(kappa)}"
    passes = f"it passes {false_yes} of {no} answers that people reject"
    if kappa.interval.low <= 0:
        return f"{on} can't be told from a judge that guesses ({figure}); {passes}. Do not train on it."
    tnr = measures.figures["tnr"].value or 0.0
    if tnr < FEW_PASSES:
        return f"{on} agrees with people beyond chance ({figure}), but {passes}, which training will exploit."
    return f"{on} agrees with people beyond chance ({figure}); {passes}."
