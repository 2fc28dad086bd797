/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-checkin-message.h"
#include "door-command-report.h"
#include "door-error.h"
#include "door-machine-info.h"
#include "door-os-version.h"
#include "door-model-family.h"
#include "test-data.h"

#define ID "5D1E0A4C-93A7-4E1B-8C5C-0B6C3F1A2D77"
#define TOPIC "com.apple.mgmt.External.11111111-2222-3333-4444-555555555555"

#define KEY(name, value) "<key>" name "</key>" value
#define STRING(name, value) KEY (name, "<string>" value "</string>")
#define AUTHENTICATE                                                                                         \
  STRING ("MessageType", "Authenticate") STRING ("Topic", TOPIC) STRING ("EnrollmentID", ID)
#define TOKEN_UPDATE STRING ("MessageType", "TokenUpdate") STRING ("Topic", TOPIC) STRING ("EnrollmentID", ID)
#define MAC(type) STRING ("MessageType", type) STRING ("UDID", "u-1")
#define USER STRING ("UserID", "501")
#define TOKEN KEY ("Token", "<data>AAEC</data>")
#define MAGIC STRING ("PushMagic", "m")

static GBytes *
load (const char *name)
{
  return test_data_load ("mdm", name);
}

static GBytes *
wrap (const char *keys)
{
  char *text = g_strdup_printf ("<plist version=\"1.0\"><dict>%s</dict></plist>", keys);

  return g_bytes_new_take (text, strlen (text));
}

static void
test_authenticate (void)
{
  g_autoptr (GBytes) body = load ("authenticate-byod.plist");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCheckinMessage) message = door_checkin_message_parse (body, &error);

  g_assert_no_error (error);
  g_assert_cmpint (door_checkin_message_get_message_type (message), ==, DOOR_CHECKIN_AUTHENTICATE);
  g_assert_cmpstr (door_checkin_message_get_type_name (message), ==, "Authenticate");
  g_assert_cmpint (door_checkin_message_get_id_kind (message), ==, DOOR_ENROLLMENT_ID_ENROLLMENT);
  g_assert_cmpstr (door_checkin_message_get_id (message), ==, ID);
  g_assert_cmpstr (door_checkin_message_get_topic (message), ==, TOPIC);
  g_assert_cmpstr (door_checkin_message_get_detail (message, DOOR_CHECKIN_PRODUCT_NAME), ==, "iPhone12,1");
  g_assert_cmpstr (door_checkin_message_get_detail (message, DOOR_CHECKIN_OS_VERSION), ==, "18.2.1");
  g_assert_cmpstr (door_checkin_message_get_detail (message, DOOR_CHECKIN_BUILD_VERSION), ==, "22C161");
  g_assert_null (door_checkin_message_get_detail (message, DOOR_CHECKIN_DEVICE_NAME));
  g_assert_null (door_checkin_message_get_token (message));
  g_assert_null (door_checkin_message_get_push_magic (message));
}

static void
test_authenticate_mac (void)
{
  g_autoptr (GBytes) body = load ("authenticate-mac.plist");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCheckinMessage) message = door_checkin_message_parse (body, &error);

  g_assert_no_error (error);
  g_assert_cmpint (door_checkin_message_get_id_kind (message), ==, DOOR_ENROLLMENT_ID_UDID);
  g_assert_cmpstr (door_checkin_message_get_id (message), ==, "00008112-000A1B2C3D4E5F60");
  g_assert_cmpstr (door_checkin_message_get_detail (message, DOOR_CHECKIN_DEVICE_NAME), ==, "Annas Büro-Mac");
  g_assert_cmpstr (door_checkin_message_get_detail (message, DOOR_CHECKIN_MODEL), ==, "Mac14,2");
  g_assert_cmpstr (door_checkin_message_get_detail (message, DOOR_CHECKIN_MODEL_NAME), ==, "MacBook Air");
  g_assert_cmpstr (door_checkin_message_get_detail (message, DOOR_CHECKIN_SERIAL_NUMBER), ==, "C02TEST00001");
}

