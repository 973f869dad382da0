// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/funnel.h"
#include "app/cli/json_output.h"
#include "app/cli/progress_line.h"
#include "core/base/text.h"
#include "core/loop/demo.h"

#include <memory>

namespace scrit::cli {
namespace {

struct DemoArguments {
    std::string folder = ".";
    bool json = false;
};

base::Expected<int> demo(Session& session, const DemoArguments& arguments) {
    ProgressLine progress(session);
    const auto summary = loop::makeDemo(arguments.folder, progress.function(), session.cancel);
    progress.clear();
    if (!summary) {
        return base::fail(summary.error());
    }
    if (summary->verify.cancelled) {
        return base::fail(base::ErrorCode::Cancelled, "interrupted",
                          "run scrit demo again to complete it");
    }
    if (arguments.json) {
        printJson({{"workspace", summary->workspace.string()},
                   {"created", summary->created},
                   {"problems", importJson(summary->problems)},
                   {"critiques", importJson(summary->critiques)},
                   {"verify", verifyJson(summary->verify)},
                   {"status", statusJson(summary->status)}});
        return kOk;
    }
    if (session.quiet) {
        return kOk;
    }
    const std::string name = base::escapeForTerminal(summary->workspace.string());
    print((summary->created ? "Made " : "Completed ") + name +
          " from the recorded sample that ships with the program: problems, candidate\n"
          "solutions and critiques that were written for it; no model was asked.\n\n");
    printFunnel(summary->status);
    print("\nNext:\n"
          "  scrit-studio " +
          name +
          "\n"
          "  scrit list " +
          name +
          " --filter 'verdict:incorrect'\n"
          "  scrit show " +
          name +
          " 1\n"
          "  scrit export " +
          name + " --view openai-chat --out demo-sft --balance 1:1\n");
    return kOk;
}

} // namespace

void addDemo(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<DemoArguments>();
    CLI::App* command =
        root.add_subcommand("demo", "Make a workspace from the recorded sample and score it")
            ->group(std::string(kSetupGroup));
    command->add_option("folder", arguments->folder, "Where demo.scrit goes (default: here)")
        ->type_name("DIR");
    addJson(*command, arguments->json, "Print what was done as one JSON object");
    addQuiet(*command, session);
    command->footer("Running it again adds nothing.\n"
                    "\n"
                    "Examples:\n"
                    "  scrit demo\n"
                    "  scrit demo ~/scrit && scrit-studio ~/scrit/demo.scrit");
    setAction(*command, session, [&session, arguments] { return demo(session, *arguments); });
}

} // namespace scrit::cli
