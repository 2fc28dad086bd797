/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-time.h"

#include <string.h>
#include <time.h>

#include <glib.h>

#define MAX_FRACTION_DIGITS 18

/* Reads exactly @count digits. */
static bool
read_digits (const char **at, int count, int *value)
{
  int number = 0;

  for (int i = 0; i < count; i++)
    {
      if (!g_ascii_isdigit ((*at)[i]))
        return false;
      number = number * 10 + ((*at)[i] - '0');
    }
  *at += count;
  *value = number;
  return true;
}

static bool
read_char (const char **at, char c)
{
  if (**at != c)
    return false;
  (*at)++;
  return true;
}

static bool
read_date_and_time (const char **at, struct tm *tm)
{
  if (!read_digits (at, 4, &tm->tm_year) || !read_char (at, '-') || !read_digits (at, 2, &tm->tm_mon) ||
      !read_char (at, '-') || !read_digits (at, 2, &tm->tm_mday) || !read_char (at, 'T') ||
      !read_digits (at, 2, &tm->tm_hour) || !read_char (at, ':') || !read_digits (at, 2, &tm->tm_min) ||
      !read_char (at, ':') || !read_digits (at, 2, &tm->tm_sec))
    return false;
  return tm->tm_year >= 1970 && tm->tm_hour <= 23 && tm->tm_min <= 59 && tm->tm_sec <= 59 &&
         g_date_valid_dmy ((GDateDay) tm->tm_mday, (GDateMonth) tm->tm_mon, (GDateYear) tm->tm_year);
}

static bool
skip_fraction (const char **at)
{
  size_t digits;

  if (!read_char (at, '.'))
    return true;
  digits = strspn (*at, "0123456789");
  *at += digits;
  return digits >= 1 && digits <= MAX_FRACTION_DIGITS;
}

/* "Z" or "+hh:mm"; a local time without either means nothing to us. */
static bool
read_offset (const char **at, int *minutes)
{
  int sign = **at == '-' ? -1 : 1;
  int hour, minute;

  *minutes = 0;
  if (read_char (at, 'Z'))
    return true;
  if ((!read_char (at, '+') && !read_char (at, '-')) || !read_digits (at, 2, &hour) || !read_char (at, ':') ||
      !read_digits (at, 2, &minute) || hour > 14 || minute > 59)
    return false;
  *minutes = sign * (hour * 60 + minute);
  return true;
}

/**
 * door_saml_time_parse: (skip)
 * @text: an xs:dateTime
 * @ms: (out): milliseconds since 1970, UTC, the fraction of a second dropped
 *
 * Reads an instant (SAML core 1.3.3). An offset is converted; a time without zone is refused.
 *
 * Returns: whether @text is an instant from 1970 to 9999
 */
bool
door_saml_time_parse (const char *text, int64_t *ms)
{
  struct tm tm = { 0 };
  int offset;

  if (!read_date_and_time (&text, &tm) || !skip_fraction (&text) || !read_offset (&text, &offset) ||
      *text != '\0')
    return false;
  tm.tm_year -= 1900;
  tm.tm_mon -= 1;
  *ms = ((int64_t) timegm (&tm) - offset * INT64_C (60)) * 1000;
  return true;
}

/* Reads "12X" pieces in the order of @units and adds them up. */
static bool
read_parts (const char **at, const char *units, const int64_t *lengths, int64_t *sum, bool *any)
{
  while (g_ascii_isdigit (**at))
    {
      size_t digits = strspn (*at, "0123456789");
      int64_t number;
      const char *unit;

      if (digits > 6)
        return false;
      number = g_ascii_strtoll (*at, NULL, 10);
      *at += digits;
      unit = **at != '\0' ? strchr (units, **at) : NULL;
      if (unit == NULL)
        return false;
      *sum += number * lengths[unit - units];
      lengths += unit - units + 1;
      units = unit + 1;
      (*at)++;
      *any = true;
    }
  return true;
}

/**
 * door_saml_duration_parse: (skip)
 * @text: an xs:duration
 * @seconds: (out): its length; a year counts 365 days, a month 30
 *
 * Reads a duration (W3C XML Schema part 2, 3.2.6) without sign and fraction, as metadata has it.
 *
 * Returns: whether @text is one
 */
bool
door_saml_duration_parse (const char *text, int64_t *seconds)
{
  static const int64_t date_lengths[] = { 365 * 86400, 30 * 86400, 86400 };
  static const int64_t time_lengths[] = { 3600, 60, 1 };
  int64_t sum = 0;
  bool any = false;

  if (!read_char (&text, 'P') || !read_parts (&text, "YMD", date_lengths, &sum, &any))
    return false;
  if (*text == 'T')
    {
      any = false;
      text++;
      if (!read_parts (&text, "HMS", time_lengths, &sum, &any))
        return false;
    }
  if (!any || *text != '\0')
    return false;
  *seconds = sum;
  return true;
}
