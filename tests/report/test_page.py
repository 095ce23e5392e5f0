"""The page as a file: its policy, its hashes, its size, and nothing in it that a text could break out of."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from rewardctl.report import build
from rewardctl.report.columns import Columns
from rewardctl.report.health import health_of
from rewardctl.report.page import RunView, embedded, numbers, page_data
from rewardctl.report.plots import plots_of
from rewardctl.report.spec import COLOURS
from rewardctl.report.texts import Texts, read_texts
from rewardctl.report.vega import inline, vega_bundle
from tests.report.records import figures, groups, record, write

HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>&lt;b&gt;<!-- \u2028 \ud800"
)
MB = 1_000_000


def page_of(path: Path, *runs: list[dict[str, Any]]) -> str:
    paths = [write(path / f"run{number}.jsonl", records) for number, records in enumerate(runs)]
    return build.build_page(build.measure_runs(paths), "A title")


class Elements(HTMLParser):
    """The elements of a page: names with attributes, and the content of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag if tag in self.inside else ""
        if self._open:
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.inside[self._open][-1] += data


def hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    rows = groups([(0.0, 1.0), (0.5, 0.6)])
    rows.append(record(0.3, "g1", id=HOSTILE, response=HOSTILE, definition=HOSTILE, gate=HOSTILE))
    rows.append(record(0.4, "g1", scores={HOSTILE: 0.5}, reasons=[{"reason": HOSTILE, "detail": HOSTILE}]))
    return page_of(tmp_path_factory.mktemp("page"), rows)


def test_the_policy_allows_the_two_scripts_and_the_style_sheet_and_nothing_else(page: str) -> None:
    elements = Elements(page)
    (policy,) = (
        attrs["content"]
        for tag, attrs in elements.tags
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    )
    data, *scripts = elements.inside["script"]
    assert json.loads(data)["runs"]
    assert policy == "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(map(hash_of, scripts))}",
            f"style-src {' '.join(map(hash_of, elements.inside['style']))}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    assert (len(scripts), len(elements.inside["style"])) == (2, 1)


def test_the_policy_comes_before_everything_that_it_governs(page: str) -> None:
    tags = [tag for tag, _ in Elements(page).tags]
    assert tags[:4] == ["html", "head", "meta", "meta"]
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_the_page_asks_for_nothing(page: str) -> None:
    """No element loads anything, and no attribute is a handler."""
    for tag, attrs in Elements(page).tags:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "audio", "video", "source")
        assert not {"src", "href", "action", "srcset", "style"} & attrs.keys()
        assert not [name for name in attrs if name.startswith("on")]


def test_hostile_texts_open_no_element(page: str) -> None:
    elements = Elements(page)
    assert [tag for tag, _ in elements.tags].count("script") == 3
    assert "document.title='owned'" not in page.replace("&#39;", "'").split("<body>")[0]
    run = json.loads(elements.inside["script"][0])["runs"][0]
    assert HOSTILE in run["ids"]
    assert HOSTILE in run["scores"]


def test_embedded_json_reads_back_and_has_no_character_of_html() -> None:
    value = {"a<b>&": [HOSTILE, None, 1.5, "\u2029"]}
    text = str(embedded(value))
    assert not set("<>&") & set(text)
    assert text.isascii()
    assert json.loads(text) == value


