/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-cms.h"

/* Signed attributes of a pkiMessage (RFC 8894, 3.2.1). */
#define SIM_SCEP_OID_MESSAGE_TYPE "2.16.840.1.113733.1.9.2"
#define SIM_SCEP_OID_PKI_STATUS "2.16.840.1.113733.1.9.3"
#define SIM_SCEP_OID_FAIL_INFO "2.16.840.1.113733.1.9.4"
#define SIM_SCEP_OID_SENDER_NONCE "2.16.840.1.113733.1.9.5"
#define SIM_SCEP_OID_RECIPIENT_NONCE "2.16.840.1.113733.1.9.6"
#define SIM_SCEP_OID_TRANSACTION_ID "2.16.840.1.113733.1.9.7"

/* Message types. */
#define SIM_SCEP_CERT_REP "3"
#define SIM_SCEP_PKCS_REQ "19"
#define SIM_SCEP_RENEWAL_REQ "17"

/* What a server can do, read from its answer to GetCACaps. */
typedef struct
{
  bool aes;
  bool sha256;
  bool post;
  bool renewal;
} SimScepCaps;

/* A request as the client remembers it until the answer comes. */
typedef struct
{
  char *transaction_id;
  GBytes *sender_nonce;
  GBytes *message;
  EVP_PKEY *signer_key;
  X509 *signer;
} SimScepRequest;

typedef enum
{
  SIM_SCEP_SUCCESS = 0,
  SIM_SCEP_FAILURE = 2,
  SIM_SCEP_PENDING = 3,
} SimScepStatus;

typedef struct
{
  SimScepStatus status;
  char *fail_info;   /* (nullable) name of the reason of a failure */
  X509 *certificate; /* (nullable) on success */
} SimScepReply;

SimScepCaps sim_scep_caps_parse (GBytes *body);
SimCertificates *sim_scep_authorities_parse (GBytes *body, bool several, GError **error);
X509 *sim_scep_authorities_get_recipient (SimCertificates *authorities);
X509 *sim_scep_authorities_get_issuer (SimCertificates *authorities, X509 *certificate);
gboolean sim_scep_authorities_check_fingerprint (SimCertificates *authorities, GBytes *fingerprint,
                                                 GError **error);

X509_NAME *sim_scep_subject_new (GPtrArray *pairs, GError **error);
GBytes *sim_scep_csr_new (X509_NAME *subject, EVP_PKEY *key, const char *challenge, GError **error);
SimScepRequest *sim_scep_request_new (const char *message_type, GBytes *csr, SimIssuer signer,
                                      SimCertificates *authorities, SimScepCaps caps, GError **error);
void sim_scep_request_free (SimScepRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimScepRequest, sim_scep_request_free)

SimScepReply *sim_scep_reply_parse (GBytes *message, const SimScepRequest *request,
                                    SimCertificates *authorities, EVP_PKEY *key, GError **error);
void sim_scep_reply_free (SimScepReply *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimScepReply, sim_scep_reply_free)
