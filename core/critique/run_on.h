// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"
#include "core/critique/line_head.h"

#include <optional>
#include <string_view>

// Signs that a model went on writing after its critique. Internal to core/critique.
namespace scrit::critique {

// What a line says about the text before it being finished.
enum class RunOnSign {
    None,
    Template, // a chat-template token: nothing behind it can belong to the critique
    NewTask,  // the start of another exercise or instruction; counts once the critique has begun
    Residue,  // a bare answer line such as "## 1196", "###" or "The answer is: 5"; counts once the
              // critique has ended
};

struct RunOnMark {
    RunOnSign sign = RunOnSign::None;
    std::size_t at = 0; // where the foreign text starts
};

// The first sign in one line.
[[nodiscard]] RunOnMark runOnMark(std::string_view text, base::Span line, const LineHead& head);

} // namespace scrit::critique