def test_a_script_can_not_end_its_element() -> None:
    script = inline('const a = "</script><!--";\r\nconst b = 1;\r')
    assert script == 'const a = "<\\/script><\\!--";\nconst b = 1;\n'


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The bundles that were made, each of which takes seconds in earnest."""
    bundles: list[str] = []

    def bundle(_snippet: None) -> str:
        bundles.append("const vegaEmbed = '</script>';\r\n")
        return bundles[-1]

    monkeypatch.setattr("vl_convert.javascript_bundle", bundle)
    return bundles


def test_the_bundle_is_made_once_and_kept(tmp_path: Path, made: list[str]) -> None:
    scripts = [vega_bundle(tmp_path / "cache") for _ in range(2)]
    assert scripts == ["const vegaEmbed = '<\\/script>';\n"] * 2
    assert len(made) == 1
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".js"]


def test_a_folder_that_can_not_be_written_costs_only_time(tmp_path: Path, made: list[str]) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "vegaEmbed" in vega_bundle(tmp_path / "file" / "folder")
    assert len(made) == 1


def test_the_real_bundle_can_stand_in_a_page(vega: str) -> None:
    assert "vegaEmbed" in vega
    assert not re.search("</script|<!--|\r", vega)


def test_numbers_are_short_and_nan_is_null() -> None:
    assert numbers([0.5, 1.0, float("nan"), 1 / 3], 4) == [0.5, 1, None, 0.3333]


def synthetic(count: int) -> list[dict[str, Any]]:
    """Records with six components and 800 characters of text, in groups of four."""
    text = "The parties agree on the terms of the contract as they stand. " * 13
    return [
        record(
            (i * 37 % 101) / 101,
            f"{i // 4:064x}",
            {f"component_{k}": (i * (k + 3) % 97) / 97 for k in range(6)},
            f"{i} {text}"[: 800 - i % 40],
            id=f"rollout-{i:06d}",
            line=i + 1,
        )
        for i in range(count)
    ]


def test_a_page_of_2640_rollouts_has_at_most_five_megabytes(tmp_path: Path) -> None:
    assert len(page_of(tmp_path, synthetic(2640)).encode(errors="replace")) <= 5 * MB


def test_two_runs_share_the_room(tmp_path: Path) -> None:
    assert len(page_of(tmp_path, synthetic(1320), synthetic(1320)).encode(errors="replace")) <= 5 * MB


def test_the_numbers_of_a_rollout_take_at_most_a_hundred_bytes(tmp_path: Path) -> None:
    """100,000 rollouts may have 15 MB: 5 for scripts and texts, 10 for numbers, 100 bytes for each."""
    columns = Columns.read(synthetic(3000))
    view = RunView(figures(synthetic(10)), health_of(figures(synthetic(10))), columns, {}, Texts())
    assert len(str(embedded(page_data([view], [])))) <= 100 * 3000


def test_plots_do_not_grow_with_the_rollouts() -> None:
    few, many = (plots_of([figures(synthetic(count))]) for count in (400, 4000))
    assert [plot.name for plot in few] == [plot.name for plot in many]
    assert len(json.dumps([plot.spec for plot in many])) < 1.2 * len(json.dumps([plot.spec for plot in few]))


def test_vega_lite_compiles_every_plot() -> None:
    """All kinds of plots, of one run and of two."""
    import vl_convert

    call = {
        "model": "m",
        "shared_by": 1,
        "latency_s": 1.0,
        "input_tokens": 1,
        "output_tokens": 1,
        "failure": None,
    }
    rows = [{**row, "calls": [call], "index": i} for i, row in enumerate(synthetic(60))]
    rows[0]["reasons"] = [{"reason": "throttled", "detail": ""}]
    run = figures(rows)
    names = [plot.name for plot in plots_of([run])]
    assert names == ["rewards", "groups", "length", "place", "order", "reasons", "latencies"]
    for plot in [*plots_of([run]), *plots_of([run, figures(synthetic(40))])]:
        compiled = vl_convert.vegalite_to_vega(json.dumps({**plot.spec, "width": 400}))
        assert compiled["marks"], plot.name


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def test_colours_can_be_seen_on_light_and_dark() -> None:
    """WCAG 2.2 asks for 3:1 for graphics and 4.5:1 for text."""
    css = (Path(build.__file__).parent / "page.css").read_text(encoding="utf-8")
    light, dark = (dict(re.findall(r"--(\w+): (#\w{6})", part)) for part in css.split("@media (prefers")[:2])
    for theme in (light, dark):
        assert min(contrast(colour, theme["paper"]) for colour in COLOURS) >= 3
        for name in ("ink", "quiet", "good", "look", "bad", "link"):
            assert contrast(theme[name], theme["paper"]) >= 4.5, name
            assert contrast(theme[name], theme["panel"]) >= 4.5, name
        assert contrast(theme["ink"], theme["hit"]) >= 4.5


def test_a_thinned_run_is_numbered_by_its_places_on_the_page() -> None:
    rows = [record(i / 10, f"g{i}", id=f"r{i}") for i in range(6)]
    columns = Columns.read(rows)
    texts = read_texts(rows, columns.group, [5], {}, rows=[1, 3, 5])
    run = figures(rows)
    view = RunView(run, health_of(run), columns, {"lowest": [3, 5]}, texts, [1, 3, 5])
    (result,) = page_data([view], [])["runs"]
    assert (result["total"], result["ids"], result["reward"]) == (6, ["r1", "r3", "r5"], [0.1, 0.3, 0.5])
    assert result["lists"] == {"lowest": [1, 2]}
    assert list(result["rollouts"]) == [0, 1, 2]
    assert view.place_of(5) == 2
