-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Who came by a connection is asked before its name is given to another, and when another takes its place.

CREATE INDEX person_identity_by_connection ON person_identity (connection);
