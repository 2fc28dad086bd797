/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cms-fixture.h"

#include <string.h>

#include "test-data.h"

GBytes *
fixture_load (const char *name)
{
  return test_data_load ("cms", name);
}

DoorSecret *
fixture_load_secret (const char *name)
{
  g_autoptr (GBytes) bytes = fixture_load (name);

  return door_secret_new (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

DoorCertificate *
fixture_load_certificate (const char *name)
{
  g_autoptr (GBytes) bytes = fixture_load (name);
  g_autoptr (GError) error = NULL;
  DoorCertificate *certificate = door_certificate_parse (bytes, &error);

  g_assert_no_error (error);
  return certificate;
}

DoorCertificateAuthority *
fixture_load_authority (void)
{
  g_autoptr (GBytes) certificate = fixture_load ("ca.pem");
  g_autoptr (DoorSecret) key = fixture_load_secret ("ca.key");
  g_autoptr (GError) error = NULL;
  DoorCertificateAuthority *authority = door_certificate_authority_load (certificate, key, &error);

  g_assert_no_error (error);
  return authority;
}

/* A copy with one byte changed. */
GBytes *
fixture_replace (GBytes *bytes, size_t at, uint8_t byte)
{
  size_t size;
  const uint8_t *data = g_bytes_get_data (bytes, &size);
  uint8_t *copy = g_memdup2 (data, size);

  g_assert_cmpuint (at, <, size);
  copy[at] = byte;
  return g_bytes_new_take (copy, size);
}

/* Where the needle stands; it must be there. */
size_t
fixture_find (GBytes *bytes, const void *needle, size_t size)
{
  size_t length;
  const uint8_t *data = g_bytes_get_data (bytes, &length);
  const uint8_t *found = memmem (data, length, needle, size);

  g_assert_nonnull (found);
  return (size_t) (found - data);
}

/* A copy with empty OCTET STRINGs inserted, which change nothing inside a constructed one. */
GBytes *
fixture_insert_empty (GBytes *bytes, size_t at, unsigned int count)
{
  size_t size;
  const uint8_t *data = g_bytes_get_data (bytes, &size);
  GByteArray *copy = g_byte_array_new ();

  g_byte_array_append (copy, data, (guint) at);
  for (unsigned int i = 0; i < count; i++)
    g_byte_array_append (copy, (const guint8 *) "\x04\x00", 2);
  g_byte_array_append (copy, data + at, (guint) (size - at));
  return g_byte_array_free_to_bytes (copy);
}
