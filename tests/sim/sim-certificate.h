/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>

typedef STACK_OF (X509) SimCertificates;

void sim_certificates_free (SimCertificates *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_REQ, X509_REQ_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_NAME, X509_NAME_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimCertificates, sim_certificates_free)

void sim_set_crypto_error (GError **error, const char *doing);
GBytes *sim_bio_dup_bytes (BIO *bio);
BIO *sim_bio_new (GBytes *bytes);

EVP_PKEY *sim_key_new (int bits, GError **error);
GBytes *sim_key_to_pem (EVP_PKEY *key);

/* Who signs a certificate. */
typedef struct
{
  X509 *certificate; /* (nullable): self-signed */
  EVP_PKEY *key;
} SimIssuer;

X509 *sim_certificate_new (const char *common_name, EVP_PKEY *subject_key, const SimIssuer *issuer,
                           bool authority, GError **error);
X509 *sim_certificate_new_for_scep (X509_NAME *subject, EVP_PKEY *key, GError **error);
GBytes *sim_certificate_to_pem (X509 *certificate);
bool sim_certificate_is_authority (X509 *certificate);
gboolean sim_certificate_verify_chain (X509 *certificate, SimCertificates *others, const char *anchors_file,
                                       GError **error);
GBytes *sim_random_bytes (size_t length);
char *sim_random_uuid (void);
