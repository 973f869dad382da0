// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/command_tree.h"

#include <sstream>
#include <utility>

namespace scrit::cli {
namespace {

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : " ") + word;
    }
    return out;
}

std::vector<std::string> allNames(const OptionDoc& option) {
    std::vector<std::string> names = option.shortNames;
    names.insert(names.end(), option.longNames.begin(), option.longNames.end());
    return names;
}

// First word and, for "answers check", second word of a command.
std::pair<std::string, std::string> words(const std::string& path) {
    const std::size_t space = path.find(' ');
    return space == std::string::npos ? std::pair(path, std::string())
                                      : std::pair(path.substr(0, space), path.substr(space + 1));
}

// First word → second words; the second list is empty for a plain command.
std::vector<std::pair<std::string, std::vector<std::string>>>
grouped(const std::vector<CommandDoc>& docs) {
    std::vector<std::pair<std::string, std::vector<std::string>>> out;
    for (const CommandDoc& doc : docs) {
        const auto [first, second] = words(doc.path);
        if (out.empty() || out.back().first != first) {
            out.push_back({first, {}});
        }
        if (!second.empty()) {
            out.back().second.push_back(second);
        }
    }
    return out;
}

// A single-quoted shell word.
std::string shellWord(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

const CommandDoc* firstOf(const std::vector<CommandDoc>& docs, const std::string& first) {
    for (const CommandDoc& doc : docs) {
        if (words(doc.path).first == first) {
            return &doc;
        }
    }
    return nullptr;
}

} // namespace

std::string bashCompletion(const CLI::App& root, const Session& session) {
    const std::vector<CommandDoc> docs = commandDocs(root, session);
    std::ostringstream out;
    std::vector<std::string> names;
    for (const auto& group : grouped(docs)) {
        names.push_back(group.first);
    }
    out << "# SPDX-License-Identifier: GPL-3.0-or-later\n"
           "# bash completion for scrit, made by: scrit completion bash\n"
           "_scrit() {\n"
           "    local current previous path options values\n"
           "    current=${COMP_WORDS[COMP_CWORD]}\n"
           "    previous=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    COMPREPLY=()\n"
           "    if [[ $COMP_CWORD -eq 1 ]]; then\n"
           "        COMPREPLY=($(compgen -W "
        << shellWord(joined(names) + " --help --version")
        << " -- \"$current\"))\n"
           "        return\n"
           "    fi\n"
           "    path=${COMP_WORDS[1]}\n"
           "    case $path in\n";
    for (const auto& [first, seconds] : grouped(docs)) {
        if (!seconds.empty()) {
            out << "        " << first
                << ")\n"
                   "            if [[ $COMP_CWORD -eq 2 ]]; then\n"
                   "                COMPREPLY=($(compgen -W "
                << shellWord(joined(seconds))
                << " -- \"$current\"))\n"
                   "                return\n"
                   "            fi\n"
                   "            path+=\" ${COMP_WORDS[2]}\"\n"
                   "            ;;\n";
        }
    }
    out << "    esac\n"
           "    values=\n"
           "    case \"$path $previous\" in\n";
    for (const CommandDoc& doc : docs) {
        for (const OptionDoc& option : doc.options) {
            for (const std::string& name : allNames(option)) {
                if (!option.completions.empty()) {
                    out << "        \"" << doc.path << " " << name
                        << "\") values=" << shellWord(joined(option.completions)) << " ;;\n";
                }
            }
        }
    }
    out << "    esac\n"
           "    if [[ -n $values ]]; then\n"
           "        local before=\n"
           "        [[ $current == *,* ]] && before=${current%,*},\n"
           "        COMPREPLY=($(compgen -P \"$before\" -W \"$values\" -- \"${current##*,}\"))\n"
           "        if [[ -z ${COMPREPLY[0]} ]]; then\n"
           "            COMPREPLY=($(compgen -f -- \"$current\"))\n"
           "        elif [[ ${COMPREPLY[0]} == *: ]]; then\n"
           "            compopt -o nospace +o filenames 2>/dev/null\n"
           "        fi\n"
           "        return\n"
           "    fi\n"
           "    options=\n"
           "    case $path in\n";
    for (const CommandDoc& doc : docs) {
        std::vector<std::string> options;
        for (const OptionDoc& option : doc.options) {
            options.insert(options.end(), option.longNames.begin(), option.longNames.end());
            if (option.positional && !option.completions.empty()) {
                options.insert(options.end(), option.completions.begin(), option.completions.end());
            }
        }
        out << "        \"" << doc.path << "\") options=" << shellWord(joined(options)) << " ;;\n";
    }
    out << "    esac\n"
           "    COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
           "    if [[ $current != -* ]]; then\n"
           "        local IFS=$'\\n'\n"
           "        COMPREPLY+=($(compgen -f -- \"$current\"))\n"
           "    fi\n"
           "}\n"
           "complete -o filenames -F _scrit scrit\n";
    return out.str();
}

