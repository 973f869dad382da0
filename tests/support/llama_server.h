// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace scrit::testing {

// The path of the real llama-server: $SCRIT_LLAMA_SERVER, else the one on the PATH, else the one
// that packaging/llama-server/fetch put into the user's cache. Empty where there is none.
[[nodiscard]] std::string realLlamaServer();

} // namespace scrit::testing
