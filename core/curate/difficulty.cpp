// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/curate/difficulty.h"

#include "core/base/hash.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace scrit::curate {
namespace {

// TeX commands that change only how an answer looks.
constexpr std::array<std::string_view, 8> kLooks{"\\left", "\\right", "\\!", "\\,",
                                                 "\\;",    "\\:",     "\\ ", "\\displaystyle"};

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string bareAnswer(std::string_view answer) {
    std::string bare;
    for (std::size_t i = 0; i < answer.size();) {
        const auto* look = std::find_if(kLooks.begin(), kLooks.end(), [&](std::string_view known) {
            const std::size_t end = i + known.size();
            const bool ends =
                !isLetter(known.back()) || end >= answer.size() || !isLetter(answer[end]);
            return answer.substr(i).starts_with(known) && ends;
        });
        if (look != kLooks.end()) {
            i += look->size();
            continue;
        }
        if (answer.substr(i).starts_with("\\dfrac") || answer.substr(i).starts_with("\\tfrac")) {
            bare += "\\frac";
            i += 6;
            continue;
        }
        if (!base::isSpace(answer[i]) && answer[i] != '$') {
            bare += answer[i];
        }
        ++i;
    }
    while (bare.ends_with('.')) {
        bare.pop_back();
    }
    return base::lowerAscii(bare);
}

constexpr unsigned kRankBits = 48;
constexpr int kMostAnswers = 0xFFFF;

} // namespace

void AnswerCounter::add(std::int64_t problemId, std::string_view answer) {
    m_entries.push_back({problemId, base::hash64(bareAnswer(answer))});
}

void AnswerCounter::finish() {
    const auto key = [](const Entry& entry) {
        return std::tie(entry.problem, entry.answer);
    };
    std::sort(m_entries.begin(), m_entries.end(),
              [&](const Entry& a, const Entry& b) { return key(a) < key(b); });
    const auto end = std::unique(m_entries.begin(), m_entries.end(),
                                 [&](const Entry& a, const Entry& b) { return key(a) == key(b); });
    for (auto entry = m_entries.begin(); entry != end; ++entry) {
        ++m_counts[entry->problem];
    }
    m_entries = {};
}

int AnswerCounter::uniqueAnswers(std::int64_t problemId) const {
    const auto found = m_counts.find(problemId);
    return found == m_counts.end() ? 0 : found->second;
}

std::string_view name(Order order) {
    switch (order) {
    case Order::Stored:
        return "stored";
    case Order::EasyFirst:
        return "easy-first";
    case Order::HardFirst:
        return "hard-first";
    case Order::Random:
        return "random";
    }
    return {};
}

std::uint64_t orderKey(Order order, int uniqueAnswers, std::uint64_t random) {
    const auto answers = static_cast<std::uint64_t>(std::clamp(uniqueAnswers, 0, kMostAnswers));
    switch (order) {
    case Order::Stored:
        return 0;
    case Order::EasyFirst:
        return (answers << kRankBits) | (random >> (64U - kRankBits));
    case Order::HardFirst:
        return ((kMostAnswers - answers) << kRankBits) | (random >> (64U - kRankBits));
    case Order::Random:
        return random;
    }
    return 0;
}

} // namespace scrit::curate
