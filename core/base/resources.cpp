// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/resources.h"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <vector>

namespace scrit::base {

namespace fs = std::filesystem;

Expected<fs::path> resourceFolder() {
    std::vector<fs::path> candidates;
    if (const char* chosen = std::getenv("SCRIT_RESOURCES"); chosen != nullptr && *chosen != '\0') {
        candidates.emplace_back(chosen);
    }
    std::error_code error;
    if (const fs::path self = fs::read_symlink("/proc/self/exe", error); !error) {
        candidates.push_back(self.parent_path().parent_path() / "share" / "scrit-studio");
    }
    candidates.emplace_back(SCRIT_INSTALLED_RESOURCES);
    candidates.emplace_back(SCRIT_SOURCE_RESOURCES);
    for (const fs::path& candidate : candidates) {
        if (fs::is_directory(candidate / "prompts", error)) {
            return candidate;
        }
    }
    return fail(ErrorCode::NotFound, "the folder with prompts and samples was not found",
                "set SCRIT_RESOURCES to the resources folder of the installation");
}

Expected<std::string> readFile(const fs::path& path, std::uintmax_t maxBytes) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (fs::is_directory(status)) {
        return fail(systemError(EISDIR, "cannot read", path.string()));
    }
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        return fail(systemError(errno, "cannot read", path.string()));
    }
    const std::uintmax_t size = fs::file_size(path, error);
    if (!error && size > maxBytes) {
        return fail(ErrorCode::Limit, path.string() + " is too large to read at once");
    }
    std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (in.bad()) {
        return fail(systemError(errno, "cannot read", path.string()));
    }
    return text;
}

} // namespace scrit::base
