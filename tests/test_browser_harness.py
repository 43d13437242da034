"""The browser fixtures must notice what a self-contained report may not do."""

import os
import re
import subprocess
import sys

import pytest

QUIET = """<!doctype html><title>quiet</title>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==" alt="">
<p id="said"></p><script>document.getElementById("said").textContent = "ran";</script>"""


@pytest.fixture
def open_html(open_report, tmp_path):
    def open_text(html):
        page = tmp_path / "page with a space.html"
        page.write_text(html, encoding="utf-8")
        return open_report(page)

    return open_text


def test_a_self_contained_page_says_and_asks_nothing(open_html):
    opened = open_html(QUIET)
    assert opened.messages == []
    assert opened.outside == []
    assert opened.requests[0] == opened.address
    assert opened.page.inner_text("#said") == "ran"


def test_an_uncaught_exception_is_heard(open_html):
    opened = open_html(QUIET + "<script>absent.call()</script>")
    assert [message for message in opened.messages if "absent is not defined" in message]


def test_a_script_that_does_not_parse_is_heard(open_html):
    opened = open_html(QUIET + "<script>if (</script>")
    assert [message for message in opened.messages if "Unexpected" in message]


def test_a_console_error_is_heard(open_html):
    opened = open_html(QUIET + "<script>console.error('no such study')</script>")
    assert opened.messages == ["error: no such study"]


def test_a_failure_after_loading_is_heard(open_html):
    opened = open_html(QUIET + "<button onclick='absent.call()'>show</button>")
    assert opened.messages == []
    opened.page.click("button")
    assert [message for message in opened.messages if "absent is not defined" in message]


@pytest.mark.parametrize(
    ("html", "address"),
    [
        ("<img src='http://example.invalid/a.png'>", "http://example.invalid/a.png"),
        ("<script src='https://example.invalid/a.js'></script>", "https://example.invalid/a.js"),
        (
            "<style>@import 'https://example.invalid/a.css';</style>",
            "https://example.invalid/a.css",
        ),
        (
            "<script>fetch('https://example.invalid/a').catch(() => 0)</script>",
            "https://example.invalid/a",
        ),
        ("<script>new WebSocket('ws://example.invalid/a')</script>", "ws://example.invalid/a"),
        ("<link rel='preconnect' href='https://example.invalid/'>", "https://example.invalid/"),
    ],
    ids=["image", "script", "style", "fetch", "websocket", "preconnect"],
)
def test_an_outgoing_request_is_seen(open_html, html, address):
    opened = open_html(QUIET + html)
    for _ in range(50):  # a request from a script may be reported just after the page has loaded
        if address in opened.outside:
            break
        opened.page.wait_for_timeout(50)
    assert address in opened.outside


def test_a_file_beside_the_page_counts_as_outside(open_html, tmp_path):
    (tmp_path / "style.css").write_text("p { color: red }")
    opened = open_html(QUIET + "<link rel='stylesheet' href='style.css'>")
    assert opened.outside == [(tmp_path / "style.css").as_uri()]


def test_a_link_inside_the_page_is_not_outside(open_html):
    opened = open_html(QUIET + "<a href='#said'>down</a>")
    opened.page.click("a")
    assert opened.outside == []


@pytest.mark.parametrize(("required", "outcome"), [("1", "error"), ("", "skipped")])
def test_a_machine_without_a_browser_skips_unless_one_is_required(repository, required, outcome):
    one_test = f"{__file__}::{test_a_link_inside_the_page_is_not_outside.__name__}"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-rsE", "--no-header", one_test],
        cwd=repository,
        env=os.environ
        | {"GENOPOOL_REQUIRE_BROWSER": required, "GENOPOOL_BROWSER": "/nowhere/chromium"},
        capture_output=True,
        text=True,
    )
    assert re.search(rf"\b1 {outcome}", run.stdout), run.stdout
    assert "no Chromium or Chrome was found" in run.stdout
