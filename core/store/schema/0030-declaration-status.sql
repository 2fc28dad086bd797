-- SPDX-License-Identifier: LGPL-2.1-or-later
-- Of a status report only what it says of declarations is kept from now on. What came before also says other things,
-- perhaps of persons; devices report again when their declarations change.

DELETE FROM declaration_status;
