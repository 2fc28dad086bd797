/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-documents.h"

#include <string.h>

#include "door-error.h"
#include "door-metadata-store.h"
#include "door-oidc-bundle.h"
#include "door-oidc-cell.h"

#define MAX_BYTES (256 * 1024)
#define TIMEOUT_S 8
/* After a failure: soon while nothing is known, else at leisure. */
#define RETRY_EMPTY_S 15
#define RETRY_S 300
/* Between two fetches because of a key that is not known: a provider that answers with such tokens must not
 * make us ask it for each. */
#define RENEW_S 60

/* As received and as read. */
typedef struct
{
  GBytes *discovery_text;
  GBytes *keys_text;
  DoorOidcDocuments documents;
  int64_t at_ms;
} Fetched;

static void
fetched_clear (Fetched *self)
{
  g_clear_pointer (&self->discovery_text, g_bytes_unref);
  g_clear_pointer (&self->keys_text, g_bytes_unref);
  door_oidc_documents_clear (&self->documents);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fetched, fetched_clear)

/**
 * door_oidc_documents_clear:
 * @self: documents
 */
void
door_oidc_documents_clear (DoorOidcDocuments *self)
{
  g_clear_pointer (&self->discovery, door_oidc_discovery_unref);
  g_clear_pointer (&self->keys, door_jwk_set_unref);
}

static const char *
issuer_of (const DoorConnection *connection)
{
  return door_idp_profile_get_issuers (door_connection_get_profile (connection))[0];
}

/**
 * door_oidc_documents_dup_source:
 * @connection: a connection of OpenID Connect
 *
 * Returns: (transfer full): where its discovery document is
 */
char *
door_oidc_documents_dup_source (const DoorConnection *connection)
{
  const char *url = door_idp_profile_get_discovery_url (door_connection_get_profile (connection));

  return url != NULL ? g_strdup (url) : door_oidc_discovery_dup_url (issuer_of (connection));
}

static GBytes *
fetch_document (const DoorContext *context, const DoorConnection *connection, const char *url,
                GCancellable *cancellable, GError **error)
{
  static const char *const headers[] = { "Accept", "application/json", NULL };
  const DoorFetchRequest request = {
    .url = url,
    .headers = headers,
    .max_bytes = MAX_BYTES,
    .timeout_s = TIMEOUT_S,
    .allow_private = door_connection_may_be_private (connection, context->development),
  };
  g_auto (DoorFetchAnswer) answer = { 0 };
  g_autoptr (GError) local = NULL;

  if (!context->fetch (&request, &answer, cancellable, &local))
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_PROVIDER, "%s", local->message);
  else if (answer.status != 200)
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_PROVIDER, "%s: answered %u", url,
                    answer.status);
  else
    return g_steal_pointer (&answer.body);
  return NULL;
}

/* What cannot be read is the provider's fault, and it may be mended there. */
static bool
read_documents (const DoorConnection *connection, Fetched *fetched, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (fetched->documents.discovery == NULL)
    fetched->documents.discovery =
        door_oidc_discovery_parse (fetched->discovery_text, issuer_of (connection), &local);
  if (fetched->documents.discovery != NULL && fetched->keys_text != NULL)
    fetched->documents.keys = door_jwk_set_parse (fetched->keys_text, &local);
  return local == NULL ||
         door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_DISCOVERY, "idp/%s: %s",
                         door_connection_get_name (connection), local->message);
}

static bool
fetch_all (const DoorContext *context, const DoorConnection *connection, GCancellable *cancellable,
           Fetched *fetched, GError **error)
{
  g_autofree char *source = door_oidc_documents_dup_source (connection);

  fetched->discovery_text = fetch_document (context, connection, source, cancellable, error);
  if (fetched->discovery_text == NULL || !read_documents (connection, fetched, error))
    return false;
  fetched->keys_text =
      fetch_document (context, connection, door_oidc_discovery_get_jwks_uri (fetched->documents.discovery),
                      cancellable, error);
  return fetched->keys_text != NULL && read_documents (connection, fetched, error);
}

static gboolean
write_row (DoorTxn *txn, gpointer data, GError **error)
{
  return door_metadata_store_save (txn, data, error);
}

/* For the next start, when the provider may be away. That it cannot be kept is no reason to refuse anybody.
 */
static void
keep (const DoorContext *context, const DoorConnection *connection, const Fetched *fetched,
      GCancellable *cancellable)
{
  g_autofree char *source = door_oidc_documents_dup_source (connection), *text = NULL;
  g_autoptr (GError) error = NULL;
  DoorStoredMetadata row;

  text = door_oidc_bundle_build (fetched->discovery_text, fetched->keys_text);
  row = (DoorStoredMetadata){
    .connection = (char *) door_connection_get_name (connection),
    .source = source,
    .entity_id = (char *) issuer_of (connection),
    .xml = text,
    .fetched_at = fetched->at_ms,
  };
  if (!door_writer_run (context->writer, write_row, &row, cancellable, &error))
    g_info ("idp/%s: what was fetched could not be kept: %s", door_connection_get_name (connection),
            error->message);
}

