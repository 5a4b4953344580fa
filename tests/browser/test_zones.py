"""The reader's own zone: without having chosen one, people read times as their machine tells them."""

from playwright.sync_api import Browser


def test_who_chose_no_zone_reads_the_times_of_their_machine(browser: Browser, address: str) -> None:
    """A phone in Makassar, one in Berlin, and one in Makassar whose owner chose Jakarta's."""
    for machine, chosen, read in (
        ("Asia/Makassar", None, "WITA"),
        ("Europe/Berlin", None, "WIB"),
        ("Asia/Makassar", "WIB", "WIB"),
    ):
        context = browser.new_context(base_url=address, timezone_id=machine)
        page = context.new_page()
        if chosen:
            page.goto(f"/sign-in?zone={chosen}")
        page.goto("/sandbox/people")
        page.get_by_role("button", name="Budi").click()
        page.wait_for_load_state("networkidle")
        page.goto("/orders/LZD-1001?a=1")
        page.locator(f"nav a[aria-current]:text-is('{read}')").wait_for()
        assert page.url.endswith("/orders/LZD-1001?a=1")
        context.close()
