/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-eula.h"

#include <string.h>

#include <glib/gstdio.h>

#include "device.h"
#include "door-digest.h"
#include "door-error.h"
#include "sign-in.h"

/* What people must agree to before a device gets anything, from the sign-in to the profile. */

#define ENGLISH "<!DOCTYPE html><title>Use</title><script>alert(1)</script><p>Be careful.</p>"
#define GERMAN "\xef\xbb\xbf\n<p>Bitte vorsichtig sein.</p>"
#define PDF "%PDF-1.4\nnothing\n"

static const Answer ada = { .assertion_id = "_ada1" };
static const Answer ada_again = { .assertion_id = "_ada2" };
static const Answer ben = { .assertion_id = "_ben1", .subject = "ben", .mail = "ben@example.com" };

/* A folder with documents, and a server that is configured with them. */
typedef struct
{
  char *folder;
  World *world;
} Terms;

static void
write_document (const Terms *self, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

/* "@" in @config stands for the folder. */
static World *
make_world (const Terms *self, const char *config)
{
  g_auto (GStrv) parts = g_strsplit (config, "@", -1);
  g_autofree char *text = g_strjoinv (self->folder, parts);

  return world_new (text);
}

static Terms *
terms_new (const char *config)
{
  Terms *self = g_new0 (Terms, 1);
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("door-eula-XXXXXX", &error);
  g_assert_no_error (error);
  write_document (self, "use.html", ENGLISH);
  write_document (self, "use.de.html", GERMAN);
  write_document (self, "use.pdf", PDF);
  self->world = make_world (self, config);
  return self;
}

static void
terms_free (Terms *self)
{
  static const char *const names[] = { "use.html", "use.de.html", "use.pdf" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, names[i], NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (self->folder), ==, 0);
  world_free (self->world);
  g_free (self->folder);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Terms, terms_free)

#define DOCUMENT "[eula/use]\nFile=@/use.html\nFile[de]=@/use.de.html\nVersion=1\n"
#define EVERYBODY "[enrollment]\nEula=use\n" DOCUMENT

/* The administrator changes something and reloads; the database stays. */
static void
reload (Terms *self, const char *document)
{
  const DoorKey keys[] = { { "File", DOOR_KEY_PATH, DOOR_KEY_FLAG_LOCALISED, NULL, NULL, "" },
                           { "Version", DOOR_KEY_STRING, 0, NULL, NULL, "" },
                           { "Reprompt", DOOR_KEY_BOOLEAN, 0, "false", NULL, "" },
                           { NULL } };
  const DoorKey *const tables[] = { keys, NULL };
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  DoorSettingsSource source = { "eula/use", tables, values, NULL, false };
  g_auto (GStrv) lines = g_strsplit (document, "\n", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSettings) settings = NULL;
  GPtrArray *eulas = self->world->context.eulas;

  for (size_t i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
    {
      g_auto (GStrv) pair = g_strsplit (lines[i], "=", 2);
      g_auto (GStrv) parts = g_strsplit (pair[1], "@", -1);

      g_hash_table_insert (values, g_strdup (pair[0]), g_strjoinv (self->folder, parts));
    }
  settings = door_settings_new (&source, &error);
  g_assert_no_error (error);
  g_ptr_array_set_size (eulas, 0);
  g_ptr_array_add (eulas, door_eula_document_load (settings, &error));
  g_assert_no_error (error);
}

/* Signs in and gives the ticket of the page that it leads to. */
static char *
sign_in_to_page (World *world, const char *target, const Answer *answer)
{
  g_autoptr (Pending) pending = sign_in_begin (world, target, NULL);
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, answer);
  const char *location = door_response_lookup_header (response, "Location");

  assert_status (response, 303);
  g_assert_true (g_str_has_prefix (location, "/mdm/eula/"));
  g_assert_cmpuint (strlen (location + strlen ("/mdm/eula/")), >=, 43); /* 256 bits */
  return g_strdup (location + strlen ("/mdm/eula/"));
}

static DoorResponse *
open_page (World *world, const char *ticket, const char *more, const char *accept_language)
{
  g_autofree char *target = g_strconcat ("/mdm/eula/", ticket, more, NULL);
  const Visit visit = { .target = target,
                        .header = { accept_language != NULL ? "Accept-Language" : NULL, accept_language } };

  return world_visit (world, &visit);
}

static char *
dup_hash (const char *text)
{
  return door_digest_sha256_text (text);
}

static DoorResponse *
post (World *world, const char *ticket, const char *decision, const char *sha256, const char *const header[2])
{
  g_autofree char *target = g_strconcat ("/mdm/eula/", ticket, NULL);
  g_autofree char *form = g_strdup_printf ("sha256=%s&decision=%s", sha256, decision);
  g_autoptr (GBytes) body = g_bytes_new (form, strlen (form));
  const Visit visit = { .method = "POST",
                        .target = target,
                        .content_type = "application/x-www-form-urlencoded",
                        .peer = "192.0.2.7",
                        .header = { header != NULL ? header[0] : "Sec-Fetch-Site",
                                    header != NULL ? header[1] : "same-origin" },
                        .body = body };

  return world_visit (world, &visit);
}

static DoorResponse *
agree (World *world, const char *ticket)
{
  g_autofree char *hash = dup_hash (ENGLISH);

  return post (world, ticket, "agree", hash, NULL);
}

static void
assert_profile (World *world, const char *token, unsigned int status)
{
  g_autoptr (DoorResponse) response = device_ask_profile (world, NULL, token);

  assert_status (response, status);
}

static void
assert_continues (World *world, const char *ticket, unsigned int status, const char *start)
{
  g_autofree char *target = g_strconcat ("/mdm/continue/", ticket, NULL);
  g_autoptr (DoorResponse) response = world_get (world, target, NULL);
  g_autofree char *expected = g_strconcat (start, ticket, NULL);

  assert_status (response, status);
  g_assert_cmpstr (door_response_lookup_header (response, "Location"), ==, expected);
}

static void
assert_shows (const DoorResponse *response, const char *text)
{
  g_autofree char *body = world_dup_body (response);

  if (strstr (body, text) == NULL)
    g_error ("%s is not in %s", text, body);
}

/* An access token that somebody keeps back is of no use before the consent, neither to the device nor to a
 * browser; afterwards it is what it always was. */
static void
test_before_profile (void)
{
  g_autoptr (Terms) terms = terms_new (EVERYBODY);
  g_autofree char *ticket = sign_in_to_page (terms->world, "/mdm/sso", &ada);
  g_autoptr (DoorResponse) response = NULL;

  assert_profile (terms->world, ticket, 401);
  assert_continues (terms->world, ticket, 303, "/mdm/eula/");
  assert_count (terms->world, 0, "scep_challenge");
  response = agree (terms->world, ticket);
  assert_status (response, 200);
  assert_continues (terms->world, ticket, 308,
                    "apple-remotemanagement-user-login://authentication-results?access-token=");
  assert_profile (terms->world, ticket, 200);
}

static void
test_page (void)
{
  g_autoptr (Terms) terms = terms_new (EVERYBODY);
  g_autofree char *ticket = sign_in_to_page (terms->world, "/mdm/sso", &ada);
  g_autoptr (DoorResponse) page = open_page (terms->world, ticket, "", NULL);
  g_autofree char *hash = dup_hash (ENGLISH);
  g_autofree char *address = g_strdup_printf ("/mdm/eula/%s/document?sha256=%s", ticket, hash);
  g_autofree char *frame =
      g_strdup_printf ("sandbox=\"\" title=\"The document to agree to\" src=\"%s\"", address);
  g_autofree char *link = g_strdup_printf ("href=\"%s\"", address);

  assert_status (page, 200);
  assert_shows (page, frame);
  assert_shows (page, link);
  assert_shows (page, "Version 1");
  g_assert_cmpstr (
      door_response_lookup_header (page, "Content-Security-Policy"), ==,
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors "
      "'none'; base-uri 'none'; frame-src 'self'");
  door_response_add_defaults (page, "id");
  g_assert_cmpstr (door_response_lookup_header (page, "Cache-Control"), ==, "no-store");
  g_assert_cmpstr (door_response_lookup_header (page, "Referrer-Policy"), ==, "no-referrer");
  g_clear_pointer (&page, door_response_free);
  page = agree (terms->world, ticket);
  g_free (link);
  link = g_strdup_printf ("<a class=\"button\" id=\"continue\" href=\"/mdm/continue/%s\"", ticket);
  assert_shows (page, link);
}

/* Byte for byte, and harmless whatever stands in it. */
static void
test_document (void)
{
  g_autoptr (Terms) terms = terms_new (EVERYBODY);
  g_autofree char *ticket = sign_in_to_page (terms->world, "/mdm/sso", &ada);
  g_autofree char *hash = dup_hash (ENGLISH), *other = dup_hash ("other"), *body = NULL;
  g_autofree char *query = g_strconcat ("/document?sha256=", hash, NULL);
  g_autofree char *unknown = g_strconcat ("/document?sha256=", other, NULL);
  g_autoptr (DoorResponse) response = open_page (terms->world, ticket, query, NULL);
  g_autoptr (DoorResponse) none = open_page (terms->world, ticket, unknown, NULL);
  g_autoptr (DoorResponse) stranger = open_page (terms->world, "nonsense", query, NULL);

  assert_status (response, 200);
  body = world_dup_body (response);
  g_assert_cmpstr (body, ==, ENGLISH);
  g_assert_cmpstr (door_response_lookup_header (response, "Content-Type"), ==, "text/html; charset=utf-8");
  g_assert_cmpstr (door_response_lookup_header (response, "Content-Security-Policy"), ==,
                   "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; "
                   "form-action 'none'; base-uri 'none'; frame-ancestors 'self'");
  assert_status (none, 404);
  assert_status (stranger, 403);
}

static void
test_pdf (void)
{
  g_autoptr (Terms) terms = terms_new ("[enrollment]\nEula=use\n[eula/use]\nFile=@/use.pdf\nVersion=1\n");
  g_autofree char *ticket = sign_in_to_page (terms->world, "/mdm/sso", &ada);
  g_autofree char *hash = dup_hash (PDF), *text = NULL;
  g_autofree char *query = g_strconcat ("/document?sha256=", hash, NULL);
  g_autoptr (DoorResponse) page = open_page (terms->world, ticket, "", NULL);
  g_autoptr (DoorResponse) document = open_page (terms->world, ticket, query, NULL);

  text = world_dup_body (page);
  g_assert_null (strstr (text, "<iframe"));
  g_assert_nonnull (strstr (text, query));
  assert_status (document, 200);
  g_assert_cmpstr (door_response_lookup_header (document, "Content-Type"), ==, "application/pdf");
}

static void
test_record (void)
{
  static const char sql[] =
      "SELECT team, document, version, language, sha256, serial, udid, address, accepted_at FROM "
      "eula_acceptance";
  g_autoptr (Terms) terms = terms_new ("[team/red]\nEula=use\n" DOCUMENT);
  g_autofree char *ticket = sign_in_to_page (terms->world, "/mdm/sso?team=red", &ada);
  g_autofree char *hash = dup_hash (ENGLISH), *row = NULL, *expected = NULL, *same = NULL;
  g_autoptr (DoorResponse) first = NULL, again = NULL, page = NULL;

  world_advance (terms->world, MINUTE_MS);
  first = agree (terms->world, ticket);
  assert_status (first, 200);
  row = world_read (terms->world, sql);
  expected = g_strdup_printf ("[{'team': <'red'>, 'document': <'use'>, 'version': <'1'>, 'language': <''>, "
                              "'sha256': <'%s'>, 'serial': <''>, 'udid': <''>, 'address': <'192.0.2.7'>, "
                              "'accepted_at': <int64 %" G_GINT64_FORMAT ">}]",
                              hash, WORLD_NOW_MS + MINUTE_MS);
  g_assert_cmpstr (row, ==, expected);
  assert_count (
      terms->world, 1,
      "eula_acceptance a JOIN access_token t ON t.hash = a.token_hash AND t.agreed_at = a.accepted_at "
      "AND t.person_id = a.person_id AND t.person_id <> ''");
  world_advance (terms->world, MINUTE_MS);
  again = agree (terms->world, ticket);
  assert_status (again, 200);
  assert_shows (again, "/mdm/continue/");
  same = world_read (terms->world, sql);
  g_assert_cmpstr (same, ==, expected);
  page = open_page (terms->world, ticket, "", NULL);
  assert_shows (page, "/mdm/continue/");
}

/* What could not be recorded was not agreed to. */
static void
test_one_write (void)
{
  g_autoptr (Terms) terms = terms_new (EVERYBODY);
  g_autofree char *ticket = sign_in_to_page (terms->world, "/mdm/sso", &ada);
  g_autoptr (DoorResponse) response = NULL;

  world_break_table (terms->world, "eula_acceptance");
  response = agree (terms->world, ticket);
  g_assert_cmpuint (door_response_get_status (response), >=, 500);
  assert_count (terms->world, 1, "access_token WHERE agreed_at = 0");
  assert_profile (terms->world, ticket, 401);
}

static void
test_decline (void)
{
  g_autoptr (Terms) terms = terms_new (EVERYBODY);
  g_autofree char *ticket = sign_in_to_page (terms->world, "/mdm/sso", &ada);
  g_autofree char *hash = dup_hash (ENGLISH), *link = g_strdup_printf ("href=\"/mdm/eula/%s\"", ticket);
  g_autofree char *log = NULL;
  g_autoptr (DoorResponse) response = post (terms->world, ticket, "decline", hash, NULL), after = NULL;

  assert_status (response, 200);
  assert_shows (response, "You have declined");
  assert_shows (response, link);
  assert_count (terms->world, 0, "eula_acceptance");
  assert_profile (terms->world, ticket, 401);
  log = world_dup_log ();
  g_assert_nonnull (strstr (log, "document to agree to"));
  g_assert_null (strstr (log, ticket));
  after = agree (terms->world, ticket);
  assert_status (after, 200);
  assert_profile (terms->world, ticket, 200);
}

static void
assert_refused (World *world, const char *ticket)
{
  g_autoptr (DoorResponse) page = open_page (world, ticket, "", NULL), agreed = agree (world, ticket);
  g_autofree char *hash = dup_hash (ENGLISH);
  g_autoptr (DoorResponse) declined = post (world, ticket, "decline", hash, NULL);

  assert_status (page, 403);
  assert_status (agreed, 403);
  assert_status (declined, 403);
  assert_count (world, 0, "eula_acceptance");
}

static void
test_tickets (void)
{
  static const char *const changes[] = {
    "UPDATE access_token SET revoked_at = 5",
    "UPDATE access_token SET revoked_at = 0, expires_at = 1800014400000",
    "UPDATE person SET state = 'deactivated'",
  };
  g_autoptr (Terms) terms = terms_new ("[team/red]\nEula=use\n" DOCUMENT);
  g_autofree char *free_token = sign_in (terms->world, "/mdm/sso", &ada);
  g_autofree char *ticket = sign_in_to_page (terms->world, "/mdm/sso?team=red", &ada_again);
  g_autofree char *too_long = g_strnfill (257, 'a');
  g_autofree char *hash = door_digest_sha256_text (ticket);

  assert_refused (terms->world, "nonsense");
  assert_refused (terms->world, too_long);
  assert_refused (terms->world, hash); /* what is stored is no ticket */
  assert_refused (terms->world, free_token);
  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      world_write (terms->world, changes[i]);
      assert_refused (terms->world, ticket);
      world_write (terms->world, "UPDATE access_token SET revoked_at = 0, expires_at = 1800018000000");
    }
  assert_count (terms->world, 0, "access_token WHERE agreed_at <> 0");
}

