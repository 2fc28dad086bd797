-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Who administers the server, by which identities and roles, and their sessions. email_key is the address in
-- lower case. team is empty for a role that holds everywhere. global_admin_guard has one row, which everybody
-- changes who may take the role of the last administrator away: so two of them take turns.

CREATE TABLE administrator (
  id TEXT NOT NULL PRIMARY KEY,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL UNIQUE,
  full_name TEXT NOT NULL,
  state TEXT NOT NULL,
  sso_enabled BIGINT NOT NULL,
  api_only BIGINT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  signed_in_at BIGINT NOT NULL
);

CREATE TABLE administrator_identity (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  administrator_id TEXT NOT NULL REFERENCES administrator (id) ON DELETE CASCADE,
  connection TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (issuer, subject)
);
CREATE INDEX administrator_identity_by_administrator ON administrator_identity (administrator_id);

CREATE TABLE administrator_role (
  administrator_id TEXT NOT NULL REFERENCES administrator (id) ON DELETE CASCADE,
  team TEXT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (administrator_id, team)
);
CREATE INDEX administrator_role_by_team ON administrator_role (team, role);

CREATE TABLE global_admin_guard (
  name TEXT NOT NULL PRIMARY KEY,
  turn BIGINT NOT NULL
);
INSERT INTO global_admin_guard (name, turn) VALUES ('global-admin', 0);

CREATE TABLE admin_handover (
  token_hash TEXT NOT NULL PRIMARY KEY,
  flow_hash TEXT NOT NULL,
  administrator_id TEXT NOT NULL REFERENCES administrator (id) ON DELETE CASCADE,
  connection TEXT NOT NULL,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  session_index TEXT NOT NULL,
  return_path TEXT NOT NULL,
  session_ends_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX admin_handover_by_expiry ON admin_handover (expires_at);
CREATE INDEX admin_handover_by_administrator ON admin_handover (administrator_id);

CREATE TABLE admin_session (
  token_hash TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  administrator_id TEXT NOT NULL REFERENCES administrator (id) ON DELETE CASCADE,
  connection TEXT NOT NULL,
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  session_index TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  user_agent_family TEXT NOT NULL,
  ended_at BIGINT NOT NULL,
  end_reason TEXT NOT NULL
);
CREATE INDEX admin_session_by_administrator ON admin_session (administrator_id, created_at);
CREATE INDEX admin_session_by_subject ON admin_session (issuer, subject);
CREATE INDEX admin_session_by_index ON admin_session (issuer, session_index);
CREATE INDEX admin_session_by_expiry ON admin_session (expires_at);
