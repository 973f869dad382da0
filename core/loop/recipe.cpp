// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/loop/recipe.h"

#include "core/base/resources.h"
#include "core/base/suggest.h"

#include <toml++/toml.h>

#include <algorithm>
#include <initializer_list>
#include <sstream>

namespace scrit::loop {
namespace {

namespace fs = std::filesystem;

// Reads one table key by key, so that whatever nobody asked for is an unknown key. Keeps the first
// error.
class TableReader {
public:
    TableReader(const toml::table& table, std::string path, std::optional<base::Error>& error)
        : m_table(table), m_path(std::move(path)), m_error(error) {}

    template<typename T>
    void read(std::string_view key, T& into) {
        m_known.emplace_back(key);
        const toml::node* node = m_table.get(key);
        if (node == nullptr) {
            return;
        }
        if (const auto value = node->value_exact<T>()) {
            into = *value;
        } else {
            report(*node, key, "has the wrong type");
        }
    }
    void readInteger(std::string_view key, std::int64_t low, std::int64_t high,
                     std::int64_t& into) {
        read(key, into);
        check(key, into >= low && into <= high,
              "must be between " + std::to_string(low) + " and " + std::to_string(high));
    }
    void readReal(std::string_view key, double low, double high, double& into) {
        m_known.emplace_back(key);
        const toml::node* node = m_table.get(key);
        if (node == nullptr) {
            return;
        }
        const auto value = node->value<double>(); // 1 is as good as 1.0
        if (!node->is_number() || !value) {
            report(*node, key, "has the wrong type");
            return;
        }
        into = *value;
        check(key, into >= low && into <= high, "is out of range");
    }
    void readStrings(std::string_view key, std::vector<std::string>& into) {
        m_known.emplace_back(key);
        const toml::node* node = m_table.get(key);
        if (node == nullptr) {
            return;
        }
        const toml::array* list = node->as_array();
        if (list == nullptr) {
            report(*node, key, "must be a list of names");
            return;
        }
        for (const toml::node& element : *list) {
            if (const auto value = element.value_exact<std::string>()) {
                into.push_back(*value);
            } else {
                report(element, key, "must be a list of names");
            }
        }
    }
    // The table under a key; null when it is not there.
    const toml::table* table(std::string_view key) {
        m_known.emplace_back(key);
        const toml::node* node = m_table.get(key);
        if (node != nullptr && node->as_table() == nullptr) {
            report(*node, key, "must be a table");
        }
        return node != nullptr ? node->as_table() : nullptr;
    }
    void check(std::string_view key, bool good, const std::string& complaint) {
        if (const toml::node* node = m_table.get(key); node != nullptr && !good) {
            report(*node, key, complaint);
        }
    }
    // To be called last.
    void refuseUnknown() {
        for (const auto& [key, node] : m_table) {
            const std::string text(key.str());
            if (std::find(m_known.begin(), m_known.end(), text) == m_known.end()) {
                report(node, text, "is not known", base::didYouMean(text, m_known));
            }
        }
    }

private:
    void report(const toml::node& node, std::string_view key, const std::string& complaint,
                std::string advice = {}) {
        if (!m_error) {
            m_error = base::Error{base::ErrorCode::Invalid,
                                  "line " + std::to_string(node.source().begin.line) + ": " +
                                      m_path + std::string(key) + " " + complaint,
                                  std::move(advice), false};
        }
    }
    const toml::table& m_table;
    std::string m_path;
    std::optional<base::Error>& m_error;
    std::vector<std::string> m_known;
};

void readRole(const toml::table* table, const char* name, RoleSettings& role,
              std::optional<base::Error>& error,
              const std::function<void(TableReader&)>& more = {}) {
    if (table == nullptr) {
        return;
    }
    TableReader reader(*table, std::string(name) + ".", error);
    std::int64_t maxTokens = role.maxTokens;
    std::int64_t samples = role.samples;
    reader.read("prompt", role.prompt);
    reader.readReal("temperature", 0, 5, role.temperature);
    reader.readReal("top_p", 0, 1, role.topP);
    reader.readInteger("max_tokens", 1, 10'000'000, maxTokens);
    reader.readInteger("samples", 1, 10'000, samples);
    if (more) {
        more(reader);
    }
    reader.refuseUnknown();
    role.maxTokens = static_cast<int>(maxTokens);
    role.samples = static_cast<int>(samples);
}

std::optional<ValidateCorrect> validateCorrectFromName(std::string_view text) {
    for (const ValidateCorrect what :
         {ValidateCorrect::Solution, ValidateCorrect::Correction, ValidateCorrect::Skip}) {
        if (name(what) == text) {
            return what;
        }
    }
    return std::nullopt;
}

void readHead(TableReader& top, Recipe& recipe) {
    std::string mode(model::name(recipe.mode));
    std::int64_t seed = 0;
    top.read("name", recipe.name);
    top.read("description", recipe.description);
    top.read("mode", mode);
    top.readInteger("seed", 0, INT64_MAX, seed);
    const std::optional<model::CritiqueMode> known = model::critiqueModeFromName(mode);
    top.check("mode", known.has_value() && *known != model::CritiqueMode::Recorded,
              "must be direct, contrastive or bug-injection");
    recipe.mode = known.value_or(recipe.mode);
    recipe.seed = static_cast<std::uint64_t>(seed);
}

void readTables(TableReader& top, Recipe& recipe, std::optional<base::Error>& error) {
    readRole(top.table("student"), "student", recipe.student, error);
    readRole(top.table("critic"), "critic", recipe.critic, error);
    readRole(top.table("injector"), "injector", recipe.injector, error);
    readRole(top.table("validator"), "validator", recipe.validator, error,
             [&](TableReader& reader) {
                 std::string what(name(recipe.validateCorrect));
                 reader.read("enabled", recipe.validate);
                 reader.read("correct_solutions", what);
                 const std::optional<ValidateCorrect> known = validateCorrectFromName(what);
                 reader.check("correct_solutions", known.has_value(),
                              "must be solution, correction or skip");
                 recipe.validateCorrect = known.value_or(recipe.validateCorrect);
             });
    if (const toml::table* table = top.table("select")) {
        TableReader reader(*table, "select.", error);
        std::int64_t cap = -1;
        std::string reference(name(recipe.reference));
        reader.read("reference", reference);
        const std::optional<ReferenceSource> known = referenceSourceFromName(reference);
        reader.check("reference", known.has_value(), "must be solutions, problem or either");
        recipe.reference = known.value_or(recipe.reference);
        reader.read("both_classes", recipe.bothClasses);
        reader.readInteger("cap_per_student_and_class", 1, INT64_MAX, cap);
        reader.refuseUnknown();
        recipe.capPerStudentAndClass = cap > 0 ? std::optional(cap) : std::nullopt;
    }
    if (const toml::table* table = top.table("curate")) {
        TableReader reader(*table, "curate.", error);
        reader.read("balance", recipe.balance);
        reader.readStrings("views", recipe.exportViews);
        reader.refuseUnknown();
    }
}

std::optional<base::Error> missing(const Recipe& recipe) {
    const auto complain = [](std::string what, std::string advice) {
        return base::Error{base::ErrorCode::Invalid, std::move(what), std::move(advice), false};
    };
    if (recipe.name.empty()) {
        return complain("the recipe has no name", "add name = \"…\" at its top");
    }
    if (recipe.critic.prompt.empty()) {
        return complain("the recipe has no critic prompt", "add prompt = \"…\" under [critic]");
    }
    if (recipe.validate && recipe.validator.prompt.empty()) {
        return complain("the recipe has no validator prompt",
                        "add prompt = \"direct_critic\" under [validator], or enabled = false");
    }
    if (recipe.mode == model::CritiqueMode::BugInjection && recipe.injector.prompt.empty()) {
        return complain("a bug-injection recipe needs an injector",
                        "add prompt = \"bug_injection\" under [injector]");
    }
    return std::nullopt;
}

} // namespace

std::string_view name(ValidateCorrect what) {
    switch (what) {
    case ValidateCorrect::Solution:
        return "solution";
    case ValidateCorrect::Correction:
        return "correction";
    case ValidateCorrect::Skip:
        return "skip";
    }
    return "solution";
}

base::Expected<Recipe> parseRecipe(std::string_view text) {
    toml::table table;
    try {
        table = toml::parse(text);
    } catch (const toml::parse_error& error) {
        return base::fail(base::ErrorCode::Invalid, "line " +
                                                        std::to_string(error.source().begin.line) +
                                                        ": " + std::string(error.description()));
    }
    Recipe recipe;
    recipe.text = text;
    std::optional<base::Error> error;
    TableReader top(table, "", error);
    readHead(top, recipe);
    readTables(top, recipe, error);
    top.refuseUnknown();
    if (!error) {
        error = missing(recipe);
    }
    if (error) {
        return base::fail(std::move(*error));
    }
    return recipe;
}

base::Expected<Recipe>
changedRecipe(const Recipe& recipe,
              const std::vector<std::pair<std::string, std::string>>& values) {
    std::ostringstream text;
    try {
        toml::table table = toml::parse(recipe.text);
        for (const auto& [key, value] : values) {
            const std::size_t dot = key.find('.');
            toml::table* into = &table;
            if (dot != std::string::npos) {
                const std::string name = key.substr(0, dot);
                if (table[name].as_table() == nullptr) {
                    table.insert_or_assign(name, toml::table{});
                }
                into = table[name].as_table();
            }
            toml::table one = toml::parse("value = " + value);
            const std::string last = dot == std::string::npos ? key : key.substr(dot + 1);
            one["value"].visit([&](auto&& node) { into->insert_or_assign(last, node); });
        }
        text << table;
    } catch (const toml::parse_error& error) {
        return base::fail(base::ErrorCode::Invalid,
                          "a changed value of the recipe cannot be read: " +
                              std::string(error.description()));
    }
    base::Expected<Recipe> changed = parseRecipe(text.str());
    if (changed) {
        changed->folder = recipe.folder;
    }
    return changed;
}

base::Expected<std::vector<std::string>> recipeNames() {
    const base::Expected<fs::path> folder = base::resourceFolder();
    if (!folder) {
        return base::fail(folder.error());
    }
    std::vector<std::string> names;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(*folder / "recipes", error)) {
        if (entry.path().extension() == ".toml") {
            names.push_back(entry.path().stem().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

base::Expected<Recipe> loadRecipe(const std::string& nameOrPath) {
    fs::path path = nameOrPath;
    if (path.extension() != ".toml") {
        const base::Expected<std::vector<std::string>> names = recipeNames();
        if (!names) {
            return base::fail(names.error());
        }
        if (std::find(names->begin(), names->end(), nameOrPath) == names->end()) {
            std::string known;
            for (const std::string& each : *names) {
                known += (known.empty() ? "" : ", ") + each;
            }
            return base::fail(base::ErrorCode::NotFound, "there is no recipe " + nameOrPath,
                              "choose one of " + known + ", or give the path of a .toml file");
        }
        path = *base::resourceFolder() / "recipes" / (nameOrPath + ".toml");
    }
    const base::Expected<std::string> text = base::readFile(path, std::uintmax_t{1} << 20U);
    if (!text) {
        return base::fail(text.error());
    }
    base::Expected<Recipe> recipe = parseRecipe(*text);
    if (!recipe) {
        return base::fail(recipe.error().withContext(path.string()));
    }
    recipe->folder = path.parent_path();
    return recipe;
}

} // namespace scrit::loop