/* What was kept, if it is of the same provider; anything else counts as nothing. */
static bool
read_row (const DoorContext *context, const DoorConnection *connection, Fetched *fetched, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, error);
  g_autoptr (DoorStoredMetadata) row = NULL;
  g_autofree char *source = door_oidc_documents_dup_source (connection);

  if (txn == NULL || !door_metadata_store_lookup (txn, door_connection_get_name (connection), &row, error))
    return false;
  if (row == NULL || strcmp (row->source, source) != 0 ||
      strcmp (row->entity_id, issuer_of (connection)) != 0)
    return true;
  fetched->at_ms = row->fetched_at;
  if (!door_oidc_bundle_parse (row->xml, &fetched->discovery_text, &fetched->keys_text) ||
      !read_documents (connection, fetched, NULL))
    door_oidc_documents_clear (&fetched->documents);
  return true;
}

/* What the provider has not confirmed for so long is not believed any more (MetadataMaxStale=). */
static int64_t
find_oldest_ms (const DoorContext *context, const DoorConnection *connection)
{
  return door_clock_now_ms (context->clock) - door_connection_get_max_stale_s (connection) * 1000;
}

/* The lock is held. */
static bool
copy_out (const DoorOidcCell *cell, int64_t oldest_ms, DoorOidcDocuments *out)
{
  if (cell->discovery == NULL || cell->keys == NULL || cell->fetched_ms < oldest_ms)
    return false;
  door_oidc_documents_clear (out);
  out->discovery = door_oidc_discovery_ref (cell->discovery);
  out->keys = door_jwk_set_ref (cell->keys);
  return true;
}

/* The lock is held. */
static void
copy_in (DoorOidcCell *cell, const Fetched *fetched)
{
  const DoorOidcDocuments *documents = &fetched->documents;

  g_clear_pointer (&cell->discovery, door_oidc_discovery_unref);
  g_clear_pointer (&cell->keys, door_jwk_set_unref);
  cell->discovery = door_oidc_discovery_ref (documents->discovery);
  cell->keys = door_jwk_set_ref (documents->keys);
  cell->fetched_ms = fetched->at_ms;
}

static bool
refuse_unknown (const DoorConnection *connection, GError **error)
{
  return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_PROVIDER,
                         "idp/%s: nothing is known of the provider yet, and it did not answer lately",
                         door_connection_get_name (connection));
}

/**
 * door_oidc_documents_recall:
 * @context: what every service needs
 * @connection: a connection of OpenID Connect
 * @out: (out caller-allocates): the documents; clear it
 * @error: return location for an error
 *
 * Gets what is known of the provider without asking it: as fetched last by this process, else as kept in the
 * database. Blocks for a read the first time.
 *
 * Returns: false with an error, %DOOR_FAULT_OIDC_PROVIDER when nothing is known
 */
bool
door_oidc_documents_recall (const DoorContext *context, DoorConnection *connection, DoorOidcDocuments *out,
                            GError **error)
{
  DoorOidcCell *cell = door_connection_get_oidc_cell (connection);
  int64_t oldest_ms = find_oldest_ms (context, connection);
  g_auto (Fetched) kept = { NULL };
  bool known, recalled;

  pthread_mutex_lock (&cell->lock);
  known = copy_out (cell, oldest_ms, out);
  recalled = cell->recalled;
  pthread_mutex_unlock (&cell->lock);
  if (known)
    return true;
  if (!recalled && !read_row (context, connection, &kept, error))
    return false;
  pthread_mutex_lock (&cell->lock);
  cell->recalled = true;
  if (cell->discovery == NULL && kept.documents.keys != NULL)
    copy_in (cell, &kept); /* due at once: due_s is 0 */
  known = copy_out (cell, oldest_ms, out);
  pthread_mutex_unlock (&cell->lock);
  return known || refuse_unknown (connection, error);
}

/* How long what was fetched is good for, or until the next try. */
static int64_t
choose_pause_s (const DoorConnection *connection, const DoorOidcCell *cell, bool fetched)
{
  if (fetched)
    return door_connection_get_refresh_s (connection);
  return cell->discovery != NULL ? RETRY_S : RETRY_EMPTY_S;
}

static bool
fetch_into (const DoorContext *context, DoorConnection *connection, GCancellable *cancellable, GError **error)
{
  DoorOidcCell *cell = door_connection_get_oidc_cell (connection);
  g_auto (Fetched) fetched = { NULL };
  bool done = fetch_all (context, connection, cancellable, &fetched, error);

  fetched.at_ms = door_clock_now_ms (context->clock);
  pthread_mutex_lock (&cell->lock);
  if (done)
    copy_in (cell, &fetched);
  cell->due_s = door_clock_monotonic_s (context->clock) + choose_pause_s (connection, cell, done);
  cell->busy = false;
  pthread_cond_broadcast (&cell->changed);
  pthread_mutex_unlock (&cell->lock);
  if (done)
    keep (context, connection, &fetched, cancellable);
  return done;
}

