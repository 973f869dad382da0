// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/word_hashes.h"

#include <array>

namespace scrit::base {
namespace {

enum class Kind : std::uint8_t { Between, Letter, Digit, Other };

struct CharClass {
    Kind kind = Kind::Between;
    std::uint8_t folded = 0; // as it is hashed
};

constexpr std::array<CharClass, 256> makeTable() {
    std::array<CharClass, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(i);
        if (byte >= 'a' && byte <= 'z') {
            table[i] = {Kind::Letter, byte};
        } else if (byte >= 'A' && byte <= 'Z') {
            table[i] = {Kind::Letter, static_cast<std::uint8_t>(byte + ('a' - 'A'))};
        } else if (byte >= '0' && byte <= '9') {
            table[i] = {Kind::Digit, byte};
        } else if (byte >= 0x80) {
            table[i] = {Kind::Other, byte};
        }
    }
    return table;
}

constexpr std::array<CharClass, 256> kTable = makeTable();

// FNV-1a with a finisher: words are short, so that nothing faster is worth its start.
constexpr std::uint64_t kOffset = 0xcbf29ce484222325U;
constexpr std::uint64_t kPrime = 0x100000001b3U;

std::uint64_t mixed(std::uint64_t value) {
    value ^= value >> 33U;
    value *= 0xff51afd7ed558ccdU;
    value ^= value >> 33U;
    value *= 0xc4ceb9fe1a85ec53U;
    return value ^ (value >> 33U);
}

} // namespace

void wordHashes(std::string_view text, std::vector<WordHash>& words) {
    words.clear();
    for (std::size_t i = 0; i < text.size();) {
        const CharClass first = kTable[static_cast<unsigned char>(text[i])];
        if (first.kind == Kind::Between) {
            ++i;
            continue;
        }
        WordHash word;
        word.span.begin = i;
        std::uint64_t hash = kOffset;
        std::size_t letters = 0;
        bool digits = false;
        for (; i < text.size(); ++i) {
            const CharClass at = kTable[static_cast<unsigned char>(text[i])];
            if (at.kind == Kind::Between) {
                break;
            }
            hash = (hash ^ at.folded) * kPrime;
            letters += at.kind == Kind::Digit ? 0 : 1;
            digits = digits || at.kind == Kind::Digit;
        }
        word.span.end = i;
        word.hash = mixed(hash);
        const bool command = word.span.begin > 0 && text[word.span.begin - 1] == '\\';
        word.prose = letters >= 2 && !digits && !command;
        words.push_back(word);
    }
}

std::vector<WordHash> wordHashes(std::string_view text) {
    std::vector<WordHash> words;
    wordHashes(text, words);
    return words;
}

} // namespace scrit::base
