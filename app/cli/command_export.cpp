// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/export_output.h"
#include "app/cli/json_output.h"
#include "app/cli/progress_line.h"
#include "app/cli/terminal.h"
#include "core/format/exporter.h"
#include "core/loop/export_driver.h"

#include <charconv>
#include <memory>
#include <vector>

namespace scrit::cli {
namespace {

struct ExportArguments {
    std::string workspace;
    std::string out;
    std::string balance;
    std::string order = "stored";
    std::string prefer = "self-validation";
    std::string near;
    std::vector<std::string> decontaminate;
    std::size_t preview = 0;
    bool parquet = false;
    bool json = false;
    loop::ExportJobOptions options;
};

base::Expected<curate::Order> orderOf(const std::string& text) {
    using curate::Order;
    for (const Order order : {Order::Stored, Order::EasyFirst, Order::HardFirst, Order::Random}) {
        if (curate::name(order) == text) {
            return order;
        }
    }
    return base::fail(base::ErrorCode::Invalid, "unknown order \"" + text + "\"");
}

base::Expected<loop::ExportJobOptions> optionsOf(const ExportArguments& arguments) {
    loop::ExportJobOptions options = arguments.options;
    options.folder = arguments.out;
    options.softwareVersion = SCRIT_VERSION;
    options.fileType = arguments.parquet ? format::FileType::Parquet : format::FileType::Native;
    options.preference = arguments.prefer == "answer-match" ? loop::Preference::AnswerMatch
                                                            : loop::Preference::SelfValidation;
    const base::Expected<curate::Order> order = orderOf(arguments.order);
    if (!order) {
        return base::fail(order.error());
    }
    options.order = *order;
    if (!arguments.balance.empty()) {
        const auto balance = loop::parseBalance(arguments.balance);
        if (!balance) {
            return base::fail(balance.error());
        }
        options.balance = *balance;
    }
    if (!arguments.near.empty()) {
        double threshold = 0;
        const char* end = arguments.near.data() + arguments.near.size();
        const auto [stop, error] = std::from_chars(arguments.near.data(), end, threshold);
        if (error != std::errc() || stop != end) {
            return base::fail(base::ErrorCode::Invalid,
                              "--near-duplicates takes a similarity, not " + arguments.near,
                              "0.8 is a good start");
        }
        options.nearDuplicates = threshold;
    }
    for (const std::string& text : arguments.decontaminate) {
        base::Expected<loop::EvaluationSet> set = loop::parseEvaluationSet(text);
        if (!set) {
            return base::fail(set.error());
        }
        options.evaluationSets.push_back(std::move(*set));
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
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    ProgressLine progress(session);
    const auto summary =
        loop::exportDataset(**workspace, *options, progress.function(), session.cancel);
    progress.clear();
    if (!summary) {
        return base::fail(summary.error());
    }
    if (arguments.json) {
        printJson(exportJson(*summary));
    } else if (!session.quiet) {
        printExport(*summary);
    }
    return kOk;
}

void addCurationOptions(CLI::App& command, Session& session, ExportArguments& arguments) {
    loop::ExportJobOptions& options = arguments.options;
    command.add_flag("--keep-leaks", options.keepLeaks,
                     "Keep targets that mention the reference solution");
    command.add_flag("--keep-copies", options.keepCopies,
                     "Keep targets that copy long spans of the reference solution");
    command
        .add_option("--decontaminate", arguments.decontaminate,
                    "Drop what shares 13 words in a row with a problem of this evaluation set: "
                    "filter:EXPR (problems of the workspace), frozen:NAME or file:PATH; may be "
                    "repeated")
        ->type_name("SET")
        ->allow_extra_args(false);
    command.add_flag("--drop-duplicates", options.dropDuplicates,
                     "Drop exact duplicates of problem, solution and target");
    command
        .add_option("--near-duplicates", arguments.near,
                    "Drop near duplicates from this similarity on (above 0, at most 1; by shingles "
                    "of 5 words)")
        ->type_name("X");
    command
        .add_option("--per-source", options.perSource, "At most so many critiques of each data set")
        ->type_name("N");
    command
        .add_option("--per-student", options.perStudent,
                    "At most so many critiques of each student's solutions")
        ->type_name("N");
    command
        .add_option("--balance", arguments.balance,
                    "Critiques that conclude correct to incorrect, e.g. 1:1")
        ->type_name("A:B");
    addChoice(command, session, "--prefer", arguments.prefer, {"self-validation", "answer-match"},
              "dpo: whose yes makes a critique chosen and whose no rejected");
    command
        .add_option("--pairs", options.pairsPerSolution,
                    "dpo: at most so many pairs of each solution (0: as many as there are)")
        ->type_name("N");
    addChoice(command, session, "--order", arguments.order,
              {"stored", "easy-first", "hard-first", "random"},
              "Order of the rows; a problem is the harder the more different answers its students "
              "gave");
    command
        .add_option("--validation-share", options.validationShare,
                    "Share of the problems that goes to a validation split")
        ->type_name("X")
        ->check(CLI::Range(0.0, 1.0));
    command
        .add_option("--test-share", options.testShare,
                    "Share of the problems that goes to a test split")
        ->type_name("X")
        ->check(CLI::Range(0.0, 1.0));
}

} // namespace

void addExport(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<ExportArguments>();
    loop::ExportJobOptions& options = arguments->options;
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
    command->add_option("--filter", options.filter, "Only critiques that this filter takes")
        ->type_name("EXPR");
    command
        ->add_option("--preview", arguments->preview,
                     "Write nothing: show the first N rows as a trainer sees them, and what each "
                     "step takes away")
        ->type_name("N");
    addCurationOptions(*command, session, *arguments);
    command->add_option("--seed", options.seed, "Seed of everything random")->type_name("N");
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
        "  scrit export study.scrit --view sharegpt --out sft --balance 1:1 --order easy-first "
        "--test-share 0.05 --seed 7\n"
        "  scrit export study.scrit --view dpo --out pairs --decontaminate file:math500.jsonl "
        "--near-duplicates 0.8\n"
        "  scrit export study.scrit --view jsonl-full --keep-leaks --keep-copies --out backup");
    setAction(*command, session, [&session, arguments] { return exportAll(session, *arguments); });
}

} // namespace scrit::cli