static void
test_token_update (void)
{
  g_autoptr (GBytes) body = load ("token-update-byod.plist");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCheckinMessage) message = door_checkin_message_parse (body, &error);
  uint8_t token[32];

  for (size_t i = 0; i < sizeof token; i++)
    token[i] = (uint8_t) i;
  g_assert_no_error (error);
  g_assert_cmpint (door_checkin_message_get_message_type (message), ==, DOOR_CHECKIN_TOKEN_UPDATE);
  g_assert_cmpstr (door_checkin_message_get_type_name (message), ==, "TokenUpdate");
  g_assert_cmpmem (g_bytes_get_data (door_checkin_message_get_token (message), NULL),
                   g_bytes_get_size (door_checkin_message_get_token (message)), token, sizeof token);
  g_assert_cmpstr (door_checkin_message_get_push_magic (message), ==, "0E4B2F5A-7C11-4A0E-9F60-2B1D5C7E9A33");
}

static void
test_check_out (void)
{
  g_autoptr (GBytes) body = load ("check-out-byod.plist");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCheckinMessage) message = door_checkin_message_parse (body, &error);

  g_assert_no_error (error);
  g_assert_cmpint (door_checkin_message_get_message_type (message), ==, DOOR_CHECKIN_CHECK_OUT);
  g_assert_cmpstr (door_checkin_message_get_type_name (message), ==, "CheckOut");
}

static void
test_id_precedence (void)
{
  g_autoptr (GBytes) body = wrap (AUTHENTICATE STRING ("UDID", "u-1"));
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCheckinMessage) message = door_checkin_message_parse (body, &error);

  g_assert_no_error (error);
  g_assert_cmpint (door_checkin_message_get_id_kind (message), ==, DOOR_ENROLLMENT_ID_UDID);
  g_assert_cmpstr (door_checkin_message_get_id (message), ==, "u-1");
}

/* A user enrollment must not tell which device it is. */
static void
test_serial_dropped (void)
{
  g_autoptr (GBytes) body = wrap (AUTHENTICATE STRING ("SerialNumber", "C02TEST00001"));
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCheckinMessage) message = door_checkin_message_parse (body, &error);

  g_assert_no_error (error);
  g_assert_null (door_checkin_message_get_detail (message, DOOR_CHECKIN_SERIAL_NUMBER));
}

static void
assert_refused (const char *keys, DoorError code)
{
  g_autoptr (GBytes) body = wrap (keys);
  g_autoptr (GError) error = NULL;

  g_assert_null (door_checkin_message_parse (body, &error));
  g_assert_error (error, DOOR_ERROR, (int) code);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_DEV_MESSAGE);
}

