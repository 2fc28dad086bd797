/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-fault-private.h"

/* What can go wrong with what a directory sends (RFC 7644 section 3.12); nobody sees a page of it. */
const DoorFaultInfo door_fault_directory[DOOR_N_FAULTS] = {
  [DOOR_FAULT_SCIM_SYNTAX] = { "DW-SCIM-SYNTAX", 400, "warning", NULL,
                               "A message of SCIM is not JSON, or not of the form that its kind has.",
                               "The detail says where; look at what the directory's sender is set up to "
                               "send." },
  [DOOR_FAULT_SCIM_FILTER] = { "DW-SCIM-FILTER", 400, "warning", NULL,
                               "A filter cannot be read, or compares an attribute with what it cannot be.",
                               "The detail says where; correct the filter in the sender's settings." },
  [DOOR_FAULT_SCIM_PATH] = { "DW-SCIM-PATH", 400, "warning", NULL,
                             "A path names no attribute of the resource.",
                             "Take the attribute out of the sender's mapping, or declare it as an "
                             "extension." },
  [DOOR_FAULT_SCIM_VALUE] = { "DW-SCIM-VALUE", 400, "warning", NULL,
                              "A value is missing, or is not what the attribute can have.",
                              "The detail names the attribute; correct the sender's mapping of it." },
  [DOOR_FAULT_SCIM_NOTARGET] = { "DW-SCIM-NOTARGET", 400, "warning", NULL,
                                 "A change names a value that is not there.",
                                 "Have the sender provision the user or group anew." },
  [DOOR_FAULT_SCIM_MUTABILITY] = { "DW-SCIM-MUTABILITY", 400, "warning", NULL,
                                   "A change is of what only this server writes.",
                                   "Take the attribute out of the sender's mapping." },
  [DOOR_FAULT_SCIM_CURSOR] = { "DW-SCIM-CURSOR", 400, "warning", NULL,
                               "A page of a list is asked for by a cursor that was not given out for it.",
                               "Have the sender begin again with the first page." },
  [DOOR_FAULT_SCIM_TOOMANY] = { "DW-SCIM-TOOMANY", 400, "warning", NULL,
                                "A filter can be answered only by a look at each of very many resources.",
                                "Have the sender ask for an equal value, or for the beginning of one." },
  [DOOR_FAULT_SCIM_UNIQUENESS] = { "DW-SCIM-UNIQUENESS", 409, "warning", NULL,
                                   "A user or a group is to get a name that another of its directory has.",
                                   "Have the sender take over the one that is there, or remove it first." },
  [DOOR_FAULT_SCIM_NOTFOUND] = { "DW-SCIM-NOTFOUND", 404, "info", NULL,
                                 "A user or a group is asked for that its directory does not have, or has no "
                                 "more.",
                                 "Have the sender provision it anew." },
  [DOOR_FAULT_SCIM_VERSION] = { "DW-SCIM-VERSION", 412, "info", NULL,
                                "A change is made from a version that is not the present one.",
                                "Have the sender read the user or group again, and change that." },
};
