// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/llama_server.h"

#include <unistd.h>

#include <cstdlib>
#include <sstream>

namespace scrit::testing {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

bool isProgram(const std::string& path) {
    return access(path.c_str(), X_OK) == 0;
}

} // namespace

std::string realLlamaServer() {
    if (std::string named = environment("SCRIT_LLAMA_SERVER"); !named.empty()) {
        return named;
    }
    std::istringstream folders(environment("PATH"));
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (std::string path = folder + "/llama-server"; isProgram(path)) {
            return path;
        }
    }
    // ctest gives tests a cache folder of their own; the fetched server is in the user's.
    std::string fetched = environment("HOME") + "/.cache/scrit-studio/llama-server/llama-server";
    return isProgram(fetched) ? fetched : std::string();
}

} // namespace scrit::testing
