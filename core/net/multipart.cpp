// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/net/multipart.h"

namespace scrit::net {
namespace {

// As browsers write names in headers: quotes and line ends are percent-encoded.
std::string quoted(const std::string& name) {
    std::string text = "\"";
    for (const char c : name) {
        if (c == '"') {
            text += "%22";
        } else if (c == '\r') {
            text += "%0D";
        } else if (c == '\n') {
            text += "%0A";
        } else {
            text += c;
        }
    }
    return text + '"';
}

} // namespace

void setMultipart(HttpRequest& request,
                  const std::vector<std::pair<std::string, std::string>>& fields,
                  const std::string& fileField, const std::string& fileName,
                  const std::filesystem::path& file, const std::string& boundary) {
    const std::string line = "--" + boundary + "\r\nContent-Disposition: form-data; name=";
    request.method = "POST";
    request.headers.emplace_back("Content-Type", "multipart/form-data; boundary=" + boundary);
    request.body.clear();
    for (const auto& [name, value] : fields) {
        request.body += line + quoted(name) + "\r\n\r\n" + value + "\r\n";
    }
    request.body += line + quoted(fileField) + "; filename=" + quoted(fileName) +
                    "\r\nContent-Type: application/octet-stream\r\n\r\n";
    request.bodyFile = file;
    request.bodyEnd = "\r\n--" + boundary + "--\r\n";
}

} // namespace scrit::net
