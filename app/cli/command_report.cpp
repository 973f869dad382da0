// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/json_output.h"
#include "app/cli/validators.h"
#include "core/base/atomic_file.h"
#include "core/base/clock.h"
#include "core/base/text.h"
#include "core/report/report.h"

#include <filesystem>
#include <memory>
#include <system_error>

namespace scrit::cli {
namespace {

struct ReportArguments {
    std::string workspace;
    std::string out;
    std::string title;
    report::DataOptions data;
    bool force = false;
    bool noDate = false;
    bool json = false;
};

base::Expected<int> writeReport(Session& session, const ReportArguments& arguments) {
    const std::filesystem::path out(arguments.out);
    std::error_code ignored;
    if (!arguments.force && std::filesystem::exists(out, ignored)) {
        return base::fail(base::ErrorCode::Exists, out.string() + " is there already",
                          "choose another name, or replace it with --force");
    }
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const auto data = report::readReportData(**reader, arguments.data, session.cancel);
    if (!data) {
        return base::fail(data.error());
    }
    report::ReportInfo info;
    info.title = arguments.title.empty()
                     ? std::filesystem::path(arguments.workspace).stem().string()
                     : arguments.title;
    info.softwareVersion = SCRIT_VERSION;
    info.createdAt = arguments.noDate ? 0 : base::unixMillis();
    base::Expected<base::AtomicFile> file = base::AtomicFile::create(out);
    if (!file) {
        return base::fail(file.error());
    }
    if (auto written = file->write(report::reportPage(*data, arguments.data, info)); !written) {
        return base::fail(written.error());
    }
    if (auto written = file->commit(); !written) {
        return base::fail(written.error());
    }
    if (arguments.json) {
        printJson({{"file", out.string()},
                   {"bytes", file->size()},
                   {"critiques", data->critiques},
                   {"traces", data->traces.size()}});
    } else if (!session.quiet) {
        print(base::escapeForTerminal(out.string()) + "  " + std::to_string(data->critiques) +
              " critiques, " + std::to_string(data->traces.size()) + " traces\n");
    }
    return kOk;
}

} // namespace

void addReport(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<ReportArguments>();
    CLI::App* command =
        root.add_subcommand("report", "Write the workspace's figures as one HTML page to send")
            ->group(std::string(kReadGroup));
    addWorkspace(*command, arguments->workspace);
    command->add_option("--out", arguments->out, "The page to make")
        ->type_name("FILE.html")
        ->required();
    command
        ->add_option("--filter", arguments->data.filter,
                     "Rates, histogram, flags and traces of these critiques alone")
        ->type_name("EXPR");
    command->add_option("--traces", arguments->data.traces, "At most so many sample traces")
        ->type_name("N");
    command->add_option("--seed", arguments->data.seed, "Seed of the sample")
        ->type_name("N")
        ->check(wholeFrom(0));
    command->add_option("--title", arguments->title, "Heading; the workspace's name without one")
        ->type_name("TEXT");
    command->add_flag("--no-date", arguments->noDate,
                      "Leave the time out, so that the same workspace gives the same bytes");
    command->add_flag("--force", arguments->force, "Replace an earlier page");
    addJson(*command, arguments->json, "Print what was written as one JSON object");
    addQuiet(*command, session);
    command->footer("The page needs nothing else and loads nothing from anywhere: mail it.\n"
                    "\n"
                    "Examples:\n"
                    "  scrit report study.scrit --out study.html\n"
                    "  scrit report study.scrit --out round2.html --filter round:2 --traces 20");
    setAction(*command, session,
              [&session, arguments] { return writeReport(session, *arguments); });
}

} // namespace scrit::cli