static void
test_refused (void)
{
  g_autofree char *long_text = g_strnfill (257, 'x'), *long_data = g_strnfill (684 + 4, 'A');
  g_autofree char *long_id = g_strdup_printf (
      STRING ("MessageType", "CheckOut") STRING ("Topic", TOPIC) STRING ("UDID", "%s"), long_text);
  g_autofree char *long_token =
      g_strdup_printf (TOKEN_UPDATE MAGIC KEY ("Token", "<data>%s</data>"), long_data);
  const struct
  {
    const char *keys;
    DoorError code;
  } bad[] = {
    { "", DOOR_ERROR_INVALID_DATA },
    { STRING ("MessageType", "Authenticate") STRING ("Topic", TOPIC), DOOR_ERROR_INVALID_DATA },
    { STRING ("MessageType", "Authenticate") STRING ("EnrollmentID", ID), DOOR_ERROR_INVALID_DATA },
    { STRING ("Topic", TOPIC) STRING ("EnrollmentID", ID), DOOR_ERROR_INVALID_DATA },
    { STRING ("MessageType", "authenticate") STRING ("Topic", TOPIC) STRING ("EnrollmentID", ID),
      DOOR_ERROR_INVALID_DATA },
    { KEY ("MessageType", "<integer>1</integer>") STRING ("Topic", TOPIC) STRING ("EnrollmentID", ID),
      DOOR_ERROR_INVALID_DATA },
    { STRING ("MessageType", "CheckOut") STRING ("Topic", TOPIC) KEY ("EnrollmentID", "<data>AAEC</data>"),
      DOOR_ERROR_INVALID_DATA },
    { STRING ("MessageType", "CheckOut") STRING ("Topic", TOPIC) STRING ("EnrollmentID", ""),
      DOOR_ERROR_INVALID_DATA },
    { STRING ("MessageType", "CheckOut") STRING ("Topic", TOPIC) STRING ("EnrollmentID", "a\nb"),
      DOOR_ERROR_INVALID_DATA },
    { STRING ("MessageType", "CheckOut") STRING ("Topic", TOPIC) STRING ("EnrollmentID", "a&#x85;b"),
      DOOR_ERROR_INVALID_DATA },
    { long_id, DOOR_ERROR_INVALID_DATA },
    { long_token, DOOR_ERROR_INVALID_DATA },
    { AUTHENTICATE STRING ("OSVersion", "18\t2"), DOOR_ERROR_INVALID_DATA },
    { AUTHENTICATE KEY ("OSVersion", "<real>18.2</real>"), DOOR_ERROR_INVALID_DATA },
    { TOKEN_UPDATE TOKEN, DOOR_ERROR_INVALID_DATA },
    { TOKEN_UPDATE MAGIC, DOOR_ERROR_INVALID_DATA },
    { TOKEN_UPDATE MAGIC KEY ("Token", "<data></data>"), DOOR_ERROR_INVALID_DATA },
    { TOKEN_UPDATE MAGIC STRING ("Token", "AAEC"), DOOR_ERROR_INVALID_DATA },
    { AUTHENTICATE STRING ("UserShortName", "x"), DOOR_ERROR_INVALID_DATA },
    { STRING ("MessageType", "ReturnToService"), DOOR_ERROR_NOT_SUPPORTED },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (bad[i].keys, bad[i].code);
}

/* Keys of the messages that come after the enrollment. */
static void
test_keys_refused (void)
{
  g_autofree char *secret_data = g_strnfill (21848 + 4, 'A'), *status_data = g_strnfill (349528 + 4, 'A');
  g_autofree char *long_secret =
      g_strdup_printf (MAC ("SetBootstrapToken") KEY ("BootstrapToken", "<data>%s</data>"), secret_data);
  g_autofree char *long_status = g_strdup_printf (MAC ("DeclarativeManagement") STRING ("Endpoint", "status")
                                                      KEY ("Data", "<data>%s</data>"),
                                                  status_data);
  const char *const bad[] = {
    TOKEN_UPDATE MAGIC TOKEN KEY ("AwaitingConfiguration", "<integer>1</integer>"),
    TOKEN_UPDATE MAGIC TOKEN KEY ("NotOnConsole", "<string>true</string>"),
    MAC ("TokenUpdate") MAGIC TOKEN STRING ("Topic", TOPIC) STRING ("UnlockToken", "AAEC"),
    MAC ("Authenticate") STRING ("Topic", TOPIC) USER,
    MAC ("CheckOut") STRING ("Topic", TOPIC) USER,
    MAC ("SetBootstrapToken") USER,
    MAC ("SetBootstrapToken") STRING ("BootstrapToken", "x"),
    MAC ("SetBootstrapToken") KEY ("AwaitingConfiguration", "<string>no</string>"),
    MAC ("GetBootstrapToken") USER,
    long_secret,
    MAC ("UserAuthenticate"),
    STRING ("MessageType", "UserAuthenticate") STRING ("EnrollmentID", ID) STRING ("EnrollmentUserID", "x"),
    MAC ("GetToken"),
    MAC ("DeclarativeManagement"),
    MAC ("DeclarativeManagement") STRING ("Endpoint", "Tokens"),
    MAC ("DeclarativeManagement") STRING ("Endpoint", "status"),
    MAC ("DeclarativeManagement") STRING ("Endpoint", "status") STRING ("Data", "{}"),
    long_status,
    MAC ("DeclarativeManagement") STRING ("Endpoint", "declaration/"),
    MAC ("DeclarativeManagement") STRING ("Endpoint", "declaration/a"),
    MAC ("DeclarativeManagement") STRING ("Endpoint", "declaration//b"),
    MAC ("DeclarativeManagement") STRING ("Endpoint", "declaration/a/"),
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (bad[i], DOOR_ERROR_INVALID_DATA);
}

static void
test_user_mac (void)
{
  g_autoptr (GBytes) body = load ("token-update-user-mac.plist");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCheckinMessage) message = door_checkin_message_parse (body, &error);

  g_assert_no_error (error);
  g_assert_cmpint (door_checkin_message_get_id_kind (message), ==, DOOR_ENROLLMENT_ID_UDID);
  g_assert_cmpstr (door_checkin_message_get_id (message), ==, "00008112-000A1B2C3D4E5F60");
  g_assert_cmpstr (door_checkin_message_get_user_key (message), ==, "B5A1E0F2-6C3D-4B7A-9E21-0D4F5C6B7A88");
  g_assert_cmpstr (door_checkin_message_get_short_name (message), ==, "anna");
  g_assert_cmpstr (door_checkin_message_get_long_name (message), ==, "Anna Büro");
  g_assert_true (door_checkin_message_is_not_on_console (message));
  g_assert_false (door_checkin_message_is_awaiting (message));
}

/* Every user of a shared iPad has the same UserID. */
static void
test_user_shared_ipad (void)
{
  g_autoptr (GBytes) body = load ("token-update-shared-ipad.plist");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCheckinMessage) message = door_checkin_message_parse (body, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_checkin_message_get_user_key (message), ==, "anna@example.com");
  g_assert_true (door_checkin_message_is_awaiting (message));
}

