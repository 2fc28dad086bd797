# SPDX-License-Identifier: LGPL-2.1-or-later
"""SCEP messages (RFC 8894) built from openssl(1) and a few lines of DER: nothing of it is the product's."""

import os
import pathlib
import re
import subprocess

SCEP_OID = (2, 16, 840, 1, 113733, 1, 9)
DATA_OID = (1, 2, 840, 113549, 1, 7, 1)
SIGNED_DATA_OID = (1, 2, 840, 113549, 1, 7, 2)
CONTENT_TYPE_OID = (1, 2, 840, 113549, 1, 9, 3)
MESSAGE_DIGEST_OID = (1, 2, 840, 113549, 1, 9, 4)
SHA256_OID = (2, 16, 840, 1, 101, 3, 4, 2, 1)
RSA_OID = (1, 2, 840, 113549, 1, 1, 1)
PKCS_REQ = "19"
RENEWAL_REQ = "17"


class Refused(Exception):
    """A signed CertRep that says no; fail_info has the number."""

    def __init__(self, fail_info):
        super().__init__(f"failInfo {fail_info}")
        self.fail_info = fail_info


def openssl(*words, data=None):
    done = subprocess.run(["openssl", *(str(word) for word in words)], input=data, capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {words}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def der(tag, *parts):
    """One DER element."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def oid(numbers):
    encoded = bytearray([numbers[0] * 40 + numbers[1]])
    for number in numbers[2:]:
        groups = [number & 0x7F]
        while number := number >> 7:
            groups.insert(0, number & 0x7F | 0x80)
        encoded += bytes(groups)
    return der(0x06, bytes(encoded))


def elements(data):
    """The DER elements in data, each whole."""
    found, at = [], 0
    while at < len(data):
        size, header = data[at + 1], 2
        if size & 0x80:
            header += size & 0x7F
            size = int.from_bytes(data[at + 2:at + header], "big")
        found.append(data[at:at + header + size])
        at += header + size
    return found


def content_of(element):
    return element[2 + (element[1] & 0x7F if element[1] & 0x80 else 0):]


def issuer_and_serial(certificate):
    """IssuerAndSerialNumber of a certificate in DER."""
    fields = elements(content_of(elements(content_of(certificate))[0]))
    skip = 1 if fields[0][0] == 0xA0 else 0
    return der(0x30, fields[skip + 2], fields[skip])


def attribute(name, value):
    return der(0x30, oid(name), der(0x31, value))


class Client:
    """One key of one device: FOLDER/NAME.key; the certificate arrives in FOLDER/NAME.pem."""

    def __init__(self, folder, name, ca):
        self.folder, self.name, self.ca = pathlib.Path(folder), name, ca
        self.key = self.folder / f"{name}.key"
        self.signer = self.folder / f"{name}.self.pem"
        if not self.key.exists():
            openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.signer,
                    "-days", "2", "-subj", f"/CN={name}")

    def make_csr(self, challenge):
        """PKCS#10 with the challengePassword, None for one without."""
        attributes = f"attributes = extra\n[extra]\nchallengePassword = {challenge}\n" if challenge else ""
        config = self.folder / f"{self.name}.cnf"
        config.write_text("[req]\nprompt = no\nstring_mask = utf8only\ndistinguished_name = name\n"
                          f"{attributes}[name]\nCN = {self.name}\n")
        return openssl("req", "-new", "-config", config, "-key", self.key, "-outform", "DER")

    def envelop(self, content, cipher="-aes128"):
        return openssl("cms", "-encrypt", "-binary", cipher, "-outform", "DER", self.ca, data=content)

    def sign(self, content, message_type=PKCS_REQ, signer=None, key=None):
        """SignedData over content with the attributes of SCEP."""
        certificate = openssl("x509", "-in", signer or self.signer, "-outform", "DER")
        digest = openssl("dgst", "-sha256", "-binary", data=content)
        signed = b"".join(sorted((
            attribute(CONTENT_TYPE_OID, oid(DATA_OID)), attribute(MESSAGE_DIGEST_OID, der(0x04, digest)),
            attribute(SCEP_OID + (2,), der(0x13, message_type.encode())),
            attribute(SCEP_OID + (5,), der(0x04, os.urandom(16))),
            attribute(SCEP_OID + (7,), der(0x13, digest.hex().encode()))), key=lambda item: item))
        signature = openssl("dgst", "-sha256", "-sign", key or self.key, data=der(0x31, signed))
        sha256 = der(0x30, oid(SHA256_OID), der(0x05))
        info = der(0x30, der(0x02, b"\x01"), issuer_and_serial(certificate), sha256, der(0xA0, signed),
                   der(0x30, oid(RSA_OID), der(0x05)), der(0x04, signature))
        data = der(0x30, oid(DATA_OID), der(0xA0, der(0x04, content)))
        return der(0x30, oid(SIGNED_DATA_OID), der(0xA0, der(
            0x30, der(0x02, b"\x01"), der(0x31, sha256), data, der(0xA0, certificate), der(0x31, info))))

    def build(self, challenge, cipher="-aes128"):
        """A whole PKCSReq."""
        return self.sign(self.envelop(self.make_csr(challenge), cipher))

    def read(self, message):
        """Reads a CertRep; keeps the certificate, or raises Refused."""
        status = self._attribute(message, 3)
        if status == "2":
            raise Refused(int(self._attribute(message, 4)))
        if status != "0":
            raise RuntimeError(f"pkiStatus {status}")
        envelope = openssl("cms", "-verify", "-binary", "-inform", "DER", "-CAfile", self.ca, "-purpose", "any",
                           data=message)
        chain = openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", self.key, "-recip", self.signer,
                        data=envelope)
        pem = openssl("pkcs7", "-inform", "DER", "-print_certs", data=chain)
        target = self.folder / f"{self.name}.pem"
        target.write_bytes(re.search(rb"-----BEGIN.*?-----END CERTIFICATE-----\n", pem, re.S)[0])
        return target

    @staticmethod
    def _attribute(message, number):
        name = oid(SCEP_OID + (number,))
        at = message.find(name)
        if at < 0:
            return None
        value = elements(message[at + len(name):at + len(name) + 16][:5])[0]
        return content_of(content_of(value)).decode()
