// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_tree.h"

#include "app/cli/terminal.h"
#include "core/store/filter.h"

#include <algorithm>

namespace scrit::cli {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kDescriptionColumn = 26;

std::vector<const CLI::App*> subcommands(const CLI::App& app) {
    return app.get_subcommands(
        [](const CLI::App* sub) { return !sub->get_name().empty() && !sub->get_group().empty(); });
}

std::string pathOf(const CLI::App& app) {
    if (app.get_parent() == nullptr) {
        return {};
    }
    const std::string parent = pathOf(*app.get_parent());
    return parent.empty() ? app.get_name() : parent + " " + app.get_name();
}

bool isMany(const CLI::Option& option) {
    return option.get_items_expected_max() >= CLI::detail::expected_max_vector_size;
}

// What completion offers for options that many commands have: a filter begins with a qualifier, a
// recipe is often one of those that come with the program.
std::vector<std::string> usualValues(const CLI::Option& option) {
    std::vector<std::string> values;
    if (option.check_lname("filter")) {
        for (const store::QualifierInfo& info : store::qualifiers()) {
            values.push_back(info.name + ":");
        }
    } else if (option.check_lname("recipe")) {
        values = {"scrit", "scrit-bug-injection", "scrit-direct"};
    }
    return values;
}

OptionDoc optionDoc(const CLI::Option& option, const Session& session) {
    OptionDoc doc;
    doc.description = option.get_description();
    doc.positional = option.get_positional();
    doc.takesValue = option.get_items_expected_max() > 0;
    doc.required = option.get_required();
    for (const std::string& name : option.get_snames()) {
        doc.shortNames.push_back("-" + name);
    }
    for (const std::string& name : option.get_lnames()) {
        doc.longNames.push_back("--" + name);
    }
    if (const auto choices = session.choices.find(&option); choices != session.choices.end()) {
        doc.choices = choices->second;
    }
    const auto suggested = session.suggestions.find(&option);
    doc.completions = !doc.choices.empty()                     ? doc.choices
                      : suggested == session.suggestions.end() ? usualValues(option)
                                                               : suggested->second;
    const std::string type = option.get_type_name();
    if (doc.positional) {
        doc.names = type + (isMany(option) ? "\xE2\x80\xA6" : "");
        return doc;
    }
    for (const auto* names : {&doc.shortNames, &doc.longNames}) {
        for (const std::string& name : *names) {
            doc.names += (doc.names.empty() ? "" : ", ") + name;
        }
    }
    if (doc.takesValue) {
        doc.names += " " + (doc.choices.empty() ? type : "NAME");
    }
    return doc;
}

void collect(const CLI::App& app, const Session& session, std::vector<CommandDoc>& out) {
    const std::vector<const CLI::App*> subs = subcommands(app);
    if (subs.empty() && app.get_parent() != nullptr) {
        out.push_back(commandDoc(app, session));
    }
    for (const CLI::App* sub : subs) {
        collect(*sub, session, out);
    }
}

std::string entry(std::string_view name, std::string_view text, std::size_t width) {
    std::string line = std::string(kIndent, ' ') + std::string(name);
    const std::size_t used = displayWidth(line);
    line += used + 2 > kDescriptionColumn ? "\n" + std::string(kDescriptionColumn, ' ')
                                          : std::string(kDescriptionColumn - used, ' ');
    return line + wrapped(text, width - kDescriptionColumn, kDescriptionColumn) + "\n";
}

std::string withChoices(const OptionDoc& option) {
    std::string text = option.description;
    for (std::size_t i = 0; i < option.choices.size(); ++i) {
        text += (i == 0 ? ": " : ", ") + option.choices[i];
    }
    return text;
}

std::string commandHelp(const CommandDoc& doc, std::size_t width) {
    std::string out = "Usage: " + doc.usage + "\n\n" + wrapped(doc.description, width, 0) + "\n";
    for (const bool positional : {true, false}) {
        bool titled = false;
        for (const OptionDoc& option : doc.options) {
            if (option.positional != positional) {
                continue;
            }
            if (!titled) {
                out += positional ? "\nArguments:\n" : "\nOptions:\n";
                titled = true;
            }
            out += entry(option.names, withChoices(option), width);
        }
    }
    return doc.footer.empty() ? out : out + "\n" + doc.footer + "\n";
}

} // namespace

CommandDoc commandDoc(const CLI::App& app, const Session& session) {
    CommandDoc doc;
    doc.path = pathOf(app);
    doc.group = app.get_group();
    const CLI::App* top = &app; // of the commands below the root: its group is what lists show
    while (top->get_parent() != nullptr && top->get_parent()->get_parent() != nullptr) {
        top = top->get_parent();
        doc.group = top->get_group();
    }
    doc.description = app.get_description();
    doc.footer = app.get_footer();
    doc.usage = doc.path.empty() ? "scrit" : "scrit " + doc.path;
    bool hasOptions = false;
    for (const CLI::Option* option : app.get_options()) {
        if (option->get_group().empty()) {
            continue;
        }
        doc.options.push_back(optionDoc(*option, session));
        hasOptions = hasOptions || !doc.options.back().positional;
    }
    if (hasOptions) {
        doc.usage += " [options]";
    }
    for (const OptionDoc& option : doc.options) {
        if (option.positional) {
            doc.usage += option.required ? " " + option.names : " [" + option.names + "]";
        }
    }
    return doc;
}

std::vector<CommandDoc> commandDocs(const CLI::App& root, const Session& session) {
    std::vector<CommandDoc> docs;
    collect(root, session, docs);
    return docs;
}

std::string helpText(const CLI::App& app, const Session& session, std::size_t width) {
    const CommandDoc doc = commandDoc(app, session);
    if (subcommands(app).empty()) {
        return commandHelp(doc, width);
    }
    const std::vector<CommandDoc> docs = commandDocs(app, session);
    std::string out = "Usage: scrit " + (doc.path.empty() ? "" : doc.path + " ") +
                      "COMMAND \xE2\x80\xA6\n\n" + wrapped(doc.description, width, 0) + "\n";
    std::vector<std::string> groups;
    for (const CommandDoc& command : docs) {
        if (std::find(groups.begin(), groups.end(), command.group) == groups.end()) {
            groups.push_back(command.group);
        }
    }
    for (const std::string& group : groups) {
        out += "\n" + group + ":\n";
        for (const CommandDoc& command : docs) {
            if (command.group == group) {
                out += entry(command.path, command.description, width);
            }
        }
    }
    out += "\nOptions:\n";
    for (const OptionDoc& option : doc.options) {
        out += entry(option.names, option.description, width);
    }
    return doc.footer.empty() ? out : out + "\n" + doc.footer + "\n";
}

} // namespace scrit::cli
