// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/command_template.h"

#include "core/base/resources.h"
#include "core/base/suggest.h"
#include "core/base/text.h"
#include "core/train/template_text.h"

#include <nlohmann/json.hpp>
#include <toml++/toml.h>

#include <algorithm>
#include <functional>
#include <regex>
#include <set>
#include <sstream>
#include <type_traits>

namespace scrit::train {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using nlohmann::json;

// What every template may use.
const std::set<std::string>& commonPlaceholders() {
    static const std::set<std::string> kNames{
        "model", "data",          "train_file", "output",     "job",       "name", "epochs",
        "batch", "learning_rate", "warm_up",    "max_length", "lora_rank", "seed", "accumulation"};
    return kNames;
}

// Reads one file; keeps the first thing that is wrong with it.
class Reader {
public:
    void wrong(const toml::node& node, const std::string& key, const std::string& complaint,
               std::string advice = {}) {
        if (!m_error) {
            m_error = base::Error{ErrorCode::Invalid,
                                  "line " + std::to_string(node.source().begin.line) + ": " + key +
                                      " " + complaint,
                                  std::move(advice), false};
        }
    }
    [[nodiscard]] const std::optional<base::Error>& error() const { return m_error; }

    // All keys of a table must be among these.
    void onlyKeys(const toml::table& table, const std::string& path,
                  const std::vector<std::string>& known) {
        for (const auto& [key, node] : table) {
            const std::string name(key.str());
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                wrong(node, path + name, "is not known", base::didYouMean(name, known));
            }
        }
    }
    void text(const toml::table& table, const std::string& path, const char* key,
              std::string& into) {
        if (const toml::node* node = table.get(key)) {
            if (const auto value = node->value_exact<std::string>()) {
                into = *value;
            } else {
                wrong(*node, path + key, "must be a text");
            }
        }
    }
    void texts(const toml::table& table, const std::string& path, const char* key,
               std::vector<std::string>& into) {
        const toml::node* node = table.get(key);
        if (node == nullptr) {
            return;
        }
        const toml::array* list = node->as_array();
        for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
            if (const auto value = list->get(i)->value_exact<std::string>()) {
                into.push_back(*value);
            } else {
                list = nullptr;
            }
        }
        if (list == nullptr) {
            wrong(*node, path + key, "must be a list of texts");
        }
    }
    const toml::table* table(const toml::table& top, const char* key) {
        const toml::node* node = top.get(key);
        if (node != nullptr && node->as_table() == nullptr) {
            wrong(*node, key, "must be a table");
        }
        return node != nullptr ? node->as_table() : nullptr;
    }
    // The tables of [[key]].
    std::vector<const toml::table*> tables(const toml::table& top, const char* key) {
        std::vector<const toml::table*> list;
        const toml::node* node = top.get(key);
        if (node == nullptr) {
            return list;
        }
        const toml::array* array = node->as_array();
        for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
            const toml::table* element = array->get(i)->as_table();
            if (element == nullptr) {
                array = nullptr;
            } else {
                list.push_back(element);
            }
        }
        if (array == nullptr) {
            wrong(*node, key, std::string("must be tables [[") + key + "]]");
        }
        return list;
    }

private:
    std::optional<base::Error> m_error;
};

void readParameters(Reader& reader, const toml::table& table, Parameters& into) {
    reader.onlyKeys(table, "parameters.",
                    {"epochs", "batch", "learning_rate", "warm_up", "max_length", "lora_rank"});
    const auto read = [&](const char* key, auto& target) {
        const toml::node* node = table.get(key);
        if (node == nullptr) {
            return;
        }
        using Value = typename std::remove_reference_t<decltype(target)>::value_type;
        if (const auto value = node->value<Value>(); value && node->is_number()) {
            target = *value;
        } else {
            reader.wrong(*node, std::string("parameters.") + key, "must be a number");
        }
    };
    read("epochs", into.epochs);
    read("batch", into.batch);
    read("learning_rate", into.learningRate);
    read("warm_up", into.warmUp);
    read("max_length", into.maxLength);
    read("lora_rank", into.loraRank);
    if (const base::Expected<void> good = checkParameters(into); !good) {
        reader.wrong(table, "parameters", "cannot be meant: " + good.error().message);
    }
}

// A value of [values] or [environment]: a text, a number or true and false.
std::optional<std::string> scalar(const toml::node& node) {
    if (const auto text = node.value_exact<std::string>()) {
        return *text;
    }
    if (const auto whole = node.value_exact<std::int64_t>()) {
        return std::to_string(*whole);
    }
    if (const auto flag = node.value_exact<bool>()) {
        return std::string(*flag ? "true" : "false");
    }
    if (const auto real = node.value_exact<double>()) {
        return json(*real).dump();
    }
    return std::nullopt;
}

void readScalars(Reader& reader, const toml::table& table, const std::string& path,
                 const std::function<void(std::string, std::string)>& take) {
    for (const auto& [key, node] : table) {
        const std::string name(key.str());
        if (std::optional<std::string> value = scalar(node)) {
            take(name, std::move(*value));
        } else {
            reader.wrong(node, path + name, "must be a text, a number, true or false");
        }
    }
}

