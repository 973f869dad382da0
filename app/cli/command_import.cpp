// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/json_output.h"
#include "app/cli/progress_line.h"
#include "app/cli/terminal.h"
#include "core/base/text.h"
#include "core/loop/import_driver.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <vector>

namespace scrit::cli {
namespace {

using base::Expected;

enum class Kind { Problems, Critiques };

struct ImportArguments {
    std::string workspace;
    std::vector<std::string> files;
    std::string as = "auto";
    std::vector<std::string> map;
    std::string source;
    std::string split;
    bool strict = false;
    bool json = false;
};

Expected<std::map<std::string, std::string>> fieldMap(const std::vector<std::string>& pairs,
                                                      Kind kind) {
    const std::vector<std::string_view>& fields =
        kind == Kind::Problems ? format::mappableFields() : format::mappableCritiqueFields();
    std::map<std::string, std::string> map;
    for (const std::string& pair : pairs) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == pair.size()) {
            return base::fail(base::ErrorCode::Invalid, "--map " + pair + " is not field=key",
                              "for example --map problem=question");
        }
        std::string field = pair.substr(0, equals);
        if (std::find(fields.begin(), fields.end(), field) == fields.end()) {
            std::string known;
            for (const std::string_view name : fields) {
                known += (known.empty() ? "" : ", ") + std::string(name);
            }
            return base::fail(base::ErrorCode::Invalid,
                              "--map: there is no field \"" + field + "\"", "use one of " + known);
        }
        map[std::move(field)] = pair.substr(equals + 1);
    }
    return map;
}

void printBadLines(const loop::ImportSummary& summary) {
    constexpr std::size_t kShown = 10;
    std::size_t shown = 0;
    for (const format::BadLine& bad : summary.badLines) {
        if (shown++ == kShown) {
            break;
        }
        const std::string text = bad.file + ":" + std::to_string(bad.line) + ": " + bad.reason;
        // The line that --strict stopped at is the error that is printed at the end.
        if (!summary.stopped || summary.stopped->message != text) {
            printNote(text);
        }
    }
    if (summary.total.bad > kShown) {
        printNote(std::to_string(summary.total.bad - kShown) +
                  " more bad lines: --json lists them");
    }
}

void printSummary(const loop::ImportSummary& summary) {
    Table table({{"file", false, true},
                 {"format"},
                 {"lines", true},
                 {"added", true},
                 {"existing", true},
                 {"bad", true}});
    const auto add = [&table](const std::string& name, const loop::FileSummary& file) {
        table.add({name, file.format.empty() ? "-" : file.format, std::to_string(file.lines),
                   std::to_string(file.added), std::to_string(file.existing),
                   std::to_string(file.bad)});
    };
    for (const loop::FileSummary& file : summary.files) {
        add(base::escapeForTerminal(file.file), file);
    }
    if (summary.files.size() > 1) {
        add("total", summary.total);
    }
    table.finish();
    print("new: " + std::to_string(summary.total.problems) + " problems, " +
          std::to_string(summary.total.solutions) + " solutions, " +
          std::to_string(summary.total.critiques) + " critiques, " +
          std::to_string(summary.total.verdicts) + " labels\n");
}

// Rows of critiques have problems, too, which import takes; it leaves the critiques where they are.
bool holdsCritiques(const loop::FileSummary& file) {
    std::error_code ignored; // of a pipe nothing is left
    if (file.error || file.lines == file.bad ||
        !std::filesystem::is_regular_file(file.file, ignored)) {
        return false;
    }
    const Expected<format::RecordReader> reader = format::openCritiques(file.file, {});
    return reader.has_value();
}

void noteCritiques(const loop::ImportSummary& summary, const std::string& workspace) {
    for (const loop::FileSummary& file : summary.files) {
        if (holdsCritiques(file)) {
            printNote(file.file + " holds critiques, too: scrit import-critiques " + workspace +
                      " " + file.file + " adds them");
        }
    }
}

