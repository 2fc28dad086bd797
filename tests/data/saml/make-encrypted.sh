#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes encrypted/*.xml: encrypts the assertion of response/assertion-signed.xml with the xmlsec1 program
# (Debian: xmlsec1), for the key rsa-other. Run it in the folder it stands in.
set -eu

mkdir -p encrypted
for name in aes256-gcm aes128-gcm aes256-cbc aes128-cbc aes256-cbc-rsa15; do
  cipher=${name%-rsa15}
  case $name in
    *-rsa15) wrap=rsa-1_5 ;;
    *) wrap=rsa-oaep-mgf1p ;;
  esac
  case $cipher in
    *-gcm) ns=http://www.w3.org/2009/xmlenc11# ;;
    *) ns=http://www.w3.org/2001/04/xmlenc# ;;
  esac
  bits=$(echo "$cipher" | sed 's/aes\(...\)-.*/\1/')
  cat >template.tmp <<END
<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="$ns$cipher"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#$wrap"/><ds:KeyInfo><ds:KeyName/></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>
END
  xmlsec1 --encrypt --pubkey-cert-pem:sp keys/rsa-other.crt.pem --session-key "aes-$bits" \
    --xml-data response/assertion-signed.xml \
    --node-xpath "//*[local-name()='Assertion']" template.tmp >out.tmp
  # what takes the place of the assertion becomes the content of an EncryptedAssertion
  sed -e '/^<?xml/d' -e 's|<xenc:EncryptedData |<saml:EncryptedAssertion><xenc:EncryptedData |' \
    -e 's|</xenc:EncryptedData>|</xenc:EncryptedData></saml:EncryptedAssertion>|' \
    out.tmp >"encrypted/xmlsec-$name.xml"
done
rm -f template.tmp out.tmp
