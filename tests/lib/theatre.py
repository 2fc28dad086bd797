# SPDX-License-Identifier: LGPL-2.1-or-later
"""A stage with Chromium before it: what a person needs of a page, measured in a real browser."""

import json
import pathlib
import re
import sys
import urllib.parse

import chromium
from stage import IDP_HOST, SERVER_HOST, Stage

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUTTON = "button[type=submit]"
MARKUP = "<script>document.title='taken'</script>\"'&"
TOUCH_PX = 44
CONTRAST = 4.5  # WCAG 2.2, 1.4.3

# What a page looks like to whoever reads, types and taps: measured, not parsed.
MEASURE = """(() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = color => color.slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (; element !== null; element = element.parentElement) {
      const color = rgb(getComputedStyle(element).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18] : [255, 255, 255];
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === "" || !element.checkVisibility()) continue;
    const pair = [light(rgb(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
    texts.push([walker.currentNode.data.trim(), (pair[0] + 0.05) / (pair[1] + 0.05)]);
  }
  const name = element => element.outerHTML.slice(0, 120);
  const fields = [...document.querySelectorAll("input:not([type=hidden]), select, textarea")];
  const touched = [...document.querySelectorAll("button, .button, .choice, input:not([type=hidden])")];
  return {
    lang: document.documentElement.lang,
    heading: document.querySelector("h1").textContent,
    over: document.documentElement.scrollWidth - innerWidth,
    width: innerWidth,
    unnamed: fields.filter(field => [...field.labels].every(label => label.innerText.trim() === "")).map(name),
    small: touched.filter(element => element.getBoundingClientRect().height < %d).map(name),
    touched: touched.length,
    texts: texts.length,
    faint: texts.filter(pair => pair[1] < %s),
    ground: ground(document.body),
  };
})()""" % (TOUCH_PX, CONTRAST)
FOCUSABLE = "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), summary')]"
FOCUS = f"""(() => {{
  const style = getComputedStyle(document.activeElement);
  return {{at: {FOCUSABLE}.indexOf(document.activeElement), outline: style.outlineStyle,
          width: parseFloat(style.outlineWidth)}};
}})()"""


class Theatre:
    """A stage with a browser in front of it; both at once a context manager.

    The stage has a second provider, the same under a name with markup in it.
    """

    def __init__(self, build, config, replace=None):
        self.stage = Stage(build, config + "[idp/second]\n{stage.second_idp}\n", replace)
        self.stage.second_idp = self.stage.idp_group("second").split("\n", 1)[1].replace("Dev IdP", MARKUP)
        self.browser = None

    @property
    def kept(self):
        return self.stage.kept

    @kept.setter
    def kept(self, kept):
        self.stage.kept = kept

    def __enter__(self):
        self.stage.__enter__()
        home = self.stage.folder / "browser"
        home.mkdir()
        try:
            self.browser = chromium.Chromium(home, self.stage.folder / "ca.pem")
        except BaseException:
            self.stage.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, *reason):
        try:
            self.browser.__exit__(*reason)
        finally:
            self.stage.__exit__(*reason)

    def open(self, path, **options):
        page = self.browser.open(**options)
        page.go(self.stage.url + path)
        return page


def translation(language, text):
    """What a catalogue says for a text."""
    catalogue = (ROOT / "po" / f"{language}.po").read_text()
    return re.search(f'^msgid "{re.escape(text)}"\nmsgstr "(.+)"$', catalogue, re.MULTILINE)[1]


def header(event, name):
    return next((value for key, value in event["headers"].items() if key.lower() == name), None)


def sign_in(page, fault=None):
    """From the form of the identity provider to its page with the answer, if it asks at all."""
    if page.js("document.querySelector('#password') === null"):
        return
    page.type("#username", "anna")
    page.type("#password", "anna")
    if fault is not None:
        page.js(f"document.querySelector('#fault').value = {json.dumps(fault)}")
    page.follow(BUTTON)


def post_answer(page):
    """Sends the answer to the server; gives the request's and the response's network event."""
    since = len(page.events)
    page.click(BUTTON)
    sent = page.wait("Network.requestWillBeSent", since, lambda event: event["request"]["method"] == "POST")
    number = sent["requestId"]
    return (page.wait("Network.requestWillBeSentExtraInfo", since, lambda event: event["requestId"] == number),
            page.wait("Network.responseReceivedExtraInfo", since, lambda event: event["requestId"] == number))


def assert_quiet(page):
    """Nothing red in the console, nothing against the policy, nothing asked of anybody else."""
    assert page.complaints() == [], page.complaints()
    assert_no_stranger(page)


def assert_no_stranger(page):
    urls = [event["request"]["url"] for event in page.found("Network.requestWillBeSent")]
    hosts = {urllib.parse.urlsplit(url).hostname for url in urls if url.startswith("http")}
    assert hosts and hosts <= {SERVER_HOST, IDP_HOST}, urls


def wait_error_page(page, since):
    page.wait("Page.loadEventFired", since)
    return page.js("document.querySelector('#code').textContent")


def explain(stage, code):
    return stage.doorctl_json("explain", code)["fault"]["id"]


def assert_usable(page, phone):
    """Fits the screen, has names, can be touched, read and reached by keyboard."""
    seen = page.js(MEASURE)
    assert seen["width"] == (390 if phone else 1280), seen
    assert seen["over"] <= 0 and seen["unnamed"] == [] and seen["faint"] == [], seen
    assert seen["texts"] > 2 and (not phone or seen["small"] == []), seen
    for place in range(page.js(f"{FOCUSABLE}.length")):
        page.press("Tab")
        focus = page.js(FOCUS)
        assert focus["at"] == place and focus["outline"] == "solid" and focus["width"] >= 2, (place, focus)
    return seen
