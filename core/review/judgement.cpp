// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/review/judgement.h"

#include "core/base/text.h"
#include "core/store/annotation_rules.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>

namespace scrit::review {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using model::Annotation;
using model::SubjectKind;

constexpr std::string_view kImplied = "implied";
constexpr std::string_view kUsable = "usable";
constexpr std::string_view kUnusable = "unusable";
constexpr std::size_t kMaxTagBytes = 200;
constexpr std::size_t kMaxTextBytes = 64 * 1024;
constexpr std::size_t kMaxTags = 100;
constexpr double kMaxSeconds = 1e7;

constexpr std::array<std::pair<std::string_view, Agreement>, 3> kAgreements = {
    {{"agree", Agreement::Agree},
     {"disagree", Agreement::Disagree},
     {"unsure", Agreement::Unsure}}};
constexpr std::array<std::pair<std::string_view, Validity>, 3> kValidities = {
    {{"valid", Validity::Valid}, {"invalid", Validity::Invalid}, {"unsure", Validity::Unsure}}};
constexpr std::array<std::pair<std::string_view, StepLabel>, 3> kLabels = {
    {{"correct", StepLabel::Correct}, {"wrong", StepLabel::Wrong}, {"unsure", StepLabel::Unsure}}};

template<typename T, std::size_t N>
std::string_view nameIn(const std::array<std::pair<std::string_view, T>, N>& table, T value) {
    for (const auto& [text, one] : table) {
        if (one == value) {
            return text;
        }
    }
    return {};
}

template<typename T, std::size_t N>
std::optional<T> valueIn(const std::array<std::pair<std::string_view, T>, N>& table,
                         std::string_view text) {
    for (const auto& [known, one] : table) {
        if (known == text) {
            return one;
        }
    }
    return std::nullopt;
}

std::optional<int> numberIn(std::string_view text) {
    int value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return whole && value >= model::kNoError ? std::optional(value) : std::nullopt;
}

// Adds what one annotation in force says; what is there already counts more.
void addPart(Judgement& judgement, const Annotation& row) {
    if (row.kind == kind::kAgreement && !judgement.agreement) {
        judgement.agreement = agreementFromName(row.value);
        judgement.impliedAgreement = row.comment == kImplied;
    } else if (row.kind == kind::kValidity && !judgement.validity) {
        judgement.validity = validityFromName(row.value);
        judgement.impliedValidity = row.comment == kImplied;
    } else if (row.kind == kind::kStep) {
        const std::size_t colon = row.value.find(':');
        const auto step = numberIn(std::string_view(row.value).substr(0, colon));
        const auto label = colon == std::string::npos
                               ? std::nullopt
                               : stepLabelFromName(std::string_view(row.value).substr(colon + 1));
        if (step && label) {
            judgement.steps.emplace(*step, *label);
        }
    } else if (row.kind == kind::kFirstError && !judgement.firstError) {
        judgement.firstError = numberIn(row.value);
    } else if (row.kind == kind::kCorrection && !judgement.correctionUsable) {
        judgement.correctionUsable = row.value == kUsable;
    } else if (row.kind == kind::kAnswer && !judgement.repairedAnswer) {
        judgement.repairedAnswer = row.value;
    } else if (row.kind == kind::kTag) {
        judgement.tags.push_back(row.value);
    } else if (row.kind == kind::kComment && judgement.comment.empty()) {
        judgement.comment = row.value;
    }
}

// What a row is about, so that a later one about the same supersedes it.
std::string slotOf(const Annotation& row) {
    if (row.kind == kind::kStep) {
        return row.kind + "/" + row.value.substr(0, row.value.find(':'));
    }
    return row.kind == kind::kTag ? row.kind + "/" + row.value : row.kind;
}

// A row of the same annotator about the same subject that says nothing itself.
Annotation superseding(const Annotation& old, std::string_view kind) {
    Annotation row;
    row.subject = old.subject;
    row.subjectId = old.subjectId;
    row.annotator = old.annotator;
    row.kind = kind;
    row.supersedes = old.id;
    return row;
}

} // namespace

std::string_view name(Agreement value) {
    return nameIn(kAgreements, value);
}
std::string_view name(Validity value) {
    return nameIn(kValidities, value);
}
std::string_view name(StepLabel value) {
    return nameIn(kLabels, value);
}
std::optional<Agreement> agreementFromName(std::string_view text) {
    return valueIn(kAgreements, text);
}
std::optional<Validity> validityFromName(std::string_view text) {
    return valueIn(kValidities, text);
}
std::optional<StepLabel> stepLabelFromName(std::string_view text) {
    return valueIn(kLabels, text);
}

