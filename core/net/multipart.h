// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/net/http_client.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace scrit::net {

// Makes `request` a POST of a form (multipart/form-data, RFC 7578) with text fields and one file,
// which is streamed from the disk. `boundary` must occur in neither: use random letters. Pure.
void setMultipart(HttpRequest& request,
                  const std::vector<std::pair<std::string, std::string>>& fields,
                  const std::string& fileField, const std::string& fileName,
                  const std::filesystem::path& file, const std::string& boundary);

} // namespace scrit::net
