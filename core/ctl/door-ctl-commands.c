/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl.h"

#define SOURCE_OPTIONS                                                                                       \
  { "root", "DIR", "Check the files of a staged tree: DIR stands for the root of the file system.", false }, \
      { "config", "FILE",                                                                                    \
        "Read this file instead of the system's configuration; may be given several times, the later wins. " \
        "--file is another name of it.",                                                                     \
        true, "file" },                                                                                      \
      { "dev", NULL, "As for a server in development mode.", false },                                        \
  {                                                                                                          \
    "plugin-dir", "DIR", "Load plugins from this folder or its sub-folders, as in a build tree.", false      \
  }

static const DoorCommandOption check_options[] = { SOURCE_OPTIONS, { NULL } };

static const DoorCommandOption show_options[] = {
  SOURCE_OPTIONS,
  { "effective", NULL, "Show also what has a default.", false },
  { "origin", NULL, "Show where each value comes from.", false },
  { NULL },
};

static const DoorCommandOption set_options[] = {
  { "root", "DIR", "Change the files of a staged tree: DIR stands for the root of the file system.", false },
  { "dry-run", NULL, "Only tell what would change.", false },
  { "plugin-dir", "DIR", "Load plugins from this folder or its sub-folders, as in a build tree.", false },
  { NULL },
};

#define SERVER_OPTIONS                                                                                       \
  { "config", "FILE", "Read this file instead of the system's configuration.", false },                      \
      { "state-dir", "DIR", "The server's folder. Default: the one of the service.", false },                \
      { "dev", NULL, "As for a server in development mode.", false },                                        \
  {                                                                                                          \
    "plugin-dir", "DIR", "Load plugins from this folder or its sub-folders; needs --dev.", false             \
  }

#define PAGE_OPTIONS                                                                                         \
  { "limit", "N", "Show at most N rows; 500 if not given.", false },                                         \
  {                                                                                                          \
    "after", "ID", "Go on behind this row, named as the list shows it.", false                               \
  }

static const DoorCommandOption list_options[] = { SERVER_OPTIONS, PAGE_OPTIONS, { NULL } };
static const DoorCommandOption server_options[] = { SERVER_OPTIONS, { NULL } };
static const DoorCommandOption escrow_options[] = {
  SERVER_OPTIONS,
  { "enrollment", "ID",
    "Of this enrollment, of those that doorctl device show lists; without it, of the last.", false },
  { NULL },
};
static const DoorCommandOption connection_list_options[] = {
  SERVER_OPTIONS, { "after", "NAME", "Go on behind this one; a page has 500.", false }, { NULL }
};
static const DoorCommandOption connection_options[] = {
  SERVER_OPTIONS,
  { "metadata", "FILE", "The provider's metadata; - reads standard input.", false },
  { "metadata-url", "URL", "Where the provider publishes its metadata; it is read at once and from then on.",
    false },
  { NULL },
};
static const DoorCommandOption declaration_options[] = {
  SERVER_OPTIONS, { "team", "TEAM", "The team; without it, devices of no team.", false }, { NULL }
};
static const DoorCommandOption device_options[] = {
  SERVER_OPTIONS, { "brief", NULL, "Only whose the device is, in one line.", false }, { NULL }
};

static const DoorCommandOption device_command_options[] = {
  SERVER_OPTIONS,
  { "set", "KEY=VALUE", "A key of the command; a key given again is one more of a list. =@FILE takes a file.",
    true },
  { "plist", "FILE",
    "The command as a property list, in place of a RequestType; it gets another CommandUUID, see --uuid.",
    false },
  { "user", "KEY", "For the channel of this user of the device, by UserID or EnrollmentUserID.", false },
  { "uuid", "UUID", "Its id; the same command again under the same id is not queued twice.", false },
  { "force", NULL,
    "Send what is not known here (by --plist), is not what is published about it, or what the enrollment "
    "gives no right "
    "to.",
    false },
  { "wait", "DURATION", "Wait so long for the answer of the device, such as 60s.", false },
  { NULL },
};
static const DoorCommandOption reload_options[] = {
  { "dev", NULL, "The server is one in development mode, at RUNTIME_DIRECTORY.", false },
  { NULL },
};
static const DoorCommandOption device_commands_options[] = {
  SERVER_OPTIONS, { "after", "UUID", "Go on behind this one; a page has 500.", false }, { NULL }
};

static const DoorCommandOption idp_add_options[] = {
  { "name", "NAME", "Name of the connection, [idp/NAME]; that of the preset if not given.", false },
  { "metadata-url", "URL", "Where the provider publishes its metadata.", false },
  { "metadata-file", "FILE", "The provider's metadata as a file; - keeps what standard input has.", false },
  { "set", "KEY=VALUE", "Sets another key of [idp/NAME]; may be given several times.", true },
  { "use", "USES", "What it is for, separated by commas: the key Use=.", false },
  { "root", "DIR", "Change the files of a staged tree: DIR stands for the root of the file system.", false },
  { "dry-run", NULL, "Only tell what would change.", false },
  { "plugin-dir", "DIR", "Load plugins from this folder or its sub-folders, as in a build tree.", false },
  { NULL },
};

