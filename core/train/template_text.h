// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

// Texts with placeholders {{name}}, and {{name|quoted}} for a JSON string in quotes, which YAML
// reads as well. Private to core/train; pure, any thread.
namespace scrit::train {

// Their names in order, doubles included. Invalid for "{{" without "}}" and for anything but a name
// between them.
[[nodiscard]] base::Expected<std::vector<std::string>> placeholdersIn(std::string_view text);
// The text filled in. Invalid for a name without a value.
[[nodiscard]] base::Expected<std::string> fillIn(std::string_view text,
                                                 const std::map<std::string, std::string>& values);

} // namespace scrit::train
