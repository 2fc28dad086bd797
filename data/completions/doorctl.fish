# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion of doorctl for fish. What there is to complete only doorctl knows.

function __doorctl_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    $words[1] --complete $words[2..-1] "$current" 2>/dev/null
end

complete -c doorctl -f -a '(__doorctl_complete)'
