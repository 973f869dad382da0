// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/curate/difficulty.h"

#include "core/base/hash.h"
#include "core/model/answer_text.h"

#include <algorithm>
#include <tuple>

namespace scrit::curate {
namespace {

constexpr unsigned kRankBits = 48;
constexpr int kMostAnswers = 0xFFFF;

} // namespace

void AnswerCounter::add(std::int64_t problemId, std::string_view answer) {
    m_entries.push_back({problemId, base::hash64(model::bareAnswer(answer))});
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
