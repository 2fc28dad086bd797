#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes logout/*: a LogoutRequest by redirect, signed with openssl, and by form, signed with the xmlsec1 program
# (Debian: xmlsec1), both by the key rsa. Run it in the folder it stands in.
set -eu

mkdir -p logout
cat >request.tmp <<END
<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_l1" Version="2.0" IssueInstant="2026-01-01T12:00:30Z" NotOnOrAfter="2026-01-01T12:05:00Z" Destination="https://mdm.example.com/saml/okta/slo"><saml:Issuer>https://idp.example.com/saml</saml:Issuer><!--SIGNATURE--><saml:NameID>ada@example.com</saml:NameID><samlp:SessionIndex>_s1</samlp:SessionIndex></samlp:LogoutRequest>
END
python3 - <<'END'
import base64, subprocess, urllib.parse, zlib

text = open("request.tmp").read().strip().replace("<!--SIGNATURE-->", "")
packer = zlib.compressobj(9, zlib.DEFLATED, -15)
packed = packer.compress(text.encode()) + packer.flush()
quote = lambda value: urllib.parse.quote(value, safe="")
query = ("SAMLRequest=" + quote(base64.b64encode(packed).decode()) + "&RelayState=back&SigAlg="
         + quote("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"))
made = subprocess.run(["openssl", "dgst", "-sha256", "-sign", "keys/rsa.key.pem"], input=query.encode(),
                      capture_output=True, check=True).stdout
open("logout/query.txt", "w").write(query + "&Signature=" + quote(base64.b64encode(made).decode()))
signature = """<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#_l1"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>"""
open("template.tmp", "w").write(open("request.tmp").read().strip().replace("<!--SIGNATURE-->", signature))
END
xmlsec1 --sign --privkey-pem keys/rsa.key.pem --id-attr:ID urn:oasis:names:tc:SAML:2.0:protocol:LogoutRequest \
  --output out.tmp template.tmp
sed '/^<?xml/d' out.tmp >logout/form.xml
rm -f request.tmp template.tmp out.tmp
