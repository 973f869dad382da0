// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/session.h"

#include "core/base/suggest.h"
#include "core/base/text.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace scrit::cli {
namespace {

// One line: what was a line break becomes a space.
std::string oneLine(std::string_view text) {
    std::string line = base::escapeForTerminal(text);
    std::replace(line.begin(), line.end(), '\n', ' ');
    std::replace(line.begin(), line.end(), '\t', ' ');
    return line;
}

int g_outputError = 0; // errno of the first write to stdout that failed
bool g_outputErrorTold = false;

CLI::Validator oneOf(const std::vector<std::string>& choices) {
    return CLI::Validator(
        [choices](std::string& value) -> std::string {
            if (std::find(choices.begin(), choices.end(), value) != choices.end()) {
                return {};
            }
            const std::string near = base::nearest(value, choices);
            std::string message = "\"" + value + "\" is not known";
            if (!near.empty()) {
                return message + ": did you mean " + near + "?";
            }
            message += ": use ";
            for (std::size_t i = 0; i < choices.size(); ++i) {
                message += (i == 0 ? "" : i + 1 == choices.size() ? " or " : ", ") + choices[i];
            }
            return message;
        },
        "");
}

} // namespace

int exitCodeOf(const base::Error& error) {
    switch (error.code) {
    case base::ErrorCode::Cancelled:
        return kInterrupted;
    case base::ErrorCode::Invalid:
        return kUsage;
    default:
        return kFailed;
    }
}

void printError(const base::Error& error) {
    pushOutput();
    const std::string line = "scrit: " + oneLine(error.text()) + "\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
}

void printNote(std::string_view text) {
    pushOutput();
    const std::string line = "scrit: " + oneLine(text) + "\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
}

void print(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() && g_outputError == 0) {
        g_outputError = errno;
    }
}

bool pushOutput() {
    if (std::fflush(stdout) != 0 && g_outputError == 0) {
        g_outputError = errno;
    }
    return g_outputError == 0;
}

bool flushOutput() {
    if (pushOutput()) {
        return true;
    }
    if (g_outputError != EPIPE && !std::exchange(g_outputErrorTold, true)) {
        printError(base::systemError(g_outputError, "cannot write to", "the standard output"));
    }
    return false;
}

void addQuiet(CLI::App& command, Session& session) {
    command.add_flag("-q,--quiet", session.quiet, "No progress line and no summary");
}

void addJson(CLI::App& command, bool& json, std::string_view what) {
    command.add_flag("--json", json, std::string(what));
}

CLI::Option* addWorkspace(CLI::App& command, std::string& path) {
    return command.add_option("workspace", path, "The workspace file")
        ->type_name("W.scrit")
        ->required();
}

CLI::Option* addChoice(CLI::App& command, Session& session, std::string_view name,
                       std::string& value, std::vector<std::string> choices,
                       std::string_view description) {
    CLI::Option* option = command.add_option(std::string(name), value, std::string(description))
                              ->check(oneOf(choices));
    session.choices[option] = std::move(choices);
    return option;
}

CLI::Option* addChoices(CLI::App& command, Session& session, std::string_view name,
                        std::vector<std::string>& values, std::vector<std::string> choices,
                        std::string_view description) {
    CLI::Option* option = command.add_option(std::string(name), values, std::string(description))
                              ->delimiter(',')
                              ->allow_extra_args(false)
                              ->check(oneOf(choices));
    session.choices[option] = std::move(choices);
    return option;
}

void setAction(CLI::App& command, Session& session, std::function<base::Expected<int>()> action) {
    command.callback([&session, action = std::move(action)] { session.action = action; });
}

} // namespace scrit::cli
