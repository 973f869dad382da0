// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/text.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace scrit::base {

// A word of a text for comparing texts: a run of ASCII letters and digits (case does not matter) or
// of bytes that are not ASCII. White space, punctuation and markup between words do not count.
struct WordHash {
    std::uint64_t hash = 0; // the same on every machine
    Span span;
    bool prose = false; // at least two letters, no digit, and no TeX command
};

// All words in order. Pure.
[[nodiscard]] std::vector<WordHash> wordHashes(std::string_view text);
// The same into a vector that is kept: what was in it goes.
void wordHashes(std::string_view text, std::vector<WordHash>& words);

// Calls use(gram, first) for each run of `count` words: `gram` is a hash of the run, the same on
// every machine, `first` the number of its first word. Nothing when there are fewer words.
template<typename Use>
void forEachGram(const std::vector<WordHash>& words, std::size_t count, Use&& use) {
    if (count == 0 || words.size() < count) {
        return;
    }
    constexpr std::uint64_t kBase = 0x9e3779b97f4a7c15U; // a polynomial over the words, modulo 2^64
    std::uint64_t leading = 1;                           // kBase^count
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < count; ++i) {
        hash = hash * kBase + words[i].hash;
        leading *= kBase;
    }
    use(hash, std::size_t{0});
    for (std::size_t i = count; i < words.size(); ++i) {
        hash = hash * kBase + words[i].hash - leading * words[i - count].hash;
        use(hash, i - count + 1);
    }
}

} // namespace scrit::base