json toJson(Reader& reader, const toml::node& node) {
    if (const toml::table* table = node.as_table()) {
        json object = json::object();
        for (const auto& [key, value] : *table) {
            object[std::string(key.str())] = toJson(reader, value);
        }
        return object;
    }
    if (const toml::array* array = node.as_array()) {
        json list = json::array();
        for (const toml::node& value : *array) {
            list.push_back(toJson(reader, value));
        }
        return list;
    }
    if (const auto text = node.value_exact<std::string>()) {
        return *text;
    }
    if (const auto whole = node.value_exact<std::int64_t>()) {
        return *whole;
    }
    if (const auto flag = node.value_exact<bool>()) {
        return *flag;
    }
    if (const auto real = node.value_exact<double>()) {
        return *real;
    }
    reader.wrong(node, "result.settings", "holds a value that is no setting");
    return {};
}

void readCommands(Reader& reader, const toml::table& top, CommandTemplate& form) {
    for (const toml::table* table : reader.tables(top, "command")) {
        TemplateCommand command;
        reader.onlyKeys(*table, "command.", {"stage", "program", "arguments", "resume_arguments"});
        reader.text(*table, "command.", "stage", command.stage);
        reader.text(*table, "command.", "program", command.program);
        reader.texts(*table, "command.", "arguments", command.arguments);
        reader.texts(*table, "command.", "resume_arguments", command.resumeArguments);
        if (command.program.empty()) {
            reader.wrong(*table, "command.program", "is missing");
        }
        if (command.stage.empty()) {
            command.stage = "train";
        }
        form.commands.push_back(std::move(command));
    }
    if (form.commands.empty()) {
        reader.wrong(top, "[[command]]", "is missing");
    }
    for (const toml::table* table : reader.tables(top, "file")) {
        TemplateFile file;
        reader.onlyKeys(*table, "file.", {"path", "text", "resume"});
        reader.text(*table, "file.", "path", file.path);
        reader.text(*table, "file.", "text", file.text);
        reader.text(*table, "file.", "resume", file.resume);
        const fs::path path(file.path);
        const bool climbs = std::any_of(path.begin(), path.end(),
                                        [](const fs::path& part) { return part == ".."; });
        if (path.empty() || path.is_absolute() || climbs) {
            reader.wrong(*table, "file.path", "must be a path inside the job's folder");
        }
        form.files.push_back(std::move(file));
    }
}

void readProgress(Reader& reader, const toml::table& table, CommandTemplate& form) {
    reader.onlyKeys(table, "progress.", {"step", "loss", "epoch"});
    for (const auto& [key, into] : {std::pair{"step", &form.stepPattern},
                                    {"loss", &form.lossPattern},
                                    {"epoch", &form.epochPattern}}) {
        reader.text(table, "progress.", key, *into);
        try {
            const std::regex pattern(*into, std::regex::ECMAScript);
            if (!into->empty() && pattern.mark_count() < 1) {
                reader.wrong(table, std::string("progress.") + key, "has no group for the number",
                             "write for example 'loss: ([0-9.]+)'");
            }
        } catch (const std::regex_error&) {
            reader.wrong(table, std::string("progress.") + key, "is no regular expression");
        }
    }
}

void readResult(Reader& reader, const toml::table& table, CommandTemplate& form) {
    reader.onlyKeys(table, "result.", {"files", "kind", "settings"});
    reader.texts(table, "result.", "files", form.outputFiles);
    reader.text(table, "result.", "kind", form.resultKind);
    if (!backend::modelKindFromName(form.resultKind)) {
        reader.wrong(table, "result.kind", "is no kind of model", "vllm is usual");
    }
    if (form.outputFiles.empty()) {
        reader.wrong(table, "result.files", "is missing",
                     "name the files without which the output is not whole");
    }
    if (const toml::table* settings = reader.table(table, "settings")) {
        form.resultSettings = toJson(reader, *settings).dump();
    }
}

// All texts with placeholders, and whether {{checkpoint}} is allowed in them.
void forEachText(const CommandTemplate& form,
                 const std::function<void(const std::string&, bool)>& visit) {
    for (const TemplateCommand& command : form.commands) {
        visit(command.program, false);
        for (const std::string& argument : command.arguments) {
            visit(argument, false);
        }
        for (const std::string& argument : command.resumeArguments) {
            visit(argument, true);
        }
    }
    for (const TemplateFile& file : form.files) {
        visit(file.path, false);
        visit(file.text, false);
        visit(file.resume, true);
    }
    for (const auto& [name, value] : form.environment) {
        visit(value, false);
    }
    visit(form.workingFolder, false);
    visit(form.resultSettings, false);
}

