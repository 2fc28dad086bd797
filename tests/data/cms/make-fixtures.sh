#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes the keys, certificates and messages of this folder anew; needs the openssl command.
# The two SCEP captures come from real clients, see README.md, and are kept: they are encrypted to ca.key.
set -eu
cd "$(dirname "$0")"
days=36500

cat > openssl.cnf <<'CNF'
[req]
distinguished_name = dn
prompt = no
[dn]
CN = fixture
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign, digitalSignature, keyEncipherment
subjectKeyIdentifier = hash
[ca_signs_only]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[not_ca]
basicConstraints = critical, CA:FALSE
keyUsage = critical, keyCertSign, digitalSignature, keyEncipherment
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = clientAuth
CNF

if [ ! -f ca.key ]; then
  openssl genrsa -out ca.key 2048
  openssl req -config openssl.cnf -extensions ca -x509 -new -key ca.key -subj '/O=Fixture/CN=Fixture CA' -days $days -out ca.pem
fi
openssl genrsa -out other-ca.key 2048
# the same name as the real one, another key
openssl req -config openssl.cnf -extensions ca -x509 -new -key other-ca.key -subj '/O=Fixture/CN=Fixture CA' -days $days -out other-ca.pem
openssl req -config openssl.cnf -extensions ca_signs_only -x509 -new -key ca.key -subj '/CN=Signs Only' -days $days -out ca-signs-only.pem
openssl req -config openssl.cnf -extensions not_ca -x509 -new -key ca.key -subj '/CN=Not A CA' -days $days -out not-ca.pem
# the serial number of the real one, another name
openssl req -config openssl.cnf -extensions ca -x509 -new -key other-ca.key -subj '/CN=Other' -days $days -out other-name.pem \
  -set_serial "0x$(openssl x509 -in ca.pem -noout -serial | cut -d= -f2)"
openssl ecparam -name prime256v1 -genkey -noout -out ec.key
openssl req -config openssl.cnf -extensions leaf -x509 -new -key ec.key -subj '/CN=EC' -days $days -out ec.pem
openssl req -config openssl.cnf -extensions ca -x509 -new -key ec.key -subj '/CN=EC CA' -days $days -out ec-ca.pem
for bits in 512 1024 2048 8448; do
  openssl genrsa -out rsa-$bits.key $bits
  openssl req -config openssl.cnf -extensions leaf -x509 -new -key rsa-$bits.key -subj "/CN=RSA $bits" -days $days -out rsa-$bits.pem
done
# an exponent of 65 bits
openssl genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:18446744073709551629 -out rsa-exponent.key
openssl req -config openssl.cnf -extensions leaf -x509 -new -key rsa-exponent.key -subj '/CN=RSA exponent' -days $days -out rsa-exponent.pem
# a device: empty subject, issued by the authority, expired long ago
openssl genrsa -out device.key 2048
openssl req -config openssl.cnf -new -key device.key -subj / -out device.csr
cat > sign.cnf <<'CNF'
[ca]
default_ca = d
[d]
database = index.txt
serial = serial.txt
new_certs_dir = .
policy = any
default_md = sha256
unique_subject = no
[any]
CNF
: > index.txt
echo 22 > serial.txt
openssl ca -batch -notext -config sign.cnf -cert ca.pem -keyfile ca.key -in device.csr -out device.pem \
  -subj / -extfile openssl.cnf -extensions leaf -startdate 20200101000000Z -enddate 20210101000000Z
# the authority's name and serial number on a certificate by the other key
echo 22 > serial.txt
: > index.txt
openssl ca -batch -notext -config sign.cnf -cert other-ca.pem -keyfile other-ca.key -in device.csr -out impostor.pem \
  -subj / -extfile openssl.cnf -extensions leaf -startdate 20200101000000Z -enddate 20210101000000Z
rm -f index.txt* serial.txt* sign.cnf device.csr 22.pem
openssl x509 -in device.pem -outform DER -out device.der
cat device.pem ca.pem > device-chain.pem
openssl pkcs8 -topk8 -in device.key -passout pass:secret -out device-encrypted.key

printf '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>UDID</key><string>0000</string></dict></plist>\n' > body.plist

sign () { out=$1; shift; openssl cms -sign -binary -in body.plist -outform DER -out "$out" "$@"; }
device='-signer device.pem -inkey device.key'
for md in sha1 sha256 sha384 sha512; do
  sign attached-$md-attr.der -nodetach -md $md $device
  sign attached-$md-plain.der -nodetach -noattr -md $md $device
done
sign attached-sha1-attr-indef.der -nodetach -stream -indef -md sha1 $device
sign attached-sha1-plain-indef.der -nodetach -noattr -stream -indef -md sha1 $device
sign attached-chain.der -nodetach -md sha1 -certfile ca.pem $device
sign attached-keyid.der -nodetach -keyid -md sha256 -signer rsa-2048.pem -inkey rsa-2048.key
sign attached-ec.der -nodetach -md sha256 -signer ec.pem -inkey ec.key
sign attached-rsa-1024.der -nodetach -md sha1 -signer rsa-1024.pem -inkey rsa-1024.key
sign detached-sha1-plain.der -noattr -md sha1 $device
sign detached-sha1-attr.der -md sha1 $device
# as devices send it: the four outer levels with indefinite lengths, which openssl only does with content
python3 - <<'PY'
def header(data, at):
    size = data[at + 1]
    if size < 0x80:
        return at + 2, size
    count = size & 0x7f
    return at + 2 + count, int.from_bytes(data[at + 2:at + 2 + count], "big")