static void
test_user_keys (void)
{
  static const struct
  {
    const char *ids;
    const char *user_key; /* NULL: the device itself; "": refused */
  } rows[] = {
    { STRING ("UDID", "u"), NULL },
    { STRING ("EnrollmentID", "e"), NULL },
    { STRING ("UDID", "u") STRING ("UserID", "501"), "501" },
    { STRING ("EnrollmentID", "e") STRING ("EnrollmentUserID", "x"), "x" },
    { STRING ("UDID", "u") STRING ("UserID", "ffffffff-ffff-ffff-ffff-ffffffffffff")
          STRING ("UserShortName", "ben"),
      "ben" },
    { STRING ("UDID", "u") STRING ("UserID", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"), "" },
    { STRING ("UDID", "u") STRING ("EnrollmentUserID", "x"), "" },
    { STRING ("UDID", "u") STRING ("UserID", "501") STRING ("EnrollmentUserID", "x"), "" },
    { STRING ("EnrollmentID", "e") STRING ("UserID", "501"), "" },
    { STRING ("UDID", "u") STRING ("EnrollmentID", "e") STRING ("EnrollmentUserID", "x"), "" },
    { STRING ("UDID", "u") STRING ("UserID", ""), "" },
    { STRING ("EnrollmentID", "e") STRING ("EnrollmentUserID", ""), "" },
    { STRING ("UDID", "u") KEY ("UserID", "<integer>501</integer>"), "" },
    { STRING ("UDID", "u") STRING ("UserShortName", "ben"), "" },
    { STRING ("UDID", "u") STRING ("UserLongName", "Ben"), "" },
    { STRING ("EnrollmentID", "e") STRING ("UserShortName", "ben"), "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = g_strdup_printf ("%s" STRING ("Status", "Idle"), rows[i].ids);
      g_autoptr (GBytes) body = wrap (text);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorCommandReport) report = door_command_report_parse (body, &error);

      if (g_strcmp0 (rows[i].user_key, "") == 0)
        {
          g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (door_command_report_get_user_key (report), ==, rows[i].user_key);
    }
}

static void
test_escrow (void)
{
  g_autoptr (GBytes) set_body = load ("set-bootstrap-token.plist");
  g_autoptr (GBytes) delete_body = wrap (MAC ("SetBootstrapToken") KEY ("BootstrapToken", "<data></data>"));
  g_autoptr (GBytes) unlock_body = load ("token-update-ipad.plist");
  g_autoptr (GBytes) forbidden_body =
      wrap (TOKEN_UPDATE MAGIC TOKEN KEY ("UnlockToken", "<data>AAEC</data>"));
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCheckinMessage) set = door_checkin_message_parse (set_body, &error), delete = NULL;
  g_autoptr (DoorCheckinMessage) unlock = NULL, forbidden = NULL;

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (door_checkin_message_get_secret (set), NULL),
                   g_bytes_get_size (door_checkin_message_get_secret (set)), "bootstrap-token-of-a-mac", 24);
  delete = door_checkin_message_parse (delete_body, &error);
  g_assert_no_error (error);
  g_assert_null (door_checkin_message_get_secret (delete));
  unlock = door_checkin_message_parse (unlock_body, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (door_checkin_message_get_secret (unlock), NULL),
                   g_bytes_get_size (door_checkin_message_get_secret (unlock)), "unlock-token-of-an-ipad",
                   23);
  g_assert_true (door_checkin_message_is_awaiting (unlock));
  forbidden = door_checkin_message_parse (forbidden_body, &error);
  g_assert_no_error (error);
  g_assert_null (door_checkin_message_get_secret (forbidden));
}

static void
test_declarative_management (void)
{
  static const struct
  {
    const char *file;
    DoorCheckinEndpoint endpoint;
  } rows[] = {
    { "declarative-tokens.plist", DOOR_CHECKIN_ENDPOINT_TOKENS },
    { "declarative-items.plist", DOOR_CHECKIN_ENDPOINT_DECLARATION_ITEMS },
    { "declarative-declaration.plist", DOOR_CHECKIN_ENDPOINT_DECLARATION },
    { "declarative-status.plist", DOOR_CHECKIN_ENDPOINT_STATUS },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) body = load (rows[i].file);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorCheckinMessage) message = door_checkin_message_parse (body, &error);

      g_assert_no_error (error);
      g_assert_cmpint (door_checkin_message_get_endpoint (message), ==, rows[i].endpoint);
      g_assert_cmpstr (door_checkin_message_get_declaration_type (message), ==,
                       rows[i].endpoint == DOOR_CHECKIN_ENDPOINT_DECLARATION
                           ? "com.apple.configuration.passcode.settings"
                           : NULL);
      g_assert_cmpstr (door_checkin_message_get_declaration_id (message), ==,
                       rows[i].endpoint == DOOR_CHECKIN_ENDPOINT_DECLARATION ? "com.example.pass/code"
                                                                             : NULL);
      g_assert_true ((door_checkin_message_get_status (message) != NULL) ==
                     (rows[i].endpoint == DOOR_CHECKIN_ENDPOINT_STATUS));
    }
}

