# SPDX-License-Identifier: LGPL-2.1-or-later
"""Debian's Chromium, driven through the DevTools protocol on a pipe; needs no library and no port.

One browser with many tabs, each with cookies of its own. Everything waits for events until a deadline; nothing sleeps.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import time

PROGRAM = "chromium"
PATIENCE_S = 60
PIPE_BYTES = 1 << 16
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 3, "mobile": True}
DESKTOP = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}
KEYS = {"Tab": (9, None), "Enter": (13, "\r")}
# nothing by itself, nothing but loopback, no keyring, no helper that outlives the browser
OPTIONS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-extensions", "--disable-breakpad",
    "--password-store=basic", "--no-proxy-server", "--disable-domain-reliability",
    "--disable-features=BackForwardCache",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.localhost", "--remote-debugging-pipe", "about:blank",
)


class BrowserError(Exception):
    """The browser did not do as told; the text says what was waited for."""


def missing():
    """Names of the programs that are not installed."""
    return [name for name in (PROGRAM, "certutil") if shutil.which(name) is None]


class Chromium:
    """A browser with its home in one folder that trusts one authority; a context manager."""

    def __init__(self, folder, authority):
        self.folder = folder
        self.pages = {}
        self.answers = {}
        self.last_id = 0
        self.pending = b""
        self._trust(authority)
        self._allow_cookies()
        self._start()

    def _trust(self, authority):
        database = self.folder / ".pki" / "nssdb"
        database.mkdir(parents=True)
        for words in (("-N", "--empty-password"), ("-A", "-n", "stage", "-t", "C,,", "-i", str(authority))):
            subprocess.run(["certutil", "-d", f"sql:{database}", *words], check=True, capture_output=True)

    def _allow_cookies(self):
        # tabs with cookies of their own count as private ones, which would refuse those of third parties
        profile = self.folder / "profile" / "Default"
        profile.mkdir(parents=True)
        (profile / "Preferences").write_text(json.dumps({"profile": {"cookie_controls_mode": 0}}))

    def _start(self):
        commands, self.to_browser = os.pipe()
        self.from_browser, answers = os.pipe()

        def take_pipes():
            # copies first: an end may be 3 or 4 itself
            ends = [os.dup(end) for end in (commands, answers)]
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        environment = dict(os.environ, HOME=str(self.folder), DBUS_SESSION_BUS_ADDRESS="disabled:",
                           XDG_CONFIG_HOME=str(self.folder / "config"), XDG_CACHE_HOME=str(self.folder / "cache"))
        environment.pop("XDG_DATA_HOME", None)
        with open(self.folder / "browser.log", "wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, f"--user-data-dir={self.folder}/profile", *OPTIONS], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, env=environment, preexec_fn=take_pipes, pass_fds=(3, 4), start_new_session=True)
        os.close(commands)
        os.close(answers)

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        try:
            self.call("Browser.close")
            self.process.wait(PATIENCE_S)
        except (BrowserError, OSError, subprocess.TimeoutExpired):
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.to_browser)
        os.close(self.from_browser)

    def send(self, method, session=None, **params):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to_browser, data):]
        return self.last_id

    def call(self, method, session=None, **params):
        number = self.send(method, session, **params)
        self.wait(lambda: number in self.answers, f"the answer to {method}")
        answer = self.answers.pop(number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']}")
        return answer["result"]

    def wait(self, is_true, what):
        """Reads what the browser says until something is true."""
        end = time.monotonic() + PATIENCE_S
        while not is_true():
            self._read(end, what)

    def _read(self, end, what):
        left = end - time.monotonic()
        if left <= 0 or not select.select([self.from_browser], [], [], left)[0]:
            raise BrowserError(f"waited {PATIENCE_S} s for {what}")
        data = os.read(self.from_browser, PIPE_BYTES)
        if not data:
            raise BrowserError(f"the browser ended while waiting for {what}; see {self.folder}/browser.log")
        *messages, self.pending = (self.pending + data).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self.answers[message["id"]] = message
            elif message.get("sessionId") in self.pages:
                self.pages[message["sessionId"]].events.append((message["method"], message["params"]))

    def open(self, **options):
        """A new tab with its own cookies."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session, context)
        page.prepare(**options)
        return page


