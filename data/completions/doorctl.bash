# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of doorctl for bash. What there is to complete only doorctl knows.

_doorctl ()
{
  COMPREPLY=()
  # behind "=" stands a value, which bash takes for a word of its own: a file, most likely
  if [[ ${COMP_WORDS[COMP_CWORD]} == "=" || ${COMP_WORDS[COMP_CWORD - 1]} == "=" ]]; then
    compopt -o default
    return
  fi
  mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1)
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
    compopt -o nospace
  fi
}

complete -F _doorctl doorctl
