// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/json_output.h"
#include "app/cli/progress_line.h"
#include "app/cli/terminal.h"
#include "app/cli/validators.h"
#include "core/loop/verify.h"

#include <memory>
#include <vector>

namespace scrit::cli {
namespace {

struct VerifyArguments {
    std::string workspace;
    std::vector<std::string> verifiers;
    std::string filter;
    int precision = math::EquivalenceSettings{}.precision;
    bool lenient = false;
    std::string protocol; // instead of the three above and below
    std::string percent = "value-or-unit";
    bool json = false;
};

void printSummary(const loop::VerifySummary& summary) {
    Table table({{"verifier"},
                 {"of"},
                 {"protocol"},
                 {"yes", true},
                 {"no", true},
                 {"undecided", true},
                 {"new", true}});
    for (const loop::VerifierCount& count : summary.counts) {
        table.add({count.verifier, std::string(model::name(count.subject)) + "s", count.protocol,
                   std::to_string(count.yes), std::to_string(count.no),
                   std::to_string(count.undecided), std::to_string(count.added)});
    }
    table.finish();
}

base::Expected<int> verify(Session& session, const VerifyArguments& arguments) {
    loop::VerifyOptions options;
    options.verifiers = arguments.verifiers;
    options.filter = arguments.filter;
    options.answer.precision = arguments.precision;
    options.answer.strict = !arguments.lenient;
    options.answer.percent = arguments.percent == "value"  ? math::PercentRule::Value
                             : arguments.percent == "unit" ? math::PercentRule::Unit
                                                           : math::PercentRule::ValueOrUnit;
    if (!arguments.protocol.empty()) {
        const std::optional<math::EquivalenceSettings> settings =
            math::settingsOfProtocol(arguments.protocol);
        if (!settings) {
            return base::fail(base::ErrorCode::Invalid,
                              "unknown protocol \"" + arguments.protocol + "\"",
                              "this version compares answers by " + math::protocolId({}) +
                                  ", with any of ;percent=value|unit ;precision=0..50 "
                                  ";set-against-relation=no ;stated-precision=no ;strict=no");
        }
        options.answer = *settings;
    }
    const auto workspace = openToWrite(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    ProgressLine progress(session);
    const auto summary =
        loop::verifyWorkspace(**workspace, options, progress.function(), session.cancel);
    progress.clear();
    if (!summary) {
        return base::fail(summary.error());
    }
    if (arguments.json) {
        printJson(verifyJson(*summary));
    } else if (!session.quiet) {
        printSummary(*summary);
    }
    for (const std::int64_t id : summary->unreadable) {
        printNote("the stored parse of critique " + std::to_string(id) +
                  " could not be read; verifier format reads the critique anew");
    }
    if (summary->cancelled) {
        return base::fail(base::ErrorCode::Cancelled, "interrupted",
                          "the verdicts so far are kept; run the same command again to go on");
    }
    return kOk;
}

} // namespace

void addVerify(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<VerifyArguments>();
    CLI::App* command =
        root.add_subcommand("verify",
                            "Score what is stored: answers, arithmetic, form and red flags")
            ->group(std::string(kWorkspaceGroup));
    addWorkspace(*command, arguments->workspace);
    addChoices(*command, session, "--verifier", arguments->verifiers,
               std::vector<std::string>(loop::kLocalVerifiers.begin(), loop::kLocalVerifiers.end()),
               "Only this verifier; may be repeated (default: all)");
    command
        ->add_option("--filter", arguments->filter,
                     "Only these critiques (and, where the filter makes "
                     "sense for them, solutions)")
        ->type_name("EXPR");
    CLI::Option* precision = command
                                 ->add_option("--precision", arguments->precision,
                                              "Decimal places for comparing decimals")
                                 ->type_name("N")
                                 ->check(wholeWithin(0, 50));
    CLI::Option* lenient = command->add_flag("--lenient", arguments->lenient,
                                             "Variables may be renamed: f(x) equals f(y)");
    CLI::Option* percent =
        addChoice(*command, session, "--percent", arguments->percent,
                  {"value-or-unit", "value", "unit"}, "What a percent sign means");
    command
        ->add_option("--protocol", arguments->protocol,
                     "How answers are compared, by its id, as verify prints it")
        ->type_name("ID")
        ->excludes(precision)
        ->excludes(lenient)
        ->excludes(percent);
    addJson(*command, arguments->json, "Print the counts as one JSON object");
    addQuiet(*command, session);
    command->footer(
        "Verdicts are kept under a protocol that names the rules and settings: other settings add\n"
        "verdicts, the same ones add nothing.\n"
        "\n"
        "Examples:\n"
        "  scrit verify study.scrit\n"
        "  scrit verify study.scrit --verifier answer_match --precision 3\n"
        "  scrit verify study.scrit --protocol 'answer-match/3;precision=3;strict=no'\n"
        "  scrit answers disagreements study.scrit\n"
        "  scrit verify study.scrit --filter 'source:gsm8k' --json");
    setAction(*command, session, [&session, arguments] { return verify(session, *arguments); });
}

} // namespace scrit::cli
