// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <cstddef>
#include <string_view>

namespace scrit::ui::render {

// Where the piece of a Markdown text that begins at `from` ends, so that a long text can be laid
// out a piece at a time: behind about `bytes` bytes, at a blank line outside code where there is
// one, else at the end of a line, else at a space, else between two characters. A blank line may
// lie up to four times as far. The end of the text when no more than that is left. Plain C++, pure;
// valid UTF-8.
[[nodiscard]] std::size_t pieceEnd(std::string_view text, std::size_t from, std::size_t bytes);

} // namespace scrit::ui::render
