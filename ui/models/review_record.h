// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/trace_record.h"

namespace scrit::ui::models {

// A record as a reviewer may see it: one critique alone, without the others of its solution. With
// `hideVerdicts` also without anything that a machine, a data set's label or another person says
// about candidate and critique: verdicts, flags, labels, arithmetic marks, the validator's
// transcript. Problem, reference, candidate and critique stay as they are. Pure, any thread.
[[nodiscard]] TraceRecordPtr reviewRecord(const TraceRecordPtr& record, bool hideVerdicts);

} // namespace scrit::ui::models
