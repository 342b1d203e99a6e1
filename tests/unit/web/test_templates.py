"""The base, the macros and the two patterns: escaped, strict, without inline script or style."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError

from shared.web.gallery import samples, samples_office
from shared.web.gallery.__main__ import GALLERY_TEMPLATES, PAGES
from shared.web.page import PageContext
from shared.web.parts import Column, FieldError, Row, StageStep, StepState
from shared.web.patterns import PublicList
from shared.web.templating import AssetsNotBuilt, load_manifest, make_environment, make_templates, render_to_bytes

ROOT = Path(__file__).parents[3]
SCRIPTS = ("app.js", "desk.js", "draft.js", "htmx.js", "sheet.js", "upload.js")
MANIFEST = {name: f"x.{name}" for name in ("kit.css", "app.css", *SCRIPTS, "favicon.svg")}
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", re.IGNORECASE)
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "path", "circle", "wbr"}
HOSTILE = '<script>alert("1")</script>'


def environment(*, rehearsal: bool = True) -> Environment:
    return make_environment(GALLERY_TEMPLATES, rehearsal=rehearsal, manifest=MANIFEST)


def render(name: str, *, rehearsal: bool = True) -> str:
    template, page, context = PAGES[name]
    return render_to_bytes(environment(rehearsal=rehearsal), template, page, **context).decode("utf-8")


def render_text(source: str, **context: object) -> str:
    return environment().from_string(source).render(**context)


class Balance(HTMLParser):
    """Collects tags that are not closed in order, and ids that are used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)


def all_templates() -> Iterator[Path]:
    for folder in (ROOT / "shared" / "web", ROOT / "services"):
        yield from folder.rglob("*.html")


@pytest.mark.parametrize("path", sorted(all_templates()), ids=lambda path: str(path.relative_to(ROOT)))
def test_template_has_no_inline_script_or_style(path: Path) -> None:
    assert INLINE.findall(path.read_text("utf-8")) == []


@pytest.mark.parametrize("name", PAGES)
def test_page_is_balanced_and_its_ids_are_unique(name: str) -> None:
    balance = Balance()

    balance.feed(render(name))

    assert (balance.open, balance.wrong) == ([], [])
    assert len(balance.ids) == len(set(balance.ids))


@pytest.mark.parametrize("name", PAGES)
def test_page_says_language_title_and_one_main_heading(name: str) -> None:
    html = render(name)

    assert '<html lang="zh-CN">' in html
    assert '<a class="skip-link" href="#main">' in html
    assert html.count("<h1>") == 1


@pytest.mark.parametrize("name", PAGES)
def test_every_rehearsal_page_is_marked_and_no_real_page_is(name: str) -> None:
    assert "<title>【演练】" in render(name, rehearsal=True)
    assert 'class="rehearsal"' in render(name, rehearsal=True)
    assert 'class="rehearsal"' not in render(name, rehearsal=False)


@pytest.mark.parametrize("name", PAGES)
def test_page_has_at_most_one_primary_button(name: str) -> None:
    assert len(re.findall(r'class="[^"]*\bprimary\b', render(name))) <= 1


def test_same_context_gives_the_same_bytes() -> None:
    template, page, context = PAGES["public_list.html"]

    first = render_to_bytes(environment(), template, page, **context)
    second = render_to_bytes(environment(), template, page, **context)

    assert first == second


def test_public_list_escapes_what_people_wrote() -> None:
    entry = samples.PUBLICITY.entries[0].model_copy(update={"name": HOSTILE, "note": HOSTILE, "extra": (HOSTILE, "")})
    listing = samples.PUBLICITY.model_copy(update={"heading": HOSTILE, "entries": (entry,)})

    html = render_to_bytes(environment(), "patterns/public_list.html", samples.PUBLICITY_PAGE, listing=listing)

    assert b"<script>alert" not in html
    assert b"&lt;script&gt;alert" in html


