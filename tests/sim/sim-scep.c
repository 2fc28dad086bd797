/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-error.h"
#include "sim-journey.h"

#define SCEP_USER_AGENT "DeviceManagementClient/1.0"

static GUri *
build_uri (SimJourney *self, const char *operation, const char *message, GError **error)
{
  g_autoptr (GUri) bare = sim_uri_parse (self->profile->scep_url, error);
  g_autoptr (GUri) uri = NULL;

  if (bare == NULL)
    return NULL;
  sim_http_add_server (self->http, bare);
  uri = sim_uri_add_query (bare, "operation", operation);
  return message != NULL ? sim_uri_add_query (uri, "message", message) : g_steal_pointer (&uri);
}

/* One GET. (transfer full): an answer with status 200 */
static SimReply *
get (SimJourney *self, const char *operation, const char *message, GError **error)
{
  g_autoptr (GUri) uri = build_uri (self, operation, message, error);
  g_autoptr (SimRequest) request =
      uri != NULL ? sim_journey_new_request (self, "GET", uri, SCEP_USER_AGENT) : NULL;
  g_autoptr (SimReply) reply = request != NULL ? sim_http_send (self->http, request, error) : NULL;

  if (reply == NULL || reply->status == 200)
    return g_steal_pointer (&reply);
  sim_journey_tell (self, reply, "GET", operation);
  sim_journey_set_refused (self, reply, error);
  return NULL;
}

static SimReply *
post (SimJourney *self, GBytes *message, GError **error)
{
  g_autoptr (GUri) uri = build_uri (self, "PKIOperation", NULL, error);
  g_autoptr (SimRequest) request =
      uri != NULL ? sim_journey_new_request (self, "POST", uri, SCEP_USER_AGENT) : NULL;
  g_autoptr (SimReply) reply = NULL;

  if (request == NULL)
    return NULL;
  sim_request_take_body (request, "application/x-pki-message", g_bytes_ref (message));
  reply = sim_http_send (self->http, request, error);
  if (reply == NULL || reply->status == 200)
    return g_steal_pointer (&reply);
  sim_journey_tell (self, reply, "POST", "PKIOperation");
  sim_journey_set_refused (self, reply, error);
  return NULL;
}

/**
 * sim_journey_get_authorities:
 * @self: a journey that has its profile
 * @error: return location for an error
 *
 * Asks the SCEP server what it can do and who it is, and compares that with the profile. Blocks.
 *
 * Returns: %FALSE with an error
 */
gboolean
sim_journey_get_authorities (SimJourney *self, GError **error)
{
  g_autoptr (SimReply) caps = get (self, "GetCACaps", NULL, error);
  g_autoptr (SimReply) certificates = caps != NULL ? get (self, "GetCACert", NULL, error) : NULL;
  g_autofree char *result = NULL;
  bool several = false;

  if (certificates == NULL)
    return FALSE;
  self->caps = sim_scep_caps_parse (caps->body);
  several = sim_reply_has_type (certificates, "application/x-x509-ca-ra-cert");
  if (!several && !sim_reply_has_type (certificates, "application/x-x509-ca-cert"))
    {
      g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "GetCACert: wrong Content-Type");
      return FALSE;
    }
  self->authorities = sim_scep_authorities_parse (certificates->body, several, error);
  if (self->authorities == NULL ||
      (self->profile->ca_fingerprint != NULL &&
       !sim_scep_authorities_check_fingerprint (self->authorities, self->profile->ca_fingerprint, error)))
    return FALSE;
  result = g_strdup_printf ("SCEP: %s, %s%s", self->caps.aes ? "AES" : "3DES",
                            self->caps.sha256 ? "SHA-256" : "SHA-1",
                            self->profile->ca_fingerprint != NULL ? ", fingerprint fits" : "");
  sim_journey_tell (self, certificates, "GET", result);
  return TRUE;
}

/* As a renewal is signed with the certificate it replaces, only a first request carries the challenge. */
static SimScepRequest *
build_request (SimJourney *self, EVP_PKEY *key, bool renewal, GError **error)
{
  g_autoptr (X509_NAME) subject = sim_scep_subject_new (self->profile->subject, error);
  g_autoptr (X509) self_signed = NULL;
  g_autoptr (GBytes) csr = NULL;
  SimIssuer signer = { NULL, key };

  if (subject == NULL)
    return NULL;
  self_signed = sim_certificate_new_for_scep (subject, key, error);
  if (self_signed == NULL)
    return NULL;
  csr = sim_scep_csr_new (subject, key, renewal ? NULL : self->profile->challenge, error);
  if (csr == NULL)
    return NULL;
  signer.certificate = self_signed;
  if (renewal)
    signer = (SimIssuer){ self->certificate, self->key };
  return sim_scep_request_new (renewal ? SIM_SCEP_RENEWAL_REQ : SIM_SCEP_PKCS_REQ, csr, signer,
                               self->authorities, self->caps, error);
}

