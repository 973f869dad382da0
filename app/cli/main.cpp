// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_tree.h"
#include "app/cli/session.h"
#include "app/cli/terminal.h"
#include "core/base/suggest.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace scrit::cli {
namespace {

Session* g_session = nullptr; // whose tokens a signal sets
volatile std::sig_atomic_t g_signals = 0;

// The first signal asks to stop; the second asks to stop at once where the command has such a step,
// else it ends the program; the third ends it in any case.
void onSignal(int number) {
    g_signals = g_signals + 1;
    if (g_signals == 1) {
        g_session->cancel.cancel();
    } else if (g_signals == 2 && g_session->cancelNow) {
        g_session->cancelNow->cancel();
    } else {
        std::signal(number, SIG_DFL);
        std::raise(number);
    }
}

void handleSignals(Session& session) {
    g_session = &session;
    struct sigaction action {};
    action.sa_handler = onSignal; // no SA_RESTART: reading stops waiting
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    std::signal(SIGPIPE, SIG_DFL); // a reader that goes away ends us quietly, as it does for others
}

// CLI11 asks a formatter for help; ours is written from the command tree.
class HelpFormatter : public CLI::FormatterBase {
public:
    explicit HelpFormatter(const Session& session) : m_session(session) {}
    std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
        return helpText(*app, m_session, std::clamp<std::size_t>(terminalWidth(), 60, 100));
    }

private:
    const Session& m_session;
};

std::string helpHint(const CLI::App& app) {
    std::string path;
    for (const CLI::App* at = &app; at->get_parent() != nullptr; at = at->get_parent()) {
        path = " " + at->get_name() + path;
    }
    return "see scrit" + path + " --help";
}

std::vector<std::string> commandNames(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (!sub->get_group().empty()) {
            names.push_back(sub->get_name());
        }
    }
    return names;
}

// The command that the words name, as far as they do, and an error for a word that names none.
base::Expected<const CLI::App*> chosenCommand(const CLI::App& root,
                                              const std::vector<std::string>& words) {
    const CLI::App* app = &root;
    for (const std::string& word : words) {
        if (word.empty() || word.front() == '-') {
            continue;
        }
        const auto subs = app->get_subcommands([](const CLI::App*) { return true; });
        if (subs.empty()) {
            break;
        }
        const auto found = std::find_if(
            subs.begin(), subs.end(), [&](const CLI::App* sub) { return sub->get_name() == word; });
        if (found == subs.end()) {
            const std::string near = base::nearest(word, commandNames(*app));
            return base::fail(base::ErrorCode::Invalid, "there is no command \"" + word + "\"",
                              near.empty() ? helpHint(*app) : "did you mean " + near + "?");
        }
        app = *found;
    }
    return app;
}

base::Error unknownArgument(const CLI::App& root, const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    std::string word;
    for (const std::string& left : root.remaining(true)) {
        if (word.empty() || (word.front() != '-' && left.front() == '-')) {
            word = left;
        }
    }
    const bool isOption = word.size() > 1 && word.front() == '-';
    const std::string near = isOption ? base::nearest(word.substr(0, word.find('=')), names) : "";
    return {base::ErrorCode::Invalid,
            isOption ? "there is no option " + word : "\"" + word + "\" is not expected here",
            near.empty() ? helpHint(command) : "did you mean " + near + "?"};
}

base::Error usageError(const CLI::ParseError& error, const CLI::App& root,
                       const CLI::App& command) {
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
        return unknownArgument(root, command);
    }
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
        for (const CLI::Option* option : command.get_options()) {
            if (option->get_required() && option->count() == 0) {
                const std::string name = option->get_positional() ? option->get_type_name()
                                                                  : "--" + option->get_lnames()[0];
                return {base::ErrorCode::Invalid, name + " is missing", helpHint(command)};
            }
        }
    }
    std::string what = error.what();
    constexpr std::string_view kNoNumber = "Could not convert: "; // "NAME = VALUE" follows
    const std::size_t equals = what.find(" = ");
    if (what.starts_with(kNoNumber) && equals != std::string::npos) {
        what = "\"" + what.substr(equals + 3) + "\" is not a number that " +
               what.substr(kNoNumber.size(), equals - kNoNumber.size()) + " can be";
    }
    return {base::ErrorCode::Invalid, std::move(what), helpHint(command)};
}

// Parses the words; an exit code where nothing is left to do.
std::optional<int> parse(CLI::App& root, Session&, std::vector<std::string> words) {
    if (words.empty()) {
        const std::string help = root.help();
        std::fwrite(help.data(), 1, help.size(), stderr);
        return kUsage;
    }
    if (words.front() == "help") { // "scrit help import" says what "scrit import --help" says
        words.erase(words.begin());
        words.emplace_back("--help");
    }
    const base::Expected<const CLI::App*> command = chosenCommand(root, words);
    if (!command) {
        printError(command.error());
        return kUsage;
    }
    try {
        std::reverse(words.begin(), words.end()); // what CLI11 expects of a vector
        root.parse(words);
    } catch (const CLI::CallForHelp&) {
        print((*command)->help());
        return flushOutput() ? kOk : kFailed;
    } catch (const CLI::CallForVersion&) {
        print("scrit " SCRIT_VERSION "\n");
        return flushOutput() ? kOk : kFailed;
    } catch (const CLI::ParseError& error) {
        printError(usageError(error, root, **command));
        return kUsage;
    }
    return std::nullopt;
}

int run(int argc, char** argv) {
    Session session;
    handleSignals(session);
    CLI::App root("Make, read, check and curate critiques of mathematical solutions", "scrit");
    root.formatter(std::make_shared<HelpFormatter>(session));
    root.set_help_flag("-h,--help", "This help; after a command, help for that command");
    root.set_version_flag("-V,--version", SCRIT_VERSION, "The version");
    addCommands(root, session);
    // Commands take over the footer that is there when they are added, so this one comes last.
    root.footer(
        "Exit codes: 0 done, 1 the work failed, 2 usage, 3 interrupted (run it again to go on).\n"
        "\n"
        "Examples:\n"
        "  scrit demo\n"
        "  scrit new study.scrit\n"
        "  scrit import study.scrit gsm8k.jsonl\n"
        "  scrit status study.scrit");
    if (const auto code = parse(root, session, std::vector<std::string>(argv + 1, argv + argc))) {
        return *code;
    }
    if (!session.action) {
        printError({base::ErrorCode::Invalid, "a command is missing", "see scrit --help"});
        return kUsage;
    }
    const base::Expected<int> done = session.action();
    const bool written = flushOutput();
    if (!done) {
        printError(done.error());
        return exitCodeOf(done.error());
    }
    return written || *done != kOk ? *done : kFailed;
}

} // namespace
} // namespace scrit::cli

int main(int argc, char** argv) {
    try {
        return scrit::cli::run(argc, argv);
    } catch (const std::exception& error) { // out of memory, or a bug of ours
        scrit::cli::printError(
            {scrit::base::ErrorCode::Internal, error.what(), "this is a bug, please report it"});
        return scrit::cli::kFailed;
    }
}
