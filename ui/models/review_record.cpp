// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/review_record.h"

namespace scrit::ui::models {

TraceRecordPtr reviewRecord(const TraceRecordPtr& record, bool hideVerdicts) {
    if (!record) {
        return nullptr;
    }
    auto shown = std::make_shared<TraceRecord>(*record);
    shown->siblings.clear();
    if (!hideVerdicts) {
        return shown;
    }
    shown->verdictsHidden = true;
    shown->verdicts.clear();
    shown->annotations.clear();
    shown->solutionCorrect.reset();
    shown->labelStep.reset();
    shown->arithmetic.clear();
    shown->validationTranscript.clear();
    shown->leaks.clear();
    shown->copies.clear();
    if (shown->critique) {
        shown->critique->parsed.flags = {};
    }
    return shown;
}

} // namespace scrit::ui::models
