# SPDX-License-Identifier: LGPL-2.1-or-later
"""Apple's list of updates as its documentation describes it, on this machine. It can be broken. For tests; no part of the
server."""

import http.server
import json
import threading


def release(version, build, *devices):
    return {"ProductVersion": version, "Build": build, "PostingDate": "2026-11-03", "ExpirationDate": "2027-02-01",
            "SupportedDevices": list(devices)}


class Updates:
    """Answers at url with what the platforms are offered, as long as broken is not set."""

    def __init__(self, **platforms):
        self.platforms, self.broken, self.n_asked = platforms, False, 0
        mock = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                mock.n_asked += 1
                good = not mock.broken and self.path == "/v2/pmv"
                body = json.dumps({"PublicAssetSets": mock.platforms, "AssetSets": mock.platforms,
                                   "PublicRapidSecurityResponses": {}}).encode() if good else b"<html>busy</html>"
                self.send_response(200 if good else 503)
                self.send_header("Content-Type", "application/json;charset=UTF-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *words):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v2/pmv"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
