// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_tree.h"
#include "core/model/flags.h"
#include "core/store/filter.h"

#include <sstream>

namespace scrit::cli {
namespace {

// Text for roff: no line may start with a control character, dashes and backslashes stay as typed.
std::string roff(std::string_view text) {
    std::string out;
    bool atStart = true;
    for (const char c : text) {
        if (atStart && (c == '.' || c == '\'')) {
            out += "\\&";
        }
        if (c == '\\') {
            out += "\\e";
        } else if (c == '-') {
            out += "\\-";
        } else {
            out += c;
        }
        atStart = c == '\n';
    }
    return out;
}

std::string optionText(const OptionDoc& option) {
    std::string text = option.description;
    for (std::size_t i = 0; i < option.choices.size(); ++i) {
        text += (i == 0 ? ": " : ", ") + option.choices[i];
    }
    return text;
}

void commandPage(std::ostream& out, const CommandDoc& doc) {
    out << ".SS " << roff(doc.usage) << "\n" << roff(doc.description) << "\n";
    for (const OptionDoc& option : doc.options) {
        if (option.longNames == std::vector<std::string>{"--help"}) {
            continue; // said once for all commands
        }
        out << ".TP\n.B " << roff(option.names) << "\n" << roff(optionText(option)) << "\n";
    }
    if (!doc.footer.empty()) {
        out << ".PP\n.EX\n" << roff(doc.footer) << "\n.EE\n";
    }
}

void filterPage(std::ostream& out) {
    out << ".SH FILTERS\n"
        << roff("A filter is a list of qualifiers and words that must all hold. OR between two of "
                "them, "
                "parentheses and a leading - (not) are understood; \"quotes\" keep spaces "
                "together; numbers "
                "take 5, >=5, <5 and 2..4.")
        << "\n";
    for (const store::QualifierInfo& info : store::qualifiers()) {
        out << ".TP\n.B " << roff(info.name) << ":\n" << roff(info.description);
        if (!info.example.empty()) {
            out << roff(" (" + info.example + ")");
        }
        out << "\n";
    }
    out << ".SH RED FLAGS\n";
    for (const model::Flag flag : model::allFlags()) {
        out << ".TP\n.B " << roff(model::name(flag)) << "\n"
            << roff(model::explanation(flag)) << "\n";
    }
}

} // namespace

std::string manualPage(const CLI::App& root, const Session& session) {
    std::ostringstream out;
    out << ".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n"
        << ".TH SCRIT 1 \"\" \"Scrit Studio " << SCRIT_VERSION << "\" \"User Commands\"\n"
        << ".SH NAME\nscrit \\- " << roff(root.get_description()) << "\n"
        << ".SH SYNOPSIS\n.B scrit\n.I COMMAND\n[options] [arguments]\n"
        << ".SH DESCRIPTION\n"
        << roff("scrit keeps problems, candidate solutions, critiques and what verifiers and "
                "people say about "
                "them in one file, a workspace (NAME.scrit). Every command ends with the same exit "
                "codes, "
                "prints errors as one line on standard error, and shows progress there when it is "
                "a terminal.")
        << "\n.TP\n.B \\-h, \\-\\-help\nHelp for the program or for one command, with examples.\n"
        << ".TP\n.B \\-V, \\-\\-version\nThe version.\n"
        << ".SH COMMANDS\n";
    for (const CommandDoc& doc : commandDocs(root, session)) {
        commandPage(out, doc);
    }
    filterPage(out);
    out << ".SH EXIT STATUS\n"
           ".TP\n.B 0\nThe work was done.\n"
           ".TP\n.B 1\nThe work failed, wholly or in part.\n"
           ".TP\n.B 2\nThe command line makes no sense.\n"
           ".TP\n.B 3\nInterrupted; running the command again goes on where it stopped.\n"
           ".SH ENVIRONMENT\n"
           ".TP\n.B SCRIT_RESOURCES\nThe folder with prompts, recipes and samples.\n"
           ".TP\n.B SCRIT_LOG\nLog level on standard error: trace, debug, info, warn, error, off.\n"
           ".TP\n.B NO_COLOR\nWhen set, no colours.\n";
    return out.str();
}

} // namespace scrit::cli