bool Judgement::isEmpty() const {
    return !agreement && !validity && steps.empty() && !firstError && !correctionUsable &&
           !repairedAnswer && tags.empty() && comment.empty();
}

std::optional<int> firstErrorOf(const Judgement& judgement) {
    if (judgement.firstError) {
        return judgement.firstError;
    }
    for (const auto& [step, label] : judgement.steps) {
        if (label == StepLabel::Wrong) {
            return step;
        }
    }
    return std::nullopt;
}

Difference differenceOf(const Judgement& judgement, const MachineOpinion& machine) {
    Difference difference;
    const std::optional<bool> accepted = accepts(judgement, machine);
    if (accepted && machine.validated && *machine.validated != model::Outcome::Undecided) {
        difference.verdict = *accepted != (*machine.validated == model::Outcome::Yes);
    }
    const std::optional<int> firstError = firstErrorOf(judgement);
    if (firstError && machine.firstError) {
        difference.firstError = *firstError != *machine.firstError;
    }
    return difference;
}

Expected<void> checkJudgement(const Judgement& judgement, int steps) {
    const auto invalid = [](std::string message, std::string advice = {}) {
        return fail(ErrorCode::Invalid, std::move(message), std::move(advice));
    };
    const std::string range = steps == 0   ? std::string("the solution has no steps")
                              : steps == 1 ? std::string("the solution has step 0 alone")
                                           : "steps count from 0 to " + std::to_string(steps - 1);
    if (judgement.isEmpty()) {
        return invalid("the judgement says nothing", "give at least one label");
    }
    for (const auto& entry : judgement.steps) {
        if (entry.first < 0 || entry.first >= steps) {
            return invalid("there is no step " + std::to_string(entry.first), range);
        }
    }
    if (judgement.firstError &&
        (*judgement.firstError < model::kNoError || *judgement.firstError >= steps)) {
        return invalid("there is no step " + std::to_string(*judgement.firstError),
                       range + ", and -1 says that none is wrong");
    }
    if (judgement.tags.size() > kMaxTags) {
        return invalid("that are too many tags", "at most 100");
    }
    for (const std::string& tag : judgement.tags) {
        if (base::trimmed(tag).empty() || tag.size() > kMaxTagBytes || !base::isValidUtf8(tag)) {
            return invalid("a tag must be a text of 1 to 200 bytes");
        }
    }
    for (const std::string* text :
         {&judgement.comment, judgement.repairedAnswer ? &*judgement.repairedAnswer : nullptr}) {
        if (text != nullptr && (text->size() > kMaxTextBytes || !base::isValidUtf8(*text))) {
            return invalid("a comment or answer must be UTF-8 text of at most 64 KiB");
        }
    }
    if (!std::isfinite(judgement.seconds) || judgement.seconds < 0 ||
        judgement.seconds > kMaxSeconds) {
        return invalid("the seconds spent must be a number from 0 on");
    }
    return {};
}

std::optional<bool> accepts(const Judgement& judgement, const MachineOpinion& machine) {
    const bool decided = machine.validated && *machine.validated != model::Outcome::Undecided;
    if (judgement.validity) {
        return *judgement.validity == Validity::Unsure
                   ? std::nullopt
                   : std::optional(*judgement.validity == Validity::Valid);
    }
    if (judgement.agreement) {
        if (*judgement.agreement == Agreement::Unsure || !decided) {
            return std::nullopt;
        }
        return (*judgement.agreement == Agreement::Agree) ==
               (*machine.validated == model::Outcome::Yes);
    }
    if (judgement.correctionUsable == false) {
        return false;
    }
    const std::optional<int> firstError = firstErrorOf(judgement);
    if (firstError && machine.firstError) {
        return *firstError == *machine.firstError;
    }
    return std::nullopt;
}

Judgement completed(Judgement judgement, const MachineOpinion& machine) {
    const std::optional<bool> accepted = accepts(judgement, machine);
    if (!accepted) {
        return judgement;
    }
    if (!judgement.validity) {
        judgement.validity = *accepted ? Validity::Valid : Validity::Invalid;
        judgement.impliedValidity = true;
    }
    if (!judgement.agreement && machine.validated &&
        *machine.validated != model::Outcome::Undecided) {
        judgement.agreement = *accepted == (*machine.validated == model::Outcome::Yes)
                                  ? Agreement::Agree
                                  : Agreement::Disagree;
        judgement.impliedAgreement = true;
    }
    return judgement;
}

std::string adjudicatorName(std::string_view person) {
    return std::string(store::kAdjudicatorPrefix) + std::string(person);
}

bool isAdjudicator(std::string_view annotator) {
    return annotator.starts_with(store::kAdjudicatorPrefix);
}

