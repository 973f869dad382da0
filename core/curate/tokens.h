// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string_view>

namespace scrit::curate {

// About how many tokens a byte-pair tokenizer makes of a text: pieces of up to six letters, single
// digits, runs of one punctuation mark, and one for each character of other scripts. An estimate
// for people, not for limits: real tokenizers differ by some ten or twenty per cent. Pure, linear.
[[nodiscard]] std::size_t approximateTokens(std::string_view text);

} // namespace scrit::curate