static const DoorCommandOption idp_instructions_options[] = {
  SOURCE_OPTIONS,
  { "name", "NAME", "Name that the connection will have; that of the preset if not given.", false },
  { "protocol", "PROTOCOL", "saml or oidc; SAML if not given, for a preset that speaks it.", false },
  { NULL },
};

static const DoorCommandOption idp_test_options[] = {
  SERVER_OPTIONS,
  { "offline", NULL, "Look at configuration and metadata only, and ask nobody.", false },
  { "interactive", NULL, "Wait for a real sign-in, and show what came of it.", false },
  { "ca", "FILE",
    "Certificate (PEM) of one more authority that may vouch for the provider, in this test only.", false },
  { NULL },
};

static const DoorCommandOption admin_preview_options[] = {
  SERVER_OPTIONS,
  { "last", NULL, "By the last sign-in of the administrator EMAIL.", false },
  { "idp", "NAME", "With --last: by the last one at this identity provider.", false },
  { "signin", NULL, "By the sign-in with this CODE, as doorctl signin list shows it.", false },
  { NULL },
};

static const DoorCommandOption signin_list_options[] = {
  SERVER_OPTIONS,
  { "failed", NULL, "Only those that were refused.", false },
  { "idp", "NAME", "Only those at this identity provider.", false },
  { "since", "DURATION", "Only the last 30min, 24h, 7d.", false },
  { "limit", "N", "Show at most N rows; 50 if not given.", false },
  { NULL },
};

static const DoorCommandOption saml_check_options[] = {
  { "metadata", "FILE", "Metadata of the identity provider.", false },
  { "idp-cert", "FILE",
    "Signing certificate of the identity provider, PEM or DER, in place of its metadata; may be given "
    "several times.",
    true },
  { "idp-entity", "ID",
    "Entity id of the identity provider; needed with --idp-cert, and to choose one of several in --metadata.",
    false },
  { "sp-entity", "ID", "Our entity id, which the message must be meant for.", false },
  { "acs", "URL", "Our address that the message was sent to.", false },
  { "request-id", "ID",
    "Id of the request that it must answer. If not given, an answer to any request and to none is accepted.",
    false },
  { "at", "TIME", "The time it is judged by, 2026-01-01T12:01:00Z or seconds since 1970; now if not given.",
    false },
  { "clock-skew", "DURATION", "How far clocks may differ; as ClockSkew= of [sign-in], 90s if not given.",
    false },
  { "sp-key", "FILE",
    "Our private key, PEM or DER, that an assertion is encrypted for; may be given several times.", true },
  { "want", "PART", "What must be signed: response, assertion, both, or any if not given.", false },
  { "allow", "WORDS",
    "What is weak and tolerated: sha1 in signatures, rsa15 for the key of an encrypted assertion, or both "
    "with a comma between. The server itself never takes rsa15.",
    false },
  { NULL },
};

static const DoorCommandOption sp_metadata_options[] = {
  SERVER_OPTIONS, { "signed", NULL, "Sign the metadata, with the key that signs requests.", false }, { NULL }
};
static const DoorCommandOption rotate_options[] = {
  SERVER_OPTIONS, { "finish", NULL, "The provider has the new key: use it.", false }, { NULL }
};

#define TEAM_OPTION                                                                                          \
  {                                                                                                          \
    "team", "NAME", "The role holds in this team only; may be given several times.", true                    \
  }

static const DoorCommandOption admin_add_options[] = {
  SERVER_OPTIONS,
  { "role", "ROLE", "admin, maintainer, observer_plus, observer, technician or helpdesk.", false },
  TEAM_OPTION,
  { "name", "NAME", "The name people read. Default: the one the provider says.", false },
  { "no-sso", NULL, "Single sign-on is off: nobody can sign in until it is switched on.", false },
  { "password-file", "FILE",
    "The administrator signs in with a password, the first line of the file, and not through a provider; - "
    "reads standard input.",
    false },
  { "api-only", NULL, "For the API, not for pages.", false },
  { NULL },
};
static const DoorCommandOption admin_password_options[] = {
  SERVER_OPTIONS,
  { "password-file", "FILE", "Read the password from the first line of this file.", false },
  { "no-sso", NULL, "Switch single sign-on off in the same step.", false },
  { "remove", NULL, "Take the password away.", false },
  { NULL },
};
static const DoorCommandOption token_options[] = {
  SERVER_OPTIONS, { "days", "N", "How long it works, at most 365; 90 if not given.", false }, { NULL }
};
static const DoorCommandOption enroll_link_options[] = {
  SERVER_OPTIONS,
  { "team", "TEAM", "The team that devices enroll into; none if not given.", false },
  { "expires", "TIME", "How long the link works, such as 14d, at most 365d; 14d if not given.", false },
  { "uses", "N", "How many devices may enroll by it; any number if not given.", false },
  { NULL },
};
static const DoorCommandOption admin_role_options[] = { SERVER_OPTIONS, TEAM_OPTION, { NULL } };

