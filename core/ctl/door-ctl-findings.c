/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-findings.h"

#include <string.h>

#include "door-error.h"

/**
 * door_ctl_findings_new:
 *
 * Returns: (transfer full): nothing found yet
 */
DoorCtlFindings *
door_ctl_findings_new (void)
{
  DoorCtlFindings *self = g_new0 (DoorCtlFindings, 1);

  self->problems = g_ptr_array_new_with_free_func ((GDestroyNotify) door_config_problem_free);
  self->warnings = g_ptr_array_new_with_free_func ((GDestroyNotify) door_config_problem_free);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  return self;
}

/**
 * door_ctl_findings_free:
 * @self: (transfer full): findings
 */
void
door_ctl_findings_free (DoorCtlFindings *self)
{
  g_ptr_array_unref (self->problems);
  g_ptr_array_unref (self->warnings);
  g_ptr_array_unref (self->notes);
  g_free (self);
}

static DoorConfigProblem *
copy_problem (const DoorConfigProblem *problem)
{
  DoorConfigProblem *copy = g_memdup2 (problem, sizeof *problem);

  copy->file = g_strdup (problem->file);
  copy->group = g_strdup (problem->group);
  copy->text = g_strdup (problem->text);
  return copy;
}

/**
 * door_ctl_findings_add:
 * @self: findings
 * @problem: (transfer none): one more problem
 */
void
door_ctl_findings_add (DoorCtlFindings *self, const DoorConfigProblem *problem)
{
  self->fatal = self->fatal || problem->fatal;
  g_ptr_array_add (self->problems, copy_problem (problem));
}

/**
 * door_ctl_findings_take:
 * @self: findings
 * @problems: (element-type DoorConfigProblem): more problems
 */
void
door_ctl_findings_take (DoorCtlFindings *self, const GPtrArray *problems)
{
  for (guint i = 0; i < problems->len; i++)
    door_ctl_findings_add (self, g_ptr_array_index (problems, i));
}

/**
 * door_ctl_findings_warn:
 * @self: findings
 * @warning: (transfer none): what works and should be changed
 */
void
door_ctl_findings_warn (DoorCtlFindings *self, const DoorConfigProblem *warning)
{
  g_ptr_array_add (self->warnings, copy_problem (warning));
}

/* An error in one of several, such as [idp/NAME], switches only that one off. */
static bool
is_fatal (const char *group)
{
  return group == NULL || strchr (group, '/') == NULL;
}

/**
 * door_ctl_findings_add_error:
 * @self: findings
 * @config: where @key stands
 * @group: a group
 * @key: the key @error is about
 * @error: what is wrong
 *
 * Adds an error about a key, at the place where the key stands.
 */
void
door_ctl_findings_add_error (DoorCtlFindings *self, const DoorConfig *config, const char *group,
                             const char *key, const GError *error)
{
  g_autoptr (DoorConfigProblem) problem = door_config_problem_new (config, group, key, error);

  door_ctl_findings_add (self, problem);
}

/**
 * door_ctl_findings_add_file:
 * @self: findings
 * @group: (nullable): the group that names the file
 * @path: a file or folder that the wrong users may use, or the right one may not
 * @format: what is wrong and which command helps
 * @...: what @format takes
 */
void
door_ctl_findings_add_file (DoorCtlFindings *self, const char *group, const char *path, const char *format,
                            ...)
{
  g_autofree char *text = NULL;
  DoorConfigProblem problem = { .fault = DOOR_FAULT_CFG_PERMISSIONS,
                                .file = (char *) path,
                                .group = (char *) group,
                                .fatal = is_fatal (group) };
  va_list args;

  va_start (args, format);
  problem.text = text = g_strdup_vprintf (format, args);
  va_end (args);
  door_ctl_findings_add (self, &problem);
}

/**
 * door_ctl_findings_note:
 * @self: findings
 * @format: what is worth knowing
 * @...: what @format takes
 */
void
door_ctl_findings_note (DoorCtlFindings *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->notes, g_strdup_vprintf (format, args));
  va_end (args);
}
