"""Somebody with a browser of their own, and all that their pages complain about."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.journeys.serving import Site

ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--lang=zh-CN",
]
TALL = {1280: 800, 360: 740}
PATIENCE = 30_000
"""Milliseconds a page gets: a bound, not a wait."""


class Visitor:
    """One browser context. `faults` gathers console errors, script errors and requests to other hosts."""

    def __init__(
        self, browser: Any, site: Site, *, width: int = 1280, scripts: bool = True, language: str = "zh-CN",
        scheme: str = "light",
    ) -> None:  # fmt: skip
        self.site = site
        self.faults: list[str] = []
        self._allowed: set[int] = set()
        self.context = browser.new_context(
            base_url=site.address, viewport={"width": width, "height": TALL[width]}, locale=language,
            java_script_enabled=scripts, color_scheme=scheme, reduced_motion="reduce", timezone_id="Asia/Shanghai",
        )  # fmt: skip
        self.context.set_default_timeout(PATIENCE)
        self.context.on("request", self._requested)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda broken: self.faults.append(f"script: {broken.error}"))
        self.page = self.context.new_page()

    def carry(self, cookies: dict[str, str]) -> None:
        """Comes with this session from now on."""
        self.context.add_cookies(
            [{"name": name, "value": value, "url": self.site.address} for name, value in cookies.items()]
        )

    def open(self, path: str, status: int = 200) -> None:
        """Goes to a page that answers so."""
        with self.expecting(status):
            answer = self.page.goto(path)
        assert answer is not None
        assert (path, answer.status) == (path, status)

    def log_in(self, username: str, password: str, status: int = 200) -> None:
        """Types both into the login form."""
        self.page.goto("/login")
        self.fill("用户名", username)
        self.fill("密码", password)
        with self.expecting(status):
            self.press("登录")

    def field(self, label: str) -> Any:
        """The field of the page under this label; "必填" may follow it."""
        return self.page.locator("main").get_by_label(re.compile(rf"^{label}(必填)?$"))

    def fill(self, label: str, text: str) -> None:
        """Types into the field."""
        self.field(label).fill(text)

    def press(self, words: str) -> None:
        """Presses the button of the page, not of its frame, that says so; the next page is there afterwards."""
        self.go(self.page.locator("main").get_by_role("button", name=words))

    def follow(self, words: str) -> None:
        """Follows the first link of the page, or of the rail, that says just so."""
        self.go(self.page.get_by_role("link", name=words, exact=True).first)

    def go(self, way: Any) -> None:
        """Clicks what leads to another page, and waits until that has been read whole."""
        with self.page.expect_navigation(wait_until="load"):
            way.click()

    def headed(self) -> str:
        """What the page is called."""
        return str(self.page.locator("h1").first.inner_text())

    def reads(self) -> str:
        """All that the page shows, white space as one blank."""
        return re.sub(r"\s+", " ", self.page.locator("body").inner_text())

    def says(self, *sentences: str) -> None:
        """Fails unless the page shows every one of these."""
        shown = self.reads()
        assert [sentence for sentence in sentences if sentence not in shown] == [], shown

    @contextmanager
    def expecting(self, status: int) -> Iterator[None]:
        """Chromium reports a page that answers 4xx on the console, now or a little later; this one is meant."""
        self._allowed.add(status)
        yield

    def leave(self) -> None:
        """Closes the browser context."""
        self.context.close()

    def _requested(self, request: Any) -> None:
        if not request.url.startswith((f"{self.site.address}/", "data:", "blob:")):
            self.faults.append(f"foreign request: {request.url}")

    def _said(self, message: Any) -> None:
        answered = re.search(r"responded with a status of (\d+)", message.text)
        meant = answered is not None and int(answered[1]) in self._allowed
        if message.type in ("error", "warning") and not meant:
            self.faults.append(f"console: {message.text}")
