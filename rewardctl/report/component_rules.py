"""The rules about gates and components."""

from collections.abc import Iterator

from rewardctl.report.figures import ComponentFigures, Figures
from rewardctl.report.findings import MIN_GROUPS, MIN_ROLLOUTS, Finding
from rewardctl.report.words import percent

PASSED_BY_FEW = 0.05
"""A gate that nearly nothing passes collapses a run: remove it where the base model can't reach it (AWS's
blog on reward functions, August 2026). At a pass rate of 5 %, .95^8 = 66 % of groups of eight have none that
passes."""
PASSED_BY_SOME = 0.2
"""At a pass rate of 20 %, .8^8 = 17 % of groups of eight have no rollout that passes."""
IDLE_SHARE = 0.05
"""A main component should carry far more than a twentieth of what trains."""
MAIN_WEIGHT = 1 / 3
"""A component with at least this share of the weights is one that the reward is about."""


def failing_gates(figures: Figures) -> Iterator[Finding]:
    """A gate that few rollouts pass: the fixed reward hides all other parts."""
    for gate in figures.gates:
        if gate.tried < MIN_ROLLOUTS or gate.pass_rate is None or gate.pass_rate >= PASSED_BY_SOME:
            continue
        is_closed = gate.pass_rate < PASSED_BY_FEW
        yield Finding(
            "failing_gate",
            "problem" if is_closed else "warning",
            f"the gate {gate.name} lets {percent(gate.pass_rate)} of {gate.tried:,} rollouts pass",
            "all that fail it get one fixed reward, whatever else is good about them, so groups are alike",
            "If these are rollouts of the base model, make the gate a score or a penalty until the model "
            "reaches it; else read what fails.",
        )


def idle_components(figures: Figures) -> Iterator[Finding]:
    """A main component that varies, but moves the rewards of a group hardly at all."""
    total = sum(part.weight or 0.0 for part in figures.components if part.role in ("score", "rubric"))
    if figures.groups.compared < MIN_GROUPS or not total:
        return
    for part in figures.components:
        weight = (part.weight or 0.0) / total
        if part.role not in ("score", "rubric") or part.share is None or _is_stuck(part):
            continue
        if weight >= MAIN_WEIGHT and part.share < IDLE_SHARE:
            yield Finding(
                "idle_component",
                "warning",
                f"{part.name} has {percent(weight)} of the weight and {percent(part.share)} of the advantage",
                "it hardly differs between the answers to one prompt, or it pulls against the rest",
                f"Read rollouts that differ in {part.name}: does it measure what you want more of?",
            )


def components_alike(figures: Figures) -> Iterator[Finding]:
    """A component without variance within groups carries none of the advantage, whatever its weight."""
    if figures.groups.compared < MIN_GROUPS or not figures.groups.within_sd:
        return
    total = sum(part.weight or 0.0 for part in figures.components if part.role in ("score", "rubric"))
    for part in figures.components:
        if part.role in ("score", "rubric", "criterion", "unknown") and _is_stuck(part):
            yield _stuck(part, is_main=bool(total) and (part.weight or 0.0) / total >= MAIN_WEIGHT)


def _is_stuck(part: ComponentFigures) -> bool:
    return part.rows >= MIN_ROLLOUTS and part.within_sd == 0.0


def _stuck(part: ComponentFigures, *, is_main: bool) -> Finding:
    kind = "the judge's criterion" if part.role == "criterion" else "the component"
    if part.lowest == part.highest and part.lowest == _best(part):
        return Finding(
            "component_at_best",
            "note",
            f"every rollout that comes to {part.name} gets its best value",
            "a component that is the same for all carries none of the advantage",
            f"If {part.name} is only to be kept, make it a gate; else ask for more.",
        )
    value = f"stuck at {part.lowest:.3g}" if part.lowest == part.highest else "the same for all of a group"
    return Finding(
        "stuck_component",
        "problem" if is_main and part.role != "criterion" else "warning",
        f"{kind} {part.name} is {value}",
        "without differences within groups it carries none of the advantage, whatever its weight",
        f"Check that {part.name} reads the right field and that the model can reach it, before you train.",
    )


def _best(part: ComponentFigures) -> float:
    """Return the best value of a component: a pitfall's is 0."""
    return 0.0 if part.weight is not None and part.weight < 0 else 1.0
