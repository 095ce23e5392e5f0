"""Abnormal characters are found by kind; ordinary text of any language holds none."""

from typing import Any

import pytest

from reward_fn.text.unicode_noise import KINDS, find_noise
from reward_fn.types.check import CheckResult
from tests.factory import check, rollout, score_of

ORDINARY = [
    "Plain ASCII,\twith tabs\r\nand lines.",
    "Typography — “quoted”, ‘it’s’, 5 µm, Ωm, Δx, σ², x₁ ≠ y, café naïve… №5 §3 ½ ™",
    "Zeilen\u00adumbruch\u00a0\u2009\u202f",
    "👨\u200d👩\u200d👧\u200d👦 ❤\ufe0f 1\ufe0f⃣ 🇩🇪 ✊🏽 🏳\ufe0f\u200d🌈 ☎\ufe0f \U0001fa77",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "می\u200cخواهم و می\u200cروم، الـAPI الجديد و\u200fXML\u200e",
    "हिन्दी में क्\u200dषत्रिय और भारत्\u200c है",
    "שָׁלוֹם בְּרֵאשִׁ֖ית \u2067עולם\u2069 \u200fabc\u200e",
    "Tシャツを着たiPhoneのユーザー、Python3で書く。αテスト",
    "한국어 IT는 Python에서 쓴다",
    "ภาษาไทย\u200bกำลังใช้Pythonได้",
    "IT-специалист и 3D-модель, Wi-Fi, ёлка",
    "Việt Nam đẹp lắm, Ærø, ŝanĝi, Łódź, Ñandú",
    "∀x∈ℝ: ⌈x⌉ = −⌊−x⌋, α ∧ ¬β, 𝒜𝓑 𝔸 𝟙, a\u2062b, ∫₀^∞ e⁻ˣ dx",
    "TGFβ1, IFNγ, β-carotene, μs, kΩ, ἐν ἀρχῇ ἦν ὁ λόγος",
    "葛\U000e0101 辻, བོད་སྐད་ རྐྱེན, ქართული, Հայերեն, தமிழ், မြန်မာစာ, ខ្មែរ",
    "\ufeffA mark at the start",
    "```\n\ufeffone that starts a line",
    "TCRαβ, PPARγδ, gμν, 10 мкΩ, ΔТ, βกลูแคน, 3 Å",
    "SMSку, PDFами, iPhoneом, GPUшный",
]

NOISY = [
    ("a\x00b", "control"),
    ("\x1b[0m", "control"),
    ("\\frac as \x0crac", "control"),
    ("é\x9f", "control"),
    ("\ue000", "private_use"),
    ("\U000f0001", "private_use"),
    ("\u0378", "unassigned"),
    ("\ufdd0", "unassigned"),
    ("\U0001ffff", "unassigned"),
    ("\ud800", "surrogate"),
    ("caf\ufffd", "replacement"),
    ("he\u200bllo", "invisible"),
    ("a\u200db", "invisible"),
    ("\u202eabc", "invisible"),
    ("Latin\u200f", "invisible"),
    ("w\ufe01\ufe02", "invisible"),
    ("\U000e0041\U000e0042", "invisible"),
    ("x\u3164", "invisible"),
    ("z" + "\u0351" * 6, "stacked"),
    ("p\u0430ypal", "mixed_script"),
    ("к\u006fнтракт", "mixed_script"),
    ("aกb", "mixed_script"),
    ("деกข", "mixed_script"),
    ("Microso\u0444t", "mixed_script"),
    ("\u0421ontract", "mixed_script"),
    ("wordαβγ", "mixed_script"),
    ("a\ufeffb", "invisible"),
]


def score(response: str, **parameters: Any) -> float:
    return score_of(check("unicode_noise", **parameters), rollout(response))


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_holds_no_noise(text: str) -> None:
    assert list(find_noise(text)) == []
    assert score(text) == 1.0


@pytest.mark.parametrize(("text", "kind"), NOISY, ids=[ascii(text) for text, _ in NOISY])
def test_noise_is_found_by_its_kind(text: str, kind: str) -> None:
    assert {found for found, _ in find_noise(text)} == {kind}
    assert kind in KINDS


# 3 of 200 characters are 1.5 %: (0.02 - 0.015) / 0.02 = 0.25; with 1 % free (0.02 - 0.015) / 0.01 = 0.5.
@pytest.mark.parametrize(
    ("parameters", "earned"),
    [
        ({}, 0.25),
        ({"free_share": 0.01}, 0.5),
        ({"free_share": 0.015}, 1.0),
        ({"zero_share": 0.015}, 0.0),
        ({"kinds": ["invisible"]}, 1.0),
        ({"allow": "\ufffd"}, 1.0),
    ],
)
def test_the_score_falls_with_the_share(parameters: dict[str, Any], earned: float) -> None:
    assert score("x" * 197 + "\ufffd" * 3, **parameters) == pytest.approx(earned)


def test_what_the_prompt_holds_is_allowed_where_that_is_wanted() -> None:
    judged = check("unicode_noise", allow_from=["prompt", "reference_answer"])
    assert judged(rollout("\ufffd", prompt="a \ufffd")) == CheckResult(1.0)
    assert judged(rollout("\ufffd", prompt="a", reference_answer="\ufffd")) == CheckResult(1.0)
    assert (
        judged(rollout("\ufffd\ue000", prompt="a \ufffd")).detail
        == "50.00% of the characters are noise: private_use"
    )


def test_escapes_in_json_hide_nothing() -> None:
    assert score('{"a": "\\ud800"}') == score('["\\u0000"]') == score('"\\ue000"') == 0.0
    assert score('{"a": "\\n\\t\\u00e9"}') == 1.0


def test_shares_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match=r"free_share must be below zero_share, but they are 0\.0 and 0"):
        check("unicode_noise", zero_share=0)
