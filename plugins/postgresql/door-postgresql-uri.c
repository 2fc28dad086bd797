/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-postgresql-uri.h"

#include <string.h>

#include <libgda/libgda.h>

#include "door-error.h"

static gboolean
refuse (GError **error, const char *reason, const char *detail)
{
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                  "[database] Uri: %s%s%s; it looks like "
                  "postgresql://user@host:5432/database or postgresql://user@/database?host=/run/postgresql",
                  reason, detail != NULL ? " " : "", detail != NULL ? detail : "");
  return FALSE;
}

static gboolean
is_port (const char *text)
{
  guint64 port = 0;

  return g_ascii_string_to_unsigned (text, 10, 1, 65535, &port, NULL);
}

/* libpq's own settings that may stand in the address (PostgreSQL documentation, 34.1.2). */
static gboolean
is_option (const char *name)
{
  static const char *const names[] = {
    "sslmode",    "sslrootcert",     "sslcert",          "sslkey",           "sslcrl",
    "gssencmode", "connect_timeout", "tcp_user_timeout", "application_name", NULL
  };

  return g_strv_contains (names, name);
}

static gboolean
take_option (DoorPostgresqlUri *self, const char *name, const char *value, GError **error)
{
  char **field = g_str_equal (name, "host")     ? &self->host
                 : g_str_equal (name, "port")   ? &self->port
                 : g_str_equal (name, "user")   ? &self->user
                 : g_str_equal (name, "dbname") ? &self->database
                                                : NULL;

  if (g_str_equal (name, "password"))
    return refuse (error, "a password does not belong here: set Password", NULL);
  if (field == NULL && !is_option (name))
    return refuse (error, "the storage cannot pass on the setting", name);
  if (field != NULL && *field != NULL)
    return refuse (error, "given twice:", name);
  if (field != NULL)
    *field = g_strdup (value);
  else
    {
      g_ptr_array_add (self->options, g_strdup (name));
      g_ptr_array_add (self->options, g_strdup (value));
    }
  return TRUE;
}

static gboolean
take_query (DoorPostgresqlUri *self, const char *query, GError **error)
{
  g_auto (GStrv) pairs = g_strsplit (query != NULL ? query : "", "&", -1);

  for (size_t i = 0; pairs[i] != NULL; i++)
    {
      char *equals = strchr (pairs[i], '=');
      g_autofree char *value = NULL;

      if (*pairs[i] == '\0')
        continue;
      if (equals == NULL)
        return refuse (error, "a setting without a value:", pairs[i]);
      *equals = '\0';
      value = g_uri_unescape_string (equals + 1, NULL);
      if (value == NULL || *value == '\0')
        return refuse (error, "a setting without a proper value:", pairs[i]);
      if (!take_option (self, pairs[i], value, error))
        return FALSE;
    }
  return TRUE;
}

/* Empty is the same as absent. */
static char *
decode (const char *text)
{
  g_autofree char *plain = text != NULL ? g_uri_unescape_string (text, NULL) : NULL;

  return plain != NULL && *plain != '\0' ? g_steal_pointer (&plain) : NULL;
}

static gboolean
check (const DoorPostgresqlUri *self, GError **error)
{
  if (self->database == NULL)
    return refuse (error, "the name of the database is missing", NULL);
  if (self->port != NULL && !is_port (self->port))
    return refuse (error, "not a port:", self->port);
  /* Several servers need a rule which of them may be written to, and libgda knows none. */
  if (self->host != NULL && strchr (self->host, ',') != NULL)
    return refuse (error, "more than one host; name the address that moves with the primary:", self->host);
  return TRUE;
}

