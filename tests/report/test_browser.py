"""The page in Chromium, without a network: it draws, it can be read by ear, and hostile texts stay texts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from reward_fn.definition.load import load_definition
from rewardctl.report import build
from tests import factory
from tests.report.records import groups, record, scored, write

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ATTACKS = (
    "</script><script>window.owned = 1</script>",
    "<img src=x onerror='window.owned = 1'>",
    "\"><svg onload='window.owned = 1'>",
    "{{ 7 * 7 }} {% raw %} ${window.owned = 1}",
    "javascript:window.owned = 1",
    "<!-- <script> \u2028\u2029 \u202e \ud800",
)
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


def hostile() -> list[dict[str, Any]]:
    """Forty rollouts whose every field that the page shows is an attack."""
    rows = []
    for i in range(40):
        text = ATTACKS[i % len(ATTACKS)]
        checks = {text: {"score": 0.5, "detail": text, "unscored": None}}
        verdict = {"criterion": text, "item": None, "answer": text, "worth": 1.0}
        rows.append(
            record(
                (i * 7 % 11) / 11,
                f"{text}{i // 4}",
                {text: (i % 5) / 5, f"{text}2": 0.5},
                text,
                id=text if i < 6 else f"{text} {i}",
                line=i + 1,
                definition=text,
                checks=checks,
                verdicts=[{**verdict, "evidence": text, "unsupported": True}],
                reasons=[{"reason": text, "detail": text}],
                gate=text if i % 9 == 0 else "",
            )
        )
    return rows


class Opened:
    """A page in the browser, with everything that the console said."""

    def __init__(self, browser: "Browser", file: Path, **options: Any) -> None:
        self.said: list[str] = []
        self.context = browser.new_context(offline=True, **options)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.said.append(request.url))
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("html[data-ready]", timeout=60_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser")


def page_file(folder: Path, name: str, *paths: Path) -> Path:
    file = folder / f"{name}.html"
    page = build.build_page(build.measure_runs(paths), name)
    file.write_bytes(page.encode("utf-8", errors="replace"))
    return file


@pytest.fixture(scope="module")
def two_runs(browser: "Browser", folder: Path) -> Iterator[Opened]:
    """Sums by the shipped definition math-answer, and the same ids with other rewards beside them."""
    definition = load_definition("math-answer")
    rows = [
        factory.row(f"A: {answer}", prompt=f"{n} + {n}", id=f"sum-{n}-{k}", reference_answer=str(2 * n))
        for n in range(12)
        for k, answer in enumerate((2 * n, 2 * n + 1, 2 * n if n % 2 else 2 * n + 10, 2 * n))
    ]
    first = scored(rows, definition)
    second = [
        {**each, "reward": 1.0 - each["reward"] if i == 7 else each["reward"]} for i, each in enumerate(first)
    ]
    paths = [write(folder / "base.jsonl", first), write(folder / "tuned.jsonl", second)]
    opened = Opened(browser, page_file(folder, "Two runs", *paths))
    yield opened
    opened.context.close()


@pytest.fixture(scope="module")
def attacked(browser: "Browser", folder: Path) -> Iterator[Opened]:
    """A run in which every text is an attack, under a name that is one."""
    opened = Opened(browser, page_file(folder, "<b>hostile", write(folder / "hostile.jsonl", hostile())))
    yield opened
    opened.context.close()


def test_a_hostile_id_is_shown_as_it_is(attacked: Opened) -> None:
    attacked.page.select_option("select[name=list]", label="all")
    assert attacked.page.locator("#list button").first.inner_text() == ATTACKS[0]
    attacked.page.locator("#list button").first.click()
    assert ATTACKS[0] in attacked.page.locator("#rollout-title").inner_text()


def test_hostile_texts_do_not_run_in_any_view(attacked: Opened) -> None:
    page = attacked.page
    page.select_option("select[name=list]", label="all")
    for component in page.locator("select[name=component] option").all()[:3]:
        page.select_option("select[name=component]", value=component.get_attribute("value"))
    page.select_option("select[name=component]", value="")
    for button in page.locator("#list button").all()[: 2 * len(ATTACKS)]:
        button.click()
    page.fill("input[name=query]", ATTACKS[1])
    assert page.evaluate("window.owned") is None
    assert page.locator("script").count() == 3
    assert page.locator("b, img, iframe, object, embed, link, main svg[onload]").count() == 0
    assert attacked.said == [page.url]


def test_the_policy_stops_a_script_that_gets_in_anyway(two_runs: Opened) -> None:
    before = len(two_runs.said)
    two_runs.page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.late = 1';"
        " document.body.append(s); s.remove(); }"
    )
    assert two_runs.page.evaluate("window.late") is None
    assert "Content Security Policy" in "".join(two_runs.said[before:])
    del two_runs.said[before:]


def test_nothing_is_asked_for_and_nothing_complains(two_runs: Opened) -> None:
    assert two_runs.said == [two_runs.page.url]


def test_the_first_screen_says_whether_why_and_what_to_do(two_runs: Opened) -> None:
    two_runs.page.evaluate("window.scrollTo(0, 0)")
    for run in range(2):
        verdict = two_runs.page.locator(".verdict").nth(run)
        assert verdict.locator("p").count() == 3
        box = verdict.bounding_box()
        assert box
        assert box["y"] + box["height"] < 720


def test_headings_plots_and_controls_have_names(two_runs: Opened) -> None:
    snapshot = two_runs.page.locator("body").aria_snapshot()
    for line in (
        'heading "Two runs" [level=1]',
        'heading "Is it healthy?" [level=2]',
        'heading "tuned against base" [level=2]',
        'figure "Rewards"',
        'figure "Share of the advantage"',
        'figure "Groups: base"',
        'figure "Reward and length"',
        'combobox "Run"',
        'searchbox "Search"',
        'combobox "Component"',
    ):
        assert line in snapshot, line
    plots = two_runs.page.locator("[data-plot]")
    names = plots.evaluate_all("all => all.map(plot => plot.getAttribute('aria-label'))")
    assert names[0] == (
        "Rewards. Rollouts by their reward, without those whose reward the failure policy filled in."
    )
    assert all(names)


def test_runs_are_compared_by_id(two_runs: Opened) -> None:
    text = two_runs.page.locator("section", has_text="have the same id in both").inner_text()
    assert "48 rollouts have the same id in both, 0 are only in base, 0 only in tuned." in text
    assert "changed for 1 of the pairs" in text
    assert "sum-1-3" in text


def test_the_list_is_searched_by_id_and_by_text_and_filtered_by_component(two_runs: Opened) -> None:
    page = two_runs.page
    page.select_option("select[name=list]", label="all")
    count = page.locator("#count")

    def matches(**fields: str) -> str:
        for name in ("query", "from", "to"):
            page.fill(f"input[name={name}]", fields.get(name, ""))
        page.select_option("select[name=component]", value=fields.get("component", ""))
        return count.inner_text().split(" rollouts")[0]

    assert matches() == "48 of 48"
    assert matches(query="SUM-3-") == "4 of 48"
    assert matches(query="A: 22") == "4 of 48"  # three times for 11 + 11, and 12 + 10 for 6 + 6
    right, wrong = (matches(component="numeric_answer", **{bound: "0.5"}) for bound in ("from", "to"))
    assert (right, wrong) == ("30 of 48", "18 of 48")
    matches()


def test_a_rollout_is_explained_with_its_group(two_runs: Opened) -> None:
    page = two_runs.page
    page.fill("input[name=query]", "sum-1-1")
    page.locator("#list button", has_text="sum-1-1").first.click()
    article = page.locator("#rollout")
    assert article.get_by_role("heading", name="Rollout sum-1-1").is_visible()
    text = article.inner_text()
    assert "A: 3" in text
    assert article.locator("mark").get_attribute("data-number") == "1"
    assert "numeric_answer" in article.get_by_role("row", name="1 answer").inner_text()
    assert "sum-1-0" in text
    article.get_by_role("button", name="sum-1-0").click()
    assert article.get_by_role("heading", name="Rollout sum-1-0").is_visible()
    page.fill("input[name=query]", "")


def test_an_attack_on_the_address_of_a_plot_can_not_hide_the_others(two_runs: Opened) -> None:
    assert two_runs.page.locator("[data-plot] .error").count() == 0
    assert two_runs.page.locator("[data-plot] svg path").count() > 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(
    browser: "Browser", folder: Path, scheme: Any
) -> None:
    rows = groups(
        [((i % 7) / 7, (i % 5) / 5, 0.5) for i in range(30)], scores={"a_component_with_a_long_name": 0.5}
    )
    file = page_file(folder, "phone", write(folder / "phone.jsonl", rows))
    opened = Opened(browser, file, color_scheme=scheme, **PHONE)
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 390
    colours = opened.page.evaluate(
        "() => [document.body, document.querySelector('[data-plot] svg text')]"
        ".map((e, i) => getComputedStyle(e)[i ? 'fill' : 'backgroundColor'])"
    )
    paper, ink = (
        ("rgb(255, 255, 255)", "rgb(28, 31, 36)")
        if scheme == "light"
        else ("rgb(21, 24, 28)", "rgb(230, 232, 235)")
    )
    assert colours == [paper, ink]
    assert json.dumps(opened.said) == json.dumps([opened.page.url])
    opened.context.close()
