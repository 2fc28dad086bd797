/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signature wrapping as in Somorovsky et al., "On Breaking SAML", USENIX Security 2012: an element that is
 * signed is kept where the signature finds it, and an evil one is put where the application reads. */
#include "saml-fixture.h"

#include <string.h>

#define SIGNATURE_FROM "<ds:Signature "
#define SIGNATURE_TO "</ds:Signature>"

/* The pieces an attacker has in hand, after one honest sign-in. */
typedef struct
{
  char *signed_response;  /* whole document, only the Response is signed */
  char *signed_assertion; /* whole document, only the Assertion is signed */
  char *assertion;        /* the signed Assertion */
  char *bare_assertion;   /* the same, without its Signature */
  char *evil_assertion;   /* unsigned, another ID and another NameID */
  char *signature;        /* of the Assertion */
} Loot;

static char *
make_evil (const char *xml, const char *id, const char *evil_id)
{
  g_autofree char *renamed = fixture_replace (xml, id, evil_id);

  return fixture_replace (renamed, ">ada@", ">eve@");
}

static Loot *
loot_new (void)
{
  Case by_response = { .sign = "R" }, by_assertion = { .sign = "A" };
  Loot *self = g_new0 (Loot, 1);

  self->signed_response = fixture_build (&by_response);
  self->signed_assertion = fixture_build (&by_assertion);
  self->assertion = fixture_cut (self->signed_assertion, "<saml:Assertion ", "</saml:Assertion>");
  self->signature = fixture_cut (self->assertion, SIGNATURE_FROM, SIGNATURE_TO);
  self->bare_assertion = fixture_replace (self->assertion, self->signature, "");
  self->evil_assertion = make_evil (self->bare_assertion, "ID=\"_a1\"", "ID=\"_evil\"");
  return self;
}

static void
loot_free (Loot *self)
{
  g_free (self->signed_response);
  g_free (self->signed_assertion);
  g_free (self->assertion);
  g_free (self->bare_assertion);
  g_free (self->evil_assertion);
  g_free (self->signature);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Loot, loot_free)

/* 1: a copy of the Response becomes the root and has the signed one inside its signature. */
static char *
wrap_1 (const Loot *loot)
{
  g_autofree char *signature = fixture_cut (loot->signed_response, SIGNATURE_FROM, SIGNATURE_TO);
  g_autofree char *bare = fixture_replace (loot->signed_response, signature, "");
  g_autofree char *evil = make_evil (loot->signed_response, "ID=\"_r1\"", "ID=\"_evil\"");
  g_autofree char *renamed = fixture_replace (evil, "ID=\"_a1\"", "ID=\"_evil2\"");
  g_autofree char *inner = g_strconcat (bare, SIGNATURE_TO, NULL);

  return fixture_replace (renamed, SIGNATURE_TO, inner);
}

/* 2: the same, beside the signature. */
static char *
wrap_2 (const Loot *loot)
{
  g_autofree char *signature = fixture_cut (loot->signed_response, SIGNATURE_FROM, SIGNATURE_TO);
  g_autofree char *bare = fixture_replace (loot->signed_response, signature, "");
  g_autofree char *evil = make_evil (loot->signed_response, "ID=\"_r1\"", "ID=\"_evil\"");
  g_autofree char *renamed = fixture_replace (evil, "ID=\"_a1\"", "ID=\"_evil2\"");
  g_autofree char *inner = g_strconcat (bare, SIGNATURE_FROM, NULL);

  return fixture_replace (renamed, SIGNATURE_FROM, inner);
}

/* 3: an evil Assertion before the signed one. */
static char *
wrap_3 (const Loot *loot)
{
  g_autofree char *both = g_strconcat (loot->evil_assertion, loot->assertion, NULL);

  return fixture_replace (loot->signed_assertion, loot->assertion, both);
}

/* 4: the signed Assertion inside the evil one. */
static char *
wrap_4 (const Loot *loot)
{
  g_autofree char *inner = g_strconcat (loot->assertion, "</saml:Assertion>", NULL);
  g_autofree char *outer = fixture_replace (loot->evil_assertion, "</saml:Assertion>", inner);

  return fixture_replace (loot->signed_assertion, loot->assertion, outer);
}

