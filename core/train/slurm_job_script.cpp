// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/slurm_job_script.h"

#include "core/backend/slurm_client.h"
#include "core/base/resources.h"
#include "core/base/text.h"

#include <charconv>
#include <system_error>

namespace scrit::train {
namespace {

constexpr const char* kStart = "slurm.start";
constexpr const char* kStage = "slurm.stage";
constexpr const char* kExit = "slurm.exit";
constexpr std::uintmax_t kMostBytes = 4096;

std::string commandLines(const backend::Command& command, std::size_t number) {
    using backend::shellQuoted;
    std::string lines = "command_" + std::to_string(number) + "() {\n";
    if (!command.workingFolder.empty()) {
        lines += "    cd " + shellQuoted(command.workingFolder) + " || exit 1\n";
    }
    for (const auto& [name, value] : command.environment) {
        lines += "    export " + shellQuoted(name + "=" + value) + " || exit 1\n";
    }
    lines += "    exec " + shellQuoted(command.program);
    for (const std::string& argument : command.arguments) {
        lines += " " + shellQuoted(argument);
    }
    return lines + "\n}\n";
}

std::string contents(const std::filesystem::path& file) {
    return std::string(base::trimmed(base::readFile(file, kMostBytes).value_or("")));
}

template<typename Number>
std::optional<Number> numberIn(std::string_view text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(number)
                                                                    : std::nullopt;
}

} // namespace

std::string trainingScript(const CommandPlan& plan, std::size_t first,
                           const std::filesystem::path& folder,
                           const backend::SlurmSettings& settings) {
    std::string script = "#!/bin/bash\n";
    script += backend::sbatchLines(settings, settings.nodes);
    script += "# One training of Scrit Studio. The files slurm.* tell what became of it.\n";
    script += "folder=" + backend::shellQuoted(folder.string()) + "\n";
    script += backend::kScriptFunctions;
    script += R"(ended() {
    code=$?
    trap - EXIT
    put "$folder/slurm.exit" "$SLURM_JOB_ID $code"
    exit "$code"
}
trap ended EXIT
trap : TERM INT
run() {
    "$@" &
    child=$!
    wait "$child"
    code=$?
    # A signal ends the waiting, not the command.
    while kill -0 "$child" 2>/dev/null; do
        wait "$child"
        code=$?
    done
    return "$code"
}
put "$folder/slurm.start" "$SLURM_JOB_ID"
)";
    for (const std::string& line : settings.setup) {
        script += line + "\n";
    }
    for (std::size_t i = first; i < plan.steps.size(); ++i) {
        script += commandLines(plan.steps[i].command, i);
    }
    for (std::size_t i = first; i < plan.steps.size(); ++i) {
        const std::string number = std::to_string(i);
        script += "put \"$folder/slurm.stage\" " + number + "\n";
        script += "run command_" + number + " || exit\n";
    }
    return script;
}

std::optional<ScriptEnd> readScriptEnd(const std::filesystem::path& folder) {
    const std::string text = contents(folder / kExit);
    const std::size_t space = text.find(' ');
    if (space == std::string::npos || !backend::isSlurmJobId(text.substr(0, space))) {
        return std::nullopt;
    }
    const std::optional<int> code = numberIn<int>(std::string_view(text).substr(space + 1));
    return code ? std::optional(ScriptEnd{text.substr(0, space), *code}) : std::nullopt;
}

std::optional<std::string> readScriptStart(const std::filesystem::path& folder) {
    std::string id = contents(folder / kStart);
    return backend::isSlurmJobId(id) ? std::optional(std::move(id)) : std::nullopt;
}

std::optional<std::size_t> readStage(const std::filesystem::path& folder) {
    return numberIn<std::size_t>(contents(folder / kStage));
}

void clearScriptFiles(const std::filesystem::path& folder) {
    for (const char* name : {kStart, kStage, kExit}) {
        std::error_code ignored;
        std::filesystem::remove(folder / name, ignored);
    }
}

} // namespace scrit::train
