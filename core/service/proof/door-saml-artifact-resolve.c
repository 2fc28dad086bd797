/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-artifact-resolve.h"

#include <string.h>

#include "door-digest.h"
#include "door-error.h"
#include "door-metadata-refresh.h"
#include "door-oidc-cell.h"
#include "door-saml-artifact.h"
#include "door-saml-keys.h"
#include "door-saml-options.h"

#define MAX_RESOLUTIONS 3 /* for one request */
#define TIMEOUT_S 8
#define HTTP_OK 200
#define HTTP_FAULT 500 /* a SOAP fault comes with it (SOAP 1.1, 6.2) */
#define SOAP_TYPE "text/xml; charset=utf-8"
#define SOAP_ACTION "http://www.oasis-open.org/committees/security" /* bindings 3.2.3.1 */

/* One question while it is under way. */
typedef struct
{
  const DoorContext *context;
  const DoorSamlHandle *handle;
  DoorSamlMetadata *metadata;
  const char *url;
  char *id;
} Resolution;

static void
resolution_clear (Resolution *self)
{
  g_clear_pointer (&self->metadata, door_saml_metadata_unref);
  g_clear_pointer (&self->id, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Resolution, resolution_clear)

/* Whom to ask: the provider that the request went to, if the artifact is one of its own. */
static bool
prepare (Resolution *self, GError **error)
{
  const DoorSamlHandle *handle = self->handle;
  const DoorSamlOptions options = door_saml_options_read (handle->connection);
  DoorSamlArtifact artifact;

  if (!options.artifact)
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SAML_ARTIFACT,
                           "artifact: ResponseBinding is not artifact");
  if (!door_saml_artifact_parse (handle->artifact, strlen (handle->artifact), &artifact, error))
    return false;
  self->metadata = door_connection_dup_valid_metadata (handle->connection,
                                                       door_clock_now_ms (self->context->clock), error);
  if (self->metadata == NULL)
    return false;
  if (!door_saml_artifact_is_from (&artifact, door_saml_metadata_get_entity_id (self->metadata)))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SAML_ARTIFACT,
                           "artifact: its SourceID is not of the provider that was asked");
  self->url = door_saml_metadata_lookup_resolver_url (self->metadata, artifact.endpoint_index);
  return self->url != NULL ||
         door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_SAML_ARTINDEX,
                         "artifact: no ArtifactResolutionService has index %u", artifact.endpoint_index);
}

/* An artifact is none that is remembered under an assertion's name: a space stands in no ID. */
static gboolean
write_use (DoorTxn *txn, gpointer data, GError **error)
{
  const Resolution *self = data;
  g_autofree char *hash = door_digest_sha256_text (self->handle->artifact);
  g_autofree char *name = g_strconcat ("artifact ", hash, NULL);
  const DoorSignInRequest *request = self->handle->request;
  bool allowed = false, fresh = false;

  if (!door_login_store_count_resolution (txn, request->id, MAX_RESOLUTIONS, &allowed, error) ||
      (allowed && !door_login_store_add_replay (txn, door_saml_metadata_get_entity_id (self->metadata), name,
                                                request->expires_at, &fresh, error)))
    return FALSE;
  if (!allowed)
    return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_ARTUSED,
                           "the request has had its %d tries to resolve an artifact", MAX_RESOLUTIONS);
  return fresh || door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_ARTUSED,
                                  "the artifact was presented before");
}

static GBytes *
build_question (const Resolution *self, GError **error)
{
  const DoorSamlHandle *handle = self->handle;
  g_autoptr (GPtrArray) keys = door_saml_keys_ensure (
      self->context, handle->connection, DOOR_SAML_USE_SIGNING, false, handle->cancellable, error);
  DoorSamlArtifactResolve message;
  char *text;

  if (keys == NULL)
    return NULL;
  message = (DoorSamlArtifactResolve){
    .id = self->id,
    .issued_at_ms = door_clock_now_ms (self->context->clock),
    .destination = self->url,
    .issuer = door_connection_get_sp_entity_id (handle->connection),
    .artifact = handle->artifact,
    .signing_key = g_ptr_array_index (keys, 0),
  };
  text = door_saml_artifact_build_resolve (&message, error);
  return text != NULL ? g_bytes_new_take (text, strlen (text)) : NULL;
}

