// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/text.h"
#include "core/format/generic_fields.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

// Files of any other make. The fields are found by ImportOptions::fieldMap or by usual key names.
namespace scrit::format {
namespace {

using UsualKeys = std::map<std::string_view, std::vector<std::string_view>, std::less<>>;

const UsualKeys& usual() {
    static const UsualKeys keys{
        {"problem", {"problem", "question", "prompt", "query", "instruction"}},
        {"solution",
         {"solution", "response", "reasoning", "candidate", "completion", "model_solution",
          "generated_solution", "model_output", "output"}},
        {"steps", {"steps"}},
        {"answer",
         {"answer", "gold", "gt", "final_answer", "expected_answer", "gold_answer",
          "reference_answer", "ground_truth", "target"}},
        {"reference_solution", {"reference_solution", "gt_cot", "gold_solution", "reference"}},
        {"author", {"author", "model", "generator", "model_name", "solver"}},
        {"source", {"source", "dataset", "data_source"}},
        {"split", {"split"}},
        {"id", {"id", "unique_id", "uid", "idx", "problem_id", "question_id"}},
        {"correct", {"correct", "is_correct", "final_answer_correct", "answer_correct"}},
        {"first_error_step", {"first_error_step", "first_error", "error_step"}},
        {"choices", {"choices", "options"}},
        {"subject", {"subject", "type", "category", "topic"}},
        {"level", {"level", "difficulty"}},
        {"critique", {"critique", "critic_response", "feedback"}},
        {"critic", {"critic", "critic_model", "judge"}},
        {"mode", {"mode"}},
        {"round", {"round"}},
        {"correction", {"correction", "refined_solution", "corrected_solution"}},
        {"solution_id", {"solution_id"}},
    };
    return keys;
}

// The texts in JSON that stands in a text, as CSV files have it.
std::optional<std::vector<std::string>> textsInJson(const std::string& json) {
    const nlohmann::json list = nlohmann::json::parse(json, nullptr, false);
    if (!list.is_array()) {
        return std::nullopt;
    }
    std::vector<std::string> texts;
    for (const nlohmann::json& item : list) {
        const nlohmann::json* text = &item;
        for (const char* key : {"text", "step"}) {
            if (item.is_object() && item.contains(key)) {
                text = &item.at(key);
            }
        }
        if (!text->is_string()) {
            return std::nullopt;
        }
        texts.push_back(base::makeVisibleUtf8(text->get_ref<const std::string&>()));
    }
    return texts;
}

// A bare `solution` beside a problem is the data set's own unless something speaks of a candidate.
bool solutionIsReference(const GenericFields& generic) {
    if (generic.mapped("solution") || generic.key("solution") != "solution") {
        return false;
    }
    constexpr std::array<std::string_view, 5> kCandidateSigns{
        "author", "correct", "first_error_step", "reference_solution", "critique"};
    return std::none_of(kCandidateSigns.begin(), kCandidateSigns.end(),
                        [&](std::string_view field) { return generic.has(field); });
}

std::optional<ImportedSolution> genericSolution(const GenericFields& generic,
                                                const RecordContext& context) {
    ImportedSolution candidate;
    if (generic.has("steps")) {
        const std::optional<std::vector<std::string>> steps = generic.texts("steps");
        if (steps && steps->empty()) {
            generic.fail("steps", "is empty");
        }
        setGivenSteps(candidate.solution, steps.value_or(std::vector<std::string>{}));
    } else if (generic.has("solution")) {
        candidate.solution.text = generic.text("solution");
    } else {
        return std::nullopt;
    }
    candidate.solution.author = generic.scalar("author");
    candidate.solution.externalId = generic.scalar("id");
    if (candidate.solution.externalId.empty()) {
        candidate.solution.externalId = placeId(context);
    }
    if (const std::optional<bool> right = generic.boolean("correct")) {
        addAnswerLabel(candidate, *right);
    }
    if (const std::optional<std::int64_t> step = generic.integer("first_error_step")) {
        addFirstErrorLabel(candidate, *step, generic.raw(), generic.key("first_error_step"));
    }
    return candidate;
}

} // namespace

const std::vector<std::string_view>& usualKeys(std::string_view field) {
    static const std::vector<std::string_view> none;
    const auto found = usual().find(field);
    return found == usual().end() ? none : found->second;
}

const std::vector<std::string_view>& allUsualKeys() {
    static const std::vector<std::string_view> all = [] {
        std::vector<std::string_view> keys;
        for (const auto& [field, names] : usual()) {
            keys.insert(keys.end(), names.begin(), names.end());
        }
        return keys;
    }();
    return all;
}

bool GenericFields::mapped(std::string_view field) const {
    return m_plan->options.fieldMap.contains(std::string(field));
}

std::string GenericFields::key(std::string_view field) const {
    const auto& map = m_plan->options.fieldMap;
    if (const auto found = map.find(std::string(field)); found != map.end()) {
        return m_fields->has(found->second) ? found->second : std::string{};
    }
    for (const std::string_view name : usualKeys(field)) {
        if (m_fields->has(name)) {
            return std::string(name);
        }
    }
    return {};
}

std::string GenericFields::askedKey(std::string_view field) const {
    const auto& map = m_plan->options.fieldMap;
    const auto asked = map.find(std::string(field));
    return asked != map.end() ? asked->second : std::string(field);
}

void GenericFields::fail(std::string_view field, std::string_view what) const {
    const std::string found = key(field);
    m_fields->fail(!found.empty() ? found : askedKey(field), what);
}

std::string GenericFields::text(std::string_view field) const {
    const std::string name = key(field);
    if (!name.empty()) {
        return m_fields->text(name);
    }
    const std::vector<std::string_view>& keys = usualKeys(field);
    const auto null = std::find_if(keys.begin(), keys.end(), [&](std::string_view usualKey) {
        return m_fields->isNull(usualKey);
    });
    const std::string asked =
        !mapped(field) && null != keys.end() ? std::string(*null) : askedKey(field);
    m_fields->fail(asked, m_fields->isNull(asked) ? "is null" : "is missing");
    return {};
}

std::string GenericFields::scalar(std::string_view field) const {
    const std::string name = key(field);
    return name.empty() ? std::string{} : m_fields->scalar(name);
}

std::optional<bool> GenericFields::boolean(std::string_view field) const {
    const std::string name = key(field);
    if (name.empty()) {
        return std::nullopt;
    }
    const std::string value = base::lowerAscii(base::trimmed(m_fields->scalar(name)));
    for (const std::string_view yes : {"true", "1", "yes", "correct", "right"}) {
        if (value == yes) {
            return true;
        }
    }
    for (const std::string_view no : {"false", "0", "no", "incorrect", "wrong"}) {
        if (value == no) {
            return false;
        }
    }
    fail(field, "should be true or false");
    return std::nullopt;
}

std::optional<std::int64_t> GenericFields::integer(std::string_view field) const {
    const std::string name = key(field);
    if (name.empty()) {
        return std::nullopt;
    }
    if (!m_fields->isText(name)) {
        return m_fields->integer(name);
    }
    const std::string all = m_fields->textOr(name);
    const std::string_view digits = base::trimmed(all);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        fail(field, "should be a whole number");
        return std::nullopt;
    }
    return value;
}