static gboolean
check_repeats (SimJourney *self, const SimReply *reply, const SimScepRequest *request,
               const SimScepReply *result, EVP_PKEY *key, GError **error)
{
  for (guint i = 0; i < reply->earlier->len; i++)
    {
      const SimReply *lost = g_ptr_array_index (reply->earlier, i);
      g_autoptr (SimScepReply) earlier =
          sim_scep_reply_parse (lost->body, request, self->authorities, key, error);

      if (earlier == NULL)
        return FALSE;
      if (earlier->certificate == NULL || result->certificate == NULL ||
          X509_cmp (earlier->certificate, result->certificate) != 0)
        {
          g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                               "the same SCEP request, sent again, brought another certificate");
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * sim_journey_request_certificate:
 * @self: a journey that knows its authorities
 * @key: the new key
 * @renewal: ask with the old certificate instead of the challenge
 * @error: return location for an error
 *
 * Sends one PKCSReq or RenewalReq and verifies the answer. Blocks.
 *
 * Returns: (transfer full): the answer, which may be a failure, or %NULL with an error
 */
SimScepReply *
sim_journey_request_certificate (SimJourney *self, EVP_PKEY *key, bool renewal, GError **error)
{
  bool by_get = self->options->scep_get || !self->caps.post;
  g_autoptr (SimScepRequest) request = build_request (self, key, renewal, error);
  g_autoptr (SimReply) reply = NULL;
  g_autoptr (SimScepReply) result = NULL;
  g_autofree char *text = NULL;

  if (request == NULL)
    return NULL;
  if (by_get)
    {
      g_autofree char *message =
          g_base64_encode (g_bytes_get_data (request->message, NULL), g_bytes_get_size (request->message));

      reply = get (self, "PKIOperation", message, error);
    }
  else
    reply = post (self, request->message, error);
  if (reply == NULL)
    return NULL;
  if (!sim_reply_has_type (reply, "application/x-pki-message"))
    {
      g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "CertRep: wrong Content-Type");
      return NULL;
    }
  result = sim_scep_reply_parse (reply->body, request, self->authorities, key, error);
  if (result == NULL || !check_repeats (self, reply, request, result, key, error))
    return NULL;
  text = g_strdup_printf ("%s: %s%s", renewal ? "RenewalReq" : "PKCSReq",
                          result->status == SIM_SCEP_SUCCESS   ? "certificate"
                          : result->status == SIM_SCEP_PENDING ? "pending"
                                                               : "failure ",
                          result->fail_info != NULL ? result->fail_info : "");
  sim_journey_tell (self, reply, by_get ? "GET" : "POST", text);
  return g_steal_pointer (&result);
}

static gboolean
save_identity (SimJourney *self, GError **error)
{
  g_autoptr (GBytes) key = sim_key_to_pem (self->key);
  g_autoptr (GBytes) certificate = sim_certificate_to_pem (self->certificate);

  return sim_journey_save (self, "identity-key.pem", key, error) &&
         sim_journey_save (self, "identity-cert.pem", certificate, error);
}

static gboolean
take_identity (SimJourney *self, bool renewal, GError **error)
{
  g_autoptr (EVP_PKEY) key = sim_key_new (self->profile->key_size, error);
  g_autoptr (SimScepReply) reply =
      key != NULL ? sim_journey_request_certificate (self, key, renewal, error) : NULL;

  if (reply == NULL)
    return FALSE;
  if (reply->certificate == NULL)
    {
      g_set_error (error, SIM_ERROR, SIM_ERROR_REFUSED, "no certificate: %s",
                   reply->fail_info != NULL ? reply->fail_info : "the request is pending");
      return FALSE;
    }
  EVP_PKEY_free (self->key);
  self->key = g_steal_pointer (&key);
  X509_free (self->certificate);
  self->certificate = g_steal_pointer (&reply->certificate);
  return save_identity (self, error);
}

/**
 * sim_journey_get_certificate:
 * @self: a journey that knows its authorities
 * @error: return location for an error
 *
 * Makes the identity's key and gets its certificate with the profile's challenge. Blocks.
 *
 * Returns: %FALSE with an error, %SIM_ERROR_REFUSED for a failure the server signed
 */
gboolean
sim_journey_get_certificate (SimJourney *self, GError **error)
{
  return take_identity (self, false, error);
}

/**
 * sim_journey_renew_certificate:
 * @self: a journey with an identity
 * @error: return location for an error
 *
 * Replaces key and certificate of the identity; the old certificate signs the request. Blocks.
 *
 * Returns: %FALSE with an error, %SIM_ERROR_REFUSED for a failure the server signed
 */
gboolean
sim_journey_renew_certificate (SimJourney *self, GError **error)
{
  if (!self->caps.renewal)
    {
      g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "GetCACaps does not offer Renewal");
      return FALSE;
    }
  return take_identity (self, true, error);
}
