#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The pages and the whole sign-in in a real browser, with the server and the identity provider on two sites."""

import hashlib
import json
import pathlib
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "lib"))

import chromium  # noqa: E402
import tap  # noqa: E402
from stage import IDP_HOST, SERVER_HOST  # noqa: E402
from theatre import (BUTTON, FOCUSABLE, MARKUP, MEASURE, Theatre, assert_no_stranger, assert_quiet, assert_usable,  # noqa: E402
                     explain, header, post_answer, sign_in, translation, wait_error_page)

COOKIE = "__Host-dw_flow"
RESULT = "apple-remotemanagement-user-login://authentication-results?access-token="
TYPED = "<img src=x onerror=alert(1)>\"'&@example.test"


def post_good_answer(page):
    """The same, to where only a device can go: the browser says that it cannot open the address."""
    since = len(page.events)
    request, answer = post_answer(page)
    assert answer["statusCode"] == 308, answer
    location = header(answer, "location")
    assert location.startswith(RESULT) and len(location) > len(RESULT) + 40, location
    page.wait("Page.frameNavigated", since, lambda event: event["frame"].get("unreachableUrl") == location)
    page.wait("Page.loadEventFired", since)
    return request


def try_again(page):
    """From the error page to the end of another attempt, which succeeds."""
    page.follow("#try-again")
    sign_in(page)
    post_good_answer(page)


def walk_sign_in(theatre, **options):
    """From the start page to the address that only a device can open."""
    with theatre.open("/mdm/sso?team=one", **options) as page:
        assert page.js("location.hostname") == IDP_HOST
        sign_in(page)
        assert_quiet(page)
        request = post_good_answer(page)
        cookies = [(kept["cookie"], kept["blockedReasons"]) for kept in request["associatedCookies"]]
        assert [(cookie["name"], blocked) for cookie, blocked in cookies] == [(COOKIE, [])], cookies
        cookie = cookies[0][0]
        assert cookie["sameSite"] == "None" and cookie["secure"] and cookie["httpOnly"], cookie
        assert cookie["path"] == "/" and cookie["domain"] == SERVER_HOST, cookie
        assert header(request, "origin") == theatre.stage.idp_url, request
        assert_no_stranger(page)


def test_sign_in_with_scripts(theatre):
    walk_sign_in(theatre)


def test_sign_in_without_scripts_on_a_phone(theatre):
    walk_sign_in(theatre, scripts=False, screen=chromium.PHONE)


def third_party_cookies(theatre, page):
    """Names of the cookies that another site's picture from the server would send."""
    page.call("Page.setBypassCSP", enabled=True)
    page.go(theatre.stage.idp_url + "/")
    since = len(page.events)
    picture = f"{theatre.stage.url}/healthz?picture"
    page.js(f"new Image().src = {json.dumps(picture)}; 0")
    number = page.wait("Network.requestWillBeSent", since, lambda event: event["request"]["url"] == picture)
    sent = page.wait("Network.requestWillBeSentExtraInfo", since,
                     lambda event: event["requestId"] == number["requestId"])
    return [kept["cookie"]["name"] for kept in sent["associatedCookies"] if kept["blockedReasons"] == []]


def test_third_party_cookies_are_not_needed(theatre):
    for allowed in (True, False):
        with theatre.open("/mdm/sso?team=one", third_party_cookies=allowed) as page:
            assert third_party_cookies(theatre, page) == ([COOKIE] if allowed else []), allowed
    walk_sign_in(theatre, third_party_cookies=False)


def test_lost_cookies_have_a_way_on(theatre):
    with theatre.open("/mdm/sso?team=one") as page:
        sign_in(page)
        page.call("Network.clearBrowserCookies")
        since = len(page.events)
        request, answer = post_answer(page)
        assert request["associatedCookies"] == [] and answer["statusCode"] == 400, (request, answer)
        assert explain(theatre.stage, wait_error_page(page, since)) == "DW-FLOW-COOKIE"
        try_again(page)


def test_error_page_has_a_code_that_doorctl_knows(theatre):
    for phone, screen in ((True, chromium.PHONE), (False, chromium.DESKTOP)):
        with theatre.open("/mdm/sso?team=one", screen=screen, language="de") as page:
            sign_in(page, "bad-signature")
            assert_quiet(page)
            since = len(page.events)
            assert post_answer(page)[1]["statusCode"] in range(400, 500)
            assert explain(theatre.stage, wait_error_page(page, since)) == "DW-SAML-SIGNATURE"
            assert page.js("document.querySelector('#try-again').textContent") == translation("de", "Try again")
            assert assert_usable(page, phone)["lang"] == "de"
            # what came by POST cannot be asked for once more
            assert page.js("document.querySelector('a.language')") is None
            # the browser itself notes the status; nothing else
            assert all("Failed to load resource" in text for text in page.complaints()), page.complaints()
            try_again(page)


