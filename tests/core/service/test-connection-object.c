/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections that are made while the server runs, and the keys that sign tokens. */
#include <string.h>

#include "door-connection-object.h"
#include "door-error.h"
#include "door-keys-text.h"
#include "door-metadata-store.h"
#include "door-seal.h"
#include "door-session-key.h"
#include "door-session-token.h"
#include "sign-in.h"

#define DAY_MS (24 * HOUR_MS)

/* What stands for the rest of the configuration. */
typedef struct
{
  const char *in_file; /* a group that stands in a file */
  const char *refused; /* a key that is refused */
  char *content;       /* what was checked last */
  unsigned int n_changes;
} Host;

static char *
dup_file_cb (gpointer owner, const char *group)
{
  const Host *host = owner;

  return g_strcmp0 (host->in_file, group) == 0 ? g_strdup ("/etc/doorward/x.conf") : NULL;
}

static bool
check_cb (gpointer owner, const char *group, const char *content, GError **error)
{
  Host *host = owner;

  g_free (host->content);
  host->content = g_strdup (content);
  return host->refused == NULL || strstr (content, host->refused) == NULL ||
         door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "refused");
}

static void
changed_cb (gpointer owner)
{
  ((Host *) owner)->n_changes++;
}

typedef struct
{
  World *world;
  Host host;
  DoorObjectHost calls;
} Stage;

static void
stage_open (Stage *stage, const char *config)
{
  stage->world = world_new (config);
  stage->host = (Host){ NULL };
  stage->calls = (DoorObjectHost){ &stage->host, dup_file_cb, check_cb, changed_cb };
  stage->world->context.objects = &stage->calls;
}

static void
stage_close (Stage *stage)
{
  g_free (stage->host.content);
  world_free (stage->world);
}

static const char *const keys[] = { "Type", "saml", "DisplayName", "Example", NULL };

static DoorConnectionWish
wish_for (const char *name)
{
  return (DoorConnectionWish){ .name = name, .keys = keys, .actor = "test" };
}

static void
assert_create_refused (Stage *stage, const DoorConnectionWish *wish, int code, DoorFault fault)
{
  g_autoptr (GError) error = NULL;
  int64_t before = world_count (stage->world, "config_object");

  g_assert_null (door_connection_object_create (&stage->world->context, wish, &error));
  assert_fault (error, code, fault);
  g_assert_cmpint (world_count (stage->world, "config_object"), ==, before);
}

