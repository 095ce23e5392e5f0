"""Formats of keys and tokens, each with a literal that every key of that format contains."""

import re

from reward_fn.text.lazy import lazy

LONG_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (literal, lazy(pattern))
    for literal, pattern in (
        ("AKIA", r"(?<!Credential=)\bAKIA[A-Z2-7]{16}\b"),
        ("ASIA", r"\bASIA[A-Z2-7]{16}\b"),
        *((f"gh{kind}_", rf"\bgh{kind}_[A-Za-z0-9]{{36,251}}\b") for kind in "pousr"),
        ("github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{60,250}\b"),
        ("glpat-", r"\bglpat-[\w-]{20,64}"),
        ("xox", r"\bxox[abeoprs]-[A-Za-z0-9-]{20,250}"),
        ("hooks.slack.com/", r"hooks\.slack\.com/services/T\w{8,12}/B\w{8,12}/\w{20,32}"),
        ("k_live_", r"\b[rs]k_live_[A-Za-z0-9]{20,250}\b"),
        ("AIza", r"\bAIza[\w-]{35}(?![\w-])"),
        ("GOCSPX-", r"\bGOCSPX-[\w-]{28}(?![\w-])"),
        ("sk-", r"(?<![\w-])sk-(?:proj-|svcacct-|ant-[a-z]{3,8}\d\d-)?[\w-]{32,250}"),
        ("npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
        ("pypi-AgEI", r"\bpypi-AgEI[\w-]{50,250}"),
        ("hf_", r"\bhf_[A-Za-z]{34}\b"),
        ("SG.", r"\bSG\.[\w-]{22}\.[\w-]{43}(?![\w-])"),
        ("dop_v1_", r"\bdop_v1_[a-f0-9]{64}\b"),
        ("shpat_", r"\bshpat_[a-fA-F0-9]{32}\b"),
        ("sq0csp-", r"\bsq0csp-[\w-]{43}(?![\w-])"),
        ("-us", r"\b[0-9a-f]{32}-us\d{1,2}\b"),
        (":AA", r"\b\d{8,10}:AA[\w-]{33}(?![\w-])"),
        ("eyJ", r"\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000}"),
        ("AccountKey=", r"AccountKey=[A-Za-z0-9+/]{86}=="),
        ("hvs.", r"\bhvs\.[\w-]{24,250}"),
        ("gsk_", r"\bgsk_[A-Za-z0-9]{48,64}\b"),
        ("dckr_pat_", r"\bdckr_pat_[\w-]{27}(?![\w-])"),
        ("xapp-", r"\bxapp-\d-[A-Z0-9]{8,14}-\d{8,16}-[a-f0-9]{64}\b"),
        ("sntry", r"\bsntryu_[a-f0-9]{64}\b|\bsntrys_eyJ[A-Za-z0-9+/=_]{60,500}"),
        ("glsa_", r"\bglsa_[A-Za-z0-9]{32}_[a-f0-9]{8}\b"),
        ("ATATT3", r"\bATATT3[\w=-]{60,250}"),
        ("ya29.", r"\bya29\.[\w-]{40,500}"),
        ("dapi", r"\bdapi[a-f0-9]{32}(?:-\d)?\b"),
    )
)
MUST_LOOK_RANDOM = ("sk-",)
"""Formats that the class names in style sheets share, so a match must also look random."""
PRIVATE_KEY = lazy(
    r"-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:\\n|\\r|\s){0,9}(?:[A-Za-z-]{1,20}: [^\n]{0,100}\s{1,4}){0,4}"
    r"(?:\Z|```|MI[A-Za-z0-9+/]|[A-Za-z0-9+/=]{16})"
)
"""A PEM header alone is a program's constant. It is a key if base64 follows, or the text ends there."""
