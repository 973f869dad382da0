// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <filesystem>
#include <functional>
#include <string>

// Private to core/train.
namespace scrit::train {

struct ChatRow {
    std::string user;      // the last turn of that role
    std::string assistant; // what is to be learned
};
// Reads the rows of a file in the view openai-chat one by one, in bounded memory. The callback may
// end with an error, which gets "line N" in front. Parse for a line that is no such row; Io.
[[nodiscard]] base::Expected<void>
forEachChatRow(const std::filesystem::path& file,
               const std::function<base::Expected<void>(const ChatRow& row)>& take);

} // namespace scrit::train
