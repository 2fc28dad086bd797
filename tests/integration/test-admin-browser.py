#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What administrators see, in a real browser, with the server and the identity provider on two sites."""

import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

import chromium  # noqa: E402
import tap  # noqa: E402
from stage import IDP_HOST  # noqa: E402
from theatre import (BUTTON, FOCUSABLE, MARKUP, MEASURE, Theatre, assert_no_stranger, assert_quiet, assert_usable,  # noqa: E402
                     explain, header, post_answer, sign_in, translation, wait_error_page)

CONFIG = "[admin]\nJit=true\nMaintainerGroups=engineering\n\n[team/design]\nHelpdeskGroups=design\n\n"
USE = {"DisplayName=Dev IdP\n": "DisplayName=Dev IdP\nUse=enrollment;admin;test\n",
       f"DisplayName={MARKUP}\n": f"DisplayName={MARKUP}\nUse=enrollment;admin\n"}
SESSION, FLOW = "__Host-dw_admin", "__Host-dw_flow"
LANGUAGES = ("en", "de", "fr")
NARROW = dict(chromium.PHONE, width=320)  # WCAG 2.2, 1.4.10: 1280 px at 400 %

# What a reader of the screen, or somebody who sets the text otherwise, has of a page (WCAG 2.2 1.3.1, 2.4.2, 2.4.6, 3.1.1).
STRUCTURE = """(() => {
  const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map(heading => +heading.tagName[1]);
  const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
  return {
    title: document.title,
    mains: document.querySelectorAll("main").length,
    tops: levels.filter(level => level === 1).length,
    skips: levels.filter((level, i) => i > 0 && level > levels[i - 1] + 1).length,
    twice: ids.filter((id, i) => ids.indexOf(id) !== i),
    zoom: document.querySelector("meta[name=viewport]").content,
    orphans: document.querySelectorAll("li:not(ul > li, ol > li), dt:not(dl dt), dd:not(dl dd)").length,
    scripts: document.querySelectorAll("script, [onclick], [onload], [style], [tabindex]:not([tabindex='0'])").length,
  };
})()"""
# 1.4.12: a person may set these; nothing is cut off or needs to be moved sideways then.
SPACING = """(() => {
  for (const element of document.querySelectorAll("*"))
    for (const [name, value] of [["line-height", "1.5"], ["letter-spacing", "0.12em"], ["word-spacing", "0.16em"]])
      element.style.setProperty(name, value, "important");
  const cut = [...document.querySelectorAll("main *")].filter(element =>
    getComputedStyle(element).overflow !== "visible" && element.scrollWidth > element.clientWidth + 1);
  return [document.documentElement.scrollWidth - innerWidth, cut.map(element => element.outerHTML.slice(0, 100))];
})()"""


def assert_accessible(page):
    """Structure, names as the browser computes them, and room for text that is set wider; the page is spoiled after it."""
    seen = page.js(STRUCTURE)
    assert seen["title"] and seen["mains"] == 1 and seen["tops"] == 1 and seen["skips"] == 0, seen
    assert seen["twice"] == [] and seen["orphans"] == 0 and seen["scripts"] == 0, seen
    assert "user-scalable" not in seen["zoom"] and "maximum-scale" not in seen["zoom"], seen
    page.call("Accessibility.enable")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    roles = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]
    operable = [(role, name) for role, name in roles if role in ("link", "button", "textbox", "combobox", "checkbox")]
    assert operable and all(name.strip() for role, name in operable), operable
    page.call("Page.setBypassCSP", enabled=True)
    assert page.js(SPACING) == [0, []], page.js(SPACING)
    page.call("Page.setBypassCSP", enabled=False)


def look_at(theatre, page, path, prepare=lambda: None):
    """A page on every screen, in light and dark, in every language: measured, and read by keyboard."""
    for language in LANGUAGES:
        page.speak(language)
        for screen, dark in ((chromium.PHONE, True), (chromium.PHONE, False), (chromium.DESKTOP, True),
                             (chromium.DESKTOP, False)):
            page.look(screen, dark=dark)
            prepare()
            page.go(theatre.stage.url + path)
            seen = assert_usable(page, screen is chromium.PHONE)
            assert seen["lang"] == language, seen
            assert (max(seen["ground"][:3]) < 64) if dark else (min(seen["ground"][:3]) > 192), seen
    page.look(NARROW)
    page.go(theatre.stage.url + path)
    assert page.js(MEASURE)["over"] <= 0, path
    assert_accessible(page)


def go_on(theatre, page, path, act):
    """Does something, and waits until the browser is at this path of the server."""
    since = len(page.events)
    act()
    page.arrive(lambda url: url == theatre.stage.url + path, since)


