# SPDX-License-Identifier: LGPL-2.1-or-later
"""The end of an administrator's sign-in, for journeys with identity providers of others."""

import json
import urllib.parse

SESSION_COOKIE = "__Host-dw_admin"


def enter(stage, person, accepted):
    """From an accepted answer to the page of who is signed in; gives what GET /api/v1/me says."""
    assert accepted.status == 303 and accepted.headers["Location"].startswith("/admin/enter?code="), (
        accepted.status, accepted.headers.get("Location"), accepted.body[:600])
    page = person.get(urllib.parse.urljoin(stage.url, accepted.headers["Location"]))
    assert page.status == 200 and page.url == stage.url + "/admin", (page.status, page.url)
    reply = person.request("GET", stage.url + "/api/v1/me", None, {"Accept": "application/json"})
    assert reply.status == 200, reply.status
    return json.loads(reply.body)


def sign_in(stage, person, name, user):
    """The answer to the assertion of a SAML provider, for a browser that begins at the sign-in page of administrators."""
    return person.submit(person.sign_in(person.get(f"{stage.url}/admin/login?idp={name}"), user))


def walk(stage, page, name, fill, host):
    """The same in Chromium: fill goes from the provider's form to where its answer has been sent. Gives what the page shows."""
    page.go(f"{stage.url}/admin/login?idp={name}")
    assert page.js("location.hostname") == host, page.js("location.href")
    since = len(page.events)
    fill(page)
    page.arrive(lambda url: url == stage.url + "/admin", since)
    cookies = page.call("Network.getCookies", urls=[stage.url + "/admin"])["cookies"]
    kept, = [each for each in cookies if each["name"] == SESSION_COOKIE]
    assert kept["secure"] and kept["httpOnly"] and kept["sameSite"] == "Lax" and kept["path"] == "/", kept
    return page.js("document.querySelector('#email').textContent")
