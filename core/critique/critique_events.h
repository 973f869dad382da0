// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"
#include "core/critique/line_head.h"
#include "core/critique/run_on.h"

#include <string_view>
#include <vector>

// First pass over a critique: the lines that mean something, in order. Internal to core/critique.
namespace scrit::critique {

enum class EventKind {
    StepsSection,      // "## Critique of Student Solution Steps", "Step-by-step Evaluation:"
    ReferenceSection,  // "## Reference Analysis"
    ConclusionSection, // "## Conclusion of Critique", "Conclusion:"
    JudgementField,    // "Final Judgement: wrong", "Correctness of the final answer: Wrong"
    FirstErrorField,   // "The first error step number: 3"
    ErrorAnalysis,     // "Error Analysis: …"
    CorrectionSection, // "## Correction of Student Solution"
    CorrectionStart,   // ===CORRECTION_START===
    CorrectionEnd,     // ===CORRECTION_END===
    Step,              // see StepHead
    QuotedStep,        // "Step sentence: …"
    StepField,         // "Correctness of the step: …", "**Judgement**: …"
    ListItem,          // "3. …"
    OtherHeading,      // any other Markdown heading
    RunOn,             // see RunOnSign
};

struct Event {
    EventKind kind = EventKind::OtherHeading;
    std::size_t begin = 0; // where the part starts
    std::size_t value = 0; // where its own text starts
    std::size_t lineEnd = 0;
    StepHead step;  // of Step
    int number = 0; // of ListItem
    int indent = 0; // of ListItem
    RunOnSign sign = RunOnSign::None;
};

// All events in text order; several on one line are possible ("Evaluation: Step 1 is right. Step 2
// …"). Lines inside a closed code fence of a programming language make no events.
[[nodiscard]] std::vector<Event> scanEvents(std::string_view text);

} // namespace scrit::critique
