// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "core/base/text.h"

#include <memory>

namespace scrit::cli {

void addNew(CLI::App& root, Session& session) {
    const auto path = std::make_shared<std::string>();
    CLI::App* command = root.add_subcommand("new", "Create an empty workspace")
                            ->group(std::string(kWorkspaceGroup));
    addWorkspace(*command, *path);
    addQuiet(*command, session);
    command->footer("Examples:\n"
                    "  scrit new study.scrit");
    setAction(*command, session, [&session, path]() -> base::Expected<int> {
        const auto made = store::Workspace::create(*path);
        if (!made) {
            base::Error error = made.error();
            if (error.code == base::ErrorCode::DiskFull) {
                error.advice = "free some space and try again"; // nothing was stored before
            }
            return base::fail(std::move(error));
        }
        if (!session.quiet) {
            const std::string name = base::escapeForTerminal(*path);
            print("created " + name + "\nnext: scrit import " + name + " FILE\xE2\x80\xA6\n");
        }
        return kOk;
    });
}

} // namespace scrit::cli