static void
test_get_token (void)
{
  g_autoptr (GBytes) body = load ("get-token.plist"), user_body = load ("user-authenticate.plist");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCheckinMessage) message = door_checkin_message_parse (body, &error), user = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (door_checkin_message_get_message_type (message), ==, DOOR_CHECKIN_GET_TOKEN);
  g_assert_cmpstr (door_checkin_message_get_service_type (message), ==, "com.apple.maid");
  user = door_checkin_message_parse (user_body, &error);
  g_assert_no_error (error);
  g_assert_cmpint (door_checkin_message_get_message_type (user), ==, DOOR_CHECKIN_USER_AUTHENTICATE);
  g_assert_true (door_checkin_message_has_digest (user));
}

static void
test_report (void)
{
  g_autoptr (GBytes) idle_body = load ("report-idle.plist"), error_body = load ("report-error.plist");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCommandReport) idle = door_command_report_parse (idle_body, &error), failed = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (door_command_report_get_id_kind (idle), ==, DOOR_ENROLLMENT_ID_ENROLLMENT);
  g_assert_cmpstr (door_command_report_get_id (idle), ==, ID);

  failed = door_command_report_parse (error_body, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (door_command_report_get_id (failed), ==, ID);
}

static void
test_report_status (void)
{
  static const char *const known[] = { "Acknowledged", "Error", "CommandFormatError", "NotNow" };

  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autofree char *with = g_strdup_printf (
          STRING ("UDID", "u") STRING ("CommandUUID", "c") STRING ("Status", "%s"), known[i]);
      g_autofree char *without = g_strdup_printf (STRING ("UDID", "u") STRING ("Status", "%s"), known[i]);
      g_autoptr (GBytes) good = wrap (with), bad = wrap (without);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorCommandReport) report = door_command_report_parse (good, &error);

      g_assert_no_error (error);
      g_assert_nonnull (report);
      g_assert_null (door_command_report_parse (bad, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
}

static void
test_report_refused (void)
{
  static const struct
  {
    const char *keys;
    DoorError code;
  } bad[] = {
    { STRING ("Status", "Idle"), DOOR_ERROR_INVALID_DATA },
    { STRING ("UDID", "u"), DOOR_ERROR_INVALID_DATA },
    { STRING ("UDID", "u") STRING ("Status", "idle"), DOOR_ERROR_INVALID_DATA },
    { STRING ("EnrollmentID", "e") STRING ("UserID", "x") STRING ("Status", "Idle"),
      DOOR_ERROR_INVALID_DATA },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) body = wrap (bad[i].keys);
      g_autoptr (GError) error = NULL;

      g_assert_null (door_command_report_parse (body, &error));
      g_assert_error (error, DOOR_ERROR, (int) bad[i].code);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_DEV_MESSAGE);
    }
}

