// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/curate/difficulty.h"

#include <algorithm>

namespace scrit::curate {
namespace {

constexpr unsigned kRankBits = 48;
constexpr int kMostAnswers = 0xFFFF;

} // namespace

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
