#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs clang-format, clang-tidy and cppcheck over the sources, and the quick checks of this folder.
# Says what it does; exits 1 when any of them finds something, 2 when it is called wrongly.
set -uo pipefail

usage() {
    cat <<'TEXT'
usage: tests/lint/run.sh [options] [BUILD]
  BUILD              a configured build folder, or its compile_commands.json, for clang-tidy and cppcheck;
                     by default build/lint, which is configured here (preset lint). One that was built with
                     precompiled headers of another compiler cannot be read by clang-tidy.
  --since REVISION   only files that changed since that git revision (for clang-tidy also the sources
                     that include a changed header)
  --jobs N           parallel clang-tidy and cppcheck processes (default 2)
  --no-format, --no-tidy, --no-cppcheck, --no-quick
                     leave out clang-format, clang-tidy, cppcheck, or the checks that ctest runs as well
  --fix-format       rewrite the files with clang-format instead of checking them
  --help
A full clang-tidy pass takes many minutes; --since origin/main is what one wants while working.
TEXT
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
format=1 tidy=1 cppcheck=1 quick=1 fixFormat=0 since='' jobs=2 build=''
while (($# > 0)); do
    case $1 in
    --since | --jobs)
        if (($# < 2)); then
            echo "run.sh: $1 needs a value" >&2
            exit 2
        fi
        if [[ $1 == --since ]]; then since=$2; else jobs=$2; fi
        shift
        ;;
    --no-format) format=0 ;;
    --no-tidy) tidy=0 ;;
    --no-cppcheck) cppcheck=0 ;;
    --no-quick) quick=0 ;;
    --fix-format) fixFormat=1 ;;
    --help | -h)
        usage
        exit 0
        ;;
    -*)
        echo "run.sh: unknown option $1" >&2
        usage >&2
        exit 2
        ;;
    *) build=$(realpath -- "$1") || exit 2 ;;
    esac
    shift
done
cd "$root" || exit 2

# tool NAME: prints the version 14 of a clang tool, under its versioned name where there is one.
tool() {
    local name
    for name in "$1-14" "$1"; do
        if command -v "$name" >/dev/null && "$name" --version | grep -qE 'version 14\.'; then
            echo "$name"
            return 0
        fi
    done
    echo "run.sh: $1 14 is not installed: run packaging/install-dependencies" >&2
    return 1
}

# All sources of the project; with --since those that differ from that revision, new files included.
if ! git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    echo "run.sh: needs a git checkout, to know which files belong to the project" >&2
    exit 2
fi
mapfile -t sources < <(git ls-files --cached --others --exclude-standard -- '*.h' '*.cpp' | sort -u)
changed=("${sources[@]}")
if [[ -n $since ]]; then
    if ! git rev-parse --verify --quiet "$since^{commit}" >/dev/null; then
        echo "run.sh: $since is no revision of this repository" >&2
        exit 2
    fi
    mapfile -t changed < <({
        git diff --name-only --diff-filter=d "$since" -- '*.h' '*.cpp'
        git ls-files --others --exclude-standard -- '*.h' '*.cpp'
    } | sort -u)
fi
# A file may be listed and gone.
existing=()
for file in "${changed[@]}"; do
    if [[ -f $file ]]; then existing+=("$file"); fi
done
changed=("${existing[@]}")

failed=()
step() { printf '\n== %s\n' "$*"; }

# Configures build/lint and lets moc write the files that the sources include. Nothing is compiled: the
# targets named *_autogen would wait for the libraries that they are linked to.
configureLint() {
    mkdir -p build
    if cmake --preset lint >build/lint.log 2>&1 &&
        find build/lint -path '*_autogen.dir/AutogenInfo.json' -print0 |
        xargs -0 -P "$jobs" -I {} cmake -E cmake_autogen {} Debug >>build/lint.log 2>&1; then
        return 0
    fi
    tail -n 20 build/lint.log >&2
    return 1
}

if ((quick)); then
    for check in layering spdx samples; do
        step "$check"
        "tests/lint/$check.sh" || failed+=("$check")
    done
fi

