// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/export_options.h"
#include "app/cli/export_output.h"
#include "app/cli/json_output.h"
#include "app/cli/progress_line.h"
#include "app/cli/terminal.h"
#include "core/format/dataset_writer.h"
#include "core/format/exporter.h"
#include "core/loop/export_driver.h"

#include <memory>
#include <vector>

namespace scrit::cli {
namespace {

struct ExportArguments {
    std::string workspace;
    std::string out;
    CurationArguments curation;
    std::string prefer = "self-validation";
    std::size_t preview = 0;
    bool parquet = false;
    bool json = false;
};

base::Expected<loop::ExportJobOptions> optionsOf(const ExportArguments& arguments) {
    base::Expected<loop::ExportJobOptions> options = curationOf(arguments.curation);
    if (options) {
        options->folder = arguments.out;
        options->fileType =
            arguments.parquet ? format::FileType::Parquet : format::FileType::Native;
        options->preference = arguments.prefer == "answer-match" ? loop::Preference::AnswerMatch
                                                                 : loop::Preference::SelfValidation;
    }
    return options;
}

base::Expected<int> preview(Session& session, const ExportArguments& arguments,
                            const loop::ExportJobOptions& options) {
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    ProgressLine progress(session);
    const auto shown = loop::previewExport(**workspace, options, {arguments.preview, 1, true},
                                           progress.function(), session.cancel);
    progress.clear();
    if (!shown) {
        return base::fail(shown.error());
    }
    if (arguments.json) {
        printJson(previewJson(*shown));
    } else {
        printPreview(*shown);
    }
    return kOk;
}

// A workspace that cannot be written to can still be read: then the data set is written and only
// not noted in it.
base::Expected<std::shared_ptr<store::Workspace>> openToExport(const std::string& path) {
    auto workspace = openToWrite(path);
    if (workspace) {
        return workspace;
    }
    const base::ErrorCode code = workspace.error().code;
    if (code != base::ErrorCode::Locked && code != base::ErrorCode::ReadOnly &&
        code != base::ErrorCode::Permission) {
        return workspace;
    }
    auto readable = openToRead(path);
    if (readable) {
        printNote(workspace.error().message + ": the data set is written, and not noted in it");
    }
    return readable;
}

base::Expected<int> exportAll(Session& session, const ExportArguments& arguments) {
    const base::Expected<loop::ExportJobOptions> options = optionsOf(arguments);
    if (!options) {
        return base::fail(options.error());
    }
    if (arguments.preview > 0) {
        return preview(session, arguments, *options);
    }
    if (arguments.out.empty()) {
        return base::fail(base::ErrorCode::Invalid, "--out is missing",
                          "name the folder to make, or look first with --preview N");
    }
    const auto workspace = openToExport(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    ProgressLine progress(session);
    const auto summary =
        loop::exportDataset(**workspace, *options, progress.function(), session.cancel);
    progress.clear();
    if (!summary) {
        base::Error error = summary.error();
        if (error.code == base::ErrorCode::Exists && format::isEarlierExport(arguments.out)) {
            error.advice = "choose another folder, or replace it with --force";
        }
        return base::fail(std::move(error));
    }
    if (arguments.json) {
        Json json = exportJson(*summary);
        json["noted"] = (*workspace)->mode() == store::OpenMode::ReadWrite;
        printJson(json);
    } else if (!session.quiet) {
        printExport(*summary);
    }
    if (summary->dataset.rows == 0) {
        printNote("the data set has no rows: the counts say which step took them away");
    }
    return kOk;
}

} // namespace

void addExport(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<ExportArguments>();
    loop::ExportJobOptions& options = arguments->curation.options;
    CLI::App* command =
        root.add_subcommand("export", "Write a curated dataset with manifest and dataset card")
            ->group(std::string(kWorkspaceGroup));
    addWorkspace(*command, arguments->workspace);
    std::vector<std::string> names;
    std::string described = "Views:\n";
    for (const format::View* view : format::views()) {
        names.emplace_back(view->info().name);
        described +=
            "  " + padded(view->info().name, 24) + wrapped(view->info().description, 72, 26) + "\n";
    }
    addChoice(*command, session, "--view", options.view, std::move(names), "Shape of the rows")
        ->required();
    command->add_option("--out", arguments->out, "The folder to make")->type_name("DIR");
    command
        ->add_option("--preview", arguments->preview,
                     "Write nothing: show the first N rows as a trainer sees them, and what each "
                     "step takes away")
        ->type_name("N");
    addCurationOptions(*command, session, arguments->curation);
    addChoice(*command, session, "--prefer", arguments->prefer, {"self-validation", "answer-match"},
              "dpo: whose yes makes a critique chosen and whose no rejected");
    command
        ->add_option("--pairs", options.pairsPerSolution,
                     "dpo: at most so many pairs of each solution (0: as many as there are)")
        ->type_name("N");
    command->add_flag("--parquet", arguments->parquet,
                      "Write Parquet files by way of DuckDB's library (libduckdb.so, or the file "
                      "that SCRIT_DUCKDB names)");
    command->add_option("--title", options.title, "Heading of the dataset card")->type_name("TEXT");
    command->add_flag("--force", options.replace, "Replace an earlier export in the folder");
    addJson(*command, arguments->json, "Print the counts and files as one JSON object");
    addQuiet(*command, session);
    command->footer(
        described +
        "\n"
        "The steps run in the order in which they are listed here: reading, leaks, evaluation\n"
        "sets, duplicates, caps, balance or pairs; the manifest has the count of each. The same\n"
        "workspace, options and seed give the same bytes. The folder appears when it is whole, or\n"
        "not at all.\n"
        "\n"
        "Examples:\n"
        "  scrit export study.scrit --view openai-chat --preview 3 --filter validated:yes\n"
        "  scrit export study.scrit --view openai-chat --out sft --filter 'answer:match "
        "-flag:leak'\n"
        "  scrit export study.scrit --view sharegpt --out balanced --balance 1:1 --order "
        "easy-first "
        "--test-share 0.05 --seed 7\n"
        "  scrit export study.scrit --view dpo --out pairs --decontaminate file:math500.jsonl "
        "--near-duplicates 0.8\n"
        "  scrit export study.scrit --view jsonl-full --keep-leaks --keep-copies --out backup");
    setAction(*command, session, [&session, arguments] { return exportAll(session, *arguments); });
}

} // namespace scrit::cli