/* Whether this thread is the one that fetches; if another does and nothing is known yet, waits for it. */
static bool
take_turn (DoorOidcCell *cell, int64_t now_s)
{
  bool mine = false;

  pthread_mutex_lock (&cell->lock);
  while (cell->busy && cell->discovery == NULL)
    pthread_cond_wait (&cell->changed, &cell->lock);
  if (!cell->busy && now_s >= cell->due_s)
    {
      mine = cell->busy = true;
      cell->tried_s = MAX (now_s, 1);
    }
  pthread_mutex_unlock (&cell->lock);
  return mine;
}

/* What was good stays in force when the provider is away. */
static bool
fetch_or_keep (const DoorContext *context, DoorConnection *connection, GCancellable *cancellable,
               DoorOidcDocuments *out, GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (fetch_into (context, connection, cancellable, &failure))
    return door_oidc_documents_recall (context, connection, out, error);
  if (!door_oidc_documents_recall (context, connection, out, NULL))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return false;
    }
  g_warning ("idp/%s: not fetched again, what was read before stays in force: %s",
             door_connection_get_name (connection), failure->message);
  return true;
}

/**
 * door_oidc_documents_ensure:
 * @context: what every service needs
 * @connection: a connection of OpenID Connect
 * @cancellable: (nullable): ends it early
 * @out: (out caller-allocates): the documents; clear it
 * @error: return location for an error
 *
 * Gets what the provider publishes, fetched again when it is due. What was good stays in force while the
 * provider does not answer. Blocks on the network, for two requests at most: for %DOOR_POOL_WAITING.
 *
 * Returns: false with %DOOR_FAULT_OIDC_PROVIDER or %DOOR_FAULT_OIDC_DISCOVERY
 */
bool
door_oidc_documents_ensure (const DoorContext *context, DoorConnection *connection, GCancellable *cancellable,
                            DoorOidcDocuments *out, GError **error)
{
  DoorOidcCell *cell = door_connection_get_oidc_cell (connection);
  bool known = door_oidc_documents_recall (context, connection, out, NULL);

  if (take_turn (cell, door_clock_monotonic_s (context->clock)))
    return fetch_or_keep (context, connection, cancellable, out, error);
  return known || door_oidc_documents_recall (context, connection, out, error);
}

/* Fetches the keys once more before they are due, because a token was signed with one that is not among them;
 * not more than once a minute. Whether there may be other keys now; that they could not be fetched is in the
 * log. */
static bool
renew (const DoorContext *context, const DoorOidcCheck *check, DoorOidcDocuments *out)
{
  DoorOidcCell *cell = door_connection_get_oidc_cell (check->connection);
  int64_t now_s = door_clock_monotonic_s (context->clock);
  bool renewed, mine = false;

  pthread_mutex_lock (&cell->lock);
  renewed = cell->keys != out->keys; /* by another thread, meanwhile */
  if (!renewed && !cell->busy && (cell->tried_s == 0 || now_s >= cell->tried_s + RENEW_S))
    {
      mine = cell->busy = true;
      cell->tried_s = MAX (now_s, 1);
    }
  pthread_mutex_unlock (&cell->lock);
  if (!mine)
    return renewed && door_oidc_documents_recall (context, check->connection, out, NULL);
  return fetch_or_keep (context, check->connection, check->cancellable, out, NULL);
}

/* What a token of the provider is measured against, now. */
static DoorOidcExpectation
make_expectation (const DoorContext *context, const DoorConnection *connection,
                  const DoorOidcDocuments *documents)
{
  const DoorIdpProfile *profile = door_connection_get_profile (connection);

  return (DoorOidcExpectation){
    .issuers = door_idp_profile_get_issuers (profile),
    .tenants = door_idp_profile_get_tenants (profile),
    .client_id = door_idp_profile_get_client_id (profile),
    .keys = documents->keys,
    .algorithms = door_oidc_discovery_get_algorithms (documents->discovery),
    .now_ms = door_clock_now_ms (context->clock),
    .clock_skew_s = door_policy_get_clock_skew_s (context->policy),
  };
}

/**
 * door_oidc_documents_verify:
 * @context: what every service needs
 * @check: a token, and what verifies it
 * @documents: (inout): what the provider publishes; afterwards what the result was made with
 * @error: return location for an error
 *
 * Verifies a token; once more when no key fits and newer ones are to be had: keys change, and one that is not
 * known may have come since they were fetched. Blocks on the network then: for %DOOR_POOL_WAITING.
 *
 * Returns: (transfer full): what the check gave, or %NULL with its error
 */
gpointer
door_oidc_documents_verify (const DoorContext *context, const DoorOidcCheck *check,
                            DoorOidcDocuments *documents, GError **error)
{
  g_autoptr (GError) failure = NULL;
  DoorOidcExpectation expect = make_expectation (context, check->connection, documents);
  gpointer proven = check->verify (&expect, check->data, &failure);

  if (proven != NULL)
    return proven;
  /* the token's own fault is the one that counts */
  if (door_error_get_fault (failure) == DOOR_FAULT_OIDC_KEY && renew (context, check, documents))
    {
      expect = make_expectation (context, check->connection, documents);
      return check->verify (&expect, check->data, error);
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}