def test_chooser_on_every_screen_in_every_language(theatre):
    text = "Sign in to set up this device"
    with theatre.open("/") as page:
        for language, heading in (("en-GB", text), ("de-AT,de;q=0.8", translation("de", text)),
                                  ("fr-CH", translation("fr", text))):
            page.speak(language)
            for phone, screen in ((True, chromium.PHONE), (False, chromium.DESKTOP)):
                page.look(screen)
                page.go(theatre.stage.url + "/mdm/sso")
                seen = assert_usable(page, phone)
                assert seen["lang"] == language[:2] and seen["heading"] == heading, seen
                assert seen["touched"] == 2, seen
        assert_quiet(page)


def test_links_change_the_language_and_the_keyboard_leads_on(theatre):
    with theatre.open("/mdm/sso?user-identifier=anna.chao%40example.test", language="de") as page:
        page.follow("a.language[hreflang=fr]")
        assert page.js("document.documentElement.lang") == "fr"
        assert page.js("document.querySelector('.account').textContent") == "anna.chao@example.test"
        page.js(f"{FOCUSABLE}[0].focus()")
        since = len(page.events)
        page.press("Enter")
        page.wait("Page.loadEventFired", since)
        sign_in(page)
        assert_quiet(page)
        post_good_answer(page)


def test_names_and_accounts_never_become_markup(theatre):
    query = urllib.parse.urlencode({"user-identifier": TYPED})
    with theatre.open(f"/mdm/sso?{query}", screen=chromium.PHONE) as page:
        assert page.js("document.querySelector('.account').textContent") == TYPED
        names = page.js("[...document.querySelectorAll('.choice')].map(link => link.textContent)")
        assert names == ["Sign in with Dev IdP", f"Sign in with {MARKUP}"], names
        assert page.js("document.querySelectorAll('script, img').length") == 0
        assert "taken" not in page.js("document.title")
        link = page.js("document.querySelector('.choice').href")
        assert urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)["user-identifier"] == [TYPED], link
        assert_usable(page, True)
        assert_quiet(page)


def test_the_content_policy_is_enforced_and_seen(theatre):
    with theatre.open("/mdm/sso") as page:
        since = len(page.events)
        page.js("""(() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'taken'";
            document.body.append(script);
        })()""")
        page.wait("Audits.issueAdded", since)
        assert page.js("document.title") != "taken" and page.complaints() != []


def test_text_is_readable_in_the_dark(theatre):
    with theatre.open("/") as page:
        for path in ("/", "/mdm/sso", "/mdm/sso?team=nobody"):
            page.look(chromium.PHONE, dark=True)
            page.go(theatre.stage.url + path)
            assert max(assert_usable(page, True)["ground"][:3]) < 64, path
            page.look(chromium.PHONE)
            seen = page.js(MEASURE)
            assert min(seen["ground"][:3]) > 192 and seen["faint"] == [], (path, seen)


def test_back_button(theatre):
    with theatre.open("/mdm/sso") as page:
        page.follow(".choice")
        page.back()
        page.follow("li:last-child .choice")
        sign_in(page)
        assert_quiet(page)
        post_good_answer(page)
        # past the page with the answer, which would be sent again
        page.back(2)
        sign_in(page)
        since = len(page.events)
        assert post_answer(page)[1]["statusCode"] == 400
        assert explain(theatre.stage, wait_error_page(page, since)) == "DW-FLOW-SPENT"
        try_again(page)


def test_impatient_click(theatre):
    with theatre.open("/mdm/sso?team=one") as page:
        sign_in(page)
        # the first answer is held back after the server has given it, and a second click overtakes it
        page.call("Fetch.enable", patterns=[{"urlPattern": "*/acs", "requestStage": "Response"}])
        place = page.middle(BUTTON)
        since = len(page.events)
        page.click_at(place)
        assert page.wait("Fetch.requestPaused", since)["responseStatusCode"] == 308
        since = len(page.events)
        page.click_at(place)
        assert page.wait("Fetch.requestPaused", since)["responseStatusCode"] == 400
        page.call("Fetch.disable")
        assert explain(theatre.stage, wait_error_page(page, since)) == "DW-FLOW-SPENT"
        try_again(page)


