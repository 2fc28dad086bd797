-- SPDX-License-Identifier: LGPL-2.1-or-later
-- One text for every backend. No column is NULL: an empty text or 0 means "none". Times are milliseconds
-- since 1970, UTC. What is secret is stored as SHA-256, hexadecimal.

CREATE TABLE flow (
  key_hash TEXT NOT NULL PRIMARY KEY,
  team TEXT NOT NULL,
  user_identifier TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX flow_by_expiry ON flow (expires_at);

CREATE TABLE sign_in_request (
  id TEXT NOT NULL PRIMARY KEY,
  flow_hash TEXT NOT NULL REFERENCES flow (key_hash) ON DELETE CASCADE,
  connection TEXT NOT NULL,
  acs_url TEXT NOT NULL,
  relay_hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  spent_at BIGINT NOT NULL
);
CREATE INDEX sign_in_request_by_flow ON sign_in_request (flow_hash);

CREATE TABLE replay (
  issuer TEXT NOT NULL,
  assertion_id TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (issuer, assertion_id)
);
CREATE INDEX replay_by_expiry ON replay (expires_at);

CREATE TABLE attempt (
  code TEXT NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  request_id TEXT NOT NULL,
  connection TEXT NOT NULL,
  team TEXT NOT NULL,
  fault TEXT NOT NULL,
  detail TEXT NOT NULL,
  checks TEXT NOT NULL,
  person_id TEXT NOT NULL
);
CREATE INDEX attempt_by_time ON attempt (at);

CREATE TABLE person (
  id TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  user_name TEXT NOT NULL,
  email TEXT NOT NULL,
  full_name TEXT NOT NULL,
  given_name TEXT NOT NULL,
  family_name TEXT NOT NULL,
  department TEXT NOT NULL,
  managed_account TEXT NOT NULL,
  group_names TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  signed_in_at BIGINT NOT NULL
);
CREATE INDEX person_by_email ON person (email);
CREATE INDEX person_by_user_name ON person (user_name);

CREATE TABLE person_identity (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  person_id TEXT NOT NULL REFERENCES person (id),
  connection TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX person_identity_by_person ON person_identity (person_id);

CREATE TABLE access_token (
  hash TEXT NOT NULL PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES person (id),
  team TEXT NOT NULL,
  managed_account TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  certificate_sha256 TEXT NOT NULL,
  revoked_at BIGINT NOT NULL
);
CREATE INDEX access_token_by_person ON access_token (person_id);
CREATE INDEX access_token_by_expiry ON access_token (expires_at);

CREATE TABLE scep_challenge (
  hash TEXT NOT NULL PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  key_hash TEXT NOT NULL,
  certificate_sha256 TEXT NOT NULL,
  ended_at BIGINT NOT NULL
);
CREATE INDEX scep_challenge_by_expiry ON scep_challenge (expires_at);
CREATE INDEX scep_challenge_by_certificate ON scep_challenge (certificate_sha256);

CREATE TABLE certificate (
  sha256 TEXT NOT NULL PRIMARY KEY,
  serial TEXT NOT NULL UNIQUE,
  key_hash TEXT NOT NULL,
  person_id TEXT NOT NULL,
  team TEXT NOT NULL,
  enrollment_id TEXT NOT NULL,
  der TEXT NOT NULL,
  not_before BIGINT NOT NULL,
  not_after BIGINT NOT NULL,
  issued_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
);
CREATE INDEX certificate_by_enrollment ON certificate (enrollment_id, key_hash);

CREATE TABLE device (
  id TEXT NOT NULL PRIMARY KEY,
  apple_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  product TEXT NOT NULL,
  os_version TEXT NOT NULL,
  build_version TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL
);

CREATE TABLE enrollment (
  id TEXT NOT NULL PRIMARY KEY,
  device_id TEXT NOT NULL REFERENCES device (id),
  team TEXT NOT NULL,
  state TEXT NOT NULL,
  certificate_sha256 TEXT NOT NULL,
  topic TEXT NOT NULL,
  push_magic TEXT NOT NULL,
  push_token TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  active_at BIGINT NOT NULL,
  token_updated_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  end_reason TEXT NOT NULL
);
CREATE INDEX enrollment_by_device ON enrollment (device_id, created_at);
CREATE UNIQUE INDEX enrollment_open ON enrollment (device_id) WHERE ended_at = 0;

CREATE TABLE association (
  id TEXT NOT NULL PRIMARY KEY,
  person_id TEXT NOT NULL REFERENCES person (id),
  device_id TEXT NOT NULL REFERENCES device (id),
  source TEXT NOT NULL,
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL,
  end_reason TEXT NOT NULL
);
CREATE INDEX association_by_person ON association (person_id, from_at);
CREATE INDEX association_by_device ON association (device_id, from_at);
CREATE UNIQUE INDEX association_open ON association (device_id) WHERE to_at = 0;

CREATE TABLE connection_metadata (
  connection TEXT NOT NULL PRIMARY KEY,
  source TEXT NOT NULL,
  entity_id TEXT NOT NULL,
  xml TEXT NOT NULL,
  fetched_at BIGINT NOT NULL
);
