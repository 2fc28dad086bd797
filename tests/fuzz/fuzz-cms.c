/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "door-apple-device.h"
#include "door-cms.h"
#include "door-csr.h"

/* Everything that reads bytes of a device without a key of ours. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GBytes) body = g_bytes_new_static ("body", 4);
  g_autoptr (DoorCertificate) signer = NULL, detached_signer = NULL;
  g_autoptr (GBytes) content = door_cms_open_signed (bytes, &signer, NULL);
  g_autoptr (GPtrArray) certificates = door_cms_list_certificates (bytes, NULL);
  g_autoptr (DoorCertificate) certificate = door_certificate_parse (bytes, NULL);
  g_autoptr (DoorCsr) csr = door_csr_parse (bytes, NULL);

  /* no fixture is by Apple */
  g_assert_null (door_apple_device_open (bytes, NULL, INT64_C (1800014400000), NULL));
  if (door_cms_verify_detached (bytes, body, &detached_signer, NULL))
    g_assert_nonnull (detached_signer);
  g_assert_true ((content != NULL) == (signer != NULL));
  return 0;
}