/* The consent of one is not that of another. */
static void
test_of_another (void)
{
  g_autoptr (Terms) terms = terms_new (EVERYBODY);
  g_autofree char *hers = sign_in_to_page (terms->world, "/mdm/sso", &ada);
  g_autofree char *his = sign_in_to_page (terms->world, "/mdm/sso", &ben);
  g_autoptr (DoorResponse) response = agree (terms->world, hers);

  assert_status (response, 200);
  assert_profile (terms->world, hers, 200);
  assert_profile (terms->world, his, 401);
  assert_continues (terms->world, his, 303, "/mdm/eula/");
}

static void
test_other_site (void)
{
  static const struct
  {
    const char *header[2];
    unsigned int status;
  } cases[] = {
    { { "Sec-Fetch-Site", "cross-site" }, 403 },
    { { "Sec-Fetch-Site", "same-site" }, 403 },
    { { "Sec-Fetch-Site", "none" }, 403 },
    { { "Origin", "https://evil.example" }, 403 },
    { { "Origin", "https://mdm.example.com" }, 200 },
    { { "Origin", "null" }, 200 },
    { { NULL, NULL }, 200 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Terms) terms = terms_new (EVERYBODY);
      g_autofree char *ticket = sign_in_to_page (terms->world, "/mdm/sso", &ada), *hash = dup_hash (ENGLISH);
      g_autoptr (DoorResponse) response = post (terms->world, ticket, "agree", hash, cases[i].header);

      assert_status (response, cases[i].status);
      assert_count (terms->world, cases[i].status == 200, "eula_acceptance");
    }
}