def test_form_for_the_address_leads_to_the_provider(theatre):
    with theatre.stage.configured("EmailDomains=other.test\n[sign-in]\nIdpSelection=domain\n",
                                  {"DisplayName=Dev IdP": "DisplayName=Dev IdP\nEmailDomains=example.test"}):
        for phone, language, screen in ((True, "de", chromium.PHONE), (False, "fr", chromium.DESKTOP)):
            with theatre.open("/mdm/sso", screen=screen, language=language, scripts=False) as page:
                seen = assert_usable(page, phone)
                assert seen["lang"] == language and seen["touched"] == 2, seen
                label = page.js("document.querySelector('#account').labels[0].innerText")
                assert label == translation(language, "Work e-mail address"), label
                page.type("#account", "anna.o'chao&co@example.test")
                since = len(page.events)
                page.press("Enter")
                # a policy that forbids to lead on is a complaint, and nothing else happens
                theatre.browser.wait(lambda: page.found("Page.loadEventFired", since) or page.complaints(), "a page")
                assert_quiet(page)
                assert page.js("location.hostname") == IDP_HOST
                sign_in(page)
                assert_quiet(page)


TERMS = """<!DOCTYPE html><title>Use</title><style>p { color: #222 }</style><h1>Rules</h1><p>Be careful.</p>
<script>document.title = "taken"; top.location = "https://evil.example/"</script>
<img src="https://evil.example/x.png" alt=""><form action="https://evil.example/"><button>x</button></form>"""


def walk_consent(theatre, **options):
    """Declines, reads once more, agrees, and goes on by a plain link; nothing of the document does anything."""
    with theatre.open("/mdm/sso?team=terms", **options) as page:
        sign_in(page)
        since = len(page.events)
        page.click(BUTTON)
        page.arrive(lambda url: "/mdm/eula/" in url, since)
        # an origin of its own: not even this page sees into it
        assert page.js("document.querySelector('iframe').contentDocument === null")
        assert page.js("location.hostname") == SERVER_HOST and page.js("document.title").startswith("Please read")
        assert_no_stranger(page)
        # the keyboard goes into the frame too, which is on no list
        seen = page.js(MEASURE)
        assert seen["over"] <= 0 and seen["faint"] == [] and seen["small"] == [] and seen["touched"] == 2, seen
        page.follow("#decline")
        assert page.js("document.querySelector('h1').textContent") == "You have declined"
        since = len(page.events)
        page.click("#again")
        page.arrive(lambda url: "/mdm/eula/" in url, since)
        page.follow("#agree")
        assert page.js("document.querySelector('h1').textContent") == "Thank you"
        assert_usable(page, options.get("screen") == chromium.PHONE)
        since = len(page.events)
        page.click("#continue")
        answer = page.wait("Network.responseReceivedExtraInfo", since, lambda event: event["statusCode"] == 308)
        assert header(answer, "location").startswith(RESULT), answer
        assert_no_stranger(page)


def test_consent_with_scripts_and_without(theatre):
    document = theatre.stage.folder / "use.html"
    document.write_text(TERMS)
    with theatre.stage.configured(f"[team/terms]\nIdps=dev\nEula=use\n"
                                  f"[eula/use]\nFile={document}\nVersion=1\nReprompt=true\n"):
        walk_consent(theatre)
        walk_consent(theatre, scripts=False, screen=chromium.PHONE)
        agreed = theatre.stage.doorctl_json("eula", "acceptances", "use")["eula_acceptances"]
        hashes = {hashlib.sha256(TERMS.encode()).hexdigest()}
        assert len(agreed) == 2 and {row["sha256"] for row in agreed} == hashes, agreed
        documents = theatre.stage.doorctl_json("eula", "list")["documents"]
        assert [(row["document"], row["version"], row["people"], row["in_force"]) for row in documents] == [
            ("use", "1", 1, True)], documents


def main():
    absent = chromium.missing()
    if absent:
        print(f"1..0 # SKIP not installed: {', '.join(absent)}")
        return 0
    # the page to choose without a team, straight to the provider with one
    return tap.run_on_stage(Theatre(sys.argv[1], "[team/one]\nIdps=dev\n"), sys.modules[__name__])


if __name__ == "__main__":
    sys.exit(main())
