// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/models/filter_syntax.h"

namespace scrit::ui::bridge {

// The filter language of the store as values for the filter bar. Its functions are pure and take
// microseconds: they look at the text alone, never at the workspace.
[[nodiscard]] models::FilterSyntax filterLanguage();

} // namespace scrit::ui::bridge