def enter(theatre, page, user="anna", path="/admin/login?idp=dev"):
    """The whole way to the page of who is signed in."""
    page.go(theatre.stage.url + path)
    assert page.js("location.hostname") == IDP_HOST, page.js("location.href")
    sign_in_as(page, user)
    assert_quiet(page)
    go_on(theatre, page, "/admin", lambda: page.click(BUTTON))
    assert_quiet(page)


def sign_in_as(page, user):
    if page.js("document.querySelector('#password') === null"):
        return
    page.type("#username", user)
    page.type("#password", user)
    page.follow(BUTTON)


def cookies(theatre, page):
    return {each["name"]: each for each in page.call("Network.getCookies", urls=[theatre.stage.url + "/admin"])["cookies"]}


def walk(theatre, **options):
    """In by the provider on another site, and out again; the provider still knows the person."""
    with theatre.browser.open(**options) as page:
        page.go(theatre.stage.url + "/admin")
        assert page.js("location.pathname") == "/admin/login"
        page.follow(".choice")
        sign_in_as(page, "anna")
        go_on(theatre, page, "/admin", lambda: page.click(BUTTON))
        assert page.js("document.querySelector('#email').textContent") == "anna.chao@example.test"
        assert page.js("document.querySelector('.role').textContent") == "helpdesk · design"
        session = cookies(theatre, page)[SESSION]
        assert session["sameSite"] == "Lax" and session["secure"] and session["httpOnly"] and session["path"] == "/", session
        assert page.js("document.body.innerHTML").find("/admin/enter") < 0
        go_on(theatre, page, "/admin/login?out=1", lambda: page.click("#log-out"))
        assert SESSION not in cookies(theatre, page), cookies(theatre, page)
        assert_quiet(page)
        page.go(theatre.stage.url + "/admin")
        assert page.js("location.pathname") == "/admin/login"
        assert_quiet(page)


def test_in_and_out_with_scripts(theatre):
    walk(theatre)


def test_in_and_out_without_scripts_on_a_phone(theatre):
    walk(theatre, scripts=False, screen=chromium.PHONE)


def test_in_and_out_without_cookies_of_third_parties(theatre):
    walk(theatre, third_party_cookies=False)


def test_logging_out_everywhere(theatre):
    with theatre.browser.open() as one, theatre.browser.open() as other:
        enter(theatre, one)
        enter(theatre, other)
        rows = other.js("[...document.querySelectorAll('main ul li')].map(row => row.textContent)")
        assert len(rows) >= 2 and sum("this browser" in row for row in rows) == 1, rows
        go_on(theatre, other, "/admin/login?out=1", lambda: other.click("#log-out-everywhere"))
        one.go(theatre.stage.url + "/admin")
        assert one.js("location.pathname") == "/admin/login"
        assert_quiet(one)


def test_choosing_a_provider_looks_right(theatre):
    with theatre.browser.open() as page:
        look_at(theatre, page, "/admin/login")
        names = page.js("[...document.querySelectorAll('.choice')].map(link => link.textContent)")
        assert [name.partition(" ")[2] for name in names] != [] and any(MARKUP in name for name in names), names
        assert page.js("document.querySelectorAll('script').length") == 0 and "taken" not in page.js("document.title")
        assert_quiet(page)


def test_the_page_after_a_logout_looks_right(theatre):
    with theatre.browser.open() as page:
        for out in ("1", "idp"):
            look_at(theatre, page, f"/admin/login?out={out}")
        assert_quiet(page)


def test_the_page_of_who_is_signed_in_looks_right(theatre):
    with theatre.browser.open() as page:
        enter(theatre, page)
        look_at(theatre, page, "/admin")
        assert_quiet(page)


def test_error_pages_look_right(theatre):
    with theatre.browser.open() as page:
        for path in ("/admin/login?return_to=//evil.example", "/admin/login?idp=nobody", "/admin/enter?code=x", "/test/nobody"):
            look_at(theatre, page, path)
            assert page.js("document.querySelector('#code').textContent") != "", path
        assert all("Failed to load resource" in text for text in page.complaints()), page.complaints()
        assert_no_stranger(page)


def test_a_refused_sign_in_has_a_code_and_a_way_on(theatre):
    for screen, language in ((chromium.PHONE, "de"), (chromium.DESKTOP, "fr")):
        with theatre.browser.open(screen=screen, language=language) as page:
            page.go(theatre.stage.url + "/admin/login?idp=dev")
            sign_in(page, "wrong-audience")
            assert_quiet(page)
            since = len(page.events)
            answer = post_answer(page)[1]
            assert answer["statusCode"] == 403 and header(answer, "doorward-sign-in-status") == "error", answer
            assert explain(theatre.stage, wait_error_page(page, since)) == "DW-SAML-AUDIENCE"
            assert page.js("document.querySelector('#try-again').textContent") == translation(language, "Try again")
            assert assert_usable(page, screen is chromium.PHONE)["lang"] == language
            assert all("Failed to load resource" in text for text in page.complaints()), page.complaints()
            page.follow("#try-again")
            page.go(theatre.stage.url + "/admin/login?idp=dev")
            sign_in_as(page, "anna")
            go_on(theatre, page, "/admin", lambda: page.click(BUTTON))