static const DoorCommandOption dep_keypair_options[] = {
  SERVER_OPTIONS, { "output", "FILE", "Write the certificate to this file.", false }, { NULL }
};
static const DoorCommandOption dep_sync_options[] = {
  SERVER_OPTIONS,
  { "full", NULL, "Read the whole list, not only what has changed.", false },
  { "json-progress", NULL, "Tell progress on standard error as lines of JSON.", false },
  { NULL },
};
static const DoorCommandOption dep_devices_options[] = {
  SERVER_OPTIONS,
  PAGE_OPTIONS,
  { "team", "NAME", "Only those of this team; an empty name for those of none.", false, NULL, true },
  { "serial", "SERIAL", "Only this device, also if it has left.", false },
  { NULL },
};
static const DoorCommandOption dep_assign_options[] = {
  SERVER_OPTIONS, { "team", "NAME", "The team; an empty name for none.", false, NULL, true }, { NULL }
};
static const DoorCommandOption dep_remove_options[] = {
  SERVER_OPTIONS,
  { "keep-profiles", NULL, "Do not ask Apple to take our profiles off the devices.", false },
  { NULL },
};
static const DoorCommandOption apns_import_options[] = {
  SERVER_OPTIONS,
  { "key", "FILE", "The private key (PEM), if doorctl apns request did not make it.", false },
  { "new-topic", NULL, "Take it although devices are enrolled with another topic.", false },
  { NULL },
};
static const DoorCommandOption apns_remove_options[] = {
  SERVER_OPTIONS, { "force", NULL, "Also when devices are enrolled with its topic.", false }, { NULL }
};

static const DoorCommandOption common_options[] = {
  { "json", NULL, "Print one JSON document, also when the command fails.", false },
  { "help", NULL, "Show help.", false },
  { "version", NULL, "Show the version.", false },
  { NULL },
};

