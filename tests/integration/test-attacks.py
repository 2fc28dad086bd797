#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Attacks on the whole server that a unit does not show; what each tries is in its first line."""

import base64
import contextlib
import pathlib
import re
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lib"))
import browser  # noqa: E402
import stage  # noqa: E402
import tap  # noqa: E402

BUILD = sys.argv[1]
CONSTRAINED_IDP = """[idp/corp]
Type=saml
DisplayName=Corp
EntityId=https://corp.example.test/metadata
SsoUrl=https://corp.example.test/sso
Certificates={stage.folder}/idp.sign.pem
EmailDomains=example.test

"""


@contextlib.contextmanager
def a_stage(names=None, **options):
    """A stage; names: {old: new} in the people of its provider."""
    with stage.Stage(BUILD, **options) as on:
        if names:
            on.idp.stop()
            people = on.folder / "idp.conf"
            text = people.read_text()
            for old, new in names.items():
                assert old in text, old
                text = text.replace(old, new)
            people.write_text(text)
            on.start_idp()
        yield on


def answer_of(on, user="anna"):
    """A browser that has signed in at the provider dev, without saying as whom, and the page to be posted."""
    person = browser.Browser(on.folder / "ca.pem")
    return person, person.sign_in(person.get(on.url + "/mdm/sso/start?idp=dev"), user)


def test_a_provider_without_domains_cannot_vouch_for_the_domain_of_another():
    """A person of one provider claims an account in a domain that only another provider speaks for."""
    with a_stage(config=CONSTRAINED_IDP) as on:
        person, page = answer_of(on)
        reply = person.submit(page)
        assert reply.status == 403, reply.status
        assert on.doorctl_json("explain", reply.code)["fault"]["id"] == "DW-ID-DOMAIN"
    with a_stage(config=CONSTRAINED_IDP.replace("EmailDomains=example.test", "EmailDomains=other.test")) as on:
        person, page = answer_of(on)
        reply = person.submit(page)
        assert reply.status == 308, reply.status


def test_long_account_is_not_kept():
    """Anybody fills the database with what a start link carries."""
    with a_stage() as on:
        for length, expected in ((320, 303), (321, 400), (12000, 400)):
            status, _, _ = on.request("GET", "/mdm/sso?user-identifier=" + "a" * length)
            assert status == expected, (length, status)
        with contextlib.closing(sqlite3.connect(f"file:{on.folder}/state/doorward.db?mode=ro", uri=True)) as db:
            assert db.execute("SELECT max(length(user_identifier)) FROM flow").fetchone() == (320,)


def test_refused_sign_in_leaves_a_record_whatever_it_says():
    """A refused answer is made so that its reason cannot be stored, or speaks to the administrator's terminal."""
    with a_stage() as on:
        person, page = answer_of(on)
        xml = base64.b64decode(page.page.fields["SAMLResponse"]).decode()
        # the Response is not signed; 200 bytes of its Issuer are quoted, and the two of ö stand across the end
        issuer = re.search(r"<saml:Issuer [^>]*>", xml)
        rest = xml[issuer.end():]
        for text in ("a" * 199 + "ö", "\u009b31m\u202eevil\nline"):
            forged = xml[:issuer.end()] + text + rest[rest.index("<"):]
            reply = person.submit(page, SAMLResponse=base64.b64encode(forged.encode()).decode())
            assert reply.status == 403, reply.status
            record = on.doorctl_json("explain", reply.code)
            assert record["fault"]["id"] == "DW-SAML-ISSUER", record
            assert not re.search("[\u0000-\u001f\u007f-\u009f\u202e]", record["detail"]), ascii(record["detail"])
        assert "critical" not in on.log()


def test_reason_of_a_refusal_is_bounded():
    """Anybody posts answers whose reason for refusal is long, to fill the database and the log."""
    with a_stage() as on:
        xml = ('<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Version="2.0" '
               'IssueInstant="2026-01-01T00:00:00Z"><samlp:Status><samlp:StatusCode '
               'Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion '
               'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a" Version="2.0" '
               'IssueInstant="2026-01-01T00:00:00Z"><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><'
               + "x" * 4000 + "/></ds:Signature></saml:Assertion></samlp:Response>")
        fields = {"SAMLResponse": base64.b64encode(xml.encode()).decode(), "RelayState": "x"}
        reply = browser.Browser(on.folder / "ca.pem").request("POST", on.url + "/saml/dev/acs", fields)
        assert len(on.doorctl_json("explain", reply.code)["detail"]) <= 500
        assert max(len(line) for line in on.log().splitlines()) < 2000


def test_names_do_not_speak_to_a_terminal():
    """A person chooses a display name of control sequences, for the administrator's terminal to obey."""
    with a_stage(names={"DisplayName=Anna Chao": "DisplayName=Anna\u009b2J\u202eevil"}) as on:
        on.sim()
        done = [on.doorctl("person", "list"), on.doorctl("person", "show", "anna.chao@example.test"),
                on.doorctl("device", "list")]
        for text in done:
            assert "anna.chao@example.test" in text
            assert not re.search("[\u0080-\u009f\u202a-\u202e]", text), ascii(text)


def test_many_addresses_of_one_network_count_as_one():
    """Somebody with a network of IPv6 addresses starts a sign-in from each."""
    with a_stage(replace={"SignInsPerMinute=6000": "SignInsPerMinute=5\nTrustedProxies=127.0.0.1"}) as on:
        def visit(address):
            return on.request("GET", "/mdm/sso", headers={"X-Forwarded-For": address})[0]

        assert [visit(f"2001:db8::{n}") for n in range(1, 8)].count(429) == 2
        assert visit("2001:db8:0:1::1") == 303


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules["__main__"]))
