"""The pass rate, corrected for the known error rates of the judge."""

import math

from rewardctl.calibrate.stats.estimate import Estimate, Z, bounded, undefined
from rewardctl.calibrate.stats.two_by_two import Table

MIN_YOUDEN = 0.05
"""Below this TPR + TNR - 1 the judge is about as good as chance, and the correction divides by nearly 0."""


def corrected_pass_rate(passed: int, judged: int, table: Table) -> Estimate:
    """The share of good rollouts among all that were judged, of which ``passed`` got a yes.

    p = (q + TNR - 1) / (TPR + TNR - 1), clipped to [0, 1], where q = passed / judged and the rates are those
    of the labelled ``table``. Source: Rogan and Gladen (1978), American Journal of Epidemiology 107, 71-76.
    The interval allows for the errors of q, TPR and TNR: Lang and Reiczigel (2014), Preventive Veterinary
    Medicine 113, 13-22.

    Assumes that the judge errs alike on labelled and unlabelled rollouts; unlike the prediction-powered
    estimate it allows for labels that were chosen by their answer. Undefined for a judge near chance.
    """
    if judged == 0:
        return undefined("nothing was judged")
    if 0 in (table.label_yes, table.label_no):
        return undefined("the labels have no yes, or no no")
    tpr, tnr = table.true_yes / table.label_yes, table.true_no / table.label_no
    if tpr + tnr - 1 < MIN_YOUDEN:
        return undefined(f"TPR + TNR - 1 is {tpr + tnr - 1:.2f}: the judge is hardly better than chance")
    value = min(1.0, max(0.0, (passed / judged + tnr - 1) / (tpr + tnr - 1)))
    low, high = _limits(passed, judged, table)
    if low == high:
        rates = f"the judge passes {passed / judged:.2f} of all rollouts, outside of its labelled error rates"
        return undefined(f"{rates}: labelled and judged rollouts differ in kind")
    return bounded(value, low, high)


def _limits(passed: int, judged: int, table: Table) -> tuple[float, float]:
    """Lang and Reiczigel's limits, clipped to [0, 1]."""
    n_q, n_tpr, n_tnr = judged + Z**2, table.label_yes + 2, table.label_no + 2
    q = (passed + Z**2 / 2) / n_q
    tpr, tnr = (table.true_yes + 1) / n_tpr, (table.true_no + 1) / n_tnr
    youden = tpr + tnr - 1
    if youden <= 0:
        return math.nan, math.nan
    share = (q + tnr - 1) / youden
    of_tpr, of_tnr = tpr * (1 - tpr) / n_tpr, tnr * (1 - tnr) / n_tnr
    error = math.sqrt(q * (1 - q) / n_q + share**2 * of_tpr + (1 - share) ** 2 * of_tnr) / youden
    shift = 2 * Z**2 * (share * of_tpr - (1 - share) * of_tnr)
    middle = share + shift
    return max(0.0, min(1.0, middle - Z * error)), max(0.0, min(1.0, middle + Z * error))
