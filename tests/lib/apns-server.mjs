// SPDX-License-Identifier: LGPL-2.1-or-later
// A mock of Apple's push service: HTTP/2 with a client certificate, strict about all that Apple documents, and
// with every answer on request. Settings in argv[2]: {port, certificate, key, ca, quiet}. It prints "ready", then
// one JSON line for each push and each connection; commands come as JSON lines on standard input.
//
//   {"rules": {"*": {...}, "TOKEN": {...}}}   what is answered; * to all others; {"status", "reason", "timestamp",
//                                             "retryAfter", "delayMs", "drop", "times"}; drop ends the connection
//   {"goaway": true}                          says GOAWAY on every connection, which then ends
//   {"stats": true}                           prints {"stats": {"pushes", "connections", "violations"}}

import fs from "node:fs";
import http2 from "node:http2";
import readline from "node:readline";

const settings = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const stats = { pushes: 0, connections: 0, violations: [] };
const sessions = new Set();
let rules = {};

const say = (line) => process.stdout.write(JSON.stringify(line) + "\n");

function findViolation(headers, body, topic) {
  const expected = { ":method": "POST", "apns-push-type": "mdm", "apns-priority": "10", "apns-topic": topic };
  for (const [name, value] of Object.entries(expected))
    if (headers[name] !== value)
      return `${name} is ${headers[name]}, not ${value}`;
  if (!/^\/3\/device\/(?:[0-9a-f]{2}){1,100}$/.test(headers[":path"]))
    return `path ${headers[":path"]}`;
  const expiration = Number(headers["apns-expiration"]), now = Date.now() / 1000;
  if (!(expiration > now + 60 && expiration < now + 32 * 86400))
    return `apns-expiration ${headers["apns-expiration"]}`;
  for (const name of Object.keys(headers))
    if (name.startsWith("apns-") && !["apns-push-type", "apns-priority", "apns-topic", "apns-expiration"].includes(name))
      return `header ${name}`;
  let parsed;
  try {
    parsed = JSON.parse(body);
  } catch {
    return "the body is not JSON";
  }
  if (Object.keys(parsed).join() !== "mdm" || typeof parsed.mdm !== "string" || parsed.mdm === "")
    return `body ${body}`;
  return null;
}

function findRule(token) {
  const rule = rules[token] ?? rules["*"];
  if (rule?.times !== undefined && rule.times-- <= 0)
    return {};
  return rule ?? {};
}

function respond(stream, rule) {
  if (stream.destroyed)
    return;
  const status = rule.status ?? 200;
  const headers = { ":status": status, "apns-id": "00000000-0000-4000-8000-000000000000" };
  if (rule.retryAfter !== undefined)
    headers["retry-after"] = String(rule.retryAfter);
  if (status === 200) {
    stream.respond(headers, { endStream: true });
    return;
  }
  stream.respond(headers);
  stream.end(rule.body ?? JSON.stringify({ reason: rule.reason, timestamp: rule.timestamp }));
}

function take(stream, headers, session) {
  const chunks = [];
  stream.on("error", () => {}); // the client has gone: said by its own log
  stream.on("data", (chunk) => chunks.push(chunk));
  stream.on("end", () => {
    const body = Buffer.concat(chunks).toString();
    const topic = session.socket?.getPeerCertificate?.().subject?.UID;
    const violation = findViolation(headers, body, topic);
    const token = headers[":path"].split("/").pop();
    stats.pushes++;
    if (violation !== null)
      stats.violations.push(violation);
    if (!settings.quiet)
      say({ push: token, body, topic, violation, connection: session.number,
            serial: session.socket?.getPeerCertificate?.().serialNumber });
    const rule = violation !== null ? { status: 400, reason: "BadPath" } : findRule(token);
    if (rule.drop)
      session.destroy();
    else if (rule.delayMs)
      setTimeout(respond, rule.delayMs, stream, rule);
    else
      respond(stream, rule);
  });
}

const server = http2.createSecureServer({
  cert: fs.readFileSync(settings.certificate), key: fs.readFileSync(settings.key), ca: fs.readFileSync(settings.ca),
  requestCert: true, rejectUnauthorized: true, allowHTTP1: false,
  settings: { maxConcurrentStreams: settings.streams ?? 1000 },
});
server.on("session", (session) => {
  session.number = ++stats.connections;
  session.on("error", () => {});
  session.on("close", () => sessions.delete(session));
  session.on("stream", (stream, headers) => take(stream, headers, session));
  sessions.add(session);
  if (!settings.quiet)
    say({ connection: session.number });
});
server.on("tlsClientError", (error) => say({ refused: error.code ?? String(error) }));

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const command = JSON.parse(line);
  if (command.rules !== undefined)
    rules = command.rules;
  if (command.goaway)
    for (const session of sessions)
      session.close();
  if (command.stats)
    say({ stats });
  say({ done: true });
}).on("close", () => process.exit(0));

server.listen(settings.port, "127.0.0.1", () => say("ready"));
