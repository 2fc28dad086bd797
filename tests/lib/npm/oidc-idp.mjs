// SPDX-License-Identifier: LGPL-2.1-or-later
// An identity provider of others: oidc-provider, as the middleware of a small server with a form to sign in.
//
//   node oidc-idp.mjs SETTINGS.json
//
// prints "ready PORT" and runs until SIGTERM, or until its standard input ends; SIGHUP makes it sign with a new key, SIGUSR2 takes back every grant that
// was given until then. Settings: host, port,
// tls_certificate, tls_key (files), users {name: {password, claims}}, clients and algorithms (as oidc-provider has
// them), and for clients whose devices come here themselves devices {client_id: {redirect_uri, resource, claims}}.
import crypto from "node:crypto";
import fs from "node:fs";
import https from "node:https";
import Provider from "oidc-provider";

const MAX_BODY_BYTES = 64 * 1024;
const settings = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const issuer = `https://${settings.host}:${settings.port}`;

const escape = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

function makeKey(kind, number) {
  const { privateKey } = kind === "RSA" ? crypto.generateKeyPairSync("rsa", { modulusLength: 2048 })
    : kind === "EC" ? crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }) : crypto.generateKeyPairSync("ed25519");
  return Object.assign(privateKey.export({ format: "jwk" }), { kid: `${kind}-${number}`, use: "sig" });
}

const account = (name) => ({
  accountId: name,
  claims: async () => Object.assign({ sub: name }, settings.users[name].claims),
});

// Sessions and codes outlive a new key, as they do at a provider with a database.
const kept = new Map();
class Adapter {
  constructor(kind) { this.kind = kind; }
  key(id) { return `${this.kind}:${id}`; }
  async upsert(id, payload) {
    kept.set(this.key(id), payload);
    if (payload.uid) kept.set(`${this.kind}:uid:${payload.uid}`, payload);
  }
  async find(id) { return kept.get(this.key(id)); }
  async findByUid(uid) { return kept.get(`${this.kind}:uid:${uid}`); }
  async findByUserCode() { return undefined; }
  async consume(id) { kept.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { kept.delete(this.key(id)); }
  async revokeByGrantId(grantId) {
    for (const [key, payload] of kept) if (payload.grantId === grantId) kept.delete(key);
  }
}

// Keys of clients are at *.localhost, which not every resolver knows.
function lookUp(host, options, done) {
  const found = { address: "127.0.0.1", family: 4 };
  return options.all ? done(null, [found]) : done(null, found.address, found.family);
}

// Devices that come here themselves: a custom scheme, no code challenge, and no prompt for a refresh token. Clients
// with a resource get JWTs for it (RFC 9068), the others opaque access tokens.
const devices = settings.devices || {};
const resourceOf = (client) => devices[client.clientId]?.resource;
const addDevices = (provider) => {
  const allowed = provider.Client.prototype.redirectUriAllowed;
  provider.Client.prototype.redirectUriAllowed = function redirectUriAllowed(uri) {
    return uri === devices[this.clientId]?.redirect_uri || allowed.call(this, uri);
  };
};

function makeProvider(number) {
  const provider = new Provider(issuer, {
    adapter: Adapter,
    clients: settings.clients,
    jwks: { keys: ["RSA", "EC", "OKP"].map((kind) => makeKey(kind, number)) },
    cookies: { keys: ["0123456789abcdef0123456789abcdef"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "given_name", "family_name",
      "preferred_username", "groups"] },
    findAccount: async (ctx, name) => (Object.hasOwn(settings.users, name) ? account(name) : undefined),
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true },
      introspection: { enabled: true },
      resourceIndicators: { enabled: true, defaultResource: (ctx, client) => resourceOf(client),
        useGrantedResource: () => true,
        getResourceServerInfo: (ctx, resource) => ({ scope: "mdm", audience: resource, accessTokenFormat: "jwt",
          jwt: { sign: { alg: "ES256" } } }) } },
    extraTokenClaims: (ctx, token) => (devices[token.clientId]?.claims
      ? Object.fromEntries(devices[token.clientId].claims.map((name) => [name, settings.users[token.accountId].claims[name]]))
      : undefined),
    issueRefreshToken: async (ctx, client, code) => client.grantTypeAllowed("refresh_token") &&
      (code.scopes.has("offline_access") || Object.hasOwn(devices, client.clientId)),
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    pkce: { methods: ["S256"], required: (ctx, client) => !Object.hasOwn(devices, client.clientId) },
    enabledJWA: { idTokenSigningAlgValues: settings.algorithms },
    rotateRefreshToken: true,
    httpOptions: () => ({ dnsLookup: lookUp }),
    async loadExistingGrant(ctx) {
      const given = ctx.oidc.result?.consent?.grantId;
      if (given) return ctx.oidc.provider.Grant.find(given);
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid email profile");
      if (resourceOf(ctx.oidc.client)) grant.addResourceScope(resourceOf(ctx.oidc.client), "mdm");
      await grant.save();
      return grant;
    },
  });
  addDevices(provider);
  provider.on("grant.success", (ctx) => console.error(`granted ${ctx.oidc.params.grant_type}`));
  for (const event of ["server_error", "grant.error", "introspection.error", "userinfo.error"]) provider.on(event, (ctx, error) => console.error(error));
  return provider;
}

