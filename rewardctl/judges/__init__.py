"""The judges that a command can name with --judge, real ones and stand-ins."""

STAND_IN = "stand-in"
"""The offline judge, which compares words and costs nothing."""


def own_definition_words(definition: str) -> str:
    """A caution for the stand-in on a definition of one's own; "" for a shipped one."""
    if "/" not in definition and not definition.endswith(".toml"):
        return ""
    return (
        "The judge is the offline stand-in, which compares words. On a definition of your own its verdicts "
        "mean nothing: name a real judge with --judge."
    )