std::string zshCompletion(const CLI::App& root, const Session& session) {
    const std::vector<CommandDoc> docs = commandDocs(root, session);
    const auto escaped =
        [](const std::string& text) { // for _arguments and _describe specifications
            std::string out;
            for (const char c : text) {
                if (c == ':' || c == '[' || c == ']' || c == '\\') {
                    out += '\\';
                }
                out += c;
            }
            return out;
        };
    std::ostringstream out;
    out << "#compdef scrit\n"
           "# SPDX-License-Identifier: GPL-3.0-or-later\n"
           "# zsh completion for scrit, made by: scrit completion zsh\n"
           "_scrit() {\n"
           "    local -a commands\n"
           "    if (( CURRENT == 2 )); then\n"
           "        commands=(\n";
    for (const auto& [first, seconds] : grouped(docs)) {
        const CommandDoc* doc = firstOf(docs, first);
        const std::string text = seconds.empty() ? doc->description : joined(seconds);
        out << "            " << shellWord(first + ":" + escaped(text)) << "\n";
    }
    out << "        )\n"
           "        _describe command commands\n"
           "        return\n"
           "    fi\n"
           "    local path=$words[2]\n"
           "    case $path in\n";
    for (const auto& [first, seconds] : grouped(docs)) {
        if (!seconds.empty()) {
            out << "        " << first
                << ")\n"
                   "            if (( CURRENT == 3 )); then\n"
                   "                compadd "
                << joined(seconds)
                << "\n"
                   "                return\n"
                   "            fi\n"
                   "            path+=\" $words[3]\"\n"
                   "            ;;\n";
        }
    }
    out << "    esac\n"
           "    case $path in\n";
    for (const CommandDoc& doc : docs) {
        out << "        \"" << doc.path << "\") _arguments";
        std::string positionals;
        for (const OptionDoc& option : doc.options) {
            const std::string action = !option.takesValue ? ""
                                       : option.completions.empty()
                                           ? ":value:_files"
                                           : ":value:(" + escaped(joined(option.completions)) + ")";
            if (option.positional) {
                positionals = option.completions.empty()
                                  ? "'*:file:_files'"
                                  : shellWord("*:value:(" + joined(option.completions) + ")");
            }
            for (const std::string& name : allNames(option)) {
                out << " " << shellWord(name + "[" + escaped(option.description) + "]" + action);
            }
        }
        out << (positionals.empty() ? "" : " ") << positionals << " ;;\n";
    }
    out << "    esac\n"
           "}\n"
           "_scrit \"$@\"\n";
    return out.str();
}

std::string fishCompletion(const CLI::App& root, const Session& session) {
    const std::vector<CommandDoc> docs = commandDocs(root, session);
    std::ostringstream out;
    out << "# SPDX-License-Identifier: GPL-3.0-or-later\n"
           "# fish completion for scrit, made by: scrit completion fish\n";
    for (const auto& [first, seconds] : grouped(docs)) {
        const CommandDoc* doc = firstOf(docs, first);
        out << "complete -c scrit -n __fish_use_subcommand -f -a " << first << " -d "
            << shellWord(seconds.empty() ? doc->description : joined(seconds)) << "\n";
        for (const std::string& second : seconds) {
            out << "complete -c scrit -n '__fish_seen_subcommand_from " << first
                << "; and not __fish_seen_subcommand_from " << joined(seconds) << "' -f -a "
                << second << "\n";
        }
    }
    for (const CommandDoc& doc : docs) {
        const auto [first, second] = words(doc.path);
        const std::string condition =
            "__fish_seen_subcommand_from " + first +
            (second.empty() ? "" : "; and __fish_seen_subcommand_from " + second);
        for (const OptionDoc& option : doc.options) {
            if (option.positional && option.completions.empty()) {
                continue; // files, as fish does by itself
            }
            out << "complete -c scrit -n " << shellWord(condition);
            for (const std::string& name : option.shortNames) {
                out << " -s " << name.substr(1);
            }
            for (const std::string& name : option.longNames) {
                out << " -l " << name.substr(2);
            }
            if (!option.completions.empty()) {
                out << (option.positional ? " -f -a " : " -x -a ")
                    << shellWord(joined(option.completions));
            } else if (option.takesValue) {
                out << " -r";
            }
            out << " -d " << shellWord(option.description) << "\n";
        }
    }
    return out.str();
}

} // namespace scrit::cli
