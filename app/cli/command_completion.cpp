// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_tree.h"
#include "app/cli/commands.h"

#include <memory>

namespace scrit::cli {

void addCompletion(CLI::App& root, Session& session) {
    const auto shell = std::make_shared<std::string>();
    CLI::App* command = root.add_subcommand("completion", "Print a completion script for a shell")
                            ->group(std::string(kSetupGroup));
    addChoice(*command, session, "shell", *shell, {"bash", "zsh", "fish"}, "The shell")
        ->type_name("SHELL")
        ->required();
    command->footer("Examples:\n"
                    "  source <(scrit completion bash)\n"
                    "  mkdir -p ~/.config/fish/completions\n"
                    "  scrit completion fish > ~/.config/fish/completions/scrit.fish");
    setAction(*command, session, [&root, &session, shell]() -> base::Expected<int> {
        print(*shell == "bash"  ? bashCompletion(root, session)
              : *shell == "zsh" ? zshCompletion(root, session)
                                : fishCompletion(root, session));
        return kOk;
    });
    CLI::App* man = root.add_subcommand("man", "Print the manual page")->group("");
    setAction(*man, session, [&root, &session]() -> base::Expected<int> {
        print(manualPage(root, session));
        return kOk;
    });
}

} // namespace scrit::cli