static void
test_form (void)
{
  g_autoptr (Terms) terms = terms_new (EVERYBODY);
  g_autofree char *ticket = sign_in_to_page (terms->world, "/mdm/sso", &ada), *hash = dup_hash (ENGLISH);
  g_autoptr (DoorResponse) neither = post (terms->world, ticket, "maybe", hash, NULL);
  g_autoptr (DoorResponse) twice = post (terms->world, ticket, "agree&decision=decline", hash, NULL);
  g_autoptr (DoorResponse) what = post (terms->world, ticket, "agree", "", NULL);

  assert_status (neither, 400);
  assert_status (twice, 400);
  assert_status (what, 409);
  assert_count (terms->world, 0, "eula_acceptance");
}

/* Nobody agrees to what they have not seen. */
static void
test_changed (void)
{
  g_autoptr (Terms) terms = terms_new (EVERYBODY);
  g_autofree char *ticket = sign_in_to_page (terms->world, "/mdm/sso", &ada), *hash = dup_hash ("<p>New");
  g_autoptr (DoorResponse) page = open_page (terms->world, ticket, "", NULL), late = NULL, then = NULL;

  write_document (terms, "use.html", "<p>New");
  reload (terms, "File=@/use.html\nVersion=2\n");
  late = agree (terms->world, ticket);
  assert_status (late, 409);
  assert_shows (late, "role=\"alert\"");
  assert_shows (late, hash);
  assert_count (terms->world, 0, "eula_acceptance");
  assert_profile (terms->world, ticket, 401);
  then = post (terms->world, ticket, "agree", hash, NULL);
  assert_status (then, 200);
  assert_count (terms->world, 1, "eula_acceptance WHERE version = '2'");
}

