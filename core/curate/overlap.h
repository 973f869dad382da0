// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace scrit::curate {

// Decontamination as done for language models' training data (Brown et al. 2020, appendix C): a
// text is contaminated when it shares n words in a row with a text of an evaluation set. Words are
// base::wordHashes. A protected text of fewer words than n protects itself as a whole, from
// `kShortest` words on; a shorter one says too little and protects nothing. Filled by one thread;
// then const functions may be called from any thread.
class GramSet {
public:
    static constexpr std::size_t kWords = 13;
    static constexpr std::size_t kShortest = 6;

    explicit GramSet(std::size_t words = kWords) : m_words(words) {}
    // 8 bytes for each gram of the text.
    void protect(std::string_view text);
    // Call once after the last protect().
    void finish();
    [[nodiscard]] std::size_t texts() const { return m_texts; } // protected ones
    [[nodiscard]] bool empty() const { return m_grams.empty(); }
    // The first span of the text that a protected text has too; nothing when there is none.
    [[nodiscard]] std::optional<base::Span> overlap(std::string_view text) const;

private:
    std::size_t m_words;
    std::size_t m_texts = 0;
    std::vector<std::uint64_t> m_grams; // sorted after finish()
    std::vector<std::size_t> m_lengths; // of the grams, in words, each once, sorted
};

} // namespace scrit::curate
