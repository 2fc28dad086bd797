// SPDX-License-Identifier: LGPL-2.1-or-later
// An identity provider of others: samlp, as the middleware of a small server with a form to sign in.
//
//   node samlp-idp.js SETTINGS.json
//
// prints "ready PORT" and runs until SIGTERM. Settings: tls_certificate, tls_key (files), and shapes, one for each path
// /NAME/sso: issuer, key, certificate (files), users {name: {password, name_id, attributes}}, and options of samlp such
// as signResponse, signAssertion, digestAlgorithm, nameIdentifierFormat. Once sp_signing (a file) is there, requests must be
// signed with its key; once sp_encryption (certificate) and sp_encryption_key (public key) are, assertions are encrypted.
"use strict";

const crypto = require("crypto");
const fs = require("fs");
const https = require("https");
const querystring = require("querystring");
const samlp = require("samlp");

const MAX_BODY_BYTES = 64 * 1024;
const settings = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));

const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

// What the claims of a person are called differs by shape, so they come as they are to be sent.
function mapper(user) {
  return {
    getClaims: () => user.attributes,
    getNameIdentifier: () => ({ nameIdentifier: user.name_id }),
  };
}

function formPage(path, fields, message) {
  const hidden = Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`).join("");
  return `<!DOCTYPE html><html lang="en"><head><title>Sign in</title></head><body><h1>Sign in</h1>${message}` +
    `<form method="post" action="${escape(path)}">${hidden}<label>Name <input id="username" name="username"></label>` +
    '<label>Password <input id="password" name="password" type="password"></label>' +
    '<button type="submit">Sign in</button></form></body></html>';
}

// The service is known to its provider only after both have started.
function readService(shape) {
  const read = (name) => (shape[name] && fs.existsSync(shape[name]) ? fs.readFileSync(shape[name]) : undefined);
  const found = { signingCert: read("sp_signing") };
  if (read("sp_encryption") === undefined) return found;
  return Object.assign(found, {
    encryptionCert: read("sp_encryption"),
    encryptionPublicKey: read("sp_encryption_key"),
  });
}

function middleware(shape) {
  const options = Object.assign({
    cert: fs.readFileSync(shape.certificate),
    key: fs.readFileSync(shape.key),
    profileMapper: mapper,
    lifetimeInSeconds: 300,
    sessionIndex: "_" + crypto.randomBytes(16).toString("hex"),
    getPostURL: (audience, dom, request, done) => {
      const asked = dom.documentElement.getAttribute("AssertionConsumerServiceURL");
      done(null, shape.acs_urls.includes(asked) ? asked : null);
    },
  }, shape.options, { issuer: shape.issuer });
  // destination and recipient are what the request names, once it is known to be allowed
  return (request, response, next) => {
    const service = readService(shape);
    samlp.parseRequest(request, { signingCert: service.signingCert }, (error, data) => {
      if (error || !data) return next(error || new Error("no request"));
      return samlp.auth(Object.assign({}, options, service, {
        destination: data.assertionConsumerServiceURL,
        recipient: data.assertionConsumerServiceURL,
      }))(request, response, next);
    });
  };
}

function send(response, status, type, body) {
  response.writeHead(status, { "Content-Type": type, "Cache-Control": "no-store" });
  response.end(body);
}

// The little of Express that samlp uses.
function extend(request, response, url, body) {
  request.query = Object.fromEntries(url.searchParams);
  request.body = body;
  response.set = (name, value) => response.setHeader(name, value);
  response.send = (status, text) =>
    typeof status === "number" ? send(response, status, "text/plain", String(text || status)) : response.end(status);
}

const passes = Object.fromEntries(Object.entries(settings.shapes).map(([name, shape]) => [name, middleware(shape)]));

function answer(request, response, text) {
  const url = new URL(request.url, "https://provider.invalid");
  const name = url.pathname.split("/")[1];
  const shape = settings.shapes[name];
  if (shape === undefined || url.pathname !== `/${name}/sso`) return send(response, 404, "text/plain", "not here");
  const body = Object.assign({}, querystring.parse(text));
  extend(request, response, url, body);
  const user = Object.hasOwn(shape.users, body.username || "") ? shape.users[body.username] : undefined;
  if (user === undefined || user.password !== body.password) {
    // what came in the address stays there, as it was signed; what came in a form goes on in one
    const { username, password, ...fields } = body;
    return send(response, 200, "text/html; charset=utf-8",
      formPage(request.url, fields, username ? "<p>Name or password is wrong.</p>" : ""));
  }
  request.user = user;
  request.method = body.SAMLRequest === undefined ? "GET" : "POST";
  return passes[name](request, response, (error) => send(response, 500, "text/plain", String(error)));
}

const server = https.createServer({
  cert: fs.readFileSync(settings.tls_certificate),
  key: fs.readFileSync(settings.tls_key),
}, (request, response) => {
  const chunks = [];
  let size = 0;
  request.on("data", (chunk) => {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) request.destroy();
    else chunks.push(chunk);
  });
  request.on("end", () => answer(request, response, Buffer.concat(chunks).toString("utf8")));
});
server.listen(0, "127.0.0.1", () => console.log(`ready ${server.address().port}`));
process.on("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
