// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/names.h"

#include <array>
#include <utility>

namespace scrit::model {
namespace {

template<typename T, std::size_t N>
using Table = std::array<std::pair<T, std::string_view>, N>;

constexpr Table<CritiqueMode, 4> kModes{{{CritiqueMode::Direct, "direct"},
                                         {CritiqueMode::BugInjection, "bug-injection"},
                                         {CritiqueMode::Contrastive, "contrastive"},
                                         {CritiqueMode::Recorded, "recorded"}}};
constexpr Table<Conclusion, 2> kConclusions{
    {{Conclusion::Correct, "correct"}, {Conclusion::Incorrect, "incorrect"}}};
constexpr Table<Outcome, 3> kOutcomes{
    {{Outcome::Yes, "yes"}, {Outcome::No, "no"}, {Outcome::Undecided, "undecided"}}};
constexpr Table<SubjectKind, 3> kSubjects{{{SubjectKind::Problem, "problem"},
                                           {SubjectKind::Solution, "solution"},
                                           {SubjectKind::Critique, "critique"}}};
constexpr Table<StepVerdict, 3> kStepVerdicts{{{StepVerdict::Correct, "correct"},
                                               {StepVerdict::Incorrect, "incorrect"},
                                               {StepVerdict::Unstated, "unstated"}}};

template<typename T, std::size_t N>
std::string_view nameIn(const Table<T, N>& table, T value) {
    for (const auto& [key, text] : table) {
        if (key == value) {
            return text;
        }
    }
    return {};
}

template<typename T, std::size_t N>
std::optional<T> valueIn(const Table<T, N>& table, std::string_view text) {
    for (const auto& [key, known] : table) {
        if (known == text) {
            return key;
        }
    }
    return std::nullopt;
}

} // namespace

std::string_view name(CritiqueMode mode) {
    return nameIn(kModes, mode);
}
std::string_view name(Conclusion conclusion) {
    return nameIn(kConclusions, conclusion);
}
std::string_view name(Outcome outcome) {
    return nameIn(kOutcomes, outcome);
}
std::string_view name(SubjectKind kind) {
    return nameIn(kSubjects, kind);
}
std::string_view name(StepVerdict verdict) {
    return nameIn(kStepVerdicts, verdict);
}
std::optional<CritiqueMode> critiqueModeFromName(std::string_view text) {
    return valueIn(kModes, text);
}
std::optional<Conclusion> conclusionFromName(std::string_view text) {
    return valueIn(kConclusions, text);
}
std::optional<Outcome> outcomeFromName(std::string_view text) {
    return valueIn(kOutcomes, text);
}
std::optional<SubjectKind> subjectKindFromName(std::string_view text) {
    return valueIn(kSubjects, text);
}
std::optional<StepVerdict> stepVerdictFromName(std::string_view text) {
    return valueIn(kStepVerdicts, text);
}

} // namespace scrit::model
