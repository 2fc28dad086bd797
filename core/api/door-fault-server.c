/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-fault-private.h"

/* What can go wrong with the server itself: configuration, database, HTTP. */
const DoorFaultInfo door_fault_server[DOOR_N_FAULTS] = {
  [DOOR_FAULT_CFG_SYNTAX] = { "DW-CFG-SYNTAX", 500, "error", NULL, "The file is not a keyfile.",
                              "Correct the line named." },
  [DOOR_FAULT_CFG_UNKNOWNKEY] = { "DW-CFG-UNKNOWNKEY", 500, "error", NULL, "The key does not exist.",
                                  "Correct its spelling; doorward.conf(5) lists all keys." },
  [DOOR_FAULT_CFG_UNKNOWNGROUP] = { "DW-CFG-UNKNOWNGROUP", 500, "error", NULL, "The group does not exist.",
                                    "Correct its spelling; doorward.conf(5) lists all groups." },
  [DOOR_FAULT_CFG_TYPE] = { "DW-CFG-TYPE", 500, "error", NULL, "The value does not fit the type of the key.",
                            "See doorward.conf(5) for the form of the value." },
  [DOOR_FAULT_CFG_REQUIRED] = { "DW-CFG-REQUIRED", 500, "error", NULL, "A required key is missing.",
                                "Add what is missing; doorward.conf(5) has an example." },
  [DOOR_FAULT_CFG_FORMERKEY] = { "DW-CFG-FORMERKEY", 500, "warning", NULL,
                                 "A key stands under the name it had in an earlier version.",
                                 "Write the name that the message names; a later version will not know the "
                                 "former one." },
  [DOOR_FAULT_CFG_DUPLICATE] = { "DW-CFG-DUPLICATE", 500, "error", NULL,
                                 "A group or key stands twice in one file, or a key under two names.",
                                 "Remove one of the two." },
  [DOOR_FAULT_CFG_PERMISSIONS] = { "DW-CFG-PERMISSIONS", 500, "error", NULL,
                                   "A file may be read or written by the wrong users.",
                                   "Run the command that the message names." },
  [DOOR_FAULT_CFG_INLINE_SECRET] = { "DW-CFG-INLINE-SECRET", 500, "error", NULL,
                                     "A secret stands in the file itself.",
                                     "Move it to a file of its own and write credential:NAME or "
                                     "file:/PATH." },
  [DOOR_FAULT_CFG_SECRET] = { "DW-CFG-SECRET", 500, "error", NULL,
                              "The secret a key refers to cannot be read.",
                              "Look at the credential or file named: it must be there, hold the secret, and "
                              "be readable for the service." },
  [DOOR_FAULT_CFG_STATEKEY] = { "DW-CFG-STATEKEY", 500, "critical", NULL,
                                "The state key is gone, or is not the one with which secrets in the database "
                                "are sealed.",
                                "Put the former state.key back, or name it by [database] StateKey=; all "
                                "instances on one database have the same. If it is lost for good, or was "
                                "replaced, stop them and run doorctl state-key replace, which tells what "
                                "does "
                                "not open any more and what is to be done about it." },
  [DOOR_FAULT_CFG_HOSTS] = { "DW-CFG-HOSTS", 500, "error", NULL,
                             "ExternalUrl and MdmUrl differ in their last two labels.",
                             "Use host names of the same domain; devices insist on it." },
  [DOOR_FAULT_CFG_VALUE] = { "DW-CFG-VALUE", 500, "error", NULL,
                             "Keys contradict each other or a value cannot be used.",
                             "Correct the value; doorward.conf(5) says what each key is for." },
  [DOOR_FAULT_CFG_PLUGIN] = { "DW-CFG-PLUGIN", 500, "error", NULL,
                              "A plugin cannot be loaded, or no loaded plugin has the type named.",
                              "Check [plugins] Load=; doorctl plugin list shows what is installed." },
  [DOOR_FAULT_CFG_INUSE] = { "DW-CFG-INUSE", 500, "error", NULL,
                             "Another program listens at the address already.",
                             "Find it with ss -ltnp (ss -lxp for a socket file) and stop it, or change "
                             "Http=, Https=, Sockets= or Management= in [listen]." },
  [DOOR_FAULT_HTTP_BADREQUEST] = { "DW-HTTP-BADREQUEST", 400, "info",
                                   N_ ("The request could not be understood."), "The request is malformed.",
                                   "Correct what the text names; where there is none, the log line has it." },
  [DOOR_FAULT_HTTP_NOTFOUND] = { "DW-HTTP-NOTFOUND", 404, "info", N_ ("There is nothing at this address."),
                                 "No route has this path.", "Check the link." },
  [DOOR_FAULT_HTTP_METHOD] = { "DW-HTTP-METHOD", 405, "info", N_ ("This address does not work that way."),
                               "The route exists but not for this method.", "Check the client." },
  [DOOR_FAULT_HTTP_TOOLARGE] = { "DW-HTTP-TOOLARGE", 413, "warning", N_ ("The request is too large."),
                                 "The body exceeds the limit of the route.",
                                 "A real device never sends this." },
  [DOOR_FAULT_HTTP_MEDIATYPE] = { "DW-HTTP-MEDIATYPE", 415, "info",
                                  N_ ("The request has an unexpected content type."),
                                  "The Content-Type is not the one the route takes.", "Check the client." },
  [DOOR_FAULT_HTTP_BUSY] = { "DW-HTTP-BUSY", 503, "error",
                             N_ ("The service is busy. Please try again in a moment."),
                             "The worker queue is full.",
                             "Look for a flood of requests; otherwise give the server more cores." },
  [DOOR_FAULT_DB_UNAVAILABLE] = { "DW-DB-UNAVAILABLE", 503, "error",
                                  N_ ("The service is busy. Please try again in a moment."),
                                  "The database cannot be reached or does not answer in time.",
                                  "Check the database server, disk space and permissions; the server "
                                  "recovers by itself." },
  [DOOR_FAULT_DB_WRITE] = { "DW-DB-WRITE", 503, "error",
                            N_ ("The service is busy. Please try again in a moment."),
                            "The database cannot be written: its disk is full or broken, it was made "
                            "read-only, or it is away. Said once in the log, and again when it is over.",
                            "Check disk space, the kernel's log, mount options and the owner of the file "
                            "and its folder, or the database server; the server recovers by itself." },
  [DOOR_FAULT_DB_SCHEMA] = { "DW-DB-SCHEMA", 503, "critical",
                             N_ ("The service is being updated. Please try again later."),
                             "The database schema does not fit this version.",
                             "Start the newer version once, or restore the backup that fits." },
  [DOOR_FAULT_DB_EMPTY] = { "DW-DB-EMPTY", 503, "error", NULL,
                            "The database has no schema yet, because no server has been started with it.",
                            "Start the server once: it makes the schema. When it ends for want of a push "
                            "certificate it has done so. If there was data, compare the keys of [database] "
                            "with those of the server." },
  [DOOR_FAULT_DB_START] = { "DW-DB-START", 503, "critical", NULL,
                            "The database could not be opened at the start, so the server has ended.",
                            "Check the keys of [database], that the database server runs, or that the "
                            "folder exists, may be written and has space; then start the server again." },
  [DOOR_FAULT_INTERNAL] = { "DW-INT-ERROR", 500, "critical",
                            N_ ("Something went wrong here. Your device is fine."), "A bug in Doorward.",
                            "Report the log lines of this request." },
};
