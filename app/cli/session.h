// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/cancellation.h"
#include "core/base/error.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::cli {

// Exit codes that scripts rely on.
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;      // the work failed, wholly or in part
inline constexpr int kUsage = 2;       // the command line makes no sense
inline constexpr int kInterrupted = 3; // stopped by a signal; running the command again goes on

// One run of the program: what the chosen command will do and what stops it. Lives in main();
// commands keep a reference. One thread.
struct Session {
    base::CancelToken cancel; // set by SIGINT and SIGTERM
    // A command that stops in two steps sets it: then the second signal cancels this, and the third
    // ends the program at once as the second does for other commands.
    std::optional<base::CancelToken> cancelNow;
    bool quiet = false; // --quiet: no progress line
    // What the parsed command line asks for; returns an exit code. An Error is printed by main().
    std::function<base::Expected<int>()> action;
    // The values that an option or positional takes, for completion and the manual page.
    std::map<const CLI::Option*, std::vector<std::string>> choices;
    // Values that completion offers where others are taken, too.
    std::map<const CLI::Option*, std::vector<std::string>> suggestions;
};

// The exit code of an error: Cancelled is 3, Invalid (a filter, a name) is 2, all else 1.
[[nodiscard]] int exitCodeOf(const base::Error& error);

// Prints "scrit: what happened: what to do" as one line on stderr, safe for a terminal.
void printError(const base::Error& error);
// The same for a remark that does not change the exit code.
void printNote(std::string_view text);

// Writes to stdout as it is. Failures are found by flushOutput().
void print(std::string_view text);
// Flushes stdout, for a reader that waits. False when something could not be written; flushOutput()
// says so at the end. A failed flush is told by no later one, so nothing else may flush stdout.
bool pushOutput();
// Flushes stdout. False when something could not be written; the reason was printed once, except
// for a reader that went away.
[[nodiscard]] bool flushOutput();

// Options that several commands share.
void addQuiet(CLI::App& command, Session& session);
void addJson(CLI::App& command, bool& json, std::string_view what);
CLI::Option* addWorkspace(CLI::App& command, std::string& path);
// An option that takes one of a fixed list of values; a wrong one is answered with the nearest.
CLI::Option* addChoice(CLI::App& command, Session& session, std::string_view name,
                       std::string& value, std::vector<std::string> choices,
                       std::string_view description);
CLI::Option* addChoices(CLI::App& command, Session& session, std::string_view name,
                        std::vector<std::string>& values, std::vector<std::string> choices,
                        std::string_view description);
// Sets what a command does once it was chosen.
void setAction(CLI::App& command, Session& session, std::function<base::Expected<int>()> action);

} // namespace scrit::cli