static void
test_machine_info (void)
{
  g_autoptr (GBytes) body = load ("machine-info-byod.plist");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorMachineInfo) info = door_machine_info_parse (body, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_machine_info_get_product (info), ==, "iPhone12,1");
}

/* What must not come with it is passed over. */
static void
test_machine_info_identifiers (void)
{
  static const char *const keys[] = { "UDID", "SERIAL", "IMEI", "MEID" };

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *text = g_strdup_printf (
          STRING ("PRODUCT", "iPad7,5") STRING ("VERSION", "1A") STRING ("%s", "x"), keys[i]);
      g_autoptr (GBytes) body = wrap (text);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorMachineInfo) info = door_machine_info_parse (body, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (door_machine_info_get_product (info), ==, "iPad7,5");
      for (DoorMachineKey key = DOOR_MACHINE_SERIAL; key < DOOR_N_MACHINE_KEYS; key++)
        g_assert_null (door_machine_info_get (info, key));
    }
}

/* What a device once signed for a Profile Service, ours or anybody's, begins no other enrollment. */
static void
test_machine_info_service (void)
{
  g_autoptr (GBytes) body = load ("machine-info-ota.plist");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorMachineInfo) info = door_machine_info_parse_service (body, &error);

  g_assert_no_error (error);
  g_assert_nonnull (door_machine_info_get (info, DOOR_MACHINE_CHALLENGE));
  g_assert_null (door_machine_info_parse_device (body, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_DEV_INFO);
}

/* A device that is managed as a whole says which one it is. */
static void
test_machine_info_device (void)
{
  static const char keys[] = STRING ("PRODUCT", "iPad7,5") STRING ("VERSION", "1A") STRING ("SERIAL", "S")
      STRING ("OS_VERSION", "17.1") STRING ("LANGUAGE", "de") STRING ("SOFTWARE_UPDATE_DEVICE_ID", "J1AP");
  g_autofree char *whole = g_strconcat (
      keys, STRING ("UDID", "U") STRING ("IMEI", "1") KEY ("MDM_CAN_REQUEST_SOFTWARE_UPDATE", "<true/>"),
      NULL);
  g_autoptr (GBytes) body = wrap (whole), less = wrap (keys);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorMachineInfo) info = door_machine_info_parse_device (body, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_machine_info_get (info, DOOR_MACHINE_SERIAL), ==, "S");
  g_assert_cmpstr (door_machine_info_get (info, DOOR_MACHINE_UDID), ==, "U");
  g_assert_cmpstr (door_machine_info_get (info, DOOR_MACHINE_IMEI), ==, "1");
  g_assert_cmpstr (door_machine_info_get (info, DOOR_MACHINE_OS_VERSION), ==, "17.1");
  g_assert_cmpstr (door_machine_info_get (info, DOOR_MACHINE_LANGUAGE), ==, "de");
  g_assert_cmpstr (door_machine_info_get (info, DOOR_MACHINE_SOFTWARE_UPDATE_DEVICE_ID), ==, "J1AP");
  g_assert_null (door_machine_info_get (info, DOOR_MACHINE_MEID));
  g_assert_true (door_machine_info_can_update (info));
  g_assert_null (door_machine_info_parse_device (less, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_DEV_INFO);
}