for name in "plain", "attr":
    data = open(f"detached-sha1-{name}.der", "rb").read()
    start, size = header(data, 0)             # ContentInfo
    inner, size = header(data, start + 11)    # [0]
    first, size = header(data, inner)         # SignedData
    version_and_digests = data[first:first + 3 + 11]
    at = first + len(version_and_digests)
    content, size = header(data, at)          # EncapsulatedContentInfo
    rest = data[content + size:]
    out = (b"\x30\x80" + data[start:start + 11] + b"\xa0\x80\x30\x80" + version_and_digests
           + b"\x30\x80" + data[content:content + size] + b"\0\0" + rest + b"\0\0" * 3)
    open(f"detached-sha1-{name}-indef.der", "wb").write(out)
PY
sign bad-two-signers.der -nodetach -md sha256 $device -signer rsa-2048.pem -inkey rsa-2048.key
sign bad-no-certificate.der -nodetach -nocerts -md sha256 $device
sign bad-other-certificate.der -nodetach -nocerts -md sha256 -certfile rsa-2048.pem $device
sign bad-md5.der -nodetach -md md5 $device
sign bad-pss.der -nodetach -md sha256 $device -keyopt rsa_padding_mode:pss
sign bad-rsa-512.der -nodetach -md sha256 -signer rsa-512.pem -inkey rsa-512.key
sign bad-rsa-8448.der -nodetach -md sha256 -signer rsa-8448.pem -inkey rsa-8448.key
sign bad-rsa-exponent.der -nodetach -md sha256 -signer rsa-exponent.pem -inkey rsa-exponent.key
sign bad-content-type.der -nodetach -md sha256 -econtent_type 1.2.840.113549.1.7.6 $device

openssl cms -digest_create -binary -in body.plist -outform DER -md sha256 -out bad-digested.der
openssl crl2pkcs7 -nocrl -certfile ca.pem -outform DER -out bad-no-signer.der

# what a SCEP message has inside
seal () { out=$1; shift; openssl cms -encrypt -binary -in csr-plain.der -outform DER -out "$out" "$@" ca.pem; }

# too large, too many: valid but for the limits
openssl req -config openssl.cnf -extensions leaf -x509 -new -key ec.key -subj '/CN=large' -days $days -out large.crt \
  -addext "nsComment=$(head -c 15000 /dev/zero | tr '\0' x)"
sign bad-large-detached.der -md sha256 -certfile large.crt $device
: > many.crt
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
  openssl req -config openssl.cnf -x509 -new -key ec.key -subj "/CN=$i" -days $days >> many.crt
done
sign bad-many-certificates.der -nodetach -md sha256 -certfile many.crt $device
rm -f large.crt many.crt

csr () { out=$1; shift; openssl req -config openssl.cnf -new -outform DER -out "$out" -subj '/CN=asked for/O=asked for' "$@"; }
csr csr-plain.der -key rsa-2048.key
seal envelope-aes256-indef.der -stream -indef -aes256
seal envelope-des3.der -des3
# each kind of string a client may choose
for kind in PRINTABLE UTF8 IA5 T61 BMP; do
  cat > challenge.cnf <<CNF
[req]
distinguished_name = dn
prompt = no
string_mask = MASK:$(case $kind in PRINTABLE) echo 2;; UTF8) echo 0x2000;; IA5) echo 0x10;; T61) echo 4;; BMP) echo 0x800;; esac)
attributes = attributes
[dn]
CN = fixture
[attributes]
challengePassword = Uky6rqTm+b2, /P=9
CNF
  openssl req -config challenge.cnf -new -outform DER -out csr-challenge-$kind.der -key rsa-2048.key
done
rm -f challenge.cnf
csr csr-sha1.der -key rsa-2048.key -sha1
csr csr-ec.der -key ec.key
csr bad-csr-rsa-1024.der -key rsa-1024.key
csr bad-csr-md5.der -key rsa-2048.key -md5
csr bad-csr-rsa-8448.der -key rsa-8448.key
csr bad-csr-rsa-exponent.der -key rsa-exponent.key
csr bad-csr-large.der -key rsa-2048.key -addext "nsComment=$(head -c 17000 /dev/zero | tr '\0' x)"
openssl ecparam -name secp521r1 -genkey -noout -out p521.key
csr bad-csr-p521.der -key p521.key
{ sed -n '1,/^CN/p' openssl.cnf; printf '[attributes]\nchallengePassword = %0256d\n' 0; } | sed 's/^prompt/attributes = attributes\n&/' > challenge.cnf
openssl req -config challenge.cnf -new -outform DER -out bad-csr-challenge.der -key rsa-2048.key
openssl genpkey -quiet -algorithm ed25519 -out ed25519.key
csr bad-csr-ed25519.der -key ed25519.key
rm -f openssl.cnf challenge.cnf ed25519.key p521.key rsa-8448.key rsa-8448.pem rsa-exponent.key rsa-exponent.pem
