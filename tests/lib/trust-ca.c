/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded into a server: the authority of the file in TRUST_CA stands for those of the system. What a
 * program trusts has no other place to say it, and a test must not change the machine. */
#include <stdlib.h>

#include <gnutls/x509.h>

int
gnutls_x509_trust_list_add_system_trust (gnutls_x509_trust_list_t list, unsigned int tl_flags,
                                         unsigned int tl_vflags)
{
  const char *file = getenv ("TRUST_CA");

  return file == NULL ? 0
                      : gnutls_x509_trust_list_add_trust_file (list, file, NULL, GNUTLS_X509_FMT_PEM,
                                                               tl_flags, tl_vflags);
}
