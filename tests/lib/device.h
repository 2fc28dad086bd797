/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-scep-message.h"
#include "world.h"

#define DEVICE_ID "5D1E0A4C-93A7-4E1B-8C5C-0B6C3F1A2D77"

/* A device's keys and what it was given. */
typedef struct
{
  EVP_PKEY *key;
  X509 *certificate; /* NULL before SCEP */
  char *enrollment_id;
  char *token;
  char *query; /* behind the address it sends messages to; NULL: none */
} Device;

/* One certificate request; what is %NULL is left out. */
typedef struct
{
  const char *type; /* NULL: a first one */
  const char *challenge;
  EVP_PKEY *key;
  X509 *signer; /* NULL: self-signed */
  EVP_PKEY *signer_key;
} ScepVisit;

/* What came back; one of the two is set. */
typedef struct
{
  X509 *certificate;
  char *fail_info;
} ScepOutcome;

Device *device_new (const char *token, const char *key);
void device_free (Device *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Device, device_free)
void scep_outcome_clear (ScepOutcome *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ScepOutcome, scep_outcome_clear)

EVP_PKEY *device_load_key (const char *name);
char *device_dup_sha256 (X509 *certificate);
GBytes *device_sign (GBytes *content, EVP_PKEY *key, X509 *certificate, SimCmsFlags flags);
GBytes *device_build_machine_info (const char *product);
DoorResponse *device_ask_profile (World *world, const char *path, const char *token);
char *device_dup_profile (const DoorResponse *response);
char *device_dup_challenge (World *world, const char *path, const char *token);
GBytes *device_build_scep (World *world, const ScepVisit *visit);
DoorResponse *device_post_scep (World *world, GBytes *message);
ScepOutcome device_read_scep (World *world, const DoorResponse *response, EVP_PKEY *key);
ScepOutcome device_scep (World *world, const ScepVisit *visit);
Device *device_get_certificate (World *world, const char *path, const char *token, const char *key);
Device *device_enroll (World *world, const char *token, const char *key);

GBytes *device_build_message (const char *type, const char *enrollment_id);
DoorResponse *device_put (World *world, const Device *self, GBytes *body, const char *bearer);
unsigned int device_say (World *world, const Device *self, const char *type, const char *bearer);