def test_somebody_without_an_account_is_told_so(theatre):
    with theatre.stage.configured(replace={"Jit=true\nMaintainerGroups=engineering": "Jit=false"}):
        with theatre.browser.open(screen=chromium.PHONE, language="de") as page:
            page.go(theatre.stage.url + "/admin/login?idp=dev")
            sign_in_as(page, "ben")
            since = len(page.events)
            assert header(post_answer(page)[1], "doorward-sign-in-status") == "account_invalid"
            assert explain(theatre.stage, wait_error_page(page, since)) == "DW-ADM-UNKNOWN"
            assert_usable(page, True)


def test_by_keyboard_alone(theatre):
    with theatre.browser.open() as page:
        page.go(theatre.stage.url + "/admin/login")
        page.press("Tab")
        assert page.js(f"{FOCUSABLE}.indexOf(document.activeElement)") == 0
        since = len(page.events)
        page.press("Enter")
        page.wait("Page.loadEventFired", since)
        sign_in_as(page, "anna")
        page.js(f"document.querySelector({json.dumps(BUTTON)}).focus()")
        go_on(theatre, page, "/admin", lambda: page.press("Enter"))
        place = page.js(f"{FOCUSABLE}.indexOf(document.querySelector('#log-out'))")
        for _ in range(place + 1):
            page.press("Tab")
        assert page.js("document.activeElement.id") == "log-out"
        go_on(theatre, page, "/admin/login?out=1", lambda: page.press("Enter"))
        assert_quiet(page)


def test_back_and_reload(theatre):
    with theatre.browser.open() as page:
        enter(theatre, page)
        since = len(page.events)
        page.call("Page.reload")
        page.wait("Page.loadEventFired", since)
        assert page.js("document.querySelector('#email').textContent") == "anna.chao@example.test"
        go_on(theatre, page, "/admin/login?out=1", lambda: page.click("#log-out"))
        go_on(theatre, page, "/admin/login", page.back)  # nothing of the page is kept
        assert page.js("document.querySelector('#email')") is None


def begin_test(stage):
    """doorctl while it waits, and the path it has printed."""
    doorctl = subprocess.Popen([str(w) for w in (stage.build / "core/ctl/doorctl", "idp", "test", "dev", "--interactive", "--json",
                                                 *stage.common_options())],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    for text in doorctl.stderr:
        if text.startswith(stage.url + "/test/"):
            return doorctl, text.strip().removeprefix(stage.url)
    raise AssertionError(doorctl.communicate())


def test_a_test_of_a_sign_in_shows_its_checks(theatre):
    before = theatre.stage.doorctl_json("admin", "list")
    for fault, screen, language, scripts in ((None, chromium.PHONE, "de", False), ("wrong-audience", chromium.DESKTOP, "fr", True),
                                             (None, chromium.DESKTOP, "en", True), ("wrong-audience", chromium.PHONE, "de", False)):
        doorctl, path = begin_test(theatre.stage)
        with theatre.browser.open(screen=screen, language=language, scripts=scripts, dark=scripts) as page:
            page.go(theatre.stage.url + path)
            sign_in(page, fault)
            page.follow(BUTTON)
            shown = json.loads(doorctl.communicate(timeout=60)[0])
            rows = page.js("[...document.querySelectorAll('#checks li')].map(row => row.textContent.trim())")
            words = [translation(language, word) if language != "en" else word for word in ("passed", "failed")]
            assert len(rows) == len(shown["checks"]) > 2, (rows, shown)
            for row, check in zip(rows, shown["checks"]):
                assert check["name"] in row and row.endswith(words[0 if check["passed"] else 1]), (row, check)
            assert (shown["outcome"] == "accepted") == (fault is None), shown
            assert assert_usable(page, screen is chromium.PHONE)["lang"] == language
            page.look(NARROW)
            assert page.js(MEASURE)["over"] <= 0
            assert_accessible(page)
            assert_no_stranger(page)
            assert all("Failed to load resource" in text for text in page.complaints()), page.complaints()
            assert SESSION not in cookies(theatre, page)
    assert theatre.stage.doorctl_json("admin", "list") == before


def main():
    absent = chromium.missing()
    if absent:
        print(f"1..0 # SKIP not installed: {', '.join(absent)}")
        return 0
    return tap.run_on_stage(Theatre(sys.argv[1], CONFIG, USE), sys.modules[__name__])


if __name__ == "__main__":
    sys.exit(main())