class Page:
    """A tab; its events are kept from the beginning."""

    def __init__(self, browser, session, context):
        self.browser, self.session, self.context = browser, session, context
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        del self.browser.pages[self.session]
        self.browser.call("Target.disposeBrowserContext", browserContextId=self.context)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def prepare(self, screen=None, language=None, dark=False, scripts=True, third_party_cookies=True):
        for domain in ("Page", "Network", "Log", "Runtime", "Audits"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        self.look(screen or DESKTOP, dark)
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.call("Network.setCookieControls", enableThirdPartyCookieRestriction=not third_party_cookies)
        if language is not None:
            self.speak(language)

    def look(self, screen, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", **screen)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def speak(self, language):
        """What the browser asks for from now on."""
        agent = self.browser.call("Browser.getVersion")["userAgent"]
        self.call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=language)

    def found(self, method, since=0, **wanted):
        """Events of one kind, oldest first."""
        return [params for name, params in self.events[since:] if name == method and
                all(params.get(key) == value for key, value in wanted.items())]

    def wait(self, method, since, matches=lambda params: True):
        """The first such event that came after the first SINCE ones."""
        self.browser.wait(lambda: any(map(matches, self.found(method, since))), method)
        return next(filter(matches, self.found(method, since)))

    def js(self, expression):
        """The value of an expression; works with scripts of the page off too."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def go(self, url):
        since = len(self.events)
        answer = self.call("Page.navigate", url=url)
        if "errorText" in answer:
            raise BrowserError(f"{url}: {answer['errorText']}")
        self.wait("Page.loadEventFired", since)

    def arrive(self, matches, since):
        """Waits until a page is there whose address matches, gone to after the first SINCE events."""
        frame = self.wait("Page.frameNavigated", since, lambda params: "parentId" not in params["frame"] and
                          matches(params["frame"]["url"]))
        at = next(place for place, event in enumerate(self.events) if event[1] is frame)
        self.wait("Page.loadEventFired", at)

    def back(self, steps=1):
        history = self.call("Page.getNavigationHistory")
        since = len(self.events)
        self.call("Page.navigateToHistoryEntry", entryId=history["entries"][history["currentIndex"] - steps]["id"])
        self.wait("Page.loadEventFired", since)

    def middle(self, selector):
        """Where to click on an element, which is brought into view."""
        return self.js(f"""(() => {{
            const element = document.querySelector({json.dumps(selector)});
            element.scrollIntoView({{block: "center", behavior: "instant"}});
            const box = element.getBoundingClientRect();
            return {{x: box.x + box.width / 2, y: box.y + box.height / 2}};
        }})()""")

    def click_at(self, place):
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    def click(self, selector):
        self.click_at(self.middle(selector))

    def follow(self, selector):
        """A click that leads to another page."""
        since = len(self.events)
        self.click(selector)
        self.wait("Page.loadEventFired", since)

    def type(self, selector, text):
        self.click(selector)
        self.call("Input.insertText", text=text)

    def press(self, key):
        code, text = KEYS[key]
        more = {"text": text} if text else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, code=key, windowsVirtualKeyCode=code, **more)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=key, windowsVirtualKeyCode=code)

    def complaints(self):
        """What a developer would see in red: errors of the console, of the log, and of the content policy."""
        entries = [event["entry"] for event in self.found("Log.entryAdded")]
        # whether and when to ask for an icon is the browser's own affair
        found = [f"{entry['text']} {entry.get('url', '')}" for entry in entries
                 if entry["level"] in ("error", "warning") and not entry.get("url", "").endswith("/favicon.ico")]
        found += [str(event["args"]) for event in self.found("Runtime.consoleAPICalled")]
        found += [str(event["exceptionDetails"]) for event in self.found("Runtime.exceptionThrown")]
        found += [str(event["issue"]["details"]) for event in self.found("Audits.issueAdded")
                  if event["issue"]["code"] == "ContentSecurityPolicyIssue"]
        return found + [event["message"] for event in self.found("Page.javascriptDialogOpening")]
