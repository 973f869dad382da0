// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/model/lineage.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// What one reviewer says about one critique, and how that is kept as append-only annotations. Pure
// functions over plain values; any thread. Steps count from 0, -1 (model::kNoError) = no wrong
// step.
namespace scrit::review {

enum class Agreement { Agree, Disagree, Unsure }; // with the newest self-validation
enum class Validity { Valid, Invalid, Unsure };   // of the critique itself
enum class StepLabel { Correct, Wrong, Unsure };  // of a step of the solution

[[nodiscard]] std::string_view name(Agreement value); // agree, disagree, unsure
[[nodiscard]] std::string_view name(Validity value);  // valid, invalid, unsure
[[nodiscard]] std::string_view name(StepLabel value); // correct, wrong, unsure
[[nodiscard]] std::optional<Agreement> agreementFromName(std::string_view text);
[[nodiscard]] std::optional<Validity> validityFromName(std::string_view text);
[[nodiscard]] std::optional<StepLabel> stepLabelFromName(std::string_view text);

// What is absent was not said. Two ways to say the main thing: `agreement` with what
// self-validation said, or `validity` of the critique, which can be said without knowing that
// (blind review). completed() makes one of the other.
struct Judgement {
    std::string annotator; // read only: a session gives its own
    std::optional<Agreement> agreement;
    std::optional<Validity> validity;
    std::map<int, StepLabel> steps;       // of the solution
    std::optional<int> firstError;        // the solution's first wrong step
    std::optional<bool> correctionUsable; // the critique's correction
    // The problem's reference answer is wrong; this one is right, or empty: it is not known.
    std::optional<std::string> repairedAnswer;
    std::vector<std::string> tags;
    std::string comment;
    double seconds = 0;            // spent on it; of one that was read: in all
    std::int64_t judgedAt = 0;     // read only: unix milliseconds of its newest part
    bool impliedAgreement = false; // made by completed(), not said by the reviewer
    bool impliedValidity = false;

    // Nothing is said at all; time alone says nothing.
    [[nodiscard]] bool isEmpty() const;
};

// The first wrong step as stated, else the first step that is labelled wrong.
[[nodiscard]] std::optional<int> firstErrorOf(const Judgement& judgement);

// What machines say about a critique.
struct MachineOpinion {
    std::optional<model::Outcome> validated;     // newest self-validation
    std::optional<model::Outcome> answerMatch;   // newest answer match of the correction
    std::optional<model::Conclusion> conclusion; // of the critique itself
    std::optional<int> firstError;               // which the critique names
    model::Flags flags;
};

// Where a judgement differs from the machines; false where one side says nothing.
struct Difference {
    bool verdict = false;    // self-validation let pass what the reviewer does not accept, or not
    bool firstError = false; // the critique names another first wrong step
    [[nodiscard]] bool any() const { return verdict || firstError; }
};
[[nodiscard]] Difference differenceOf(const Judgement& judgement, const MachineOpinion& machine);

// Invalid where the judgement is empty, a step is not one of the solution's `steps`, a tag is
// empty, or seconds are no sensible number.
[[nodiscard]] base::Expected<void> checkJudgement(const Judgement& judgement, int steps);

// Whether the reviewer accepts the critique, as a whole: what is said of its validity; else the
// agreement together with the self-validation; else, by what was said of its parts: a first error
// step that is not the critique's, or an unusable correction, is a no; the same step, with a
// correction that was not called unusable, is a yes. Absent where nothing decides.
[[nodiscard]] std::optional<bool> accepts(const Judgement& judgement,
                                          const MachineOpinion& machine);

// The judgement with agreement and validity filled in where accepts() decides and they were not
// said; those are marked as implied.
[[nodiscard]] Judgement completed(Judgement judgement, const MachineOpinion& machine);

// ---- annotations

// Kinds of model::Annotation. Values: agreement "agree"; validity "valid"; step "3:wrong";
// first-error "3" or "-1"; correction "usable" or "unusable"; answer, of the problem, the right
// answer or ""; tag and comment their text; withdrawn and undo nothing. An implied row has the
// comment "implied".
namespace kind {
inline constexpr std::string_view kAgreement = "agreement";
inline constexpr std::string_view kValidity = "validity";
inline constexpr std::string_view kStep = "step";
inline constexpr std::string_view kFirstError = "first-error";
inline constexpr std::string_view kCorrection = "correction";
inline constexpr std::string_view kAnswer = "answer";
inline constexpr std::string_view kTag = "tag";
inline constexpr std::string_view kComment = "comment";
inline constexpr std::string_view kWithdrawn = "withdrawn"; // said no more
inline constexpr std::string_view kUndo = "undo";           // what it supersedes was never said
} // namespace kind

// The name under which a person's decision of a disagreement is kept; it wins over judgements.
[[nodiscard]] std::string adjudicatorName(std::string_view person);
[[nodiscard]] bool isAdjudicator(std::string_view annotator);
// Without the mark of an adjudicator.
[[nodiscard]] std::string_view personOf(std::string_view annotator);

// For each of the annotations of some subjects whether it is in force: it says something, and
// nothing of the same annotator that stands supersedes it. Their order does not matter; see
// store/annotation_rules.h.
[[nodiscard]] std::vector<bool> inForce(std::span<const model::Annotation> annotations);

// The judgement of one annotator in force, or of each annotator by name, out of the annotations of
// a critique and its problem in any order. Where two of one kind are in force the newer one counts.
[[nodiscard]] std::optional<Judgement> judgementOf(std::span<const model::Annotation> annotations,
                                                   std::string_view annotator);
[[nodiscard]] std::vector<Judgement> judgementsOf(std::span<const model::Annotation> annotations);

// The answer of a problem as repaired, out of its annotations in any order; "" when it is wrong and
// the right one is not known. An adjudicator's wins, then the newest.
[[nodiscard]] std::optional<std::string>
answerInForce(std::span<const model::Annotation> annotations);

// Rows to append for a judgement; the seconds are on the first. Each row that says what one of
// `replaced` (rows in force of the same annotator) says supersedes it, and what is left of these is
// withdrawn by a row of its own.
[[nodiscard]] std::vector<model::Annotation>
annotationsOf(const Judgement& judgement, std::int64_t critiqueId, std::int64_t problemId,
              std::span<const model::Annotation> replaced);
// Rows that take back `rows`, one each; what those had superseded is in force again.
[[nodiscard]] std::vector<model::Annotation> takingBack(std::span<const model::Annotation> rows);

} // namespace scrit::review
