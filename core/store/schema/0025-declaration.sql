-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Declarations of a team (Apple, declarative management), and what channels have reported about theirs. A team has
-- one set of them: token is what the set is known by, wave the number of its last change. Until wave_open is 0, its
-- devices are being told, in the order of their enrollments, so far those up to wave_after.

CREATE TABLE declaration (
  team TEXT NOT NULL,
  identifier TEXT NOT NULL,
  type TEXT NOT NULL,
  payload TEXT NOT NULL,
  server_token TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (team, identifier)
);

CREATE TABLE declaration_set (
  team TEXT NOT NULL PRIMARY KEY,
  token TEXT NOT NULL,
  changed_at BIGINT NOT NULL,
  wave BIGINT NOT NULL,
  wave_open BIGINT NOT NULL,
  wave_after TEXT NOT NULL
);
CREATE INDEX declaration_set_open ON declaration_set (team) WHERE wave_open = 1;
CREATE INDEX enrollment_by_team ON enrollment (team, id) WHERE ended_at = 0;

CREATE TABLE declaration_status (
  channel_id TEXT NOT NULL PRIMARY KEY,
  enrollment_id TEXT NOT NULL,
  report TEXT NOT NULL,
  reported_at BIGINT NOT NULL
);
CREATE INDEX declaration_status_by_enrollment ON declaration_status (enrollment_id);
