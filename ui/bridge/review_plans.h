// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/review/plan.h"

#include <QtGlobal>

// Private to the review service.
namespace scrit::ui::bridge {

// The plan of that number; NotFound. (review::findPlan looks for a name first, and a name may look
// like a number.) Opens a reader: not for the UI thread.
[[nodiscard]] base::Expected<review::Plan> planOf(store::Workspace& workspace, qint64 id);

} // namespace scrit::ui::bridge
