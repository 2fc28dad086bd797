-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Who has agreed to what, on which device, when and from where; sha256 is of the very document that was shown.
-- token_hash is of the token or ticket that this let go on: by it the enrollment that came of it is found.
-- Nothing here ever changes or ends.

CREATE TABLE eula_acceptance (
  id TEXT NOT NULL PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  person_id TEXT NOT NULL,
  team TEXT NOT NULL,
  document TEXT NOT NULL,
  version TEXT NOT NULL,
  language TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  serial TEXT NOT NULL,
  udid TEXT NOT NULL,
  product TEXT NOT NULL,
  address TEXT NOT NULL,
  accepted_at BIGINT NOT NULL
);
CREATE INDEX eula_acceptance_by_person ON eula_acceptance (person_id, document, version);
CREATE INDEX eula_acceptance_by_serial ON eula_acceptance (serial, document, version);
CREATE INDEX eula_acceptance_by_time ON eula_acceptance (accepted_at, id);
CREATE INDEX enrollment_by_token ON enrollment (token_hash);
