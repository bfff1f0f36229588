"""The web interface in a real browser, Debian's chromium: main paths, keys, live pages, and how every page looks.

Screenshots are kept in the folder `MASCRIPT_SHOTS`, or in pytest's temporary one; look at them after a change of style.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from mascript.journal import CurveRow, Journal, Rows, Workspace
from mascript.web.guard import gate
from mascript.web.one_file import write_library_report

_found = importlib.util.spec_from_file_location("served", Path(__file__).parents[1] / "web" / "conftest.py")
assert _found is not None and _found.loader is not None
pages = importlib.util.module_from_spec(_found)
sys.modules["served"] = pages  # where its dataclasses look for their own module
_found.loader.exec_module(pages)
workspace, served = pages.workspace, pages.served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here: apt-get install chromium")
RUN = "tiny-10-1"
SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 390, "height": 844}}

CONTRAST = """() => {
  const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1});
  const context = canvas.getContext("2d", {willReadFrequently: true});
  const rgba = (color) => {
    context.clearRect(0, 0, 1, 1); context.fillStyle = color; context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((k) => top[k] * top[3] + below[k] * (1 - top[3])).concat(1);
  const light = (c) => { const f = (v) => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    return .2126 * f(c[0]) + .7152 * f(c[1]) + .0722 * f(c[2]); };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || !node.checkVisibility({opacityProperty: true})) continue;
    if (node.closest("title, script, datalist, option, .sr, svg.scene")) continue;
    const style = getComputedStyle(node);
    let seen = 1; const layers = [];
    for (let up = node; up; up = up.parentElement) {
      const its = getComputedStyle(up); seen *= Number(its.opacity);
      if (!(up instanceof SVGElement)) layers.push(rgba(its.backgroundColor));
    }
    const ground = layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
    const ink = rgba(node instanceof SVGElement ? style.fill : style.color); ink[3] *= seen;
    const [a, b] = [light(over(ink, ground)), light(ground)];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const said = `${node.tagName}.${node.getAttribute("class")} ${text.data.trim().slice(0, 30)}`;
    if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)} ${said}`);
  }
  return [...new Set(found)];
}"""
"""Texts with less contrast to their ground than WCAG 2.2 asks for (1.4.3, AA): 4.5, large ones 3. Pictures of arenas have grounds
of their own, and the same scene stands as text beside them."""

NAMELESS = """() => [...document.querySelectorAll(
  "a[href], button, input:not([type=hidden]), select, [tabindex='0'], meter, progress")]
  .filter((node) => node.checkVisibility() && !node.closest("[aria-hidden=true]") && !node.matches("[aria-hidden=true]"))
  .filter((node) => !(node.getAttribute("aria-label") || node.getAttribute("aria-labelledby") || node.textContent.trim()
    || node.labels?.length || node.title)).map((node) => node.outerHTML.slice(0, 120))"""
"""What can be operated and has no name for a screen reader (WCAG 4.1.2)."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # A container's root has no user namespaces to build chromium's own sandbox from; every page here is ours.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("MASCRIPT_SHOTS") or tmp_path_factory.mktemp("shots"))
    folder.mkdir(parents=True, exist_ok=True)
    print(f"\nscreenshots in {folder}")
    return folder


def opened(context: BrowserContext, said: list[str]) -> Page:
    """A page that notes whatever a reader would see in the browser's console, and every dialog: a hostile text that ran."""
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: (said.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: said.append(request.url) if "//127.0.0.1" not in request.url else None)
    return page


@pytest.fixture
def page(browser: Browser, served: Any) -> Iterator[Page]:
    said: list[str] = []
    context = browser.new_context(base_url=f"http://127.0.0.1:{served.port}", viewport=SIZES["wide"])
    yield opened(context, said)
    context.close()
    assert not said


def addresses(served: Any) -> dict[str, str]:
    """One address of every kind of page."""
    scripts = served.get(f"/runs/{RUN}/scripts.json?status=champion").json()["scripts"]
    helper = served.get(f"/runs/{RUN}.json").json()["helpers"][0]["pin"].partition("@")[0]
    return {
        "runs": "/runs",
        "runs-none": "/runs?q=nobody",
        "run": f"/runs/{RUN}",
        "run-hostile": "/runs/hostile-1-1",
        "scripts": f"/runs/{RUN}/scripts",
        "script": f"/scripts/{scripts[0]['pid']}?run={RUN}",
        "episode": f"/scripts/{scripts[0]['pid']}/episode?run={RUN}&step=2",
        "episode-end": f"/scripts/{scripts[0]['pid']}/episode?run={RUN}&step=999",
        "episode-hostile": f"/scripts/{pages.PLAYABLE}/episode?run={pages.PLAYABLE_RUN}",
        "lines": f"/scripts/{scripts[0]['pid']}/lines?run={RUN}",
        "lineage": f"/runs/{RUN}/lineage",
        "lineage-all": f"/runs/{RUN}/lineage?show=all",
        "prompts-none": f"/runs/{RUN}/prompts",
        "prompts": "/runs/hostile-1-1/prompts",
        "prompt": "/runs/hostile-1-1/prompts/ada:0:0:0",
        "arenas": "/arenas",
        "arena": "/arenas/simple_spread_v3",
        "arena-payoffs": "/arenas/connect_four_v3",
        "compare-none": "/compare",
        "compare": f"/compare?a=one={RUN}&b=two={RUN}",
        "library": "/library",
        "library-none": "/library?q=zzzz",
        "function": f"/library/{helper}",
        "function-hostile": "/library/harmless",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_legible_and_fits(browser: Browser, served: Any, shots: Path, size: str, scheme: str) -> None:
    """In both sizes and schemes: no error, nothing from elsewhere, nothing wider than the screen, contrast AA, names for all."""
    said: list[str] = []
    base = f"http://127.0.0.1:{served.port}"
    context = browser.new_context(base_url=base, viewport=SIZES[size], color_scheme=scheme)  # type: ignore[arg-type]
    page, wrong = opened(context, said), []
    for name, address in addresses(served).items():
        page.goto(address, wait_until="networkidle")
        page.screenshot(path=shots / f"{name}-{size}-{scheme}.png", full_page=True)
        too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        wrong += [f"{name}: {too_wide} px too wide"] if too_wide > 0 else []
        wrong += [f"{name}: contrast {one}" for one in page.evaluate(CONTRAST)]
        wrong += [f"{name}: no name {one}" for one in page.evaluate(NAMELESS)]
    context.close()
    assert not wrong and not said


def test_from_a_helper_to_what_it_did_and_the_strategy_that_it_made(page: Page, served: Any) -> None:
    """The main path: find a helper, see what it did, follow it to a script, and the script to its family."""
    page.goto("/library")
    helper = served.get(f"/runs/{RUN}.json").json()["helpers"][0]["pin"].partition("@")[0]
    page.get_by_label("Find", exact=True).press_sequentially(helper)
    page.wait_for_url(f"**/library?q={helper}")
    page.locator("#results").get_by_role("link", name=helper, exact=True).click()
    page.get_by_role("heading", name="What it was worth").wait_for()
    assert page.locator("svg.scatter .effect").count() >= 1
    page.locator(".helpers tbody a[href^='/scripts/']").first.click()
    page.get_by_role("heading", name="Borrowed helpers").wait_for()
    assert page.get_by_role("link", name=helper).count() >= 1
    page.get_by_role("link", name="where it came from and went").click()
    page.locator("#graph .node.chosen").wait_for()
    assert page.locator("#story h2").inner_text() in page.locator("#graph .node.chosen title").text_content()  # type: ignore[operator]
    assert helper in page.locator("#story").inner_text()


def test_the_helper_is_watched_at_work(page: Page, served: Any) -> None:
    """The rest of the main path: from what a helper was worth to an episode in which it is called, by slider, keys and play."""
    helper = served.get(f"/runs/{RUN}.json").json()["helpers"][0]["pin"].partition("@")[0]
    page.goto(f"/library/{helper}")
    page.locator(".helpers tbody").get_by_role("link", name="watch").first.click()
    page.get_by_role("heading", name="The whole episode").wait_for()
    assert page.locator(".track.helper").filter(has_text=helper).count() == 1
    assert page.locator(".seat.own .meta").get_by_role("link", name=helper).count() == 1
    page.evaluate("window.same = true")
    slider, told = page.get_by_label("Step", exact=True), page.locator("#moment .pages .num")
    last = int(slider.get_attribute("max") or 0)
    page.locator("body").press("ArrowRight")
    told.get_by_text("Step 1 of").wait_for()
    slider.focus()
    slider.press("End")
    told.get_by_text("The end").wait_for()
    assert slider.input_value() == str(last) and page.url.endswith(f"step={last}")
    slider.press("Home")
    told.get_by_text("Step 0 of").wait_for()
    page.get_by_label("Pace").select_option("12")
    page.get_by_role("button", name="Play").click()
    told.get_by_text("The end").wait_for()
    page.locator("svg.track a").first.dispatch_event("click")
    told.get_by_text("Step 0 of").wait_for()
    page.get_by_role("link", name="next step").click()
    told.get_by_text("Step 1 of").wait_for()
    assert page.evaluate("window.same") is True
    page.reload()
    assert told.inner_text().startswith("Step 1 of") and slider.input_value() == "1"
    line = page.locator(".listing tr.decided")
    assert line.count() == 1 and "return" in line.inner_text()


def test_a_script_counts_its_lines_in_its_place(page: Page, served: Any) -> None:
    pid = served.get(f"/runs/{RUN}/scripts.json?status=champion").json()["scripts"][0]["pid"]
    page.goto(f"/scripts/{pid}?run={RUN}")
    page.evaluate("window.same = true")
    page.get_by_role("link", name="count which lines decide").click()
    page.locator("#code .counted").wait_for()
    assert "%" in page.locator("#code .counted").inner_text() and page.evaluate("window.same") is True


def test_the_library_is_one_file(browser: Browser, workspace: Path, tmp_path: Path, shots: Path) -> None:
    """From file://: it loads nothing, searches, opens what a link names, and passes what every page passes."""
    path = tmp_path / "library.html"
    found = write_library_report(workspace, path)
    for size, scheme in (("wide", "light"), ("narrow", "dark")):
        said: list[str] = []
        page = browser.new_page(viewport=SIZES[size], color_scheme=scheme)  # type: ignore[arg-type]
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("request", lambda request, said=said: said.append(request.url) if request.url != path.as_uri() else None)
        page.goto(path.as_uri())
        name = next(entry.page.release["name"] for entry in found.entries if entry.labels)
        page.get_by_label("Find").fill(name)
        assert page.locator("#shown").inner_text().endswith(f"of {len(found.entries)}")
        page.locator(f"#f-{name} summary").click()
        page.screenshot(path=shots / f"library-file-{size}-{scheme}.png")
        assert page.locator(f"#f-{name} svg.scatter").count() == 1
        page.locator(f"#f-{name} .caption a").first.click()
        assert page.locator(".function:target[open]").count() == 1
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert not page.evaluate(CONTRAST) and not page.evaluate(NAMELESS) and not said
        page.close()


def test_filters_answer_without_a_new_page_and_keep_their_address(page: Page) -> None:
    page.goto("/library")
    page.evaluate("window.same = true")
    page.get_by_label("Returns").select_option("int")
    page.wait_for_url("**/library?returns=int*")
    cards = page.locator(".cards li")
    count = cards.count()
    assert count > 0 and all("-> int" in cards.nth(k).inner_text() for k in range(count))
    assert page.evaluate("window.same") is True
    page.reload()
    assert page.get_by_label("Returns").input_value() == "int" and cards.count() == count


def test_the_graph_tells_what_a_node_came_from_and_the_way_between_two(page: Page) -> None:
    page.goto(f"/runs/{RUN}/lineage")
    page.locator("#graph[data-ready]").wait_for()
    function = page.locator("#graph .node.function").first
    function.focus()
    page.keyboard.press("Enter")
    story = page.locator("#story")
    assert page.url.endswith("/lineage") and "Led to" in story.inner_text()
    lit = page.locator("#graph .node.on").count()
    assert 1 < lit < page.locator("#graph .node").count()
    page.locator("#story-path").click()
    target = page.locator("#graph .node.script.on").last
    target.click()
    assert "The way" in story.inner_text() and story.locator("ol li").count() >= 1
    page.keyboard.press("Escape")
    assert page.locator("#graph .node.on").count() == 0
    edges = page.locator("#graph .e-parent:not(.off)")
    before = edges.count()
    page.get_by_label("parent", exact=True).uncheck()
    assert before > 0 and edges.count() == 0
    page.get_by_label("bo", exact=True).uncheck()
    assert page.locator("#graph .node.a1:visible").count() == 0 < page.locator("#graph .node.a0:visible").count()
    page.get_by_label("bo", exact=True).check()
    name = page.locator("#graph .node.function text").first.text_content()
    page.get_by_label("Find", exact=True).fill(str(name))
    assert page.locator("#story h2").inner_text() == name


def test_keys_reach_everything(page: Page) -> None:
    page.goto("/runs")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/*")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url("**/library")


def test_a_page_follows_its_run(browser: Browser, served: Any, workspace: Path) -> None:
    """Another process commits a generation: the open page shows it without being loaded anew; when the run ends it stops."""
    said: list[str] = []
    context = browser.new_context(base_url=f"http://127.0.0.1:{served.port}")
    with Workspace.open(workspace) as opened_here:
        journal, rows = Journal(opened_here), Rows(opened_here)
        config = journal.run(RUN).config_json
        with opened_here.transaction():
            run = journal.create_run("followed-1-1", "followed", config, 1, "0", "test").run
        with opened_here.lease(run):
            page = opened(context, said)
            page.goto(f"/runs/{run}")
            page.evaluate("window.same = true")
            assert "No generation is committed yet" in page.locator("#page").inner_text()
            page.locator("#live", has_text="live").wait_for()
            for generation in (0, 1):
                with opened_here.transaction():
                    for agent in ("ada", "bo"):
                        rows.record_curve(CurveRow(run, agent, generation, -1.0, -2.0, -1.5 + generation, 10))
                page.get_by_text(f"{generation + 1} of 3").wait_for(timeout=5000)
        journal.set_status(run, "complete")
        page.locator(".s-complete").wait_for(timeout=5000)
        assert page.evaluate("window.same") is True
        assert page.locator("[data-live]").count() == 0
    context.close()
    assert not said


def test_pages_work_without_scripts(browser: Browser, served: Any) -> None:
    context = browser.new_context(base_url=f"http://127.0.0.1:{served.port}", java_script_enabled=False)
    page = context.new_page()
    page.goto("/library")
    page.get_by_label("Find", exact=True).fill("distance")
    page.get_by_role("button", name="Find", exact=True).click()
    page.wait_for_url("**q=distance*")
    assert page.locator(".cards li").count() > 0
    page.goto(f"/runs/{RUN}/lineage")
    page.locator("#graph .node").first.click()
    page.wait_for_url("**/scripts/*")
    context.close()


def test_the_token_is_asked_for_once(browser: Browser, workspace: Path) -> None:
    token = "correct horse battery staple"
    with pages.Server(workspace, gate("0.0.0.0", token)) as server:
        context = browser.new_context(base_url=f"http://127.0.0.1:{server.port}")
        page = context.new_page()
        page.goto("/library")
        page.get_by_label("Token").fill(token)
        page.get_by_role("button", name="Enter").click()
        page.get_by_role("heading", name="Runs").wait_for()
        assert token not in page.url and page.evaluate("document.cookie") == ""
        context.close()