static void
test_without_metadata (void)
{
  Stage stage;
  DoorConnectionWish wish = wish_for ("corp");
  g_autoptr (DoorConnectionInfo) info = NULL, found = NULL;
  g_autoptr (GError) error = NULL;

  stage_open (&stage, NULL);
  info = door_connection_object_create (&stage.world->context, &wish, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (info->addresses.entity_id, ==, "https://mdm.example.com/saml/corp");
  g_assert_cmpstr (info->addresses.acs_url, ==, "https://mdm.example.com/saml/corp/acs");
  g_assert_cmpstr (info->addresses.start_url, ==, "https://mdm.example.com/saml/corp/start");
  g_assert_null (info->metadata_source);
  g_assert_cmpstr (stage.host.content, ==, "Type=saml\nDisplayName=Example\nMetadataUpload=true\n");
  g_assert_cmpuint (stage.host.n_changes, ==, 1);
  assert_count (stage.world, 1, "config_revision WHERE revision = 1");
  found = door_connection_object_lookup (&stage.world->context, "corp", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (found->id, ==, info->id);
  g_assert_cmpstr (found->addresses.acs_url, ==, info->addresses.acs_url);
  g_assert_cmpstr (found->title, ==, "Example");
  stage_close (&stage);
}

static void
test_refused (void)
{
  Stage stage;
  static const char *const two_lines[] = { "Type", "saml\nAllowSha1=true", NULL };
  static const char *const group[] = { "Type", "saml\n[database]\nPath=/x", NULL };
  static const char *const odd_key[] = { "Type=saml\n[x]", "y", NULL };
  static const char *const source[] = { "Type", "saml", "MetadataFile", "/etc/shadow", NULL };
  DoorConnectionWish wish = wish_for ("corp"), bad = wish;
  g_autoptr (DoorConnectionInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  stage_open (&stage, NULL);
  info = door_connection_object_create (&stage.world->context, &wish, &error);
  g_assert_no_error (error);
  assert_create_refused (&stage, &wish, DOOR_ERROR_CONFLICT, DOOR_FAULT_CONN_EXISTS);
  bad.name = "Corp";
  assert_create_refused (&stage, &bad, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID);
  bad.name = "other";
  bad.keys = two_lines;
  assert_create_refused (&stage, &bad, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID);
  bad.keys = group;
  assert_create_refused (&stage, &bad, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID);
  bad.keys = odd_key;
  assert_create_refused (&stage, &bad, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID);
  bad.keys = source;
  assert_create_refused (&stage, &bad, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID);
  bad.keys = keys;
  stage.host.refused = "DisplayName";
  assert_create_refused (&stage, &bad, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID);
  stage.host.refused = NULL;
  stage.host.in_file = "idp/other";
  assert_create_refused (&stage, &bad, DOOR_ERROR_CONFLICT, DOOR_FAULT_CONN_FILE);
  stage_close (&stage);
}

/* What is over signs nobody in, and whoever gives it is told. */
static void
test_metadata_that_is_over (void)
{
  Stage stage;
  g_autoptr (GBytes) okta = test_data_load ("saml/metadata", "okta.xml"), over = NULL;
  GString *text = g_string_new_len (g_bytes_get_data (okta, NULL), g_bytes_get_size (okta));
  DoorConnectionWish wish = wish_for ("corp");
  g_autoptr (DoorConnectionInfo) info = NULL;
  g_autoptr (GError) error = NULL, refused = NULL;

  g_assert_cmpuint (g_string_replace (text, "entityID=", "validUntil=\"2000-01-01T00:00:00Z\" entityID=", 1),
                    ==, 1);
  over = g_string_free_to_bytes (text);
  stage_open (&stage, NULL);
  wish.metadata.xml = over;
  assert_create_refused (&stage, &wish, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID);
  wish.metadata.xml = NULL;
  info = door_connection_object_create (&stage.world->context, &wish, &error);
  g_assert_no_error (error);
  wish.metadata.xml = over;
  g_assert_null (door_connection_object_set_metadata (&stage.world->context, &wish, &refused));
  assert_fault (refused, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID);
  g_assert_nonnull (strstr (refused->message, "valid until 2000-01-01"));
  assert_count (stage.world, 0, "connection_metadata");
  stage_close (&stage);
}

/* The same metadata of another provider. */
static GBytes *
load_other (void)
{
  g_autoptr (GBytes) okta = test_data_load ("saml/metadata", "okta.xml");
  GString *text = g_string_new_len (g_bytes_get_data (okta, NULL), g_bytes_get_size (okta));

  g_assert_cmpuint (g_string_replace (text, "entityID=\"http", "entityID=\"https://other.example/http", 1),
                    ==, 1);
  return g_string_free_to_bytes (text);
}

/* Whoever came by a connection of a file that is gone must not be anybody's who takes its name. */
static void
test_name_of_people (void)
{
  static const char *const rows[][2] = {
    { "INSERT INTO administrator (id, email, email_key, full_name, state, sso_enabled, api_only, "
      "password_hash, "
      "created_at, updated_at, signed_in_at) VALUES ('a', 'a@b.c', 'a@b.c', '', 'active', 1, 0, '', 1, 1, 1)",
      "INSERT INTO administrator_identity (issuer, subject, administrator_id, connection, created_at) VALUES "
      "('i', 's', 'a', 'corp', 1)" },
    { "INSERT INTO person (id, state, user_name, email, full_name, given_name, family_name, department, "
      "managed_account, group_names, created_at, updated_at, signed_in_at) VALUES ('p', 'active', '', '', "
      "'', "
      "'', '', '', '', '', 1, 1, 1)",
      "INSERT INTO person_identity (issuer, subject, person_id, connection, created_at) VALUES ('i', 's', "
      "'p', "
      "'corp', 1)" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Stage stage;
      DoorConnectionWish wish = wish_for ("corp"), other = wish_for ("other");
      g_autoptr (DoorConnectionInfo) made = NULL;
      g_autoptr (GError) error = NULL;

      stage_open (&stage, NULL);
      world_write (stage.world, rows[i][0]);
      world_write (stage.world, rows[i][1]);
      assert_create_refused (&stage, &wish, DOOR_ERROR_CONFLICT, DOOR_FAULT_CONN_EXISTS);
      made = door_connection_object_create (&stage.world->context, &other, &error);
      g_assert_no_error (error);
      stage_close (&stage);
    }
}

/* By which of two a person came nobody could tell, so there is one; or two that the administrator keeps
 * apart. */
static void
test_same_provider (void)
{
  Stage stage;
  static const char *const shared[] = { "Type", "saml", "SharedEntityId", "true", NULL };
  static const char *const apart[] = { "Type", "saml", "SharedEntityId", "true", "Use", "admin", NULL };
  static const char *const unsaid[] = { "Type", "saml", "Use", "admin", NULL };
  g_autoptr (GBytes) okta = test_data_load ("saml/metadata", "okta.xml"), other = load_other ();
  DoorConnectionWish first = wish_for ("first"), second = wish_for ("second"), third = wish_for ("third");
  g_autoptr (DoorConnectionInfo) made = NULL, again = NULL, beside = NULL, elsewhere = NULL;
  g_autoptr (GError) error = NULL, refused = NULL;

  stage_open (&stage, NULL);
  first.metadata.xml = second.metadata.xml = okta;
  made = door_connection_object_create (&stage.world->context, &first, &error);
  g_assert_no_error (error);
  assert_create_refused (&stage, &second, DOOR_ERROR_CONFLICT, DOOR_FAULT_CONN_ENTITY);
  second.keys = shared;
  assert_create_refused (&stage, &second, DOOR_ERROR_CONFLICT, DOOR_FAULT_CONN_ENTITY);
  second.keys = unsaid;
  assert_create_refused (&stage, &second, DOOR_ERROR_CONFLICT, DOOR_FAULT_CONN_ENTITY);
  second.keys = apart;
  beside = door_connection_object_create (&stage.world->context, &second, &error);
  g_assert_no_error (error);
  again = door_connection_object_set_metadata (&stage.world->context, &first, &refused);
  g_assert_null (again);
  assert_fault (refused, DOOR_ERROR_CONFLICT, DOOR_FAULT_CONN_ENTITY);
  g_assert_nonnull (strstr (refused->message, "the connection second is of the same provider"));
  third.metadata.xml = other;
  elsewhere = door_connection_object_create (&stage.world->context, &third, &error);
  g_assert_no_error (error);
  g_clear_error (&refused);
  third.metadata.xml = okta;
  g_assert_null (door_connection_object_set_metadata (&stage.world->context, &third, &refused));
  assert_fault (refused, DOOR_ERROR_CONFLICT, DOOR_FAULT_CONN_ENTITY);
  stage_close (&stage);
}

/* The same of one that is in force, whatever the database has. */
static void
test_provider_in_force (void)
{
  Stage stage;
  static const char *const apart[] = { "Type", "saml", "SharedEntityId", "true", "Use", "test", NULL };
  g_autoptr (GBytes) okta = test_data_load ("saml/metadata", "okta.xml");
  g_autofree char *file = test_data_path ("saml/metadata", "okta.xml");
  g_autofree char *config = g_strdup_printf ("[idp/file]\nType=saml\nMetadataFile=%s\nUse=admin\n", file);
  DoorConnectionWish wish = wish_for ("second");
  g_autoptr (DoorConnectionInfo) beside = NULL;
  g_autoptr (GError) error = NULL;

  stage_open (&stage, config);
  wish.metadata.xml = okta;
  assert_create_refused (&stage, &wish, DOOR_ERROR_CONFLICT, DOOR_FAULT_CONN_ENTITY);
  wish.keys = apart;
  beside = door_connection_object_create (&stage.world->context, &wish, &error);
  g_assert_no_error (error);
  stage_close (&stage);
}

/* Nothing of what was known of the provider before is left. */
static void
test_replace (void)
{
  Stage stage;
  static const char *const gone[] = { "EntityId", "MetadataUrl", NULL };
  DoorConnectionWish wish = wish_for ("corp");
  g_autoptr (GBytes) okta = test_data_load ("saml/metadata", "okta.xml");
  g_autoptr (GBytes) other = load_other ();
  g_autoptr (GBytes) junk = g_bytes_new_static ("<x/>", 4);
  g_autoptr (DoorConnectionInfo) made = NULL, replaced = NULL, emptied = NULL;
  g_autoptr (GError) error = NULL, local = NULL;
  g_autofree char *xml = NULL;

  stage_open (&stage, NULL);
  wish.metadata.xml = okta;
  made = door_connection_object_create (&stage.world->context, &wish, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (made->metadata_source, ==, "upload");
  world_write (stage.world, "UPDATE config_object SET content = 'Type=saml\nEntityId=x\n"
                            "MetadataUrl=https://idp.example.com/x\nDisplayName=Kept\n'");
  wish.metadata.xml = other;
  replaced = door_connection_object_set_metadata (&stage.world->context, &wish, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (stage.host.content, ==, "Type=saml\nDisplayName=Kept\nMetadataUpload=true\n");
  for (size_t i = 0; gone[i] != NULL; i++)
    g_assert_null (strstr (stage.host.content, gone[i]));
  g_assert_cmpstr (replaced->addresses.acs_url, ==, made->addresses.acs_url);
  g_assert_cmpstr (replaced->id, ==, made->id);
  g_assert_cmpstr (replaced->idp_entity_id, !=, made->idp_entity_id);
  xml = door_connection_object_dup_metadata (&stage.world->context, "corp", &error);
  g_assert_no_error (error);
  g_assert_cmpmem (xml, strlen (xml), g_bytes_get_data (other, NULL), g_bytes_get_size (other));
  wish.metadata.xml = junk;
  g_assert_null (door_connection_object_set_metadata (&stage.world->context, &wish, &local));
  assert_fault (local, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID);
  assert_count (stage.world, 1, "connection_metadata");
  wish.metadata.xml = NULL;
  emptied = door_connection_object_set_metadata (&stage.world->context, &wish, &error);
  g_assert_no_error (error);
  g_assert_null (emptied->metadata_source);
  assert_count (stage.world, 0, "connection_metadata");
  assert_count (stage.world, 1, "config_revision WHERE revision = 3");
  stage_close (&stage);
}

/* People may still be known by the name of a connection that is gone. */
static void
test_name_is_not_given_again (void)
{
  Stage stage;
  DoorConnectionWish wish = wish_for ("corp");
  g_autoptr (DoorConnectionInfo) info = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GError) error = NULL, missing = NULL;

  stage_open (&stage, NULL);
  info = door_connection_object_create (&stage.world->context, &wish, &error);
  g_assert_no_error (error);
  g_assert_true (door_connection_object_remove (&stage.world->context, &wish, &error));
  g_assert_no_error (error);
  g_assert_false (door_connection_object_remove (&stage.world->context, &wish, &missing));
  assert_fault (missing, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN);
  assert_create_refused (&stage, &wish, DOOR_ERROR_CONFLICT, DOOR_FAULT_CONN_EXISTS);
  list = door_connection_object_list (&stage.world->context, "", 10, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (list->len, ==, 0);
  stage_close (&stage);
}

static void
test_list (void)
{
  Stage stage;
  static const char *const names[] = { "alpha", "mike", "zulu", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autofree char *after = g_strdup ("");

  stage_open (&stage, NULL);
  stage.host.in_file = "idp/okta"; /* of the world */
  for (size_t i = 0; names[i] != NULL; i++)
    {
      DoorConnectionWish wish = wish_for (names[i]);
      g_autoptr (DoorConnectionInfo) info =
          door_connection_object_create (&stage.world->context, &wish, &error);

      g_assert_no_error (error);
    }
  for (int page = 0; page < 3; page++)
    {
      g_autoptr (GPtrArray) list = door_connection_object_list (&stage.world->context, after, 2, &error);

      g_assert_no_error (error);
      for (guint i = 0; i < list->len; i++)
        {
          const DoorConnectionInfo *info = g_ptr_array_index (list, i);

          g_string_append_printf (seen, "%s%s ", info->name, info->file != NULL ? "*" : "");
          g_free (after);
          after = g_strdup (info->name);
        }
    }
  g_assert_cmpstr (seen->str, ==, "alpha mike okta* zulu ");
  stage_close (&stage);
}

/* What is shown of a provider in a file is where it sends its answers, whatever it speaks. */
static void
test_addresses_of_files (void)
{
  static const char config[] = "[idp/campus]\nType=oidc\nIssuer=https://login.example\nClientId=c\n"
                               "ClientSecret=file:/nowhere\n";
  Stage stage;
  g_autoptr (DoorConnectionInfo) oidc = NULL, saml = NULL;
  g_autoptr (GError) error = NULL;

  stage_open (&stage, config);
  stage.host.in_file = "idp/campus";
  oidc = door_connection_object_lookup (&stage.world->context, "campus", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (oidc->addresses.acs_url, ==, "https://mdm.example.com/oidc/campus/callback");
  g_assert_cmpstr (oidc->addresses.start_url, ==, "https://mdm.example.com/oidc/campus/start");
  g_assert_null (oidc->addresses.metadata_url);
  stage.host.in_file = "idp/okta"; /* of the world */
  saml = door_connection_object_lookup (&stage.world->context, "okta", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (saml->addresses.acs_url, ==, "https://mdm.example.com/saml/okta/acs");
  g_assert_cmpstr (saml->addresses.metadata_url, ==, "https://mdm.example.com/saml/okta/metadata");
  stage_close (&stage);
}

/* The addresses are there; nothing that comes to them is believed, or even looked for. */
static void
test_addresses (void)
{
  g_autoptr (World) world = world_new ("[idp/empty]\nType=saml\nMetadataUpload=true\n");
  g_autoptr (GBytes) body = g_bytes_new_static ("SAMLResponse=PHg%2B&RelayState=x", 32);
  const Visit visit = { .method = "POST",
                        .target = "/saml/empty/acs",
                        .content_type = "application/x-www-form-urlencoded",
                        .body = body };
  const Visit unknown = { .method = "POST",
                          .target = "/saml/nobody/acs",
                          .content_type = "application/x-www-form-urlencoded",
                          .body = body };
  g_autoptr (DoorResponse) answered = world_visit (world, &visit);
  g_autoptr (DoorResponse) nowhere = world_visit (world, &unknown);
  g_autoptr (DoorResponse) begun = world_get (world, "/saml/empty/start", NULL);
  g_autoptr (DoorResponse) other = world_get (world, "/saml/okta/start", NULL);

  assert_status (answered, 422);
  assert_status (nowhere, 404);
  assert_status (begun, 422);
  assert_status (other, 303);
  g_assert_true (
      g_str_has_prefix (door_response_lookup_header (other, "Location"), "https://idp.example.com/sso?"));
  assert_count (world, 0, "sign_in_request WHERE connection = 'empty'");
}

/* What signs is sealed for its own row, by the key of this server. */
static void
test_seal (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (GError) error = NULL, other = NULL;
  g_autoptr (DoorOwnKey) key = door_session_key_ensure (&world->context, &error), again = NULL;

  g_assert_no_error (error);
  again = door_session_key_ensure (&world->context, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (key->secret_key, 32, again->secret_key, 32);
  world_write (world, "UPDATE signing_key SET kid = 'moved'");
  g_assert_null (door_session_key_ensure (&world->context, &error));
  assert_fault (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_STATEKEY);
  world_write (world, "DELETE FROM signing_key");
  g_clear_pointer (&again, door_own_key_free);
  again = door_session_key_ensure (&world->context, NULL);
  g_assert_nonnull (again);
  g_clear_pointer (&world->context.state_key, door_secret_unref);
  world->context.state_key = door_secret_new ("another key of thirty-two bytes.", 32);
  g_assert_null (door_session_key_ensure (&world->context, &other));
  assert_fault (other, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_STATEKEY);
}

static char *
issue (World *world)
{
  g_autoptr (GError) error = NULL;
  char *token = door_session_token_issue (&world->context, "person", "session", 24 * 60 * 60, &error);

  g_assert_no_error (error);
  return token;
}

static bool
holds (World *world, const char *token)
{
  g_auto (DoorOwnClaims) claims = { NULL };
  g_autoptr (GError) error = NULL;
  bool held = door_session_token_verify (&world->context, token, &claims, &error);

  if (!held)
    assert_fault (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SESSION_TOKEN);
  return held;
}

/* A key is known before it signs, and for as long as what it has signed. */
static void
test_rotation (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *first = issue (world), *late = NULL, *next = NULL;

  g_assert_true (holds (world, first));
  assert_count (world, 1, "signing_key");
  assert_count (world, 0, "signing_key WHERE sealed = '' OR sealed = public_key");
  world_advance (world, 24 * HOUR_MS);
  g_assert_false (holds (world, first));
  world_advance (world, 27 * DAY_MS);
  late = issue (world);
  assert_count (world, 2, "signing_key"); /* the next is published */
  world_advance (world, 2 * DAY_MS);
  g_assert_false (holds (world, late));
  g_free (late);
  late = issue (world); /* by the second */
  g_assert_true (holds (world, late));
  world_write (world, "DELETE FROM signing_key WHERE signs_from = (SELECT MIN(signs_from) FROM signing_key)");
  g_assert_true (holds (world, late));
  world_advance (world, 28 * DAY_MS);
  next = issue (world);
  assert_count (world, 2, "signing_key");
  world_advance (world, 30 * DAY_MS);
  g_free (next);
  next = issue (world);
  assert_count (world, 2, "signing_key"); /* the one that is over was forgotten */
}

static void
test_key_set (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = issue (world), *body = NULL;
  g_autoptr (DoorResponse) set = world_get (world, "/.well-known/jwks.json", NULL);

  assert_status (set, 200);
  g_assert_cmpstr (door_response_lookup_header (set, "Content-Type"), ==, "application/jwk-set+json");
  body = world_dup_body (set);
  g_assert_nonnull (strstr (body, "\"crv\":\"Ed25519\""));
  g_assert_null (strstr (body, "\"d\""));
}

static bool
fetch (const DoorFetchRequest *request, DoorFetchAnswer *answer, GCancellable *cancellable, GError **error)
{
  answer->status = 200;
  answer->body = test_data_load ("saml/metadata", "okta.xml");
  return true;
}

/* Of what is fetched by an address with a line break nothing else comes into the configuration. */
static void
test_address_of_lines (void)
{
  Stage stage;
  DoorConnectionWish good = wish_for ("corp"), bad = wish_for ("other");
  g_autoptr (DoorConnectionInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  stage_open (&stage, NULL);
  stage.world->context.fetch = fetch;
  good.metadata.url = "https://idp.example.com/x?a=b";
  bad.metadata.url = "https://idp.example.com/x?a=\nAllowSha1=true";
  info = door_connection_object_create (&stage.world->context, &good, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (info->metadata_source, ==, good.metadata.url);
  assert_create_refused (&stage, &bad, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID);
  bad.name = "corp";
  g_assert_null (door_connection_object_set_metadata (&stage.world->context, &bad, &error));
  assert_fault (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID);
  stage_close (&stage);
}

static void
test_lines (void)
{
  static const char *const drop[] = { "B", NULL };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *kept = NULL, *b = NULL, *none = NULL;

  g_assert_true (door_keys_text_add (text, "A[de-AT]", "x=y"));
  g_assert_true (door_keys_text_add (text, "B", ""));
  g_assert_true (door_keys_text_add (text, "BB", "1"));
  g_assert_false (door_keys_text_add (text, "", "1"));
  g_assert_false (door_keys_text_add (text, "A[", "1"));
  g_assert_false (door_keys_text_add (text, "A[]x", "1"));
  g_assert_false (door_keys_text_add (text, "A", "1\r"));
  g_assert_false (door_keys_text_add (text, "A", "\xff"));
  kept = door_keys_text_dup_without (text->str, drop);
  g_assert_cmpstr (kept, ==, "A[de-AT]=x=y\nBB=1\n");
  b = door_keys_text_dup (text->str, "BB");
  g_assert_cmpstr (b, ==, "1");
  none = door_keys_text_dup (text->str, "C");
  g_assert_null (none);
}

static void
add_tests (void)
{
  g_test_add_func ("/connection-object/same-provider", test_same_provider);
  g_test_add_func ("/connection-object/name-of-people", test_name_of_people);
  g_test_add_func ("/connection-object/provider-in-force", test_provider_in_force);
  g_test_add_func ("/connection-object/without-metadata", test_without_metadata);
  g_test_add_func ("/connection-object/refused", test_refused);
  g_test_add_func ("/connection-object/metadata-that-is-over", test_metadata_that_is_over);
  g_test_add_func ("/connection-object/replace", test_replace);
  g_test_add_func ("/connection-object/name-is-not-given-again", test_name_is_not_given_again);
  g_test_add_func ("/connection-object/list", test_list);
  g_test_add_func ("/connection-object/addresses", test_addresses);
  g_test_add_func ("/connection-object/addresses-of-files", test_addresses_of_files);
  g_test_add_func ("/connection-object/address-of-lines", test_address_of_lines);
  g_test_add_func ("/connection-object/lines", test_lines);
  g_test_add_func ("/session-token/seal", test_seal);
  g_test_add_func ("/session-token/rotation", test_rotation);
  g_test_add_func ("/session-token/key-set", test_key_set);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add_tests);
}