std::optional<std::vector<std::string>> GenericFields::texts(std::string_view field) const {
    const std::string name = key(field);
    if (name.empty()) {
        return std::nullopt;
    }
    std::optional<std::vector<std::string>> texts =
        textsInJson(m_fields->isText(name) ? m_fields->textOr(name) : m_fields->json(name));
    if (!texts) {
        fail(field, "should be a list of texts");
    }
    return texts;
}

bool matchesGeneric(const Fields& fields) {
    const auto& keys = usualKeys("problem");
    return std::any_of(keys.begin(), keys.end(),
                       [&](std::string_view key) { return fields.isText(key); });
}

ImportedProblem genericProblem(const GenericFields& generic, const RecordContext& context) {
    ImportedProblem item;
    model::Problem& problem = item.problem;
    problem.text = generic.text("problem");
    problem.referenceAnswer = generic.scalar("answer");
    problem.referenceSolution = generic.scalar("reference_solution");
    problem.source = generic.scalar("source");
    problem.split = generic.scalar("split");
    problem.externalId = generic.scalar("id");
    problem.subject = generic.scalar("subject");
    problem.level = generic.scalar("level");
    if (const std::string key = generic.key("choices"); !key.empty()) {
        problem.choices = generic.raw().isText(key)
                              ? generic.texts("choices").value_or(std::vector<std::string>{})
                              : choicesIn(generic.raw(), key);
    }
    if (!generic.has("steps") && solutionIsReference(generic)) {
        problem.referenceSolution = generic.text("solution");
    } else if (std::optional<ImportedSolution> candidate = genericSolution(generic, context)) {
        item.solutions.push_back(std::move(*candidate));
    }
    if (const std::optional<std::string> hashed = answerAfterHash(problem.referenceAnswer)) {
        if (problem.referenceSolution.empty()) {
            problem.referenceSolution = problem.referenceAnswer;
        }
        problem.referenceAnswer = *hashed;
    } else if (problem.referenceAnswer.empty() && !problem.referenceSolution.empty()) {
        problem.referenceAnswer = statedAnswer(problem.referenceSolution).value_or(std::string{});
    }
    finishProblem(item, context, fileStem(context.plan.file), generic.has("split"));
    return item;
}

ImportedProblem convertGeneric(const Fields& fields, const RecordContext& context) {
    return genericProblem(GenericFields(fields, context.plan), context);
}

} // namespace scrit::format
