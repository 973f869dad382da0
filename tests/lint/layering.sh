#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Checks that #include lines follow the layers, in this tree or in the one given:
#   layering.sh [ROOT]
# Each folder may include itself and what its row names; a row may only name rows above it, so the graph
# has no cycles. core/ includes no Qt. Prints every wrong line as file:line and exits 1 if there is one.
set -euo pipefail

root=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}

# folder         what it may include (core/* and ui/* mean every row above that begins so)
table='
core/base
core/model       core/base
core/math        core/base core/model
core/critique    core/base core/model core/math
core/format      core/base core/model core/math core/critique
core/curate      core/base core/model
core/store       core/base core/model
core/net         core/base
core/mini        core/base core/model
core/backend     core/base core/model core/net core/mini
core/train       core/base core/model core/net core/backend core/mini
core/eval        core/base core/model
core/review      core/base core/model core/store core/eval
core/report      core/base core/model core/store core/eval core/critique core/format core/curate
core/loop        core/*
ui/models        core/base core/model
ui/render        core/base core/model
ui/widgets       core/base core/model ui/models ui/render
ui/bridge        core/* ui/models
ui/pages         core/base core/model ui/*
app/cli          core/*
app/studio       core/base core/model ui/*
'

cd "$root"
mapfile -t files < <(find core ui app -type f \( -name '*.h' -o -name '*.cpp' \) | sort)
if [[ ${#files[@]} -eq 0 ]]; then
    echo "layering: no sources below $root" >&2
    exit 1
fi

awk -v table="$table" '
function fault(what) {
    printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
    ++faults
}
BEGIN {
    rows = split(table, line, "\n")
    for (i = 1; i <= rows; ++i) {
        words = split(line[i], word, " ")
        if (words == 0) continue
        row = word[1]
        known[row] = 1
        allowed[row, row] = 1
        for (j = 2; j <= words; ++j) {
            matched = 0
            for (other in known) {
                if (other == row) continue
                prefix = substr(word[j], 1, length(word[j]) - 1)
                if (other == word[j] || (word[j] ~ /\*$/ && index(other, prefix) == 1)) {
                    allowed[row, other] = 1
                    matched = 1
                }
            }
            if (!matched) {
                printf "layering: the row of %s names %s, which is no row above it\n", row, word[j] > "/dev/stderr"
                ++faults
            }
        }
    }
}
FNR == 1 {
    split(FILENAME, part, "/")
    folder = part[1] "/" part[2]
    if (!(folder in known)) fault(folder " has no row in the table of tests/lint/layering.sh")
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
    target = $0
    sub(/^[^"]*"/, "", target)
    sub(/".*/, "", target)
    if (target ~ /\.moc$/) next
    split(target, part, "/")
    includee = part[1] "/" part[2]
    if (part[1] !~ /^(core|ui|app)$/) {
        fault("\"" target "\": write the path from the root of the repository")
    } else if (!((folder, includee) in allowed)) {
        fault(folder " may not include " includee)
    }
}
/^[ \t]*#[ \t]*include[ \t]*<(Q|qt?[a-z]*\/|qt)/ {
    if (folder ~ /^core\//) fault("core/ includes no Qt")
}
END {
    if (faults > 0) {
        printf "layering: %d faults\n", faults > "/dev/stderr"
        exit 1
    }
}' "${files[@]}"

# A header that is not included may still be linked, so the CMake files are looked at as well.
if grep -rnE 'Qt6::|\bQT\b' core --include=CMakeLists.txt >&2; then
    echo "layering: core/ links no Qt" >&2
    exit 1
fi
echo "layering: ${#files[@]} files keep the layers"
