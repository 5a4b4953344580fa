"""A language two fifths longer than English breaks no page of a narrow phone."""

from pathlib import Path

from playwright.sync_api import Browser, Page

from chalicelib.pages import sessions
from tests.benchmarks.links import every_other_page
from tests.benchmarks.pages import SETTINGS, every_page, furnished
from tests.browser.test_full_and_empty import at_an_address
from tests.browser.test_hard_reading import NARROW, sticks_out
from tests.locales.pseudo import OPENS, PSEUDO, also_spoken, pseudo_catalogue

# Texts that a box hides a part of. What is there for those who hear pages is a pixel wide on purpose.
CUT_OFF = """() => [...document.querySelectorAll("body *")].filter(each => {
  const box = each.getBoundingClientRect(), style = getComputedStyle(each);
  if (box.width < 2 || box.height < 2 || style.visibility === "hidden" || !each.innerText?.trim()) return false;
  const hides = way => ["hidden", "clip"].includes(way);
  return (hides(style.overflowX) && each.scrollWidth > each.clientWidth + 1)
    || (hides(style.overflowY) && each.scrollHeight > each.clientHeight + 1);
}).slice(0, 3).map(each => "cut off: " + each.outerHTML.slice(0, 120))"""
PUSHED = "() => document.documentElement.scrollWidth > innerWidth ? ['the page is pushed sideways'] : []"


def broken(page: Page) -> list[str]:
    """What of a page is not to be read as it stands."""
    return [*page.evaluate(PUSHED), *sticks_out(page), *page.evaluate(CUT_OFF)]


def test_no_page_breaks(browser: Browser, tmp_path: Path) -> None:
    found, seen = list[str](), 0
    with also_spoken(PSEUDO, pseudo_catalogue(), tmp_path), furnished() as cases, at_an_address() as address:
        context = browser.new_context(
            base_url=address,
            viewport=NARROW,  # type: ignore[arg-type]
            extra_http_headers={"Accept-Language": PSEUDO},
        )
        page = context.new_page()
        for path, actor in (*every_page(cases), *every_other_page(cases)):
            context.clear_cookies()
            if actor:
                name, _, value = sessions.begin(actor, SETTINGS, 2**33).partition(";")[0].partition("=")
                context.add_cookies([{"name": name, "value": value, "url": address}])
            answer = page.goto(path, wait_until="load")
            assert answer, path
            assert OPENS in answer.text(), path
            found += [f"{actor.role if actor else 'nobody'} {path}: {each}" for each in broken(page)]
            seen += 1
        # A control: where a text is cut, it is found.
        page.goto("/sign-in")
        wide = "h => { h.style.whiteSpace = `nowrap`; h.style.overflow = `%s`; h.innerText = `x`.repeat(500) }"
        for overflow in ("hidden", "visible"):
            page.eval_on_selector("h1", wide % overflow)
            assert broken(page), overflow
        context.close()
    assert found == []
    assert seen > 50