std::string_view personOf(std::string_view annotator) {
    return isAdjudicator(annotator) ? annotator.substr(store::kAdjudicatorPrefix.size())
                                    : annotator;
}

std::vector<bool> inForce(std::span<const Annotation> annotations) {
    return store::annotationsInForce(annotations);
}

std::vector<Judgement> judgementsOf(std::span<const Annotation> annotations) {
    const std::vector<bool> counts = inForce(annotations);
    std::vector<const Annotation*> rows;
    std::map<std::string, double> seconds; // all the time spent, also on what was replaced
    for (std::size_t i = 0; i < annotations.size(); ++i) {
        seconds[annotations[i].annotator] += annotations[i].seconds;
        if (counts[i]) {
            rows.push_back(&annotations[i]);
        }
    }
    std::sort(rows.begin(), rows.end(),
              [](const Annotation* a, const Annotation* b) { return store::outranks(*a, *b); });
    std::map<std::string, Judgement> judgements;
    for (const Annotation* row : rows) {
        Judgement& judgement = judgements[row->annotator];
        judgement.judgedAt = std::max(judgement.judgedAt, row->createdAt);
        addPart(judgement, *row);
    }
    std::vector<Judgement> result;
    for (auto& [annotator, judgement] : judgements) {
        judgement.annotator = annotator;
        judgement.seconds = seconds[annotator];
        std::sort(judgement.tags.begin(), judgement.tags.end());
        judgement.tags.erase(std::unique(judgement.tags.begin(), judgement.tags.end()),
                             judgement.tags.end());
        result.push_back(std::move(judgement));
    }
    return result;
}

std::optional<Judgement> judgementOf(std::span<const Annotation> annotations,
                                     std::string_view annotator) {
    for (Judgement& judgement : judgementsOf(annotations)) {
        if (judgement.annotator == annotator) {
            return std::move(judgement);
        }
    }
    return std::nullopt;
}

std::optional<std::string> answerInForce(std::span<const Annotation> annotations) {
    return store::repairedAnswer(annotations);
}

std::vector<Annotation> annotationsOf(const Judgement& judgement, std::int64_t critiqueId,
                                      std::int64_t problemId,
                                      std::span<const Annotation> replaced) {
    std::vector<Annotation> rows;
    const auto add = [&](std::string_view what, std::string value, bool implied = false) {
        Annotation& row = rows.emplace_back();
        row.subject = what == kind::kAnswer ? SubjectKind::Problem : SubjectKind::Critique;
        row.subjectId = what == kind::kAnswer ? problemId : critiqueId;
        row.annotator = judgement.annotator;
        row.kind = what;
        row.value = std::move(value);
        row.comment = implied ? kImplied : std::string_view();
    };
    if (judgement.agreement) {
        add(kind::kAgreement, std::string(name(*judgement.agreement)), judgement.impliedAgreement);
    }
    if (judgement.validity) {
        add(kind::kValidity, std::string(name(*judgement.validity)), judgement.impliedValidity);
    }
    if (judgement.firstError) {
        add(kind::kFirstError, std::to_string(*judgement.firstError));
    }
    for (const auto& [step, label] : judgement.steps) {
        add(kind::kStep, std::to_string(step) + ":" + std::string(name(label)));
    }
    if (judgement.correctionUsable) {
        add(kind::kCorrection, std::string(*judgement.correctionUsable ? kUsable : kUnusable));
    }
    if (judgement.repairedAnswer) {
        add(kind::kAnswer, *judgement.repairedAnswer);
    }
    for (const std::string& tag :
         std::set<std::string>(judgement.tags.begin(), judgement.tags.end())) {
        add(kind::kTag, tag);
    }
    if (!judgement.comment.empty()) {
        add(kind::kComment, judgement.comment);
    }
    if (!rows.empty()) {
        rows.front().seconds = judgement.seconds;
    }
    std::map<std::string, Annotation*> slots;
    for (Annotation& row : rows) {
        slots.emplace(slotOf(row), &row);
    }
    std::vector<Annotation> left;
    for (const Annotation& old : replaced) {
        const auto found = slots.find(slotOf(old));
        if (found != slots.end() && !found->second->supersedes) {
            found->second->supersedes = old.id;
        } else {
            left.push_back(superseding(old, kind::kWithdrawn));
        }
    }
    rows.insert(rows.end(), left.begin(), left.end());
    return rows;
}

std::vector<Annotation> takingBack(std::span<const Annotation> rows) {
    std::vector<Annotation> undos;
    for (const Annotation& row : rows) {
        undos.push_back(superseding(row, kind::kUndo));
    }
    return undos;
}

} // namespace scrit::review
