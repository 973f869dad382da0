// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/open_studio.h"

#include "core/backend/child_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace scrit::cli {

bool hasDisplay() {
    const auto set = [](const char* name) {
        const char* value = std::getenv(name);
        return value != nullptr && *value != '\0';
    };
    return set("DISPLAY") || set("WAYLAND_DISPLAY");
}

std::string studioProgram() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    if (!error) {
        std::string beside = (self.parent_path() / "scrit-studio").string();
        if (access(beside.c_str(), X_OK) == 0) {
            return beside;
        }
    }
    return backend::findProgram("scrit-studio").value_or(std::string());
}

base::Expected<void> openStudio(const std::string& workspace, const std::string& page) {
    std::string program = studioProgram();
    if (program.empty()) {
        return base::fail(base::ErrorCode::NotFound, "scrit-studio is not installed",
                          "install it beside scrit or put it on PATH");
    }
    std::string option = "--page";
    std::string name = page;
    std::string file = workspace;
    std::array<char*, 5> arguments{program.data(), option.data(), name.data(), file.data(),
                                   nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    pid_t studio = 0;
    const int failed =
        posix_spawn(&studio, program.c_str(), &actions, &attributes, arguments.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        return base::fail(base::systemError(failed, "cannot start", program));
    }
    return {};
}

} // namespace scrit::cli
