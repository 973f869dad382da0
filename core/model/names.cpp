// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/names.h"

#include "core/model/name_table.h"

namespace scrit::model {
namespace {

constexpr NameTable<CritiqueMode, 4> kModes{{{CritiqueMode::Direct, "direct"},
                                             {CritiqueMode::BugInjection, "bug-injection"},
                                             {CritiqueMode::Contrastive, "contrastive"},
                                             {CritiqueMode::Recorded, "recorded"}}};
constexpr NameTable<Conclusion, 2> kConclusions{
    {{Conclusion::Correct, "correct"}, {Conclusion::Incorrect, "incorrect"}}};
constexpr NameTable<Outcome, 3> kOutcomes{
    {{Outcome::Yes, "yes"}, {Outcome::No, "no"}, {Outcome::Undecided, "undecided"}}};
constexpr NameTable<SubjectKind, 3> kSubjects{{{SubjectKind::Problem, "problem"},
                                               {SubjectKind::Solution, "solution"},
                                               {SubjectKind::Critique, "critique"}}};
constexpr NameTable<StepVerdict, 3> kStepVerdicts{{{StepVerdict::Correct, "correct"},
                                                   {StepVerdict::Incorrect, "incorrect"},
                                                   {StepVerdict::Unstated, "unstated"}}};

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