static bool
ask (const Resolution *self, GBytes *question, DoorFetchAnswer *answer, GError **error)
{
  static const char *const headers[] = { "SOAPAction", SOAP_ACTION, NULL };
  const DoorFetchRequest request = {
    .method = "POST",
    .url = self->url,
    .headers = headers,
    .content_type = SOAP_TYPE,
    .body = question,
    .max_bytes = DOOR_SAML_SOAP_MAX_BYTES,
    .timeout_s = TIMEOUT_S,
    .allow_http = self->context->development,
    .allow_private = door_connection_may_be_private (self->handle->connection, self->context->development),
    .take_redirect = true, /* a question that is signed for one address goes to no other */
  };
  g_autoptr (GError) local = NULL;

  if (!self->context->fetch (&request, answer, self->handle->cancellable, &local))
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_SAML_ARTPROVIDER, "artifact: %s",
                           local->message);
  return answer->status == HTTP_OK || answer->status == HTTP_FAULT ||
         door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_SAML_ARTPROVIDER,
                         "artifact: %s answers with status %u", self->url, answer->status);
}

/* Whatever is wrong with the envelope is one thing for who signs in, and not to be taken for a check that the
 * Response inside has come to. */
static char *
read_answer (const Resolution *self, const DoorFetchAnswer *answer, GError **error)
{
  const DoorIdpProfile *profile = door_connection_get_profile (self->handle->connection);
  const DoorSamlArtifactExpectation expect = { .metadata = self->metadata,
                                               .request_id = self->id,
                                               .allow_sha1 = door_idp_profile_get_allow_sha1 (profile) };
  g_autoptr (GError) local = NULL;
  g_autofree char *response = door_saml_artifact_read_answer (answer->body, &expect, &local);
  DoorFault fault = door_error_get_fault (local);

  if (response != NULL && answer->status == HTTP_OK)
    return g_steal_pointer (&response);
  if (fault == DOOR_FAULT_SAML_SIGNATURE)
    door_metadata_refresh_ask (self->context, self->handle->connection); /* maybe it signs with a new key */
  if (fault == DOOR_FAULT_SAML_ARTUNKNOWN)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_ARTANSWER, "%s",
                    local != NULL ? local->message : "artifact answer: a Response comes with an error");
  return NULL;
}

static char *
resolve (Resolution *self, GError **error)
{
  g_autoptr (GBytes) question = NULL;
  g_auto (DoorFetchAnswer) answer = { 0 };

  if (!door_writer_run (self->context->writer, write_use, self, self->handle->cancellable, error))
    return NULL;
  self->id = door_random_dup_ncname (self->context->random);
  question = build_question (self, error);
  if (question == NULL || !ask (self, question, &answer, error))
    return NULL;
  return read_answer (self, &answer, error);
}

/**
 * door_saml_artifact_check:
 * @context: what every service needs
 * @handle: what came
 * @error: return location for an error
 *
 * Judges an artifact as far as that is possible without asking the provider. Never blocks.
 *
 * Returns: false with %DOOR_FAULT_SAML_ARTIFACT, _ARTINDEX or that of missing metadata
 */
bool
door_saml_artifact_check (const DoorContext *context, const DoorSamlHandle *handle, GError **error)
{
  g_auto (Resolution) self = { .context = context, .handle = handle };

  return prepare (&self, error);
}

/**
 * door_saml_artifact_resolve:
 * @context: what every service needs
 * @handle: what came
 * @error: return location for an error
 *
 * Asks the provider for the message that an artifact stands for (SAML core 3.5, bindings 3.6, profiles 5),
 * with a question that is always signed. At most three times for a request and once for an artifact, which is
 * on disk before it is asked. What comes has still to be verified like any answer. Blocks for a commit and on
 * the network, for some seconds at most: for %DOOR_POOL_WAITING, without a transaction.
 *
 * Returns: (transfer full): a Response in base64, or %NULL with one of %DOOR_FAULT_SAML_ARTIFACT to
 * _ARTUNKNOWN
 */
char *
door_saml_artifact_resolve (const DoorContext *context, const DoorSamlHandle *handle, GError **error)
{
  g_auto (Resolution) self = { .context = context, .handle = handle };
  DoorOidcCell *cell = door_connection_get_oidc_cell (handle->connection);
  char *response;

  if (!prepare (&self, error) ||
      !door_oidc_cell_enter (cell, door_connection_get_name (handle->connection), error))
    return NULL;
  response = resolve (&self, error);
  door_oidc_cell_leave (cell);
  return response;
}