/**
 * door_postgresql_uri_parse:
 * @text: the address, as libpq writes them (PostgreSQL documentation, 34.1.1.2)
 * @error: return location for an error
 *
 * Parses the address of a database. Pure.
 *
 * Returns: (transfer full): its parts, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorPostgresqlUri *
door_postgresql_uri_parse (const char *text, GError **error)
{
  g_autoptr (DoorPostgresqlUri) self = g_new0 (DoorPostgresqlUri, 1);
  g_autofree char *scheme = NULL, *user = NULL, *host = NULL, *path = NULL, *query = NULL, *fragment = NULL;
  int port = -1;

  self->options = g_ptr_array_new_with_free_func (g_free);
  if (!g_uri_split (text, G_URI_FLAGS_ENCODED, &scheme, &user, &host, &port, &path, &query, &fragment,
                    NULL) ||
      scheme == NULL || (!g_str_equal (scheme, "postgresql") && !g_str_equal (scheme, "postgres")) ||
      fragment != NULL)
    {
      refuse (error, "not the address of a PostgreSQL database", NULL);
      return NULL;
    }
  if (user != NULL && strchr (user, ':') != NULL)
    {
      refuse (error, "a password does not belong here: set Password", NULL);
      return NULL;
    }
  self->user = decode (user);
  self->host = decode (host);
  self->port = port > 0 ? g_strdup_printf ("%d", port) : NULL;
  self->database = decode (*path == '/' ? path + 1 : path);
  if (!take_query (self, query, error) || !check (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_postgresql_uri_free:
 * @self: (transfer full): an address
 */
void
door_postgresql_uri_free (DoorPostgresqlUri *self)
{
  g_free (self->host);
  g_free (self->port);
  g_free (self->user);
  g_free (self->database);
  g_ptr_array_unref (self->options);
  g_free (self);
}

/* Inside the quotes of libpq's connection text (34.1.1.1). libgda writes the quotes but not these. */
static char *
escape (const char *value)
{
  GString *text = g_string_new (NULL);

  for (; *value != '\0'; value++)
    {
      if (*value == '\'' || *value == '\\')
        g_string_append_c (text, '\\');
      g_string_append_c (text, *value);
    }
  return g_string_free (text, FALSE);
}

static void
append (GString *text, const char *name, const char *value)
{
  g_autofree char *safe = gda_rfc1738_encode (value);

  g_string_append_printf (text, "%s%s=%s", text->len > 0 ? ";" : "", name, safe);
}

static void
append_escaped (GString *text, const char *name, const char *value)
{
  g_autofree char *escaped = NULL;

  if (value == NULL)
    return;
  escaped = escape (value);
  append (text, name, escaped);
}

/* A server that vanished without a word is noticed in a quarter of a minute, not in two hours; the core obeys
 * tcp_user_timeout also for one that is there and says nothing. What the address says comes later in the text
 * and wins. */
static const char defaults[] = " connect_timeout=5 keepalives=1 keepalives_idle=15 keepalives_interval=5"
                               " keepalives_count=3 tcp_user_timeout=15000 application_name=doorward";

/**
 * door_postgresql_uri_dup_where:
 * @self: an address
 *
 * Writes libgda's connection string. libgda has no names for most of libpq's settings, but copies the
 * port into libpq's connection text as it is: they travel behind it. Pure.
 *
 * Returns: (transfer full): the string
 */
char *
door_postgresql_uri_dup_where (const DoorPostgresqlUri *self)
{
  g_autoptr (GString) port = g_string_new (self->port != NULL ? self->port : "5432");
  GString *text = g_string_new (NULL);

  g_string_append (port, defaults);
  for (guint i = 0; i + 1 < self->options->len; i += 2)
    {
      g_autofree char *value = escape (self->options->pdata[i + 1]);

      g_string_append_printf (port, " %s='%s'", (const char *) self->options->pdata[i], value);
    }
  append_escaped (text, "DB_NAME", self->database);
  append_escaped (text, "HOST", self->host);
  append (text, "PORT", port->str);
  return g_string_free (text, FALSE);
}

/**
 * door_postgresql_uri_dup_who:
 * @self: an address
 * @password: (nullable): the password
 *
 * Writes libgda's authentication string. Pure. Wipe it after use.
 *
 * Returns: (transfer full) (nullable): the string, %NULL when there is neither user nor password
 */
char *
door_postgresql_uri_dup_who (const DoorPostgresqlUri *self, const char *password)
{
  GString *text = g_string_new (NULL);

  append_escaped (text, "USERNAME", self->user);
  append_escaped (text, "PASSWORD", password);
  return g_string_free (text, text->len == 0);
}
