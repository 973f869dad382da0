// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace scrit::cli {

// One finding of `scrit doctor`.
struct Check {
    std::string name;    // stable, for --json
    bool needed = false; // false: only some features need it
    bool found = false;
    std::string value;  // version, size, path
    std::string advice; // what to do where it is missing
};

// All findings, in the order in which they are shown. Takes at most a few seconds (vLLM alone needs
// some to tell its version).
[[nodiscard]] std::vector<Check> runChecks();
// How the servers that a workspace's models need would be started on this machine, "model NAME".
[[nodiscard]] base::Expected<std::vector<Check>> modelChecks(const std::string& workspace);

// What a program on PATH writes, to stdout and stderr, without a shell: empty when it is missing,
// fails or takes longer than `millis` (it is killed then).
[[nodiscard]] std::string outputOf(const std::vector<std::string>& command, int millis);
// The full path of a program on PATH; empty when there is none.
[[nodiscard]] std::string onPath(std::string_view program);

} // namespace scrit::cli
