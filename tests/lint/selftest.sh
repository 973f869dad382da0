#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Shows that a check can fail: plants faults in a temporary copy, one at a time, and expects each to be
# found. Usage: selftest.sh layering|spdx|samples
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
planted=0

# expectPass WHAT COMMAND…: the untouched copy must be in order, or the rest would prove nothing.
expectPass() {
    local what=$1
    shift
    if ! "$@" >"$copy/log" 2>&1; then
        cat "$copy/log" >&2
        echo "selftest: $what: the untouched copy already fails" >&2
        exit 1
    fi
}

# expectFault PATTERN COMMAND…: the command must fail and its output must match the pattern.
expectFault() {
    local pattern=$1
    shift
    if "$@" >"$copy/log" 2>&1; then
        echo "selftest: not found: $pattern" >&2
        exit 1
    fi
    if ! grep -qE "$pattern" "$copy/log"; then
        cat "$copy/log" >&2
        echo "selftest: failed, but not with: $pattern" >&2
        exit 1
    fi
    planted=$((planted + 1))
}

# plantLine FILE LINE CHECK PATTERN: adds a line to a file of the copy, checks, and puts the file back.
plantLine() {
    local file=$copy/tree/$1
    local existed=0
    if [[ -e $file ]]; then
        existed=1
        cp "$file" "$copy/kept"
    fi
    mkdir -p "$(dirname "$file")"
    printf '%s\n' "$2" >>"$file"
    expectFault "$4" "$here/$3" "$copy/tree"
    if ((existed)); then
        cp "$copy/kept" "$file"
    else
        rm "$file"
    fi
}

copyTree() {
    mkdir -p "$copy/tree"
    (cd "$root" && find core ui app -type f \( -name '*.h' -o -name '*.cpp' -o -name CMakeLists.txt \) -print0 |
        xargs -0 cp --parents -t "$copy/tree")
}

testLayering() {
    copyTree
    expectPass layering "$here/layering.sh" "$copy/tree"
    plantLine core/model/flags.h '#include "core/store/workspace.h"' layering.sh 'core/model may not include core/store'
    plantLine core/base/text.h '#include "core/model/lineage.h"' layering.sh 'core/base may not include core/model'
    plantLine core/math/planted.cpp '#include "core/critique/words.h"' layering.sh 'core/math may not include core/critique'
    plantLine ui/models/planted.h '  # include "core/store/reader.h"' layering.sh 'ui/models may not include core/store'
    plantLine ui/pages/traces/planted.cpp '#include "core/loop/demo.h"' layering.sh 'ui/pages may not include core/loop'
    plantLine app/cli/planted.cpp '#include "ui/models/words.h"' layering.sh 'app/cli may not include ui/models'
    plantLine core/store/planted.h '#include "workspace.h"' layering.sh 'write the path from the root'
    plantLine core/base/planted.h '#include <QString>' layering.sh 'core/ includes no Qt'
    plantLine core/base/planted.h '#include <QtCore/qstring.h>' layering.sh 'core/ includes no Qt'
    plantLine core/base/CMakeLists.txt 'target_link_libraries(scrit_base PRIVATE Qt6::Core)' layering.sh 'core/ links no Qt'
    plantLine core/novelty/planted.h '#include <string>' layering.sh 'core/novelty has no row'
}

testSpdx() {
    copyTree
    expectPass spdx "$here/spdx.sh" "$copy/tree"
    plantLine core/base/planted.cpp 'int planted();' spdx.sh 'core/base/planted.cpp: no SPDX'
    plantLine core/planted/CMakeLists.txt 'project(planted)' spdx.sh 'core/planted/CMakeLists.txt: no SPDX'
}

# plantJson FILE JQ PATTERN: changes a samples file through jq, checks, and puts it back.
plantJson() {
    jq -c "$2" "$root/resources/samples/$1" >"$copy/tree/$1"
    expectFault "$3" "$here/samples.sh" "$copy/tree"
    cp "$root/resources/samples/$1" "$copy/tree/$1"
}

testSamples() {
    mkdir "$copy/tree"
    cp "$root"/resources/samples/*.jsonl "$copy/tree"
    expectPass samples "$here/samples.sh" "$copy/tree"
    plantJson problems.jsonl 'if .id == "p01" then .id = "p02" else . end' 'problem id p02 occurs twice'
    plantJson problems.jsonl 'if .id == "p01" then .colour = "red" else . end' 'unknown keys colour'
    plantJson problems.jsonl 'if .id == "p01" then del(.answer) else . end' 'p01: answer is missing'
    plantJson problems.jsonl 'if .id == "p01" then .candidates[1].first_error_step = 3 else . end' 'outside of its 3 steps'
    plantJson problems.jsonl 'select(.id < "p23")' 'only 22 problems'
    plantJson critiques.jsonl 'if .id == "p01-b-k1" then .solution_id = "p99-b" else . end' 'solution p99-b is unknown'
    plantJson critiques.jsonl 'if .id == "p01-b-k1" then .reference_id = "p02-a" else . end' 'is of another problem'
    plantJson critiques.jsonl 'if .id == "p01-b-k1" then .self_validation.verdict = "no" else . end' 'not what its text says'
    plantJson critiques.jsonl 'if .id == "p01-b-k1" then .critique |= sub("step number: 1"; "step number: 2") else . end' 'disagrees with the label'
    plantJson critiques.jsonl 'select((.shows // []) | index("leak") | not)' 'no critique shows leak'
}

case ${1:-} in
layering) testLayering ;;
spdx) testSpdx ;;
samples) testSamples ;;
*)
    echo "usage: selftest.sh layering|spdx|samples" >&2
    exit 2
    ;;
esac
echo "selftest: $1 found all $planted planted faults"