def test_figures_table_escapes_cells() -> None:
    html = render_text(
        '{% from "macros/figures.html" import figures_table %}{{ figures_table("t", "表", columns, rows) }}',
        columns=(Column(label="名称"),),
        rows=(Row(cells=(HOSTILE,)),),
    )

    assert "<script" not in html


def test_stage_line_says_every_state_in_words_and_marks_the_current_step() -> None:
    html = render_text(
        '{% from "macros/stage_line.html" import stage_line %}{{ stage_line(steps) }}',
        steps=tuple(StageStep(name=f"阶段{state}", state=state) for state in StepState),
    )

    assert [state.word in html for state in StepState] == [True] * len(StepState)
    assert html.count('aria-current="step"') == 1
    assert html.count("<li") == len(StepState)


def test_stage_line_dashes_provisional_steps_and_says_so() -> None:
    html = render_text(
        '{% from "macros/stage_line.html" import stage_line %}{{ stage_line(steps) }}', steps=samples.IN_SCREENING
    )

    assert html.count("stroke-dasharray") == 4
    assert html.count("预计 ") == 4


def test_term_card_counts_each_day_and_marks_the_makeup_day() -> None:
    html = render_text(
        '{% from "macros/terms.html" import term_card %}{{ term_card(term) }}', term=samples.PUBLICITY_TERM
    )

    assert [f"第{n}天" in html for n in range(1, 7)] == [True] * 5 + [False]
    assert html.count(">班</span>") == 1
    assert "2026年5月11日（周一）24:00" in html


def test_field_links_label_hint_and_error_to_the_input() -> None:
    html = render_text(
        '{% from "macros/forms.html" import field %}{{ field("revenue.2025", "收入", "x", "text", "提示", errors) }}',
        errors=(FieldError(field="revenue.2025", message="应为数字"),),
    )

    assert '<label for="f-revenue-2025">' in html
    assert 'aria-describedby="f-revenue-2025-hint f-revenue-2025-error"' in html
    assert 'aria-invalid="true"' in html


def test_error_summary_links_to_its_fields() -> None:
    errors = samples_office.FORM_ERRORS

    html = render("form.html")

    for error in errors:
        assert f'href="#f-{error.field.replace(".", "-")}"' in html
        assert f'id="f-{error.field.replace(".", "-")}"' in html


def test_a_password_is_never_written_back() -> None:
    html = render_text('{% from "macros/forms.html" import field %}{{ field("p", "密码", "secret", type="password") }}')

    assert "secret" not in html


def test_public_list_withholds_scores_unless_the_rulebook_shows_them() -> None:
    assert "得分" not in render("public_list.html")
    assert ">92.25<" in render("release.html")


def test_public_list_counts_listed_and_held_entries() -> None:
    listing: PublicList = samples.PUBLICITY

    assert (listing.shown_entries, listing.held_entries) == (9, 1)


def test_missing_context_is_an_error_not_a_gap() -> None:
    with pytest.raises(UndefinedError):
        render_to_bytes(environment(), "patterns/overview.html", samples_office.OVERVIEW_PAGE)


def test_a_services_template_wins_over_the_shared_one(tmp_path: Path) -> None:
    (tmp_path / "error.html").write_text("own", "utf-8")

    templates = make_templates(tmp_path, rehearsal=True, manifest=MANIFEST)

    assert templates.get_template("error.html").render() == "own"


def test_page_says_where_it_is() -> None:
    page = samples.PUBLICITY_PAGE

    assert page.place == "青岛年度经济成就宣传发布活动·2025 年度·新质生产力先锋企业·公示"
    assert not PageContext(title="首页", server_time=samples.NOW).answers


def test_missing_build_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(AssetsNotBuilt, match="npm ci && npm run build"):
        load_manifest(tmp_path)


def test_manifest_names_files_that_exist() -> None:
    folder = ROOT / "shared" / "web" / "static" / "dist"

    manifest = load_manifest(folder)

    assert set(manifest) == set(MANIFEST)
    assert all((folder / name).is_file() for name in manifest.values())


def test_npm_lock_has_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))

    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert all("integrity" in entry and "resolved" not in entry for entry in packages.values())
