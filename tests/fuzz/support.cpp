// SPDX-License-Identifier: GPL-3.0-or-later
// Part of every fuzzing harness.

// LeakSanitizer asks for this. CLN, which GiNaC calculates with, keeps a few bytes of start-up data
// that it never frees.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libcln\n";
}