static void
test_language (void)
{
  static const struct
  {
    const char *query, *accept_language, *document, *language;
  } cases[] = {
    { "", NULL, ENGLISH, "" }, { "", "de-AT, en;q=0.5", GERMAN, "de" }, { "", "en, de;q=0.5", ENGLISH, "" },
    { "", "it", ENGLISH, "" }, { "?lang=de", "en", GERMAN, "de" },      { "?lang=en", "de", ENGLISH, "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Terms) terms = terms_new (EVERYBODY);
      g_autofree char *ticket = sign_in_to_page (terms->world, "/mdm/sso", &ada);
      g_autofree char *hash = dup_hash (cases[i].document);
      g_autofree char *where = g_strdup_printf ("eula_acceptance WHERE language = '%s' AND sha256 = '%s'",
                                                cases[i].language, hash);
      g_autoptr (DoorResponse) page =
          open_page (terms->world, ticket, cases[i].query, cases[i].accept_language);
      g_autoptr (DoorResponse) agreed = NULL;

      assert_shows (page, hash);
      agreed = post (terms->world, ticket, "agree", hash, NULL);
      assert_status (agreed, 200);
      assert_count (terms->world, 1, where);
    }
}

/* Who has agreed to a version is not asked about it again, unless it is not what it was. */
static void
test_once (void)
{
  static const struct
  {
    const char *text, *document;
    bool asked;
  } cases[] = {
    { ENGLISH, "File=@/use.html\nVersion=1\n", false },
    { "<p>New", "File=@/use.de.html\nFile[en]=@/use.html\nVersion=1\n", true },
    { ENGLISH, "File=@/use.de.html\nFile[en]=@/use.html\nVersion=1\n", false },
    { ENGLISH, "File=@/use.html\nVersion=2\n", true },
    { ENGLISH, "File=@/use.html\nVersion=1\nReprompt=true\n", true },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Terms) terms = terms_new (EVERYBODY);
      g_autofree char *ticket = sign_in_to_page (terms->world, "/mdm/sso", &ada), *next = NULL;
      g_autoptr (DoorResponse) response = agree (terms->world, ticket);

      assert_status (response, 200);
      write_document (terms, "use.html", cases[i].text);
      reload (terms, cases[i].document);
      next = cases[i].asked ? sign_in_to_page (terms->world, "/mdm/sso", &ada_again)
                            : sign_in (terms->world, "/mdm/sso", &ada_again);
      assert_profile (terms->world, next, cases[i].asked ? 401 : 200);
      g_free (next);
      next = sign_in_to_page (terms->world, "/mdm/sso", &ben); /* who has agreed to nothing */
    }
}

