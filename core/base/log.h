// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

// A thin door to the logger, so that spdlog's headers stay in one file. Any thread may log. The
// level comes from the environment variable SCRIT_LOG (trace, debug, info, warn, error, off;
// default warn); lines go to stderr. Never log API keys or whole model texts.
namespace scrit::base::log {

void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

} // namespace scrit::base::log
