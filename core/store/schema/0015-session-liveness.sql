-- SPDX-License-Identifier: LGPL-2.1-or-later
-- The refresh token by which a provider is asked whether a session of an administrator is still good, sealed;
-- empty where there is none, and as soon as the session has ended. check_at is when it is to be asked next: 0
-- for never. check_parked is 1 when nobody has used the session since the last time; then check_at is when it
-- ends by itself, unless somebody does. liveness_id is where the token was sealed for.

ALTER TABLE admin_handover ADD COLUMN liveness_id TEXT NOT NULL DEFAULT '';
ALTER TABLE admin_handover ADD COLUMN sealed_refresh TEXT NOT NULL DEFAULT '';
ALTER TABLE admin_session ADD COLUMN liveness_id TEXT NOT NULL DEFAULT '';
ALTER TABLE admin_session ADD COLUMN sealed_refresh TEXT NOT NULL DEFAULT '';
ALTER TABLE admin_session ADD COLUMN checked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE admin_session ADD COLUMN check_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE admin_session ADD COLUMN check_parked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE admin_session ADD COLUMN check_failures BIGINT NOT NULL DEFAULT 0;
CREATE INDEX admin_session_by_check ON admin_session (connection, check_at);