static void
test_os_version (void)
{
  static const struct
  {
    const char *a, *b;
    int expected;
  } rows[] = {
    { "17", "17.0.0", 0 }, { "17.9", "17.10", -1 },   { "18", "17.10.3", 1 },
    { "", "1", -1 },       { "17.1 (a)", "17.1", 0 }, { "99999999999999999999", "17", 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpint (door_os_version_compare (rows[i].a, rows[i].b), ==, rows[i].expected);
      g_assert_cmpint (door_os_version_compare (rows[i].b, rows[i].a), ==, -rows[i].expected);
    }
}

static void
test_model_family (void)
{
  static const char *const rows[][2] = {
    { "iPod9,1", "iPhone" },      { "iPad7,5", "iPad" },      { "Mac14,2", "Mac" },
    { "MacBookPro15,1", "Mac" },  { "VirtualMac2,1", "Mac" }, { "iMac21,1", "Mac" },
    { "AppleTV11,1", "AppleTV" }, { "Watch6,1", "Watch" },    { "RealityDevice14,1", "RealityDevice" },
    { "Toaster1,1", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpstr (door_model_family_from_product (rows[i][0]), ==, rows[i][1]);
}

/* What old systems do not send. */
static void
test_machine_info_least (void)
{
  g_autoptr (GBytes) body = wrap (STRING ("PRODUCT", "iPhone9,3") STRING ("VERSION", "19H370"));
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorMachineInfo) info = door_machine_info_parse (body, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_machine_info_get_product (info), ==, "iPhone9,3");
}

static void
test_machine_info_refused (void)
{
  static const char *const bad[] = {
    "",
    STRING ("PRODUCT", "iPhone12,1"),
    STRING ("VERSION", "22C161"),
    STRING ("PRODUCT", "iPhone\n12,1") STRING ("VERSION", "22C161"),
    STRING ("PRODUCT", "iPhone12,1") KEY ("VERSION", "<integer>1</integer>"),
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) body = wrap (bad[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (door_machine_info_parse (body, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_DEV_INFO);
    }
}

static void
test_size (void)
{
  g_autofree char *padding = g_strnfill (70000, ' ');
  g_autofree char *info_text =
      g_strdup_printf ("%s" STRING ("PRODUCT", "a") STRING ("VERSION", "b"), padding);
  g_autofree char *wide = g_strnfill (1 << 20, ' ');
  g_autofree char *message_text = g_strdup_printf ("%s" AUTHENTICATE, wide);
  g_autoptr (GBytes) info = wrap (info_text), message = wrap (message_text);

  g_assert_null (door_machine_info_parse (info, NULL));
  g_assert_null (door_checkin_message_parse (message, NULL));
  g_assert_null (door_command_report_parse (message, NULL));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mdm/checkin/authenticate", test_authenticate);
  g_test_add_func ("/mdm/checkin/authenticate-mac", test_authenticate_mac);
  g_test_add_func ("/mdm/checkin/token-update", test_token_update);
  g_test_add_func ("/mdm/checkin/check-out", test_check_out);
  g_test_add_func ("/mdm/checkin/id-precedence", test_id_precedence);
  g_test_add_func ("/mdm/checkin/serial-dropped", test_serial_dropped);
  g_test_add_func ("/mdm/checkin/refused", test_refused);
  g_test_add_func ("/mdm/checkin/keys-refused", test_keys_refused);
  g_test_add_func ("/mdm/checkin/user-mac", test_user_mac);
  g_test_add_func ("/mdm/checkin/user-shared-ipad", test_user_shared_ipad);
  g_test_add_func ("/mdm/checkin/user-keys", test_user_keys);
  g_test_add_func ("/mdm/checkin/escrow", test_escrow);
  g_test_add_func ("/mdm/checkin/declarative-management", test_declarative_management);
  g_test_add_func ("/mdm/checkin/get-token", test_get_token);
  g_test_add_func ("/mdm/report/good", test_report);
  g_test_add_func ("/mdm/report/status", test_report_status);
  g_test_add_func ("/mdm/report/refused", test_report_refused);
  g_test_add_func ("/mdm/machine-info/good", test_machine_info);
  g_test_add_func ("/mdm/machine-info/identifiers", test_machine_info_identifiers);
  g_test_add_func ("/mdm/machine-info/machine-info-device", test_machine_info_device);
  g_test_add_func ("/mdm/machine-info/machine-info-service", test_machine_info_service);
  g_test_add_func ("/mdm/machine-info/os-version", test_os_version);
  g_test_add_func ("/mdm/machine-info/least", test_machine_info_least);
  g_test_add_func ("/mdm/machine-info/refused", test_machine_info_refused);
  g_test_add_func ("/mdm/model-family", test_model_family);
  g_test_add_func ("/mdm/size", test_size);
  return g_test_run ();
}
