// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/doctor_checks.h"
#include "app/cli/json_output.h"
#include "app/cli/terminal.h"
#include "core/base/text.h"

#include <memory>

namespace scrit::cli {

void addDoctor(CLI::App& root, Session& session) {
    const auto json = std::make_shared<bool>(false);
    const auto workspace = std::make_shared<std::string>();
    CLI::App* command = root.add_subcommand("doctor", "Say what is installed and what is missing")
                            ->group(std::string(kSetupGroup));
    command
        ->add_option("workspace", *workspace,
                     "Say too how the servers of this workspace's models would be started")
        ->type_name("W.scrit");
    addJson(*command, *json, "Print the findings as one JSON object");
    command->footer("Exit code 1 when something is missing that every feature needs.\n"
                    "\n"
                    "Examples:\n"
                    "  scrit doctor\n"
                    "  scrit doctor --json | jq .checks.gpu\n"
                    "  scrit doctor study.scrit");
    setAction(*command, session, [json, workspace]() -> base::Expected<int> {
        std::vector<Check> checks = runChecks();
        if (!workspace->empty()) {
            auto models = modelChecks(*workspace);
            if (!models) {
                return base::fail(std::move(models.error()));
            }
            checks.insert(checks.end(), models->begin(), models->end());
        }
        bool ok = true;
        Json found = Json::object();
        Table table({{"what"}, {"state"}, {"value"}});
        for (const Check& check : checks) {
            ok = ok && (check.found || !check.needed);
            const std::string advice = check.found ? "" : check.advice;
            found[check.name] = {{"found", check.found},
                                 {"needed", check.needed},
                                 {"value", textOrNull(check.value)},
                                 {"advice", textOrNull(advice)}};
            table.add({check.name,
                       check.found    ? "ok"
                       : check.needed ? "MISSING"
                                      : "-",
                       base::escapeForTerminal(check.found ? check.value : advice)});
        }
        if (*json) {
            printJson({{"ok", ok}, {"checks", std::move(found)}});
        } else {
            table.finish();
        }
        return ok ? kOk : kFailed;
    });
}

} // namespace scrit::cli
