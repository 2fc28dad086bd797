// SPDX-License-Identifier: LGPL-2.1-or-later
// Verifications for each second of CPU time by the npm package @node-saml/node-saml, of documents that
// bench-saml has written: node node-saml-bench.mjs SECONDS FOLDER KEYS. One line for each document.
import fs from 'node:fs';
import path from 'node:path';

import {SAML} from '@node-saml/node-saml';

const [seconds, folder, keys] = [Number(process.argv[2]), process.argv[3], process.argv[4]];
const ROUND = 20;

const read = name => fs.readFileSync(path.join(keys, name), 'utf8');

function verifier(both) {
  return new SAML({
    callbackUrl: 'https://mdm.example.com/saml/okta/acs',
    issuer: 'https://mdm.example.com/saml/okta',
    audience: 'https://mdm.example.com/saml/okta',
    idpIssuer: 'https://idp.example.com/saml',
    entryPoint: 'https://idp.example.com/sso',
    idpCert: read('rsa.crt.pem'),
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: both,
    validateInResponseTo: 'never',
    acceptedClockSkewMs: -1, // the documents are of a fixed day
  });
}

async function verify(saml, form) {
  const {profile} = await saml.validatePostResponseAsync({SAMLResponse: form});

  if (!profile?.nameID)
    throw new Error('no identity');
}

// not the encrypted one: the library looks for the prefixes of the assertion inside of it only, and refuses it
for (const name of ['signed-A', 'signed-AR']) {
  const form = fs.readFileSync(path.join(folder, name + '.form'), 'latin1');
  const saml = verifier(name === 'signed-AR');
  let count = 0;

  for (let i = 0; i < ROUND; i++) // before the compiler has seen it often enough
    await verify(saml, form);
  const from = process.cpuUsage();
  let used = 0;

  while (used < seconds) {
    for (let i = 0; i < ROUND; i++)
      await verify(saml, form);
    count += ROUND;
    const now = process.cpuUsage(from);
    used = (now.user + now.system) / 1e6;
  }
  console.log(`${name} ${(count / used).toFixed(1)}`);
}
