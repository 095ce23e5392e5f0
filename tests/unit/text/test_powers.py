"""Powers as plain digits, which stay as they are if they are too long or not defined."""

import pytest

from reward_fn.text.powers import plain_powers, without_unit_exponents


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("2^{10}", "1024"),
        ("10^-3", "1/1000"),
        ("2^100", "1267650600228229401496703205376"),
        ("1^5", "1"),
        ("10^39", "1" + "0" * 39),
        ("10^40", "10^40"),  # 40 digits are the limit; 10^40 has 41
        ("10^-40", "10^-40"),
        ("0^2", "0^2"),
        ("2\u00b3", "8"),
        ("1.2 \u00d7 10^3", "1.2e3"),
        ("3 x 10^{-2}", "3e-2"),
        ("3 \u00d7 10^\u22122", "3e-2"),
    ],
)
def test_a_power_of_a_whole_number_is_written_as_a_number(text: str, plain: str) -> None:
    assert plain_powers(text) == plain


def test_the_exponent_of_a_unit_is_left_out() -> None:
    assert without_unit_exponents("18 m/s^2") == "18 m/s"
