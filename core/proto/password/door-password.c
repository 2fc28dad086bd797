/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-password.h"

#include <errno.h>
#include <string.h>

#include <crypt.h>

#include "door-digest.h"
#include "door-error.h"

/* yescrypt, whose cost is what the library takes for right: memory, so that graphics cards are of no use. */
#define METHOD "$y$"
#define USUAL_COST 0
/* No password has this hash, and to find that out costs as much as with any other. */
#define NOBODY METHOD "j9T$0123456789abcdefghijk/$"

/* 32 KiB that have the password in them: not on a stack, and wiped. */
typedef struct crypt_data Work;

static void
work_free (Work *work)
{
  explicit_bzero (work, sizeof *work);
  g_free (work);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Work, work_free)

/**
 * door_password_is_possible:
 * @password: what somebody typed
 *
 * What is too large to be read, is no UTF-8 or has a NUL inside, of which the library would see the beginning
 * only, was never accepted as a password. Pure.
 *
 * Returns: whether it can be one that was
 */
bool
door_password_is_possible (const DoorSecret *password)
{
  size_t size;
  const char *data = (const char *) door_secret_get_data (password, &size);

  return size > 0 && size <= DOOR_PASSWORD_MAX_BYTES && memchr (data, 0, size) == NULL &&
         g_utf8_validate (data, (gssize) size, NULL);
}

/**
 * door_password_check:
 * @password: a new password
 * @error: return location for an error
 *
 * A password must be long, and nothing else is asked of it (NIST SP 800-63B, 5.1.1.2). Pure.
 *
 * Returns: false with %DOOR_FAULT_ADM_PASSWORDRULES
 */
bool
door_password_check (const DoorSecret *password, GError **error)
{
  size_t size;
  const char *data = (const char *) door_secret_get_data (password, &size);

  return (door_password_is_possible (password) &&
          g_utf8_strlen (data, (gssize) size) >= DOOR_PASSWORD_MIN_CHARACTERS) ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_ADM_PASSWORDRULES,
                         "a password has at least %d characters and at most %d bytes of UTF-8",
                         DOOR_PASSWORD_MIN_CHARACTERS, DOOR_PASSWORD_MAX_BYTES);
}

/**
 * door_password_build_hash:
 * @password: a password that door_password_check() accepts
 * @salt: (array fixed-size=16): random bytes
 * @error: return location for an error
 *
 * Computes for tens of milliseconds, with 16 MiB. Any thread.
 *
 * Returns: (transfer full): what is stored in place of the password (crypt(5)), or %NULL with an error
 */
char *
door_password_build_hash (const DoorSecret *password, const uint8_t *salt, GError **error)
{
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  g_autoptr (Work) work = g_new0 (Work, 1);
  const char *hash = NULL;

  if (crypt_gensalt_rn (METHOD, USUAL_COST, (const char *) salt, DOOR_PASSWORD_SALT_BYTES, setting,
                        sizeof setting) != NULL)
    hash = crypt_rn (door_secret_get_text (password), setting, work, sizeof *work);
  if (hash == NULL)
    door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "yescrypt: %s", g_strerror (errno));
  return g_strdup (hash);
}

/**
 * door_password_verify:
 * @password: what somebody typed, for which door_password_is_possible() holds
 * @hash: (nullable): what is stored; %NULL and any other kind of hash costs the same and is never right
 *
 * Computes as door_password_build_hash() does. Any thread.
 *
 * Returns: whether it is the password
 */
bool
door_password_verify (const DoorSecret *password, const char *hash)
{
  bool known = hash != NULL && g_str_has_prefix (hash, METHOD);
  g_autoptr (Work) work = g_new0 (Work, 1);
  const char *computed =
      crypt_rn (door_secret_get_text (password), known ? hash : NOBODY, work, sizeof *work);

  return computed != NULL && known && door_digest_equal (computed, hash);
}
