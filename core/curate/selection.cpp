// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/curate/selection.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

namespace scrit::curate {
namespace {

bool before(const Candidate& a, const Candidate& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.id < b.id;
}

// Keeps of each group the candidates with the smallest ranks, as many as `most` says of it.
template<typename KeyOf, typename Most>
std::uint64_t keepBest(std::vector<Candidate>& candidates, KeyOf&& keyOf, Most&& most) {
    std::vector<std::uint32_t> order(candidates.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = static_cast<std::uint32_t>(i);
    }
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        const auto left = keyOf(candidates[a]);
        const auto right = keyOf(candidates[b]);
        return left != right ? left < right : before(candidates[a], candidates[b]);
    });
    std::vector<bool> kept(candidates.size(), false);
    std::uint64_t inGroup = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Candidate& candidate = candidates[order[i]];
        if (i > 0 && keyOf(candidates[order[i - 1]]) != keyOf(candidate)) {
            inGroup = 0;
        }
        kept[order[i]] = inGroup++ < most(keyOf(candidate));
    }
    std::size_t at = 0;
    const std::size_t size = candidates.size();
    for (std::size_t i = 0; i < size; ++i) {
        if (kept[i]) {
            candidates[at++] = candidates[i];
        }
    }
    candidates.resize(at);
    return size - at;
}

} // namespace

std::uint64_t capPerSource(std::vector<Candidate>& candidates, std::uint64_t most) {
    return most == 0 ? 0
                     : keepBest(
                           candidates, [](const Candidate& c) { return c.source; },
                           [most](std::uint32_t) { return most; });
}

std::uint64_t capPerStudent(std::vector<Candidate>& candidates, std::uint64_t most) {
    return most == 0 ? 0
                     : keepBest(
                           candidates, [](const Candidate& c) { return c.student; },
                           [most](std::uint32_t) { return most; });
}

base::Expected<Balance> parseBalance(std::string_view text) {
    const auto bad = [&] {
        return base::fail(base::ErrorCode::Invalid,
                          "\"" + std::string(text) + "\" is not a balance",
                          "write correct:incorrect, for example 1:1");
    };
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
        return bad();
    }
    const auto number = [](std::string_view part, std::uint32_t& value) {
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
        return error == std::errc() && end == part.data() + part.size() && value <= 1'000'000;
    };
    Balance wanted;
    if (!number(text.substr(0, colon), wanted.correct) ||
        !number(text.substr(colon + 1), wanted.incorrect) ||
        wanted.correct + wanted.incorrect == 0) {
        return bad();
    }
    return wanted;
}

std::uint64_t balance(std::vector<Candidate>& candidates, Balance wanted) {
    std::uint64_t correct = 0;
    std::uint64_t incorrect = 0;
    for (const Candidate& candidate : candidates) {
        correct += candidate.conclusion == 0 ? 1 : 0;
        incorrect += candidate.conclusion == 1 ? 1 : 0;
    }
    std::uint64_t units = UINT64_MAX;
    if (wanted.correct > 0) {
        units = std::min<std::uint64_t>(units, correct / wanted.correct);
    }
    if (wanted.incorrect > 0) {
        units = std::min<std::uint64_t>(units, incorrect / wanted.incorrect);
    }
    return keepBest(
        candidates, [](const Candidate& c) { return c.conclusion; },
        [&](std::int8_t conclusion) -> std::uint64_t {
            return conclusion == 0   ? units * wanted.correct
                   : conclusion == 1 ? units * wanted.incorrect
                                     : 0;
        });
}

std::uint64_t capAll(std::vector<Candidate>& candidates, std::uint64_t most,
                     std::optional<Balance> wanted) {
    if (most == 0 || candidates.size() <= most) {
        return 0;
    }
    if (!wanted) {
        return keepBest(
            candidates, [](const Candidate&) { return 0; }, [most](int) { return most; });
    }
    const std::uint64_t units = most / (std::uint64_t{wanted->correct} + wanted->incorrect);
    return keepBest(
        candidates, [](const Candidate& c) { return c.conclusion; },
        [&](std::int8_t conclusion) -> std::uint64_t {
            return conclusion == 0   ? units * wanted->correct
                   : conclusion == 1 ? units * wanted->incorrect
                                     : 0;
        });
}

std::vector<Pair> makePairs(const std::vector<Candidate>& candidates, std::uint64_t mostPerGroup) {
    std::vector<Candidate> sides;
    std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(sides),
                 [](const Candidate& c) { return c.preferred >= 0; });
    std::sort(sides.begin(), sides.end(), [](const Candidate& a, const Candidate& b) {
        return a.group != b.group           ? a.group < b.group
               : a.preferred != b.preferred ? a.preferred > b.preferred
                                            : before(a, b);
    });
    std::vector<Pair> pairs;
    for (std::size_t begin = 0; begin < sides.size();) {
        std::size_t middle = begin;
        while (middle < sides.size() && sides[middle].group == sides[begin].group &&
               sides[middle].preferred == 1) {
            ++middle;
        }
        std::size_t end = middle;
        while (end < sides.size() && sides[end].group == sides[begin].group) {
            ++end;
        }
        std::size_t count = std::min(middle - begin, end - middle);
        if (mostPerGroup > 0) {
            count = static_cast<std::size_t>(std::min<std::uint64_t>(count, mostPerGroup));
        }
        for (std::size_t i = 0; i < count; ++i) {
            const Candidate& chosen = sides[begin + i];
            pairs.push_back({chosen.id, sides[middle + i].id, chosen.split, chosen.order});
        }
        begin = end;
    }
    std::sort(pairs.begin(), pairs.end(),
              [](const Pair& a, const Pair& b) { return a.chosen < b.chosen; });
    return pairs;
}

} // namespace scrit::curate
