// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/log.h"

#include "core/base/text.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <string>

namespace scrit::base::log {
namespace {

spdlog::logger& logger() {
    static const std::shared_ptr<spdlog::logger> instance = [] {
        auto made = spdlog::stderr_logger_mt("scrit");
        const char* level = std::getenv("SCRIT_LOG");
        made->set_level(level != nullptr ? spdlog::level::from_str(level) : spdlog::level::warn);
        made->set_pattern("%Y-%m-%d %H:%M:%S.%e [%l] %v");
        return made;
    }();
    return *instance;
}

void write(spdlog::level::level_enum level, std::string_view message) {
    spdlog::logger& to = logger();
    if (to.should_log(level)) {
        to.log(level, escapeForTerminal(message));
    }
}

} // namespace

void debug(std::string_view message) {
    write(spdlog::level::debug, message);
}
void info(std::string_view message) {
    write(spdlog::level::info, message);
}
void warn(std::string_view message) {
    write(spdlog::level::warn, message);
}
void error(std::string_view message) {
    write(spdlog::level::err, message);
}

} // namespace scrit::base::log
