"""Fixtures that several test folders share: the checkout's root, and a browser for the report."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# The browser itself must stay off the network too, or a machine without one slows it down.
BROWSER_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Links that make a browser connect without a request that a page's listeners see.
SILENT_LINKS = "link[rel~=preconnect], link[rel~='dns-prefetch'], link[rel~=prefetch]"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout under test."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repeats():
    """The module `repeats.py` beside this file: a made-up project of a repeat."""
    path = Path(__file__).with_name("repeats.py")
    spec = importlib.util.spec_from_file_location("genopool_test_repeats", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class OpenedReport:
    """A page open in the browser, and what it said and asked for while it was loaded and used.

    Attributes
    ----------
    page : playwright.sync_api.Page
        To click, query and photograph.
    address : str
        The file:// address that was opened.
    messages : list of str
        Console errors and warnings, and uncaught exceptions, oldest first.
    requests : list of str
        Every address asked for, the page's own first.
    """

    page: object
    address: str
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def outside(self) -> list[str]:
        """Requests for anything but the file itself and the data: and blob: addresses in it."""
        return [
            address
            for address in self.requests
            if address.split("#")[0] != self.address and not address.startswith(("data:", "blob:"))
        ]


def find_browser() -> str | None:
    """The browser that GENOPOOL_BROWSER names, else the first Chromium or Chrome found."""
    named = os.environ.get("GENOPOOL_BROWSER")
    return next(filter(None, map(shutil.which, [named] if named else BROWSERS)), None)


def without_browser(reason: str) -> None:
    """Skip, or fail where the browser tests are required (as in continuous integration)."""
    if os.environ.get("GENOPOOL_REQUIRE_BROWSER") == "1":
        pytest.fail(f"GENOPOOL_REQUIRE_BROWSER is 1, but {reason}")
    pytest.skip(f"browser test not run: {reason}")


# One browser a module: while it runs, Playwright's event loop belongs to the test's own thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """Headless Chromium; skips, saying so, on a machine without one."""
    executable = find_browser()
    if executable is None:
        without_browser("no Chromium or Chrome was found (Debian: apt-get install chromium)")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        without_browser("the package playwright is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=BROWSER_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def browser_page(browser) -> Iterator[object]:
    """An empty page in a browser context of its own, which has no network."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def open_report(browser_page):
    """A function that opens an HTML file and gives an OpenedReport.

    >>> report = open_report(results / "report.html")
    >>> assert not report.messages and not report.outside
    """

    def open_file(path: Path) -> OpenedReport:
        opened = OpenedReport(browser_page, Path(path).resolve().as_uri())

        def record(route) -> None:
            opened.requests.append(route.request.url)
            if route.request.url.startswith(("http:", "https:", "ws:", "wss:")):
                route.abort()
            else:
                route.continue_()

        def heard(message) -> None:
            if message.type in ("error", "warning"):
                opened.messages.append(f"{message.type}: {message.text}")

        browser_page.on("console", heard)
        browser_page.on("pageerror", lambda error: opened.messages.append(f"uncaught: {error}"))
        browser_page.on("websocket", lambda socket: opened.requests.append(socket.url))
        browser_page.route("**/*", record)
        browser_page.goto(opened.address, wait_until="load")
        opened.requests += browser_page.eval_on_selector_all(
            SILENT_LINKS, "links => links.map(link => link.href)"
        )
        return opened

    return open_file


SMALL_CONFIG = """\
outcome: disease
loci:
  SNP: {alleles: A/C}
  PALINDROME: {alleles: A/T}
  INDEL: {alleles: I/D}
  CA: {kind: repeat, effect_alleles: ["19", "<19"]}
  APOE: {kind: multiallelic, alleles: e3/e2/e4, effect_alleles: [e2, e4]}
strata:
  ethnicity: {groups: {Caucasian: [Caucasian, European], East Asian: [Chinese, Korean]}}
  menopausal_status: {}
  both: {cross: [ethnicity, menopausal_status]}
allele_frequency_by: ethnicity
"""


@pytest.fixture
def make_project(tmp_path):
    """Write a configuration and study tables, and load them: `make_project({"a.csv": "…"})`."""
    from genopool.config import load

    def make(tables=None, config=SMALL_CONFIG):
        folder = tmp_path / "data" / "studies"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (tables or {}).items():
            data = content if isinstance(content, bytes) else content.encode()
            (folder / name).write_bytes(data)
        source = tmp_path / "config.yaml"
        source.write_text(config)
        return load(source)

    return make
