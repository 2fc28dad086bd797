# SPDX-License-Identifier: LGPL-2.1-or-later
"""Requests that two readers could read in two ways, and bodies that are too large."""

HOST = b"Host: doorward.localhost\r\n"
# What is smuggled. The server's log names methods, so a single one that got through is seen there.
INNER = b"DELETE /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST /mdm/apple/scep HTTP/1.1\r\n" + HOST
CHUNKS = b"0\r\n\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n"

# Largest bodies by address, as core/http/door-limits.h and the site have them.
LIMITS = (("/mdm/apple/mdm", 1 << 20), ("/mdm/apple/scep", 1 << 16), ("/saml/dev/acs", 1 << 20), ("/mdm/sso", 1 << 16),
          ("/api/v1/fleet/mdm/sso", 1 << 20), ("/healthz", 1 << 16))


def chunked(header, ending=b"\r\n"):
    """A body that ends with its chunk for who reads the header as chunked, and later for who reads the length."""
    return POST + b"Content-Length: %d\r\n" % (len(CHUNKS) + len(INNER)) + header + ending + b"\r\n" + CHUNKS + INNER


def length(header):
    """A body that is empty for who does not take the length in this form."""
    return POST + header + b"\r\n\r\n" + INNER


def plain(line):
    """A head with an odd line in front of a body of the right length, which is a request of its own."""
    return POST + line + LENGTH % len(INNER) + INNER


# (name, bytes, most answers that are right)
SMUGGLED = (
    ("length and chunks", chunked(b"Transfer-Encoding: chunked\r\n"), 1),
    ("chunks and length", POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + CHUNKS + INNER, 1),
    ("chunks with a space before the colon", chunked(b"Transfer-Encoding : chunked\r\n"), 1),
    ("chunks with a tab", chunked(b"Transfer-Encoding:\tchunked\r\n"), 1),
    ("chunks on a folded line", chunked(b"Transfer-Encoding:\r\n chunked\r\n"), 1),
    ("chunks folded into another header", chunked(b"X-A: b\r\n Transfer-Encoding: chunked\r\n"), 1),
    ("chunks behind a bare LF", chunked(b"X-A: b\nTransfer-Encoding: chunked\r\n"), 1),
    ("chunks behind a bare CR", chunked(b"X-A: b\rTransfer-Encoding: chunked\r\n"), 1),
    ("chunks behind a vertical tab", chunked(b"Transfer-Encoding: \x0bchunked\r\n"), 1),
    ("chunks in quotes", chunked(b'Transfer-Encoding: "chunked"\r\n'), 1),
    ("xchunked", chunked(b"Transfer-Encoding: xchunked\r\n"), 1),
    ("chunked, identity", chunked(b"Transfer-Encoding: chunked, identity\r\n"), 1),
    ("identity, then chunked", chunked(b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"), 1),
    ("underscore", chunked(b"Transfer_Encoding: chunked\r\n"), 1),
    ("two lengths", POST + b"Content-Length: 0\r\n" + LENGTH % len(INNER) + INNER, 1),
    ("two equal lengths", POST + b"Content-Length: %d\r\n" % len(INNER) + LENGTH % len(INNER) + INNER, 1),
    ("two lengths in one", length(b"Content-Length: 0, %d" % len(INNER)), 1),
    ("length with a plus", length(b"Content-Length: +0"), 1),
    ("negative length", length(b"Content-Length: -1"), 1),
    ("hexadecimal length", length(b"Content-Length: 0x0"), 1),
    ("length that overflows", length(b"Content-Length: 18446744073709551616"), 1),
    ("length with a space before the colon", POST + b"Content-Length : 0\r\n" + LENGTH % len(INNER) + INNER, 1),
    ("length behind a NUL", length(b"X-A: b\x00\r\nContent-Length: 0"), 1),
    ("folded length", length(b"Content-Length:\r\n 0"), 1),
    ("NUL in a name", plain(b"X-\x00A: b\r\n"), 1),
    ("line without a colon", plain(b"X-A\r\n"), 1),
    ("folded line", plain(b"X-A: b\r\n c\r\n"), 1),
    ("first line folded", b"POST /mdm/apple/scep HTTP/1.1\r\n X-A: b\r\n" + HOST + LENGTH % len(INNER) + INNER, 1),
    ("chunk that overflows", POST + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF1\r\n" + INNER, 1),
    ("negative chunk", POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + INNER, 1),
    ("chunk with 0x", POST + b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + INNER, 1),
    ("chunk that ends elsewhere", POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\naXX0\r\n\r\n" + INNER, 1),
    ("length in HTTP/1.0 chunks", POST.replace(b"1.1", b"1.0", 1) + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS + INNER, 1),
    ("two hosts", plain(HOST), 1),
    ("another host in the target", plain(b"").replace(b"/mdm/apple/scep", b"http://evil.example/mdm/apple/scep", 1), 1),
    ("line break in the target", plain(b"").replace(b"/mdm/apple/scep", b"/x%0d%0aTransfer-Encoding:%20chunked", 1), 1),
    ("space in the target", plain(b"").replace(b"/mdm/apple/scep", b"/x HTTP/1.1\r\nX-A: b", 1), 1),
    ("change of protocol", plain(b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"), 1),
    ("connection names the length", plain(b"Connection: Content-Length\r\n"), 1),
    ("preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + INNER, 1),
    ("HTTP/0.9", b"GET /healthz\r\n" + INNER, 1),
)
