#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""make-oidc-tokens.py: keys and tokens by another library (cryptography), into oidc/ beside this file. New keys each
time; the tests only need that they belong together."""

import base64
import json
import pathlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

HERE = pathlib.Path(__file__).resolve().parent / "oidc"
CLAIMS = {"iss": "https://idp.example.com/tenant", "sub": "u-1", "aud": "client-1", "nonce": "n-0S6_WzA2Mj",
          "iat": 1767268800, "exp": 1767269400, "email": "anna@example.com", "groups": ["staff", "it"]}


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, size=None):
    return encode(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def curve_key(name, curve):
    key = ec.generate_private_key(curve)
    point = key.public_key().public_numbers()
    size = (curve.key_size + 7) // 8
    return key, {"kty": "EC", "crv": name, "x": number(point.x, size), "y": number(point.y, size)}


def raw(signature, curve):
    size = (curve.key_size + 7) // 8
    r, s = utils.decode_dss_signature(signature)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def main():
    rsa_key = rsa.generate_private_key(65537, 2048)
    public = rsa_key.public_key().public_numbers()
    ed_key = ed25519.Ed25519PrivateKey.generate()
    keys = {"rsa": {"kty": "RSA", "n": number(public.n), "e": number(public.e)},
            "ed": {"kty": "OKP", "crv": "Ed25519", "x": encode(ed_key.public_key().public_bytes_raw())}}
    signers = {"RS256": ("rsa", lambda d: rsa_key.sign(d, padding.PKCS1v15(), hashes.SHA256())),
               "EdDSA": ("ed", ed_key.sign)}
    for name, digest in (("PS256", hashes.SHA256()), ("PS512", hashes.SHA512())):
        pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
        signers[name] = ("rsa", lambda d, pss=pss, digest=digest: rsa_key.sign(d, pss, digest))
    for name, curve_name, curve, digest in (("ES256", "P-256", ec.SECP256R1(), hashes.SHA256()),
                                            ("ES384", "P-384", ec.SECP384R1(), hashes.SHA384()),
                                            ("ES512", "P-521", ec.SECP521R1(), hashes.SHA512())):
        key, keys[curve_name] = curve_key(curve_name, curve)
        signers[name] = (curve_name, lambda d, key=key, curve=curve, digest=digest:
                         raw(key.sign(d, ec.ECDSA(digest)), curve))
    document = {"keys": [dict(key, kid=kid, use="sig") for kid, key in keys.items()]}
    (HERE / "document/keys.json").write_text(json.dumps(document, indent=1) + "\n")
    for algorithm, (kid, sign) in signers.items():
        header = encode(json.dumps({"alg": algorithm, "kid": kid, "typ": "JWT"}).encode())
        text = f"{header}.{encode(json.dumps(CLAIMS).encode())}"
        (HERE / f"token/{algorithm.lower()}.jwt").write_text(f"{text}.{encode(sign(text.encode()))}")
    (HERE / "claims/all.json").write_text(json.dumps(CLAIMS, indent=1) + "\n")


if __name__ == "__main__":
    main()
