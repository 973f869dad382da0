#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs a built tree into a folder of its own and runs what is there as a user would: the programs find
# their resources beside them, the manual page and the completions are sound, the desktop entry starts a
# program that is there.
#   tests/lint/install.sh BUILD
set -euo pipefail

if (($# != 1)) || [[ ! -f $1/CMakeCache.txt ]]; then
    echo "usage: tests/lint/install.sh BUILD (a configured and completely built folder)" >&2
    exit 2
fi
build=$(realpath -- "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
fail() {
    echo "install: $*" >&2
    exit 1
}

# Not in the user's own folders, and without a hint from outside where the resources are.
unset SCRIT_RESOURCES
export HOME=$folder/home XDG_CACHE_HOME=$folder/home/cache XDG_CONFIG_HOME=$folder/home/config \
    XDG_DATA_HOME=$folder/home/data
mkdir -p "$HOME"
prefix=$folder/prefix
if ! cmake --install "$build" --prefix "$prefix" >"$folder/install.log" 2>&1; then
    cat "$folder/install.log" >&2
    fail "could not install; is everything built in $build?"
fi
scrit=$prefix/bin/scrit
cd "$folder"

# --- programs and resources
resources=$("$scrit" doctor --json | jq -r .checks.resources.value)
[[ $resources == "$prefix/share/scrit-studio" ]] ||
    fail "scrit doctor found the resources in '$resources', not below the prefix"
for kind in prompts recipes samples trainers; do
    [[ -n $(find "$prefix/share/scrit-studio/$kind" -type f -print -quit) ]] || fail "no $kind are installed"
done
problems=$("$scrit" demo --sample --json demo | jq .status.problems)
((problems >= 24)) || fail "scrit demo made $problems problems"
if [[ -x $prefix/bin/scrit-studio ]]; then
    blind=(env -u DISPLAY -u WAYLAND_DISPLAY -u QT_QPA_PLATFORM "$prefix/bin/scrit-studio")
    "${blind[@]}" --version | grep -q . || fail "scrit-studio does not say its version"
    "${blind[@]}" --help | grep -q -- --page || fail "scrit-studio --help does not name its options"
    if told=$("${blind[@]}" 2>&1) || [[ $told != *"no display"* ]]; then
        fail "scrit-studio does not say that there is no display: $told"
    fi
    export QT_QPA_PLATFORM=offscreen
    workspace=$(find demo -name '*.scrit' -print -quit)
    code=0
    timeout 3 "$prefix/bin/scrit-studio" "$workspace" >"$folder/studio.log" 2>&1 || code=$?
    if ((code != 124)); then
        cat "$folder/studio.log" >&2
        fail "scrit-studio ended by itself, with $code"
    fi
    entry=$prefix/share/applications/org.scritstudio.ScritStudio.desktop
    if command -v desktop-file-validate >/dev/null; then
        desktop-file-validate "$entry"
    fi
    command=$(sed -n 's/^Exec=\([^ ]*\).*/\1/p' "$entry" | head -n 1)
    [[ -x $prefix/bin/$command ]] || fail "the desktop entry starts '$command', which is not installed"
    icon=$(sed -n 's/^Icon=//p' "$entry")
    [[ -f $prefix/share/icons/hicolor/scalable/apps/$icon.svg ]] || fail "there is no icon '$icon'"
fi
for program in "$prefix"/bin/*; do
    if readelf -d "$program" | grep -E 'RUNPATH|RPATH' | grep -qF "$build"; then
        fail "$program looks for libraries in the build folder"
    fi
done

# --- manual page
page=$prefix/share/man/man1/scrit.1
if command -v man >/dev/null; then
    LC_ALL=C.UTF-8 MANWIDTH=80 MANROFFSEQ='' man --warnings -l "$page" >"$folder/page.txt" 2>"$folder/page.log" ||
        fail "man cannot show the page: $(cat "$folder/page.log")"
    [[ ! -s $folder/page.log ]] || fail "the manual page has faults: $(cat "$folder/page.log")"
    for command in $("$scrit" --help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p'); do
        grep -q "scrit $command" "$folder/page.txt" || fail "the manual page does not know 'scrit $command'"
    done
fi

# --- completions
completion=$prefix/share/bash-completion/completions/scrit
# shellcheck disable=SC2016 # expanded by the inner shell
words=$(PATH=$prefix/bin:$PATH bash --norc -c '
    set -e
    source "$1"
    function=$(complete -p scrit | sed "s/.*-F \([^ ]*\).*/\1/")
    COMP_WORDS=(scrit imp) COMP_CWORD=1 COMP_LINE="scrit imp" COMP_POINT=9
    "$function" scrit imp scrit
    printf "%s " "${COMPREPLY[@]}"' bash "$completion") || fail "bash cannot load the completions"
[[ $words == *import* ]] || fail "bash completes 'scrit imp' to '$words'"
for shell in zsh fish; do
    if command -v "$shell" >/dev/null; then
        "$shell" -n "$(find "$prefix/share/$shell" -type f -print -quit)" || fail "$shell cannot read its completions"
    fi
done
echo "install: programs, resources, manual page and completions are in order"
