// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/json_output.h"
#include "app/cli/progress_line.h"
#include "app/cli/terminal.h"
#include "core/base/text.h"
#include "core/format/exporter.h"
#include "core/loop/export_driver.h"

#include <memory>
#include <vector>

namespace scrit::cli {
namespace {

struct ExportArguments {
    std::string workspace;
    std::string view;
    std::string out;
    std::string filter;
    std::string balance;
    std::string title;
    std::uint64_t seed = 0;
    double testShare = 0;
    bool keepLeaks = false;
    bool force = false;
    bool json = false;
};

Json exportJson(const loop::ExportSummary& summary) {
    Json files = Json::array();
    for (const format::DatasetFile& file : summary.dataset.files) {
        files.push_back({{"name", file.name},
                         {"split", file.split},
                         {"rows", file.rows},
                         {"bytes", file.bytes},
                         {"sha256", file.sha256}});
    }
    Json withoutRow = Json::object();
    for (const auto& [reason, count] : summary.dataset.dropped) {
        withoutRow[reason] = count;
    }
    return {{"folder", summary.dataset.folder.string()},
            {"selected", summary.selected},
            {"unparsed", summary.unparsed},
            {"leaks", summary.leaks},
            {"unbalanced", summary.unbalanced},
            {"without_row", std::move(withoutRow)},
            {"rows", summary.dataset.rows},
            {"files", std::move(files)}};
}

void printSummary(const loop::ExportSummary& summary, const ExportArguments& arguments) {
    Table table({{"stage"}, {"critiques", true}});
    table.add({"selected", std::to_string(summary.selected)});
    const auto dropped = [&table](const std::string& why, std::uint64_t count) {
        if (count > 0) {
            table.add({"dropped: " + why, std::to_string(count)});
        }
    };
    dropped("could not be parsed", summary.unparsed);
    dropped("mentions the reference solution", summary.leaks);
    dropped("for the balance " + arguments.balance, summary.unbalanced);
    for (const auto& [reason, count] : summary.dataset.dropped) {
        dropped(base::escapeForTerminal(base::excerpt(reason, 80)), count);
    }
    table.add({"written", std::to_string(summary.dataset.rows)});
    table.finish();
    for (const format::DatasetFile& file : summary.dataset.files) {
        print(base::escapeForTerminal((summary.dataset.folder / file.name).string()) + "  " +
              std::to_string(file.rows) + " rows  sha256 " + file.sha256 + "\n");
    }
    if (summary.leaks > 0) {
        print("--keep-leaks keeps critiques that mention the reference solution\n");
    }
}

base::Expected<int> exportAll(Session& session, const ExportArguments& arguments) {
    loop::ExportJobOptions options;
    options.view = arguments.view;
    options.folder = arguments.out;
    options.filter = arguments.filter;
    options.seed = arguments.seed;
    options.keepLeaks = arguments.keepLeaks;
    options.replace = arguments.force;
    options.testShare = arguments.testShare;
    options.title = arguments.title;
    options.softwareVersion = SCRIT_VERSION;
    if (!arguments.balance.empty()) {
        const auto balance = loop::parseBalance(arguments.balance);
        if (!balance) {
            return base::fail(balance.error());
        }
        options.balance = *balance;
    }
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    ProgressLine progress(session);
    const auto summary =
        loop::exportDataset(**workspace, options, progress.function(), session.cancel);
    progress.clear();
    if (!summary) {
        return base::fail(summary.error());
    }
    if (arguments.json) {
        printJson(exportJson(*summary));
    } else if (!session.quiet) {
        printSummary(*summary, arguments);
    }
    return kOk;
}

} // namespace

void addExport(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<ExportArguments>();
    CLI::App* command =
        root.add_subcommand("export", "Write a curated dataset with manifest and dataset card")
            ->group(std::string(kWorkspaceGroup));
    addWorkspace(*command, arguments->workspace);
    std::vector<std::string> names;
    std::string described = "Views:\n";
    for (const format::View* view : format::views()) {
        names.emplace_back(view->info().name);
        described +=
            "  " + padded(view->info().name, 18) + wrapped(view->info().description, 72, 20) + "\n";
    }
    addChoice(*command, session, "--view", arguments->view, std::move(names), "Shape of the rows")
        ->required();
    command->add_option("--out", arguments->out, "The folder to make")
        ->type_name("DIR")
        ->required();
    command->add_option("--filter", arguments->filter, "Only critiques that this filter takes")
        ->type_name("EXPR");
    command
        ->add_option("--balance", arguments->balance,
                     "Critiques that conclude correct to incorrect, e.g. 1:1")
        ->type_name("A:B");
    command->add_option("--seed", arguments->seed, "Seed of everything random")->type_name("N");
    command
        ->add_option("--test-share", arguments->testShare,
                     "Share of the problems that goes to a test split")
        ->type_name("X")
        ->check(CLI::Range(0.0, 1.0));
    command->add_option("--title", arguments->title, "Heading of the dataset card")
        ->type_name("TEXT");
    command->add_flag("--keep-leaks", arguments->keepLeaks,
                      "Keep critiques whose target mentions the reference solution");
    command->add_flag("--force", arguments->force, "Replace an earlier export in the folder");
    addJson(*command, arguments->json, "Print the counts and files as one JSON object");
    addQuiet(*command, session);
    command->footer(
        described +
        "\n"
        "The folder appears when it is whole, or not at all.\n"
        "\n"
        "Examples:\n"
        "  scrit export study.scrit --view openai-chat --out sft --filter 'answer:match "
        "-flag:leak'\n"
        "  scrit export study.scrit --view openai-chat --out sft --balance 1:1 --seed 7\n"
        "  scrit export study.scrit --view jsonl-full --out backup");
    setAction(*command, session, [&session, arguments] { return exportAll(session, *arguments); });
}

} // namespace scrit::cli