static void
test_team (void)
{
  g_autoptr (Terms) terms =
      terms_new ("[enrollment]\nEula=use\n[team/red]\nEula=other\n[team/free]\nEula=none\n" DOCUMENT
                 "[eula/other]\nFile=@/use.pdf\nVersion=7\n");
  g_autofree char *everywhere = sign_in_to_page (terms->world, "/mdm/sso", &ada);
  g_autofree char *red = sign_in_to_page (terms->world, "/mdm/sso?team=red", &ada_again);
  g_autofree char *none = sign_in (terms->world, "/mdm/sso?team=free", &ben);

  assert_count (terms->world, 1, "access_token WHERE team = '' AND eula = 'use'");
  assert_count (terms->world, 1, "access_token WHERE team = 'red' AND eula = 'other'");
  assert_count (terms->world, 1, "access_token WHERE team = 'free' AND eula = ''");
}

/* A document that is gone lets nobody past. */
static void
test_missing (void)
{
  g_autoptr (Terms) terms = terms_new (EVERYBODY);
  g_autofree char *ticket = NULL;
  g_autoptr (DoorResponse) page = NULL, response = NULL;

  g_ptr_array_set_size (terms->world->context.eulas, 0);
  ticket = sign_in_to_page (terms->world, "/mdm/sso", &ada);
  page = open_page (terms->world, ticket, "", NULL);
  assert_status (page, 503);
  response = agree (terms->world, ticket);
  assert_status (response, 503);
  assert_profile (terms->world, ticket, 401);
}

