// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/funnel.h"
#include "app/cli/json_output.h"
#include "app/cli/terminal.h"
#include "core/base/text.h"

#include <memory>

namespace scrit::cli {
namespace {

struct StatusArguments {
    std::string workspace;
    bool json = false;
};

base::Expected<int> showStatus(const StatusArguments& arguments) {
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const auto status = (*reader)->status();
    if (!status) {
        return base::fail(status.error());
    }
    if (arguments.json) {
        printJson(statusJson(*status));
    } else {
        printFunnel(*status);
    }
    return kOk;
}

} // namespace

void printFunnel(const store::Status& status) {
    Table funnel({{"stage"}, {"count", true}});
    const auto row = [&funnel](const std::string& name, std::int64_t count) {
        funnel.add({name, std::to_string(count)});
    };
    row("problems", status.problems);
    row("solutions", status.solutions);
    row("  correct", status.solutionsCorrect);
    row("  incorrect", status.solutionsIncorrect);
    row("pairs", status.pairs);
    row("critiques", status.critiques);
    row("  parsed", status.critiquesParsed);
    row("  self-validated", status.selfValidated);
    row("  answer matched", status.answerMatched);
    row("annotations", status.annotations);
    funnel.finish();
    const std::int64_t validated = status.validatedMatch + status.validatedMismatch +
                                   status.rejectedMatch + status.rejectedMismatch;
    if (validated > 0) {
        print("\n");
        Table table({{"self-validation"}, {"answer matches", true}, {"answer differs", true}});
        table.add({"validated", std::to_string(status.validatedMatch),
                   std::to_string(status.validatedMismatch)});
        table.add({"rejected", std::to_string(status.rejectedMatch),
                   std::to_string(status.rejectedMismatch)});
        table.finish();
    }
    const std::int64_t items = status.itemsPlanned + status.itemsRunning + status.itemsDone +
                               status.itemsFailed + status.itemsSkipped;
    if (items > 0) {
        print("\n");
        Table table({{"work items"}, {"count", true}});
        table.add({"planned", std::to_string(status.itemsPlanned)});
        table.add({"running", std::to_string(status.itemsRunning)});
        table.add({"done", std::to_string(status.itemsDone)});
        table.add({"failed", std::to_string(status.itemsFailed)});
        for (const auto& [code, count] : status.errors) {
            table.add({"  " + base::escapeForTerminal(code), std::to_string(count)});
        }
        table.add({"skipped", std::to_string(status.itemsSkipped)});
        table.finish();
        print("would be lost now: " + std::to_string(status.wouldBeLost) + "\n");
    }
    if (!status.sources.empty()) {
        print("\n");
        Table table({{"source"}, {"problems", true}});
        for (const auto& [source, count] : status.sources) {
            table.add({base::escapeForTerminal(base::excerpt(source, 60)), std::to_string(count)});
        }
        table.finish();
    }
    if (status.unfinishedImports > 0) {
        print("\n" + std::to_string(status.unfinishedImports) +
              (status.unfinishedImports == 1 ? " import" : " imports") +
              " did not end: import the same files again, after mending a line that --strict "
              "stopped at\n");
    }
}

void addStatus(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<StatusArguments>();
    CLI::App* command = root.add_subcommand("status", "Show how much there is at each stage")
                            ->group(std::string(kReadGroup));
    addWorkspace(*command, arguments->workspace);
    addJson(*command, arguments->json, "Print the counts as one JSON object");
    command->footer("Examples:\n"
                    "  scrit status study.scrit\n"
                    "  scrit status study.scrit --json | jq .validation_2x2");
    setAction(*command, session, [arguments] { return showStatus(*arguments); });
}

} // namespace scrit::cli
