#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# lint-po.sh SOURCE-ROOT: every text is listed, extracted and translated; TAP on standard output.
set -u
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0

result () { # status, description, file with details
  n=$((n + 1))
  if [ "$1" -eq 0 ]; then
    echo "ok $n - $2"
  else
    sed 's/^/# /' "$3"
    echo "not ok $n - $2"
  fi
}

# files that have a text, and files that are listed
cd "$root" || exit 1
{
  grep -rlE '(^|[^A-Za-z_])N?_ \("' --include='*.c' core plugins
  ls data/pages/*.html
} | sort > "$work/have"
grep -v '^#' po/POTFILES.in | sort > "$work/listed"
diff "$work/have" "$work/listed" > "$work/diff"
result $? "POTFILES.in lists every file with a text" "$work/diff"

sh po/extract-messages.sh "$root" "$work/messages.pot" > "$work/log" 2>&1
result $? "all texts can be extracted" "$work/log"

while read -r language; do
  msgcmp "po/$language.po" "$work/messages.pot" > "$work/log" 2>&1
  result $? "$language is complete" "$work/log"
  msgfmt --check --output-file=/dev/null "po/$language.po" > "$work/log" 2>&1 &&
    test "$(msgattrib --only-fuzzy "po/$language.po" | wc -l)" -eq 0 &&
    test "$(msgattrib --only-obsolete "po/$language.po" | wc -l)" -eq 0
  result $? "$language has no fuzzy, obsolete or malformed entry" "$work/log"
done < po/LINGUAS
echo "1..$n"