let generation = 1;
let provider = makeProvider(generation);
process.on("SIGHUP", () => {
  provider = makeProvider(++generation);
  console.log(`keys ${generation}`);
});

process.on("SIGUSR2", () => {
  for (const key of kept.keys()) if (/^(Grant|RefreshToken|AccessToken):/.test(key)) kept.delete(key);
  console.log("revoked");
});

function send(response, status, body) {
  response.writeHead(status, { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store" });
  response.end(body);
}

const formPage = (path, message) =>
  `<!DOCTYPE html><html lang="en"><head><title>Sign in</title></head><body><h1>Sign in</h1>${message}` +
  `<form method="post" action="${escape(path)}"><label>Name <input id="username" name="username"></label>` +
  '<label>Password <input id="password" name="password" type="password"></label>' +
  '<button type="submit">Sign in</button></form></body></html>';

// Whoever signs in has consented to what is asked for.
async function consent(request, response, details) {
  const grant = new provider.Grant({ clientId: details.params.client_id, accountId: details.session.accountId });
  grant.addOIDCScope("openid email profile offline_access");
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } },
    { mergeWithLastSubmission: true });
}

async function interact(request, response, path, text) {
  const details = await provider.interactionDetails(request, response);
  if (details.prompt.name === "consent") return consent(request, response, details);
  const form = new URLSearchParams(text);
  const name = form.get("username") || "";
  const user = Object.hasOwn(settings.users, name) ? settings.users[name] : undefined;
  if (request.method !== "POST" || user === undefined || user.password !== form.get("password")) {
    return send(response, 200, formPage(path, name ? "<p>Name or password is wrong.</p>" : ""));
  }
  if (user.refuse) {
    return provider.interactionFinished(request, response, { error: "access_denied", error_description: user.refuse });
  }
  return provider.interactionFinished(request, response, { login: { accountId: name } });
}

function answer(request, response) {
  const path = request.url.split("?")[0];
  if (!path.startsWith("/interaction/")) return provider.callback()(request, response);
  const chunks = [];
  let size = 0;
  request.on("data", (chunk) => {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) request.destroy();
    else chunks.push(chunk);
  });
  request.on("end", () => interact(request, response, path, Buffer.concat(chunks).toString("utf8"))
    .catch((error) => send(response, 500, `<p>${escape(error)}</p>`)));
  return undefined;
}

// In both address families; clients differ in what *.localhost is for them.
const files = { cert: fs.readFileSync(settings.tls_certificate), key: fs.readFileSync(settings.tls_key) };
const servers = ["127.0.0.1", "::1"].map(() => https.createServer(files, answer));
servers[1].on("error", (error) => console.error(`no IPv6: ${error.code}`));
servers[1].listen(settings.port, "::1");
servers[0].listen(settings.port, "127.0.0.1", () => console.log(`ready ${settings.port}`));
function end() {
  process.stdin.destroy();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
}
process.on("SIGTERM", end);
process.stdin.on("end", end).resume();
