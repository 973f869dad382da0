// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/sentence_match.h"

#include "core/base/hash.h"
#include "core/critique/line_head.h"

#include <algorithm>
#include <string>

namespace scrit::critique {
namespace {

constexpr std::size_t kRun = 3;
// A run of words that many steps share says nothing; keeping few of them bounds the work.
constexpr std::size_t kMaxPostings = 24;

// Hashes of the words (runs of letters, runs of digits, bytes outside ASCII) and of single signs
// that carry meaning in formulas, without calculator notes <<…>>.
std::vector<std::uint64_t> wordHashes(std::string_view text) {
    std::vector<std::uint64_t> words;
    const auto inWord = [](char c) {
        return isAlpha(c) || isDigit(c) || static_cast<unsigned char>(c) >= 0x80U;
    };
    for (std::size_t i = 0; i < text.size();) {
        if (text.substr(i, 2) == "<<") {
            const std::size_t close = text.substr(i, 200).find(">>");
            if (close != std::string_view::npos) {
                i += close + 2;
                continue;
            }
        }
        if (inWord(text[i])) {
            const std::size_t begin = i;
            while (i < text.size() && inWord(text[i])) {
                ++i;
            }
            words.push_back(base::hash64(base::lowerAscii(text.substr(begin, i - begin))));
            continue;
        }
        if (std::string_view("+-*/=^<>").find(text[i]) != std::string_view::npos) {
            words.push_back(static_cast<std::uint64_t>(text[i]));
        }
        ++i;
    }
    return words;
}

std::vector<std::uint64_t> runHashes(std::string_view text) {
    const std::vector<std::uint64_t> words = wordHashes(text);
    std::vector<std::uint64_t> runs;
    const std::size_t length = std::min(kRun, words.size());
    if (length == 0) {
        return runs;
    }
    for (std::size_t i = 0; i + length <= words.size(); ++i) {
        std::uint64_t hash = length;
        for (std::size_t k = 0; k < length; ++k) {
            hash = (hash ^ words[i + k]) * 0x9E3779B97F4A7C15ULL;
            hash ^= hash >> 29U;
        }
        runs.push_back(hash);
    }
    return runs;
}

} // namespace

SentenceMatcher::SentenceMatcher(std::string_view solution, std::span<const base::Span> steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
        for (const std::uint64_t run : runHashes(base::slice(solution, steps[i]))) {
            std::vector<int>& where = m_steps[run];
            if (where.size() < kMaxPostings &&
                (where.empty() || where.back() != static_cast<int>(i))) {
                where.push_back(static_cast<int>(i));
            }
        }
    }
}

int SentenceMatcher::find(std::string_view sentence) {
    const std::vector<std::uint64_t> runs = runHashes(sentence);
    std::unordered_map<int, std::size_t> hits;
    for (const std::uint64_t run : runs) {
        if (const auto found = m_steps.find(run); found != m_steps.end()) {
            for (const int step : found->second) {
                ++hits[step];
            }
        }
    }
    int best = -1;
    std::size_t bestHits = 0;
    const auto ahead = [this](int step) {
        return step >= m_last;
    };
    for (const auto& [step, count] : hits) {
        const bool better =
            count > bestHits ||
            (count == bestHits && (ahead(step) != ahead(best) ? ahead(step) : step < best));
        if (better) {
            best = step;
            bestHits = count;
        }
    }
    if (best < 0 || bestHits * 2 < runs.size()) {
        return -1;
    }
    m_last = best;
    return best;
}

} // namespace scrit::critique
