#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# update-translations.sh SOURCE-ROOT: brings every po file up to date with the sources.
set -eu
root=$1
pot=$(mktemp)
trap 'rm -f "$pot"' EXIT
sh "$root/po/extract-messages.sh" "$root" "$pot"
while read -r language; do
  msgmerge --update --backup=none --no-fuzzy-matching "$root/po/$language.po" "$pot"
done < "$root/po/LINGUAS"
