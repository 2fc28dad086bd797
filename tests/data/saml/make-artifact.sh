#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes artifact/*: an artifact, and answers of an artifact resolution service: one signed with the xmlsec1 program
# (Debian: xmlsec1) by the key rsa, one that has nothing, and a fault. Run it in the folder it stands in.
set -eu

mkdir -p artifact
python3 - <<'END'
import base64, hashlib

source = hashlib.sha1(b"https://idp.example.com/saml").digest()
open("artifact/artifact.txt", "w").write(base64.b64encode(b"\0\4\0\7" + source + b"abcdefghijklmnopqrst").decode())

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
HEAD = ('<samlp:ArtifactResponse xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
        'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_ar1" Version="2.0" '
        'IssueInstant="2026-01-01T12:00:30Z" InResponseTo="_q1"><saml:Issuer>https://idp.example.com/saml</saml:Issuer>')
STATUS = '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
SIGNATURE = """<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#_ar1"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>"""
RESPONSE = ('<samlp:Response ID="_r1" Version="2.0" IssueInstant="2026-01-01T12:00:30Z" InResponseTo="_q0">'
            '<saml:Issuer>https://idp.example.com/saml</saml:Issuer>' + STATUS + '</samlp:Response>')


def envelope(body):
    return f'<soap:Envelope xmlns:soap="{SOAP}"><soap:Header/><soap:Body>{body}</soap:Body></soap:Envelope>\n'


open("template.tmp", "w").write(envelope(HEAD + SIGNATURE + STATUS + RESPONSE + "</samlp:ArtifactResponse>"))
open("artifact/none.xml", "w").write(envelope(HEAD + STATUS + "</samlp:ArtifactResponse>"))
open("artifact/fault.xml", "w").write(envelope(
    "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>out of order</faultstring></soap:Fault>"))
END
xmlsec1 --sign --privkey-pem keys/rsa.key.pem --id-attr:ID urn:oasis:names:tc:SAML:2.0:protocol:ArtifactResponse \
  --output out.tmp template.tmp
sed '/^<?xml/d' out.tmp >artifact/signed.xml
rm -f template.tmp out.tmp
