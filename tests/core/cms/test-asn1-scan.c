/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-asn1-scan.h"

#include "cms-fixture.h"

typedef struct
{
  const char *bytes;
  size_t size;
} Sample;

#define SAMPLE(text)                                                                                         \
  {                                                                                                          \
    text, sizeof text - 1                                                                                    \
  }

static bool
scan (GBytes *bytes)
{
  return door_asn1_scan (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static void
test_accepted (void)
{
  static const Sample good[] = {
    SAMPLE ("\x05\x00"),                          /* NULL */
    SAMPLE ("\x30\x00"),                          /* empty SEQUENCE */
    SAMPLE ("\x30\x80\x00\x00"),                  /* the same, indefinite */
    SAMPLE ("\x30\x05\x02\x01\x01\x30\x00"),      /* an empty one at the end */
    SAMPLE ("\x30\x80\x24\x80\x04\x01x\0\0\0\0"), /* constructed OCTET STRING */
    SAMPLE ("\x30\x82\x00\x03\x02\x01\x05"),      /* length longer than needed */
    SAMPLE ("\x1f\x81\x01\x00"),                  /* high tag number */
    SAMPLE ("\x30\x04\x30\x80\x00\x00"),          /* indefinite inside definite */
  };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (door_asn1_scan ((const uint8_t *) good[i].bytes, good[i].size));
}

static void
test_rejected (void)
{
  static const Sample bad[] = {
    SAMPLE (""),
    SAMPLE ("\x30"),
    SAMPLE ("\x05\x00\x00"),     /* something behind it */
    SAMPLE ("\x30\x80"),         /* never ends */
    SAMPLE ("\x30\x80\x00"),     /* half an end */
    SAMPLE ("\x04\x80\x00\x00"), /* primitive of indefinite length */
    SAMPLE ("\x30\x02\x04\x80"),
    SAMPLE ("\x30\x80\x30\x80\x00\x02\x00\x00"), /* an end that has a length */
    SAMPLE ("\x30\x02\x00\x00"),                 /* end of contents in a definite length */
    SAMPLE ("\x00\x00"),                         /* or at the top */
    SAMPLE ("\x30\x80\x00\x01x\x00\x00"),        /* with a length */
    SAMPLE ("\x30\x03\x04\x02x"),                /* child longer than its parent */
    SAMPLE ("\x30\x04\x30\x80\x04\x00\x00\x00"), /* indefinite child leaves its parent */
    SAMPLE ("\x30\x85\x00\x00\x00\x00\x00"),     /* length of five bytes */
    SAMPLE ("\x30\x84\xff\xff\xff\xff"),         /* length beyond the end */
    SAMPLE ("\x1f\x81\x81\x81\x81\x01\x00"),     /* tag number of five bytes */
    SAMPLE ("\x1f\x81"),
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      /* of exactly this size, for sanitizers */
      g_autofree uint8_t *copy = g_memdup2 (bad[i].bytes, bad[i].size);

      g_assert_false (door_asn1_scan (copy, bad[i].size));
    }
}

/* SEQUENCE in SEQUENCE, as many as said */
static GBytes *
nest (unsigned int depth, bool indefinite)
{
  GByteArray *bytes = g_byte_array_new ();

  for (unsigned int i = 0; i < depth; i++)
    g_byte_array_append (bytes, (const guint8 *) "\x30\x80", 2);
  if (indefinite)
    for (unsigned int i = 0; i < depth; i++)
      g_byte_array_append (bytes, (const guint8 *) "\x00\x00", 2);
  else
    for (unsigned int i = 0; i < depth; i++)
      bytes->data[2 * i + 1] = (guint8) (2 * (depth - 1 - i));
  return g_byte_array_free_to_bytes (bytes);
}

static void
test_depth (void)
{
  for (int indefinite = 0; indefinite <= 1; indefinite++)
    {
      g_autoptr (GBytes) deepest = nest (DOOR_ASN1_MAX_DEPTH, indefinite != 0);
      g_autoptr (GBytes) deeper = nest (DOOR_ASN1_MAX_DEPTH + 1, indefinite != 0);

      g_assert_true (scan (deepest));
      g_assert_false (scan (deeper));
    }
}

static GBytes *
list_of (unsigned int elements)
{
  GByteArray *bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) "\x30\x80", 2);
  for (unsigned int i = 0; i < elements; i++)
    g_byte_array_append (bytes, (const guint8 *) "\x05\x00", 2);
  g_byte_array_append (bytes, (const guint8 *) "\x00\x00", 2);
  return g_byte_array_free_to_bytes (bytes);
}

static void
test_elements (void)
{
  g_autoptr (GBytes) most = list_of (DOOR_ASN1_MAX_ELEMENTS - 2);
  g_autoptr (GBytes) more = list_of (DOOR_ASN1_MAX_ELEMENTS - 1);

  g_assert_true (scan (most));
  g_assert_false (scan (more));
}

static void
test_truncated (void)
{
  static const char *const names[] = { "attached-sha1-attr-indef.der", "attached-sha256-attr.der" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) whole = fixture_load (names[i]);

      g_assert_true (scan (whole));
      for (size_t size = 0; size < g_bytes_get_size (whole); size++)
        g_assert_false (door_asn1_scan (g_bytes_get_data (whole, NULL), size));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/asn1-scan/accepted", test_accepted);
  g_test_add_func ("/asn1-scan/rejected", test_rejected);
  g_test_add_func ("/asn1-scan/depth", test_depth);
  g_test_add_func ("/asn1-scan/elements", test_elements);
  g_test_add_func ("/asn1-scan/truncated", test_truncated);
  return g_test_run ();
}
