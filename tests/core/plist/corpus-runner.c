/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdint.h>

#include <glib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static int
run_file (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  size_t size = 0;

  if (!g_file_get_contents (path, &data, &size, &error))
    {
      g_print ("Bail out! %s\n", error->message);
      return 1;
    }
  return LLVMFuzzerTestOneInput ((const uint8_t *) data, size);
}

/* Runs a fuzz target over files, so that its corpus is an ordinary test too. */
int
main (int argc, char *argv[])
{
  int n = 0;

  for (int i = 1; i < argc; i++)
    {
      g_autoptr (GDir) dir = g_dir_open (argv[i], 0, NULL); /* not a folder: a file */
      const char *name = NULL;

      if (dir == NULL && run_file (argv[i]) != 0)
        return 1;
      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *path = g_build_filename (argv[i], name, NULL);

          if (run_file (path) != 0)
            return 1;
        }
      g_print ("ok %d - %s\n", ++n, argv[i]);
    }
  g_print ("1..%d\n", n);
  return 0;
}