base::Expected<void> checkPlaceholders(const CommandTemplate& form) {
    base::Expected<void> good;
    forEachText(form, [&](const std::string& text, bool resumes) {
        const base::Expected<std::vector<std::string>> names = placeholdersIn(text);
        if (!good) {
            return;
        }
        if (!names) {
            good = base::fail(names.error());
            return;
        }
        for (const std::string& name : *names) {
            const bool known = commonPlaceholders().contains(name) || form.values.contains(name) ||
                               (resumes && name == "checkpoint");
            if (!known) {
                std::vector<std::string> all(commonPlaceholders().begin(),
                                             commonPlaceholders().end());
                for (const auto& [own, value] : form.values) {
                    all.push_back(own);
                }
                good = base::fail(ErrorCode::Invalid, "{{" + name + "}} is not known",
                                  base::didYouMean(name, all));
                return;
            }
        }
    });
    return good;
}

} // namespace

base::Expected<CommandTemplate> parseCommandTemplate(std::string_view tomlText) {
    toml::table top;
    try {
        top = toml::parse(tomlText);
    } catch (const toml::parse_error& error) {
        return base::fail(ErrorCode::Invalid, "line " + std::to_string(error.source().begin.line) +
                                                  ": " + std::string(error.description()));
    }
    CommandTemplate form;
    form.parameters = paperParameters();
    Reader reader;
    reader.onlyKeys(top, "",
                    {"name", "description", "export_view", "working_folder", "checkpoints",
                     "checkpoint_mark", "parameters", "values", "environment", "command", "file",
                     "progress", "result"});
    reader.text(top, "", "name", form.name);
    reader.text(top, "", "description", form.description);
    reader.text(top, "", "export_view", form.exportView);
    reader.text(top, "", "working_folder", form.workingFolder);
    reader.text(top, "", "checkpoints", form.checkpoints);
    reader.text(top, "", "checkpoint_mark", form.checkpointMark);
    for (const char* needed : {"name", "export_view", "result"}) {
        if (top.get(needed) == nullptr) {
            reader.wrong(top, needed, "is missing");
        }
    }
    if (const toml::table* table = reader.table(top, "parameters")) {
        readParameters(reader, *table, form.parameters);
    }
    if (const toml::table* table = reader.table(top, "values")) {
        readScalars(reader, *table, "values.", [&](std::string name, std::string value) {
            form.values[std::move(name)] = std::move(value);
        });
    }
    if (const toml::table* table = reader.table(top, "environment")) {
        readScalars(reader, *table, "environment.", [&](std::string name, std::string value) {
            form.environment.emplace_back(std::move(name), std::move(value));
        });
    }
    readCommands(reader, top, form);
    if (const toml::table* table = reader.table(top, "progress")) {
        readProgress(reader, *table, form);
    }
    if (const toml::table* table = reader.table(top, "result")) {
        readResult(reader, *table, form);
    }
    if (reader.error()) {
        return base::fail(*reader.error());
    }
    if (const base::Expected<void> good = checkPlaceholders(form); !good) {
        return base::fail(good.error());
    }
    return form;
}

base::Expected<std::vector<std::string>> commandTemplateNames() {
    const base::Expected<fs::path> resources = base::resourceFolder();
    if (!resources) {
        return base::fail(resources.error());
    }
    std::vector<std::string> names;
    std::error_code error;
    for (const fs::directory_entry& entry :
         fs::directory_iterator(*resources / "trainers", error)) {
        if (entry.path().extension() == ".toml") {
            names.push_back(entry.path().stem().string());
        }
    }
    if (error) {
        return base::fail(
            base::systemError(error.value(), "cannot read", (*resources / "trainers").string()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

base::Expected<CommandTemplate> loadCommandTemplate(const std::string& nameOrPath) {
    const base::Expected<std::vector<std::string>> names = commandTemplateNames();
    if (!names) {
        return base::fail(names.error());
    }
    std::string list;
    for (const std::string& name : *names) {
        list += (list.empty() ? "" : ", ") + name;
    }
    if (nameOrPath.empty()) {
        return base::fail(ErrorCode::Invalid, "a template is missing",
                          "give --template with one of " + list + ", or a file of your own");
    }
    fs::path path = nameOrPath;
    if (std::find(names->begin(), names->end(), nameOrPath) != names->end()) {
        path = *base::resourceFolder() / "trainers" / (nameOrPath + ".toml");
    } else if (std::error_code error; !fs::is_regular_file(path, error)) {
        const std::string near = base::nearest(nameOrPath, *names);
        return base::fail(ErrorCode::NotFound,
                          "there is no template \"" + base::makeVisibleUtf8(nameOrPath) + "\"",
                          near.empty() ? "there are " + list + ", and files of your own"
                                       : "did you mean " + near + "?");
    }
    const base::Expected<std::string> text = base::readFile(path, std::uintmax_t{1} << 20U);
    if (!text) {
        return base::fail(text.error());
    }
    base::Expected<CommandTemplate> form = parseCommandTemplate(*text);
    if (!form) {
        return base::fail(
            form.error().withContext("template " + base::makeVisibleUtf8(nameOrPath)));
    }
    return form;
}

} // namespace scrit::train
