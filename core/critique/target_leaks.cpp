// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/target_leaks.h"

#include "core/base/word_hashes.h"
#include "core/critique/red_flags.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace scrit::critique {
namespace {

using base::Span;
using base::WordHash;

std::vector<std::uint64_t> sortedGrams(std::string_view text, std::size_t count,
                                       std::vector<WordHash>& words) {
    std::vector<std::uint64_t> grams;
    base::wordHashes(text, words);
    grams.reserve(words.size());
    base::forEachGram(words, count,
                      [&](std::uint64_t gram, std::size_t) { grams.push_back(gram); });
    std::sort(grams.begin(), grams.end());
    grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
    return grams;
}

} // namespace

void CopyDetector::setTexts(std::string_view reference, std::string_view problem,
                            std::string_view candidate) {
    const auto count = static_cast<std::size_t>(std::max(m_rule.words, 1));
    std::vector<WordHash> words;
    m_grams = sortedGrams(reference, count, words);
    for (const std::string_view known : {problem, candidate}) {
        if (m_grams.empty()) {
            return;
        }
        const std::vector<std::uint64_t> theirs = sortedGrams(known, count, words);
        std::vector<std::uint64_t> left;
        std::set_difference(m_grams.begin(), m_grams.end(), theirs.begin(), theirs.end(),
                            std::back_inserter(left));
        m_grams = std::move(left);
    }
}

std::vector<Span> CopyDetector::copiedSpans(std::string_view text) const {
    std::vector<Span> spans;
    if (m_grams.empty()) {
        return spans;
    }
    const auto count = static_cast<std::size_t>(std::max(m_rule.words, 1));
    thread_local std::vector<WordHash> words;
    base::wordHashes(text, words);
    // Runs of words that are covered by grams of the reference, first and one past the last.
    std::vector<std::pair<std::size_t, std::size_t>> runs;
    base::forEachGram(words, count, [&](std::uint64_t gram, std::size_t first) {
        if (!std::binary_search(m_grams.begin(), m_grams.end(), gram)) {
            return;
        }
        if (!runs.empty() && runs.back().second >= first) {
            runs.back().second = first + count;
        } else {
            runs.emplace_back(first, first + count);
        }
    });
    for (const auto& [first, last] : runs) {
        const auto prose = std::count_if(words.begin() + static_cast<std::ptrdiff_t>(first),
                                         words.begin() + static_cast<std::ptrdiff_t>(last),
                                         [](const WordHash& word) { return word.prose; });
        if (prose >= m_rule.proseWords) {
            spans.push_back({words[first].span.begin, words[last - 1].span.end});
        }
    }
    return spans;
}

TargetLeaks targetLeaks(std::string_view target, std::string_view reference,
                        std::string_view problem, std::string_view candidate) {
    TargetLeaks leaks;
    leaks.mentions = leakSpans(target);
    CopyDetector detector;
    detector.setTexts(reference, problem, candidate);
    leaks.copies = detector.copiedSpans(target);
    return leaks;
}

} // namespace scrit::critique