if ((format)); then
    step "clang-format: ${#changed[@]} files"
    if ! clangFormat=$(tool clang-format); then
        failed+=(clang-format)
    elif ((${#changed[@]} > 0)); then
        if ((fixFormat)); then
            arguments=(-i)
        else
            arguments=(--dry-run -Werror)
        fi
        printf '%s\0' "${changed[@]}" | xargs -0 -n 40 "$clangFormat" --style=file "${arguments[@]}" ||
            failed+=(clang-format)
    fi
fi

commands=$build
if ((tidy || cppcheck)); then
    if [[ -z $commands ]]; then
        step "configure build/lint"
        configureLint || exit 2
        commands=$root/build/lint
    elif [[ -f $commands ]]; then
        commands=$(dirname "$commands")
    fi
    if [[ ! -f $commands/compile_commands.json ]]; then
        echo "run.sh: $commands has no compile_commands.json: name a configured build folder" >&2
        exit 2
    fi
fi

# What the build compiles, a line each: the compiled file, and the source of this project in it. Several
# sources may be compiled as one file (SCRIT_UNITY_BUILD), which then includes them by their full paths.
compiledFiles() {
    local unit
    jq -r '.[].file' "$commands/compile_commands.json" | sort -u | while read -r unit; do
        case $unit in
        */Unity/unity_*) sed -nE "s|^#include \"$root/(.*)\"\$|$unit\t\1|p" "$unit" ;;
        *) printf '%s\t%s\n' "$unit" "${unit#"$root/"}" ;;
        esac
    done
}

# The sources to look at that the build compiles: the changed ones and, with --since, those that include
# a changed header. `units` are the files that the compiler is given for them.
compiled=() units=()
if ((tidy || cppcheck)); then
    wanted=$(mktemp)
    for file in "${changed[@]}"; do
        if [[ $file == *.cpp ]]; then
            echo "$file"
        elif [[ -n $since ]]; then
            git grep --untracked -lF "#include \"$file\"" -- '*.cpp'
        fi
    done | sort -u >"$wanted"
    found=$(compiledFiles | awk -F '\t' 'NR == FNR { wanted[$0]; next } $2 in wanted' "$wanted" -)
    if [[ -n $found ]]; then
        mapfile -t units < <(cut -f 1 <<<"$found" | sort -u)
        mapfile -t compiled < <(cut -f 2 <<<"$found" | sort -u)
    fi
    notCompiled=$(($(wc -l <"$wanted") - ${#compiled[@]}))
    rm -f "$wanted"
    if ((notCompiled > 0)); then
        echo "$notCompiled sources are not compiled by $commands and not looked at by clang-tidy and cppcheck"
    fi
fi

# A file of several sources includes .cpp files, and need not lie in this folder. Tests are about texts with
# odd characters and in odd pieces, set what they test by hand, and need not be fast.
checksOf() {
    echo -n -bugprone-suspicious-include
    if [[ $1 == "$commands/tests/"* || $1 == "$root/tests/"* ]]; then
        echo -n ,-performance-inefficient-vector-operation,-misc-misleading-bidirectional
        echo -n ,-bugprone-suspicious-missing-comma,-misc-non-private-member-variables-in-classes
    fi
}

if ((tidy)); then
    step "clang-tidy: ${#compiled[@]} sources in ${#units[@]} files, $jobs at a time, commands of $commands"
    if ! clangTidy=$(tool clang-tidy); then
        failed+=(clang-tidy)
    elif ((${#units[@]} > 0)); then
        for unit in "${units[@]}"; do printf '%s\0%s\0' "--checks=$(checksOf "$unit")" "$unit"; done |
            xargs -0 -n 2 -P "$jobs" "$clangTidy" -p "$commands" --quiet --warnings-as-errors='*' \
                --config-file="$root/.clang-tidy" --header-filter="^$root/(app|core|tests|ui)/" \
                --extra-arg=-Wno-unknown-warning-option 2> >(grep -vE '^[0-9]+ warnings? (generated|treated)' >&2) ||
            failed+=(clang-tidy)
    fi
fi

if ((cppcheck)); then
    step "cppcheck: ${#compiled[@]} sources, $jobs at a time"
    if ! command -v cppcheck >/dev/null; then
        echo "run.sh: cppcheck is not installed: run packaging/install-dependencies" >&2
        failed+=(cppcheck)
    elif ((${#compiled[@]} > 0)); then
        list=$(mktemp)
        printf '%s\n' "${compiled[@]}" >"$list"
        cppcheck --quiet --error-exitcode=1 -j "$jobs" --std=c++20 --language=c++ --library=qt \
            --enable=warning,performance,portability --inline-suppr --suppressions-list=tests/lint/cppcheck.txt \
            --template='{file}:{line}: {severity}: {message} [{id}]' -I "$root" --file-list="$list" ||
            failed+=(cppcheck)
        rm -f "$list"
    fi
fi

if ((${#failed[@]} > 0)); then
    printf '\nlint: found something: %s\n' "${failed[*]}" >&2
    exit 1
fi
printf '\nlint: all in order\n'