static void
test_judge (void)
{
  static const struct
  {
    const char *text;
    int kind; /* 1: HTML, 0: PDF, -1: neither */
  } cases[] = {
    { "<p>", 1 },
    { "\xef\xbb\xbf <!DOCTYPE html>", 1 },
    { " \r\n\t<html>", 1 },
    { PDF, 0 },
    { "", -1 },
    { "   ", -1 },
    { "Terms", -1 },
    { "\xff<p>", -1 },
    { "<p>\xe4", -1 },
    { " %PDF-1.4", -1 },
    { "{\\rtf1", -1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (cases[i].text, strlen (cases[i].text));
      g_autoptr (GError) error = NULL;
      bool is_html = false;

      g_assert_cmpint (door_eula_document_judge (bytes, &is_html, &error), ==, cases[i].kind >= 0);
      if (cases[i].kind >= 0)
        g_assert_cmpint (is_html, ==, cases[i].kind);
      else
        assert_fault (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE);
    }
}

static void
test_load (void)
{
  g_autoptr (Terms) terms = terms_new (EVERYBODY);
  g_autofree char *large = g_strnfill (DOOR_EULA_MAX_BYTES - 1, ' ');
  g_autofree char *fits = g_strconcat ("<", large, NULL), *over = g_strconcat ("<", large, " ", NULL);
  DoorSettings *settings = door_config_get_settings (terms->world->config, "eula/use");
  const char *const texts[] = { fits, over, "plain" };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorEulaDocument) document = NULL;

      write_document (terms, "use.de.html", texts[i]);
      document = door_eula_document_load (settings, &error);
      if (i == 0)
        g_assert_no_error (error);
      else
        assert_fault (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE);
      g_assert_true ((document != NULL) == (i == 0));
    }
}