static const DoorCtlCommand commands[] = {
  { "config", "check", NULL, 0, 0, check_options, "Check the configuration",
    "Reads the configuration as the server would and prints every problem with its file and line, its "
    "catalogue "
    "id and what to do, and warnings of what works and should be changed. Needs neither a running server "
    "nor, for --root and --config, root. With --config the owners and modes of the files are not looked at; "
    "with "
    "--root "
    "neither is what they refer to: secrets, certificates, metadata. For a server in development mode, --dev "
    "is needed here too. Certificates and metadata in files that end within 30 days are noted; a note is no "
    "problem. The exit status is 4 when there are problems; warnings are none.",
    door_ctl_config_check },
  { "config", "show", NULL, 0, 0, show_options, "Show the configuration as it is understood",
    "Prints the merged configuration in the syntax of the files. A secret is shown as its reference and "
    "whether "
    "it can be read, never as its value.",
    door_ctl_config_show },
  { "config", "set", "GROUP KEY=VALUE...", 2, 64, set_options, "Set keys in a file of its own",
    "Sets keys of one group, idp/NAME for example, in conf.d/90-doorctl.conf, and keeps what else stands in "
    "that "
    "file. The configuration is checked with the change as config check does; what would make it wrong is "
    "not "
    "written: keys that need each other are set at once. To go back to a default, take the line out of that "
    "file. Prints what "
    "changes, never a value: ~ for a key, + and - for an object, ! for what needs a restart. A running "
    "server "
    "takes it with config reload. The exit status is 2 when the file says so already.",
    door_ctl_config_set, DOOR_CTL_WORDS_KEYS },
  { "config", "reload", NULL, 0, 0, reload_options, "Let the running server read its configuration again",
    "Asks the running server to read its configuration again and prints what came of it; SIGHUP and "
    "systemctl "
    "reload doorward do the same and only log it. It prints ~ for a key, and for a "
    "document of [eula/NAME] whose file is another, + and - for an object, ! for what needs a restart, never "
    "a value. With any error nothing changes, all errors are printed and the exit status is "
    "1. "
    "The exit status is 2 when nothing has changed; certificates, keys and metadata files are read again all "
    "the same. Root and the server's user may ask.",
    door_ctl_config_reload },
  { "doctor", NULL, NULL, 0, 0, server_options, "Tell what is wrong, or will be soon",
    "Looks at the configuration, the database, certificates, and the metadata and keys of every identity "
    "provider, whether the server runs or not. Each line has an id, ok, warn or fail, and for the last two a "
    "command that helps. What ends within 30 days is a warning. The exit status is 4 when something has "
    "failed; warnings are no failure.",
    door_ctl_doctor },
  { "state-key", "replace", NULL, 0, 0, server_options, "Begin again when the state key is lost for good",
    "Makes the state key that is there now, or a new one where there is none, the one of this database, and "
    "tells what was sealed with the former one and what is to be done about it. Keys that the server makes "
    "by "
    "itself are removed if they do not open. Stop all instances on the database before: one that runs goes "
    "on with the former key; who still has "
    "that key puts it back instead. A repeat tells again what does not open. The exit status is 2 when "
    "nothing "
    "was changed.",
    door_ctl_state_key_replace },
  { "explain", NULL, "CODE", 1, 1, server_options, "Explain a sign-in or an entry of the error catalogue",
    "Given a code such as K7Q4-9XMD from an error page, prints the record of that sign-in: what was wrong "
    "and what to do. Given an id such as DW-SAML-AUDIENCE, prints what it means, what the person on the "
    "device "
    "sees, and what to do.",
    door_ctl_explain, DOOR_CTL_WORDS_FAULT },
  { "plugin", "list", NULL, 0, 0, check_options, "List plugins",
    "Lists the plugins in [plugins] Load and those installed beside them: what they bring, and why one is "
    "not "
    "loaded. The exit status is 4 when one cannot be loaded.",
    door_ctl_plugin_list },
  { "idp", "add", "PRESET", 1, 1, idp_add_options, "Add an identity provider",
    "Writes [idp/NAME] to conf.d/50-idp-NAME.conf, adds the plugin of its type to [plugins] Load in "
    "conf.d/90-doorctl.conf, "
    "and prints the values to paste at the provider. The whole configuration is checked with it before; what "
    "would make it "
    "wrong is not written. PRESET is the name of a plugin; doorctl plugin list has those that are installed, "
    "and saml fits every SAML 2.0 "
    "provider.",
    door_ctl_idp_add },
  { "idp", "instructions", "PRESET", 1, 1, idp_instructions_options,
    "Show what to do at an identity provider",
    "Shows where to click at a provider and what to enter there, under its own names of the fields, before "
    "there is a "
    "connection to it; then how its metadata comes here, the keys that only its type has, what to mind, and "
    "what its own "
    "errors mean.",
    door_ctl_idp_instructions },
  { "idp", "show", "NAME", 1, 1, server_options, "Show what to enter at an identity provider",
    "Shows the values of this server that an identity provider needs, under the provider's own field names, "
    "and "
    "what to mind there.",
    door_ctl_idp_show, DOOR_CTL_WORDS_IDP },
  { "idp", "test", "NAME", 1, 1, idp_test_options, "Test the connection to an identity provider",
    "Tests what can be tested without a person: configuration, metadata and its certificates as the server "
    "has them; then the "
    "metadata as the provider gives it now, its sign-in page with its certificate, and how far its clock is "
    "from ours. A line "
    "for each with ok, warn or fail, and a next step. The server may run or not, and nothing is changed. The "
    "exit status is "
    "4 when something fails. With --interactive it prints an address, on the standard error, and waits for "
    "somebody to sign in there: at most 15 minutes, and the address works once. Then it shows what the "
    "provider "
    "sent, which checks it passed or which one refused it, and what it leads to: identity, groups, whether "
    "the "
    "person may enroll, and the roles of an administrator. Nothing is enrolled, nobody is signed in, and "
    "what was "
    "shown is kept nowhere. The server must run; for --interactive any Use= will do.",
    door_ctl_idp_test, DOOR_CTL_WORDS_IDP },
  { "idp", "list", NULL, 0, 0, server_options, "List identity providers",
    "Lists the identity providers of the configuration that are usable.", door_ctl_idp_list },
  { "idp", "set-metadata", "NAME FILE", 2, 2, server_options, "Put the metadata of an identity provider in",
    "For an [idp/NAME] with MetadataUpload=true: checks metadata from a file, or from the standard input for "
    "-, and stores it in the database in place of what was there. All servers on that database take it "
    "within "
    "a minute, whether they run or start later. The entity id must be the one before, unless EntityId= names "
    "the new one.",
    door_ctl_idp_set_metadata, DOOR_CTL_WORDS_IDP },
  { "idp", "adopt", "NAME FORMER", 2, 2, server_options,
    "Say that a connection takes the place of one that is gone",
    "People belong to the connection by which they came first, and nobody else may speak for them, whatever "
    "it "
    "calls itself. When that one is gone, as after its name was changed in a file, they cannot sign in: this "
    "says that administrators and people known by FORMER are those of NAME from now on. FORMER must not be "
    "there any more. Be sure that NAME is the same provider: it can sign in as any of them.",
    door_ctl_idp_adopt, DOOR_CTL_WORDS_IDP },
  { "idp", "refresh", "NAME", 1, 1, server_options, "Fetch the metadata of an identity provider now",
    "Fetches MetadataUrl as the server does, and stores what came. A running server takes it within a "
    "minute. "
    "A key that is not there any more is accepted until it has been missing twice: to be rid of it now, "
    "refresh twice.",
    door_ctl_idp_refresh, DOOR_CTL_WORDS_IDP },
  { "idp", "sp-metadata", "NAME", 1, 1, sp_metadata_options, "Print this server's metadata for a provider",
    "Prints what an identity provider imports about this server: addresses, the certificates of the keys "
    "that "
    "sign requests and, where Encryption= is on, of the key to encrypt for. The server gives the same, "
    "unsigned, at /saml/NAME/metadata. A key that does not exist yet is made.",
    door_ctl_idp_sp_metadata, DOOR_CTL_WORDS_IDP },
  { "idp", "rotate-key", "NAME", 1, 1, rotate_options, "Change the keys towards a provider",
    "Makes a new key beside the one in use, for signing and, where Encryption= is on, for encryption. The "
    "metadata has both from then on: import it at the provider again. Then run the command with --finish: "
    "the "
    "new key is used, and the former one is published no more. It still decrypts until the next change, for "
    "providers that are slow to forget it. With ClientAuth=private_key_jwt it is the key of that, and the "
    "provider reads /oidc/NAME/jwks.json in place of metadata. A running server needs no restart.",
    door_ctl_idp_rotate_key, DOOR_CTL_WORDS_IDP },
  { "connection", "add", "NAME KEY=VALUE...", 1, 64, connection_options, "Make a connection in the database",
    "Makes an identity provider that stands in no file but in the database, so that every server on it has "
    "it. The keys are those of [idp/NAME] in doorward.conf(5), but for those that name a source of metadata; "
    "Type=saml if none is given. Without metadata nobody can sign in yet, but entity id, ACS and start "
    "address are there for the provider, and stay. A running server takes it within seconds.",
    door_ctl_connection_add },
  { "connection", "list", NULL, 0, 0, connection_list_options, "List connections",
    "Lists the connections of the database and the usable ones of the files, by name.",
    door_ctl_connection_list },
  { "connection", "show", "NAME", 1, 1, server_options, "Show a connection and its addresses",
    "Shows what the identity provider needs to know of this server, and what is known of it.",
    door_ctl_connection_show },
  { "connection", "set-metadata", "NAME FILE", 2, 2, server_options, "Give a connection its metadata",
    "Replaces all that is known of the provider by a file, - for standard input, or an https address. Of "
    "what "
    "was there before, nothing is left; it may be another provider.",
    door_ctl_connection_set_metadata },
  { "connection", "remove", "NAME", 1, 1, server_options, "Remove a connection from the database",
    "Nobody can sign in there any more. The name is not given again: people are still known by it.",
    door_ctl_connection_remove },
  { "signin", "list", NULL, 0, 0, signin_list_options, "List sign-ins",
    "Lists the latest sign-ins, accepted and refused, with the code of each. Records are kept for [sign-in] "
    "AttemptRetention.",
    door_ctl_signin_list },
  { "signin", "show", "CODE", 1, 1, server_options, "Show a sign-in: its checks and what was received",
    "Shows the record of a sign-in, by its code such as K7Q4-9XMD: what was wrong and what to do, which "
    "checks the answer "
    "passed, and what it said: ids, issuers, times, audience, what was signed and how, NameID and "
    "attributes. Of a NameID or "
    "value of an attribute the domain, the length and a keyed hash are kept, the value itself only if "
    "LogPersonalData= is on. "
    "Signatures, certificates and what is encrypted are never kept.",
    door_ctl_signin_show },
  { "saml", "check", "FILE", 1, 1, saml_check_options, "Verify a captured SAML response",
    "Verifies a SAML response that was captured somewhere, as the server would, at a time of one's choice: "
    "the XML "
    "itself, or base64 as the form field SAMLResponse has it; - reads standard input. Needs neither a "
    "configuration nor a server, "
    "and remembers nothing: that an answer comes once only, and to the browser that asked, is not looked at. "
    "Prints "
    "one JSON document in any case: who it is about, with the exit status 0; or the rule that refused it, "
    "with the "
    "exit status 1, which metadata that cannot be used has too. With 64 the command line, or a file it "
    "names, "
    "could not be used.",
    door_ctl_saml_check },
  { "apns", "request", "FILE", 1, 1, server_options, "Begin to make or renew a push certificate",
    "Makes a private key, which is kept in the database, sealed, and writes a certificate request into a new "
    "file. Prints what to do with it: a vendor has to sign it before Apple takes it.",
    door_ctl_apns_request },
  { "apns", "import", "CERT", 1, 1, apns_import_options, "Take a push certificate in",
    "Reads a push certificate (PEM) from Apple, and maybe those above it, and keeps it in the database; a "
    "running server uses it within seconds, without a restart. Its key is the one of doorctl apns request, "
    "the "
    "one of the certificate that it renews, or that of --key. A renewal has the same topic. One with another "
    "topic is refused as long as devices are enrolled with the former: they could not be pushed any more.",
    door_ctl_apns_import },
  { "apns", "list", NULL, 0, 0, server_options, "List push certificates",
    "Lists the push certificates, the one of the configuration first, then the one imported last, with their "
    "ends and how many enrollments depend on each.",
    door_ctl_apns_list },
  { "apns", "show", "TOPIC", 1, 1, server_options, "Show a push certificate",
    "Shows the subject, serial number and digest of a push certificate.", door_ctl_apns_show },
  { "apns", "remove", "TOPIC", 1, 1, apns_remove_options, "Remove a push certificate",
    "Takes a push certificate and its key out of the database. Refused while devices are enrolled with its "
    "topic.",
    door_ctl_apns_remove },
  { "apns", "test", "DEVICE", 1, 1, server_options, "Push a device",
    "Has the running server push a device, named as for device show, and tells what APNs answered. The exit "
    "status is 4 when it did not take the push, or nothing was sent within 15 seconds.",
    door_ctl_apns_test },
  { "dep", "keypair", "NAME", 1, 1, dep_keypair_options, "Prepare a server of Apple Business Manager",
    "Makes a key for a server of Apple Business Manager or Apple School Manager, keeps it sealed in the "
    "database, and gives its certificate, which is uploaded there. NAME is what the server is called here, "
    "[ade/NAME] says what becomes of its devices. A repeat gives the same certificate.",
    door_ctl_dep_keypair },
  { "dep", "import-token", "NAME FILE", 2, 2, server_options, "Import a server token",
    "Opens the server token that Apple gives (a .p7m file, unchanged; - reads standard input) and keeps it "
    "sealed in the database, in place of the one before. It is good for a year.",
    door_ctl_dep_import_token },
  { "dep", "list", NULL, 0, 0, server_options, "List servers of Apple Business Manager",
    "Lists them with their organization, when Apple was asked last, and what is wrong.", door_ctl_dep_list },
  { "dep", "show", "NAME", 1, 1, server_options, "Show a server of Apple Business Manager",
    "Shows when its token ends, how far its list was read, how many devices it has and how many wait for "
    "their profile. The exit status is 4 when something is wrong with it.",
    door_ctl_dep_show },
  { "dep", "sync", "NAME", 1, 1, dep_sync_options, "Ask Apple for devices now",
    "Reads the devices of a server and gives them the profiles of their teams, as the server does by itself "
    "every SyncInterval. Progress goes to standard error. Ctrl-C ends it: what was read stays, and the next "
    "run goes on there. Where the server is at it, this waits until it has ended.",
    door_ctl_dep_sync },
  { "dep", "devices", NULL, 0, 0, dep_devices_options, "List devices of Apple Business Manager",
    "Lists the devices that Apple assigns to this server, whether they have enrolled or not, with their "
    "teams "
    "and whether they have got the profile of their team.",
    door_ctl_dep_devices },
  { "dep", "assign", "SERIAL", 1, 1, dep_assign_options, "Give a device a team before it enrolls",
    "The device enrolls by the rules of that team, whatever DefaultTeam says, and gets the profile of the "
    "team from Apple. --team is needed; --team= with nothing behind it makes it one of none.",
    door_ctl_dep_assign },
  { "dep", "remove", "NAME", 1, 1, dep_remove_options, "Remove a server of Apple Business Manager",
    "Asks Apple to take our profiles off its devices, then forgets key, token and devices. Devices that have "
    "enrolled stay enrolled.",
    door_ctl_dep_remove },
  { "enroll-link", "create", NULL, 0, 0, enroll_link_options, "Make an enrollment link",
    "Makes an address to hand out, at which people sign in and enroll their iPhone, iPad or Mac as a whole, "
    "and "
    "prints it: it is shown this once. Such a device can be neither locked nor erased from here. The link "
    "ends "
    "after --expires, when --uses devices have enrolled, and with enroll-link revoke.",
    door_ctl_enroll_link_create },
  { "enroll-link", "list", NULL, 0, 0, list_options, "List enrollment links",
    "Lists enrollment links with their teams, when they end and how many devices have enrolled.",
    door_ctl_enroll_link_list },
  { "enroll-link", "revoke", "ID", 1, 1, server_options, "Revoke an enrollment link",
    "Ends a link at once, also for those who have signed in by it and not enrolled yet. Devices that have "
    "enrolled stay.",
    door_ctl_enroll_link_revoke },
  { "eula", "list", NULL, 0, 0, server_options, "List the documents that people must agree to",
    "Shows each [eula/NAME] with its version, and the hash of each of its files as they are now, and how "
    "many people have agreed to it. Former versions that anybody has agreed to are listed too.",
    door_ctl_eula_list },
  { "eula", "acceptances", "NAME", 1, 1, list_options, "List who has agreed to a document",
    "Lists who has agreed to [eula/NAME], the latest first: when, to which version, in which language, on "
    "which device and from which address, and the hash of the file that was shown. Nothing of this is ever "
    "removed.",
    door_ctl_eula_acceptances },
  { "device", "list", NULL, 0, 0, list_options, "List devices and their owners",
    "Lists the devices that are or were enrolled, with their present owners, in an order that does not "
    "change. Reads the "
    "database "
    "directly; the server may run or not.",
    door_ctl_device_list },
  { "device", "show", "DEVICE", 1, 1, device_options, "Show a device, its people and its enrollments",
    "Shows a device, named by id, UDID, EnrollmentID or serial number: what it is, whose it is and was, how "
    "that is known, its enrollments, when their identity certificates end and whether they are being "
    "renewed, "
    "and when an agent of osquery has confirmed it.",
    door_ctl_device_show },
  { "device", "command", "DEVICE [REQUEST-TYPE]", 1, 2, device_command_options, "Have a device do something",
    "Queues a command for a device, named by id, UDID, EnrollmentID or serial number, and has it pushed. The "
    "command is a RequestType such as DeviceInformation with keys by --set, or a property list. It is "
    "checked "
    "by what Apple publishes about it, whose names it has, and by the rights that the enrollment gives; what "
    "is not known of the device is a warning. With --wait the exit status is 4 when the device "
    "says "
    "that it failed, and 2 when it has not answered in time; the command stays queued then. Who it was is "
    "written into the log, the keys are not.",
    door_ctl_device_command },
  { "device", "commands", "DEVICE", 1, 1, device_commands_options, "List the commands of a device",
    "Lists what a device was told to do, the latest first: queued, sent, not-now when the device has put it "
    "off, "
    "acknowledged, error, format-error when it could not read it, or cancelled. What is done is kept for "
    "[commands] ResultRetention.",
    door_ctl_device_commands },
  { "device", "declarations", "DEVICE", 1, 1, server_options, "Show what a device says of its declarations",
    "Lists the declarations of its team with what the device, or a user of it, reported last: active or not, "
    "valid, invalid or unknown, when, and the reasons. A declaration that nothing was reported of is not "
    "listed.",
    door_ctl_device_declarations },
  { "device", "command-show", "DEVICE UUID", 2, 2, server_options, "Show a command and its answer",
    "Shows a command with the errors and the property list that the device answered. The exit status is 4 "
    "when "
    "it failed.",
    door_ctl_device_command_show },
  { "device", "command-cancel", "DEVICE UUID", 2, 2, server_options, "Take a command back",
    "Takes a command back that was not sent, or that the device has put off.",
    door_ctl_device_command_cancel },
  { "device", "end", "DEVICE", 1, 1, server_options, "End the enrollment of a device",
    "Ends an enrollment from this side: its certificates are revoked, what is queued is cancelled, and the "
    "device "
    "is nobody's. Nothing is sent to the device; send RemoveProfile or EraseDevice before if it is to be. "
    "What it says from now on is refused, until it enrolls again.",
    door_ctl_device_end },
  { "device", "renew", "DEVICE", 1, 1, server_options, "Have a device renew its identity certificate",
    "Has a device renew its identity certificate now: the server sends it its enrollment profile again and "
    "pushes it, as it does by itself when the end is near (RenewBefore in doorward.conf(5)). Its owner does "
    "nothing and stays its owner. doorctl device show says how far it is. After its end a certificate cannot "
    "be renewed; then the device must be enrolled again.",
    door_ctl_device_renew },
  { "device", "unlock-token", "DEVICE", 1, 1, escrow_options, "Show with what a passcode is cleared",
    "Shows the unlock token that a device, named by id, UDID, EnrollmentID or serial number, has left with "
    "its last enrollment, in base64. Who has it can open the device: it is for root alone, and each time is "
    "noted in the log.",
    door_ctl_device_unlock_token },
  { "device", "bootstrap-token", "DEVICE", 1, 1, escrow_options, "Show the bootstrap token of a device",
    "Shows the bootstrap token that a device, named by id, UDID, EnrollmentID or serial number, has left "
    "with its last enrollment, in base64. It is for root alone, and each time is noted in the log.",
    door_ctl_device_bootstrap_token },
  { "device", "admin-password", "DEVICE", 1, 1, escrow_options,
    "Show the password of a managed administrator",
    "Shows the account and the password of the administrator that a Mac, named by id, UDID, EnrollmentID or "
    "serial number, was given in Setup Assistant (ManagedAdmin in doorward.conf(5)). It is for root alone, "
    "and each time is noted in the log.",
    door_ctl_device_admin_password },
  { "person", "list", NULL, 0, 0, list_options, "List people",
    "Lists the people who have signed in, ordered by id.", door_ctl_person_list },
  { "person", "show", "NAME", 1, 1, server_options, "Show a person, their identities and devices",
    "Shows a person, named by e-mail address, user name or id: identities at the identity providers, and the "
    "devices that are and were theirs.",
    door_ctl_person_show },
  { "declaration", "list", NULL, 0, 0, declaration_options, "List the declarations of a team",
    "Lists what devices of a team are told by declarative management, or devices of no team without --team.",
    door_ctl_declaration_list },
  { "declaration", "show", "IDENTIFIER", 1, 1, declaration_options, "Show a declaration",
    "Shows a declaration as devices get it.", door_ctl_declaration_show },
  { "declaration", "set", "FILE", 1, 1, declaration_options, "Add or change a declaration",
    "Reads a declaration from a file, or from standard input for -: an object with Identifier, Type and "
    "Payload as Apple describes them. An Identifier keeps its Type, and the configurations that an "
    "activation names must be there. Every device of the team is told, which a running server does by and "
    "by. What the Payload says is judged by the devices; doorctl device declarations shows what they said. A "
    "team has at most 200.",
    door_ctl_declaration_set },
  { "declaration", "remove", "IDENTIFIER", 1, 1, declaration_options, "Remove a declaration",
    "Takes a declaration from a team, unless an activation needs it. Every device of the team is told.",
    door_ctl_declaration_remove },
  { "admin", "list", NULL, 0, 0, list_options, "List administrators",
    "Lists those who administer the server, with their roles.", door_ctl_admin_list },
  { "admin", "show", "NAME", 1, 1, server_options, "Show an administrator",
    "Shows an administrator, named by e-mail address or id: state, single sign-on, roles, identities.",
    door_ctl_admin_show },
  { "admin", "add", "EMAIL", 1, 1, admin_add_options, "Add an administrator",
    "Adds somebody who may sign in at /admin/login, with the role of --role. At the first sign-in the "
    "account "
    "is joined with the person that the identity provider names with this e-mail address. With "
    "--password-file somebody who signs in with a password, where Passwords=true in [admin] allows it.",
    door_ctl_admin_add },
  { "admin", "set-role", "NAME ROLE", 2, 2, admin_role_options, "Change the role of an administrator",
    "Gives an administrator one role, everywhere or in the teams of --team, in place of all they had, and "
    "ends "
    "their sessions. The last one with the role admin everywhere keeps it.",
    door_ctl_admin_set_role },
  { "admin", "set-sso", "NAME on|off", 2, 2, server_options, "Switch single sign-on of an administrator",
    "With off the administrator cannot sign in through an identity provider, and all their sessions end.",
    door_ctl_admin_set_sso },
  { "admin", "password", "NAME", 1, 1, admin_password_options, "Set the password of an administrator",
    "Reads a password from the first line of standard input, or of a file, never from the command line: at "
    "least 12 characters and at most 1024 bytes. Who has one signs in with it where Passwords=true in "
    "[admin] "
    "allows it, and not through a provider: --no-sso switches that off. All sessions and tokens of the "
    "administrator end.",
    door_ctl_admin_password },
  { "admin", "deactivate", "NAME", 1, 1, server_options, "Deactivate an administrator",
    "Nobody can sign in with the account any more, and all its sessions end. Nothing is deleted.",
    door_ctl_admin_deactivate },
  { "admin", "activate", "NAME", 1, 1, server_options, "Activate an administrator",
    "Undoes admin deactivate.", door_ctl_admin_activate },
  { "admin", "unlink", "NAME", 1, 1, server_options, "Forget who an administrator is at the providers",
    "The next sign-in with the e-mail address of the account is joined with it, as at the first time. All "
    "sessions of the account end.",
    door_ctl_admin_unlink },
  { "admin", "sessions", "NAME", 1, 1, server_options, "List sessions of an administrator",
    "Lists where an administrator is and was signed in, the newest first.", door_ctl_admin_sessions },
  { "admin", "end-sessions", "NAME", 1, 1, server_options, "Sign an administrator out everywhere",
    "Ends all sessions of an administrator at once, on every instance.", door_ctl_admin_end_sessions },
  { "admin", "preview", "FILE|EMAIL|CODE", 1, 1, admin_preview_options, "Show which roles somebody would get",
    "Prints the roles that a sign-in would give by the rules of [admin] as they are now: to try other rules, "
    "name "
    "another file with --config. What the provider sent is taken from a FILE: a JSON object with any of "
    "email, attributes (names with a text or a list of texts) and groups (a list of texts). With --last it "
    "is "
    "what came at the last sign-in of the administrator EMAIL, with --signin at the one of CODE, accepted or "
    "refused. Of a verified sign-in of an administrator the record keeps the attributes that name roles and, "
    "where groups give roles, the groups, for [sign-in] AttemptRetention. Changes nothing. The exit status "
    "is "
    "4 when the sign-in would be refused.",
    door_ctl_admin_preview },
  { "token", "create", "ADMINISTRATOR NAME", 2, 2, token_options, "Make a personal access token",
    "Makes a token with which a program may do over the API what the administrator may, and prints it: it is "
    "shown this once. NAME says what it is for. It ends after --days, with token revoke, and when the "
    "account "
    "is deactivated, unlinked, or single sign-on is switched off for it.",
    door_ctl_token_create },
  { "token", "list", "ADMINISTRATOR", 1, 1, server_options, "List the tokens of an administrator",
    "Lists personal access tokens with their names, when they end and when they were last used.",
    door_ctl_token_list },
  { "token", "revoke", "ADMINISTRATOR ID", 2, 2, server_options, "Revoke a personal access token",
    "Ends a token at once, on every instance.", door_ctl_token_revoke },
  { NULL },
};

/**
 * door_ctl_list_commands:
 *
 * Returns: (transfer none) (array zero-terminated=1): all commands; a %NULL noun ends them
 */
const DoorCtlCommand *
door_ctl_list_commands (void)
{
  return commands;
}

/**
 * door_ctl_list_common_options:
 *
 * Returns: (transfer none) (array zero-terminated=1): the options every command has
 */
const DoorCommandOption *
door_ctl_list_common_options (void)
{
  return common_options;
}
