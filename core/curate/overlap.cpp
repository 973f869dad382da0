// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/curate/overlap.h"

#include "core/base/word_hashes.h"

#include <algorithm>

namespace scrit::curate {

void GramSet::protect(std::string_view text) {
    const std::vector<base::WordHash> words = base::wordHashes(text);
    if (words.size() < std::min(kShortest, m_words)) {
        return;
    }
    const std::size_t length = std::min(m_words, words.size());
    base::forEachGram(words, length,
                      [this](std::uint64_t gram, std::size_t) { m_grams.push_back(gram); });
    m_lengths.push_back(length);
    ++m_texts;
}

void GramSet::finish() {
    const auto sortOnce = [](auto& values) {
        std::sort(values.begin(), values.end());
        values.erase(std::unique(values.begin(), values.end()), values.end());
        values.shrink_to_fit();
    };
    sortOnce(m_grams);
    sortOnce(m_lengths);
}

std::optional<base::Span> GramSet::overlap(std::string_view text) const {
    if (m_grams.empty()) {
        return std::nullopt;
    }
    thread_local std::vector<base::WordHash> words;
    base::wordHashes(text, words);
    std::optional<base::Span> found;
    for (const std::size_t length : m_lengths) {
        base::forEachGram(words, length, [&](std::uint64_t gram, std::size_t first) {
            const std::size_t begin = words[first].span.begin;
            if ((!found || begin < found->begin) &&
                std::binary_search(m_grams.begin(), m_grams.end(), gram)) {
                found = base::Span{begin, words[first + length - 1].span.end};
            }
        });
    }
    return found;
}

} // namespace scrit::curate