/* Read once, before the provider has the browser, and never in the way of a program. */
static void
test_intro (void)
{
  g_autoptr (Terms) terms =
      terms_new ("[enrollment]\nIntro=Hello <you>.;Second.\nIntro[de]=Hallo.\n[team/quiet]\nIntro=none\n");
  g_autoptr (DoorResponse) first = world_get (terms->world, "/mdm/sso", NULL), second = NULL, german = NULL;
  g_autoptr (DoorResponse) quiet = world_get (terms->world, "/mdm/sso?team=quiet", NULL), json = NULL;
  g_autofree char *cookie = world_dup_cookie (first);
  g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
  const Visit program = {
    .method = "POST", .target = "/api/v1/fleet/mdm/sso", .content_type = "application/json", .body = body
  };
  const Visit visit = { .target = "/mdm/sso", .header = { "Accept-Language", "de" } };

  assert_status (first, 200);
  assert_shows (first, "<p class=\"intro\">Hello &lt;you&gt;.</p><p class=\"intro\">Second.</p>");
  assert_shows (first, "/mdm/sso/start?idp=okta");
  second = world_get (terms->world, "/mdm/sso", cookie);
  assert_status (second, 303);
  german = world_visit (terms->world, &visit);
  assert_shows (german, "<p class=\"intro\">Hallo.</p>");
  assert_status (quiet, 303);
  json = world_visit (terms->world, &program);
  assert_status (json, 200);
  assert_shows (json, "https://idp.example.com/sso");
}

static void
add (void)
{
  g_test_add_func ("/eula/before-profile", test_before_profile);
  g_test_add_func ("/eula/page", test_page);
  g_test_add_func ("/eula/document", test_document);
  g_test_add_func ("/eula/pdf", test_pdf);
  g_test_add_func ("/eula/record", test_record);
  g_test_add_func ("/eula/one-write", test_one_write);
  g_test_add_func ("/eula/decline", test_decline);
  g_test_add_func ("/eula/tickets", test_tickets);
  g_test_add_func ("/eula/of-another", test_of_another);
  g_test_add_func ("/eula/other-site", test_other_site);
  g_test_add_func ("/eula/form", test_form);
  g_test_add_func ("/eula/changed", test_changed);
  g_test_add_func ("/eula/language", test_language);
  g_test_add_func ("/eula/once", test_once);
  g_test_add_func ("/eula/team", test_team);
  g_test_add_func ("/eula/missing", test_missing);
  g_test_add_func ("/eula/judge", test_judge);
  g_test_add_func ("/eula/load", test_load);
  g_test_add_func ("/eula/intro", test_intro);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
