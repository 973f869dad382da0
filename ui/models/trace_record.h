// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/lineage.h"
#include "ui/models/critique_segments.h"
#include "ui/models/text_diff.h"
#include "ui/models/trace_row.h"

#include <QMetaType>
#include <QString>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scrit::ui::models {

// An equation of the candidate that does not hold, for a mark under it.
struct ArithmeticMark {
    int step = 0;
    base::Span span;     // into the solution's text
    std::string message; // "3 × 9 is 27, not 26"
};

// Passages of the reference solutions on screen that one part of a critique quotes.
struct ReferenceQuotes {
    std::vector<base::Span> shown; // into the text of the solution that was shown to the critic
    std::vector<base::Span> own;   // into the problem's own reference solution
    [[nodiscard]] std::size_t count() const { return shown.size() + own.size(); }
};

// One record as the reading screen shows it, with everything that takes time already worked out on
// the reading thread. Immutable once made and shared between the bridge's cache and the page.
struct TraceRecord {
    ListKind kind = ListKind::Critiques;
    qint64 id = 0;                           // of the listed kind
    model::Problem problem;                  // with the gold answer as people have repaired it
    std::optional<std::string> statedAnswer; // the data set's, where it was repaired
    std::optional<model::Solution> solution;
    std::optional<model::Critique> critique;
    std::optional<model::Solution> reference; // shown to the critic, when it was a stored solution
    std::vector<model::Verdict> verdicts;     // newest first
    std::vector<model::Annotation> annotations;
    TraceRows siblings; // all critiques of the same solution, this one included, in order of id
    std::optional<bool> solutionCorrect;
    std::optional<int> labelStep; // first wrong step as labelled by the data's source
    qint64 promptTokens = 0;
    qint64 completionTokens = 0;
    double latencySeconds = 0;
    double cost = 0;
    std::string prompt;

    std::vector<CritiqueSegment> segments; // of the critique's text
    std::vector<ReferenceQuotes> quotes;   // of each segment; only step critiques have any
    std::vector<base::Span> leaks;         // into the critique's text: mentions of the reference
    std::vector<base::Span> copies;        // the same: long spans copied out of it
    std::vector<ArithmeticMark> arithmetic;
    // What the validator wrote, as far as the newest self-validation keeps it; else empty.
    std::string validationTranscript;
    bool verdictsHidden = false; // taken out for a blind review: there is more than is shown
    std::string correction;      // corrected solution; empty when the critique gives none
    std::vector<base::Span> correctionSteps;
    std::vector<DiffRow> correctionDiff; // candidate → correction; empty without a correction

    // The newest verdict of a verifier about one kind of subject; null when there is none.
    [[nodiscard]] const model::Verdict* verdict(model::SubjectKind subject,
                                                std::string_view verifier) const {
        for (const model::Verdict& candidate : verdicts) {
            if (candidate.subject == subject && candidate.verifier == verifier) {
                return &candidate;
            }
        }
        return nullptr;
    }
};

using TraceRecordPtr = std::shared_ptr<const TraceRecord>;

} // namespace scrit::ui::models

Q_DECLARE_METATYPE(scrit::ui::models::TraceRecordPtr)
