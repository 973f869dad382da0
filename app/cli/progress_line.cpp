// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/progress_line.h"

#include "app/cli/terminal.h"
#include "core/base/clock.h"
#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>

namespace scrit::cli {
namespace {

constexpr std::string_view kClearLine = "\r\x1b[K";

void toStderr(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

} // namespace

ProgressLine::ProgressLine(const Session& session)
    : m_wanted(!session.quiet && stderrIsTerminal()) {}

ProgressLine::~ProgressLine() {
    clear();
}

loop::ProgressFunction ProgressLine::function() {
    if (!m_wanted) {
        return {};
    }
    return [this](const loop::JobProgress& progress) {
        show(progress);
    };
}

void ProgressLine::clear() {
    if (m_shown) {
        toStderr(kClearLine);
        m_shown = false;
    }
}

void ProgressLine::show(const loop::JobProgress& progress) {
    const std::int64_t now = base::steadyMillis();
    if (progress.stage != m_stage) {
        m_stage = progress.stage;
        m_started = now;
    }
    const double seconds = static_cast<double>(now - m_started) / 1000.0;
    const std::string text = base::escapeForTerminal(progressText(progress, seconds));
    toStderr(std::string(kClearLine) + fitted(text, terminalWidth() - 1));
    m_shown = true;
}

std::string progressText(const loop::JobProgress& progress, double seconds) {
    std::string text = progress.stage;
    if (!progress.subject.empty()) {
        text += " " + std::filesystem::path(progress.subject).filename().string();
    }
    if (progress.total > 0) {
        const std::uint64_t percent =
            std::min<std::uint64_t>(100, progress.done * 100 / progress.total);
        text += "  " + std::to_string(percent) + " %";
    }
    text += "  " + std::to_string(progress.items);
    if (progress.bad > 0) {
        text += " (" + std::to_string(progress.bad) + " bad)";
    }
    if (seconds >= 1.0) {
        text += "  " +
                std::to_string(
                    static_cast<std::uint64_t>(static_cast<double>(progress.items) / seconds)) +
                "/s";
        if (progress.done > 0 && progress.total > progress.done) {
            const double left = seconds * static_cast<double>(progress.total - progress.done) /
                                static_cast<double>(progress.done);
            const auto whole = static_cast<std::uint64_t>(std::llround(left));
            const std::uint64_t rest = whole % 60;
            text += "  " + std::to_string(whole / 60) + (rest < 10 ? ":0" : ":") +
                    std::to_string(rest) + " left";
        }
    }
    return text;
}

} // namespace scrit::cli