/* 5: the evil Assertion has the signature, the one it is of stands behind. */
static char *
wrap_5 (const Loot *loot)
{
  g_autofree char *moved = g_strconcat (loot->signature, "<saml:Subject>", NULL);
  g_autofree char *evil = fixture_replace (loot->evil_assertion, "<saml:Subject>", moved);
  g_autofree char *both = g_strconcat (evil, loot->bare_assertion, NULL);

  return fixture_replace (loot->signed_assertion, loot->assertion, both);
}

/* 6: the same, but it stands inside the signature. */
static char *
wrap_6 (const Loot *loot)
{
  g_autofree char *inner = g_strconcat (loot->bare_assertion, SIGNATURE_TO, NULL);
  g_autofree char *signature = fixture_replace (loot->signature, SIGNATURE_TO, inner);
  g_autofree char *moved = g_strconcat (signature, "<saml:Subject>", NULL);
  g_autofree char *evil = fixture_replace (loot->evil_assertion, "<saml:Subject>", moved);

  return fixture_replace (loot->signed_assertion, loot->assertion, evil);
}

/* 7: an evil Assertion of the same ID in Extensions. */
static char *
wrap_7 (const Loot *loot)
{
  g_autofree char *evil = make_evil (loot->bare_assertion, "ID=\"_a1\"", "ID=\"_a1\"");
  g_autofree char *extensions =
      g_strconcat ("<samlp:Extensions>", evil, "</samlp:Extensions><samlp:Status>", NULL);

  return fixture_replace (loot->signed_assertion, "<samlp:Status>", extensions);
}

/* 8: the signed Assertion in an Object of the signature of the evil one. */
static char *
wrap_8 (const Loot *loot)
{
  g_autofree char *inner =
      g_strconcat ("<ds:Object>", loot->bare_assertion, "</ds:Object>" SIGNATURE_TO, NULL);
  g_autofree char *signature = fixture_replace (loot->signature, SIGNATURE_TO, inner);
  g_autofree char *moved = g_strconcat (signature, "<saml:Subject>", NULL);
  g_autofree char *evil = fixture_replace (loot->evil_assertion, "<saml:Subject>", moved);

  return fixture_replace (loot->signed_assertion, loot->assertion, evil);
}

/* The signed one hidden under another name's parent, the evil one under a second root of the same kind. */
static char *
wrap_evidence (const Loot *loot)
{
  g_autofree char *both =
      g_strconcat ("<saml:Evidence>", loot->assertion, "</saml:Evidence>", loot->evil_assertion, NULL);

  return fixture_replace (loot->signed_assertion, loot->assertion, both);
}

/* The signature moved out of the Assertion to the Response, where it covers something else. */
static char *
move_signature (const Loot *loot)
{
  g_autofree char *bare = fixture_replace (loot->signed_assertion, loot->signature, "");
  g_autofree char *moved = g_strconcat (loot->signature, "<samlp:Status>", NULL);

  return fixture_replace (bare, "<samlp:Status>", moved);
}

typedef char *(*Wrap) (const Loot *loot);

static void
test_wrapping (gconstpointer data)
{
  g_autoptr (Loot) loot = loot_new ();
  g_autofree char *xml = (*(const Wrap *) data) (loot);

  g_assert_nonnull (strstr (xml, "eve@"));
  fixture_assert_refused (xml, DOOR_FAULT_SAML_STRUCTURE, NULL);
}

static void
test_moved_signature (void)
{
  g_autoptr (Loot) loot = loot_new ();
  g_autofree char *xml = move_signature (loot);

  fixture_assert_refused (xml, DOOR_FAULT_SAML_STRUCTURE, "reference is not to");
}

static const Wrap wraps[] = { wrap_1, wrap_2, wrap_3, wrap_4, wrap_5, wrap_6, wrap_7, wrap_8, wrap_evidence };

static void
add_tests (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (wraps); i++)
    {
      g_autofree char *path = g_strdup_printf ("/saml/wrapping/%u", (unsigned int) i + 1);
      g_test_add_data_func (path, &wraps[i], test_wrapping);
    }
  g_test_add_func ("/saml/wrapping/moved-signature", test_moved_signature);
}

int
main (int argc, char **argv)
{
  return fixture_run (argc, argv, add_tests);
}