Expected<int> importAll(Session& session, const ImportArguments& arguments, Kind kind) {
    Expected<std::map<std::string, std::string>> map = fieldMap(arguments.map, kind);
    if (!map) {
        return base::fail(map.error());
    }
    const Expected<std::shared_ptr<store::Workspace>> workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    loop::ImportJobOptions options;
    options.format.as = arguments.as;
    options.format.fieldMap = std::move(*map);
    options.format.source = arguments.source;
    options.format.split = arguments.split;
    options.format.unknownFormatAdvice =
        std::string("name it with --as, or the key of the ") +
        (kind == Kind::Problems ? "problem with --map problem=KEY"
                                : "critique with --map critique=KEY");
    options.strict = arguments.strict;
    const std::vector<std::filesystem::path> files(arguments.files.begin(), arguments.files.end());
    ProgressLine progress(session);
    const auto job = kind == Kind::Problems ? loop::importFiles : loop::importCritiqueFiles;
    const loop::ImportSummary summary =
        job(**workspace, files, options, progress.function(), session.cancel);
    progress.clear();
    if (arguments.json) {
        printJson(importJson(summary));
    } else if (!session.quiet) {
        printSummary(summary);
        printBadLines(summary);
        if (kind == Kind::Problems) {
            noteCritiques(summary, arguments.workspace);
        }
    }
    for (const loop::FileSummary& file : summary.files) {
        if (file.error && !(summary.stopped && summary.stopped->message == file.error->message)) {
            printError(*file.error);
        }
    }
    if (summary.stopped) {
        printError(*summary.stopped);
        return kFailed;
    }
    if (summary.cancelled) {
        return base::fail(base::ErrorCode::Cancelled, "interrupted",
                          "what was imported is kept; run the same command again to go on");
    }
    return summary.complete() ? kOk : kFailed;
}

std::vector<std::string> formatNames(const std::vector<format::FormatInfo>& formats) {
    std::vector<std::string> names{"auto"};
    for (const format::FormatInfo& info : formats) {
        names.emplace_back(info.name);
    }
    return names;
}

std::string formatHelp(const std::vector<format::FormatInfo>& formats) {
    std::string text = "Formats:\n";
    for (const format::FormatInfo& info : formats) {
        text += "  " + padded(info.name, 14) + wrapped(info.description, 76, 16) + "\n";
    }
    return text + "\n";
}

void addOne(CLI::App& root, Session& session, Kind kind) {
    const bool problems = kind == Kind::Problems;
    const auto arguments = std::make_shared<ImportArguments>();
    const std::vector<format::FormatInfo>& formats =
        problems ? format::importFormats() : format::critiqueFormats();
    CLI::App* command = root.add_subcommand(
        problems ? "import" : "import-critiques",
        problems ? "Add problems and candidate solutions from files; a second import adds nothing"
                 : "Add recorded critiques from files and parse them");
    command->group(std::string(kWorkspaceGroup));
    addWorkspace(*command, arguments->workspace);
    command
        ->add_option("files", arguments->files,
                     "Files: JSON Lines, JSON or CSV, also .gz and .zst; - is standard input")
        ->type_name("FILE")
        ->required();
    addChoice(*command, session, "--as", arguments->as, formatNames(formats), "The format");
    command
        ->add_option(
            "--map", arguments->map,
            "Take our field from the file's key, e.g. problem=question, or of a nested object "
            "problem=data.question; may be repeated")
        ->type_name("FIELD=KEY")
        ->allow_extra_args(false);
    command->add_option("--source", arguments->source, "Name of the data set")->type_name("NAME");
    command->add_option("--split", arguments->split, "Name of the split, e.g. train")
        ->type_name("NAME");
    command->add_flag("--strict", arguments->strict, "The first bad line ends the import");
    addJson(*command, arguments->json, "Print counts and bad lines as one JSON object");
    addQuiet(*command, session);
    command->footer(
        formatHelp(formats) +
        (problems
             ? "Examples:\n"
               "  scrit import study.scrit gsm8k/test.jsonl processbench_*.jsonl\n"
               "  scrit import study.scrit mine.csv --map problem=question --map answer=gold\n"
               "  scrit import study.scrit dump.jsonl.zst --strict --json"
             : "A critique comes with its problem and solution, or names a stored solution as\n"
               "\"solution_id\": by the id that its data set gave it, where only one has that id,\n"
               "or by its key; scrit list --of solutions --columns key,external_id shows both. A\n"
               "critique whose solution is not known, or may be one of several, is a bad line.\n"
               "\n"
               "Examples:\n"
               "  scrit import-critiques study.scrit critiques.jsonl\n"
               "  scrit import-critiques study.scrit out.jsonl --as generic --map "
               "critique=response"));
    setAction(*command, session,
              [&session, arguments, kind] { return importAll(session, *arguments, kind); });
}

} // namespace

void addImport(CLI::App& root, Session& session) {
    addOne(root, session, Kind::Problems);
    addOne(root, session, Kind::Critiques);
}

} // namespace scrit::cli
