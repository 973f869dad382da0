// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/backend/managed_server.h"
#include "core/base/text.h"
#include "core/train/command_template.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <regex>

namespace scrit::train {
namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr std::size_t kTail = 200;

} // namespace

struct LogReader::State {
    std::optional<std::regex> step;
    std::optional<std::regex> loss;
    std::optional<std::regex> epoch;
    std::string line; // not ended yet
    std::deque<std::string> tail;
    std::int64_t seenStep = 0;
    std::int64_t lossStep = 0; // of the newest loss

    // Group `group` of a match as a number.
    static std::optional<double> number(const std::smatch& match, std::size_t group) {
        if (group >= match.size() || !match[group].matched || match[group].length() == 0) {
            return std::nullopt;
        }
        const std::string text = match[group].str();
        char* end = nullptr;
        const double value = std::strtod(text.c_str(), &end); // knows nan and inf, too
        return end == text.c_str() ? std::nullopt : std::optional(value);
    }

    base::Expected<void> read(Progress& progress) {
        std::smatch match;
        if (step && std::regex_search(line, match, *step)) {
            const std::optional<double> now = number(match, 1);
            if (now && std::isfinite(*now) && *now >= 0 && *now < 1e15) {
                seenStep = static_cast<std::int64_t>(*now);
                progress.step = seenStep;
            }
            const std::optional<double> all = number(match, 2);
            if (all && std::isfinite(*all) && *all > 0 && *all < 1e15) {
                progress.steps = static_cast<std::int64_t>(*all);
            }
        }
        if (epoch && std::regex_search(line, match, *epoch)) {
            const std::optional<double> now = number(match, 1);
            progress.epoch = now && std::isfinite(*now) ? *now : progress.epoch;
        }
        if (loss && std::regex_search(line, match, *loss)) {
            const std::optional<double> now = number(match, 1);
            if (!now) {
                return {};
            }
            // The bar is drawn less often than losses are printed, and a program without a bar
            // counts by its losses.
            lossStep = seenStep > lossStep ? seenStep : lossStep + 1;
            progress.step = std::max(progress.step, lossStep);
            if (!std::isfinite(*now)) {
                return base::fail(base::ErrorCode::Invalid,
                                  "the loss is not a number at step " + std::to_string(lossStep),
                                  "lower the learning rate, and look for damaged rows");
            }
            progress.loss = *now;
            progress.losses.push_back({lossStep, *now});
        }
        return {};
    }

    // A line has ended. One that a bar draws over is looked at and forgotten.
    base::Expected<void> end(bool drawnOver, Progress& progress) {
        base::Expected<void> good = line.empty() ? base::Expected<void>{} : read(progress);
        if (!line.empty() && (!drawnOver || !good)) {
            std::string text = base::makeVisibleUtf8(line);
            if (tail.size() == kTail) {
                tail.pop_front();
            }
            tail.push_back(text);
            if (progress.lines.size() < kTail) {
                progress.lines.push_back(std::move(text));
            }
        }
        line.clear();
        return good;
    }
};

LogReader::LogReader(const CommandTemplate& form) : m_state(std::make_unique<State>()) {
    const auto compile = [](const std::string& pattern) {
        // The template's reader has tried it.
        return pattern.empty() ? std::nullopt
                               : std::optional(std::regex(pattern, std::regex::ECMAScript));
    };
    m_state->step = compile(form.stepPattern);
    m_state->loss = compile(form.lossPattern);
    m_state->epoch = compile(form.epochPattern);
}

LogReader::~LogReader() = default;

base::Expected<void> LogReader::feed(std::string_view bytes, Progress& progress) {
    State& state = *m_state;
    while (!bytes.empty()) {
        const std::size_t end = bytes.find_first_of("\r\n");
        const std::string_view piece = bytes.substr(0, end);
        if (state.line.size() < kLongestLine) {
            state.line.append(piece.substr(0, kLongestLine - state.line.size()));
        }
        if (end == std::string_view::npos) {
            return {};
        }
        base::Expected<void> good = state.end(bytes[end] == '\r', progress);
        bytes.remove_prefix(end + 1);
        if (!good) {
            return good;
        }
    }
    return {};
}

base::Expected<void> LogReader::finish(Progress& progress) {
    return m_state->end(false, progress);
}

std::string LogReader::lastWords() const {
    const std::vector<std::string> lines(m_state->tail.begin(), m_state->tail.end());
    return base::escapeForTerminal(backend::lastWords(lines));
}

} // namespace scrit::train
