#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# extract-messages.sh SOURCE-ROOT OUTPUT.pot: collects every text that needs a translation.
set -eu
root=$1
output=$2
# The tags of a page, {{_("text")}}, look like C to xgettext.
grep -v '^#' "$root/po/POTFILES.in" | xgettext --files-from=- --directory="$root" --language=C \
  --from-code=UTF-8 --keyword=_ --keyword=N_ --add-comments=Translators --package-name=doorward \
  --no-wrap --output="$output"
