// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/curate/duplicates.h"

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/base/word_hashes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>

namespace scrit::curate {
namespace {

constexpr std::size_t kFirstSlots = 64; // a power of two, as all sizes are

// ---- MinHash

constexpr std::size_t kBands = 16;
constexpr std::size_t kBandRows = 4;
// A band that as many texts share says nothing any more: boilerplate.
constexpr std::size_t kMostPerBand = 64;

struct Permutation {
    std::uint32_t factor; // odd
    std::uint32_t offset;
};

constexpr std::array<Permutation, ShingleSketch::kSize> makePermutations() {
    std::array<Permutation, ShingleSketch::kSize> all{};
    std::uint64_t state = 0x5c7174; // splitmix64: any fixed start does
    const auto next = [&state]() {
        state += 0x9e3779b97f4a7c15U;
        std::uint64_t z = state;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    };
    for (Permutation& permutation : all) {
        permutation.factor = static_cast<std::uint32_t>(next() >> 32U) | 1U;
        permutation.offset = static_cast<std::uint32_t>(next() >> 32U);
    }
    return all;
}
constexpr std::array<Permutation, ShingleSketch::kSize> kPermutations = makePermutations();

std::uint32_t finished(std::uint32_t value) {
    value ^= value >> 16U;
    value *= 0x85ebca6bU;
    value ^= value >> 13U;
    return value;
}

using Minima = std::array<std::uint32_t, ShingleSketch::kSize>;

void include(Minima& minima, std::uint64_t shingle) {
    const auto value = static_cast<std::uint32_t>(shingle ^ (shingle >> 32U));
    for (std::size_t i = 0; i < minima.size(); ++i) {
        const std::uint32_t mapped = value * kPermutations[i].factor + kPermutations[i].offset;
        minima[i] = std::min(minima[i], mapped);
    }
}

std::size_t bandStart(const std::uint8_t* bytes, std::size_t band, std::size_t mask) {
    std::uint32_t rows = 0;
    std::memcpy(&rows, bytes + band * kBandRows, kBandRows);
    std::uint64_t hash = (std::uint64_t{rows} << 8U | band) * 0x9e3779b97f4a7c15U;
    hash ^= hash >> 29U;
    return static_cast<std::size_t>(hash) & mask;
}

} // namespace

bool ExactSet::add(std::uint64_t hash) {
    if (hash == 0) {
        const bool isNew = !m_hasZero;
        m_hasZero = true;
        m_size += isNew ? 1 : 0;
        return isNew;
    }
    if ((m_size + 1) * 4 > m_slots.size() * 3) {
        grow();
    }
    const std::size_t mask = m_slots.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash * 0x9e3779b97f4a7c15U >> 20U) & mask;
    for (; m_slots[at] != 0; at = (at + 1) & mask) {
        if (m_slots[at] == hash) {
            return false;
        }
    }
    m_slots[at] = hash;
    ++m_size;
    return true;
}

void ExactSet::grow() {
    std::vector<std::uint64_t> old(std::max(m_slots.size() * 2, kFirstSlots), 0);
    old.swap(m_slots);
    const std::size_t mask = m_slots.size() - 1;
    for (const std::uint64_t hash : old) {
        if (hash != 0) {
            std::size_t at = static_cast<std::size_t>(hash * 0x9e3779b97f4a7c15U >> 20U) & mask;
            while (m_slots[at] != 0) {
                at = (at + 1) & mask;
            }
            m_slots[at] = hash;
        }
    }
}

std::uint64_t looseHash(std::span<const std::string_view> texts) {
    std::string loose;
    for (const std::string_view text : texts) {
        bool blank = false;
        for (const char c : base::trimmed(text)) {
            if (base::isSpace(c)) {
                blank = true;
                continue;
            }
            if (blank) {
                loose += ' ';
                blank = false;
            }
            loose += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
        }
        loose += '\x1e'; // a text's end is no white space
    }
    return base::hash64(loose);
}

ShingleSketch ShingleSketch::of(std::span<const std::string_view> texts) {
    Minima minima;
    minima.fill(std::numeric_limits<std::uint32_t>::max());
    ShingleSketch sketch;
    thread_local std::vector<base::WordHash> words;
    for (const std::string_view text : texts) {
        base::wordHashes(text, words);
        const std::size_t length = std::min(kShingleWords, words.size());
        base::forEachGram(words, length, [&](std::uint64_t gram, std::size_t) {
            include(minima, gram);
            sketch.m_empty = false;
        });
    }
    std::transform(minima.begin(), minima.end(), sketch.m_bytes, [](std::uint32_t minimum) {
        return static_cast<std::uint8_t>(finished(minimum) & 0xFFU);
    });
    return sketch;
}

double ShingleSketch::similarity(const ShingleSketch& other) const {
    if (m_empty || other.m_empty) {
        return 0;
    }
    std::size_t equal = 0;
    for (std::size_t i = 0; i < kSize; ++i) {
        equal += m_bytes[i] == other.m_bytes[i] ? 1 : 0;
    }
    // Different minima have the same byte once in 256 times (Li and König 2010).
    constexpr double kChance = 1.0 / 256;
    const double share = static_cast<double>(equal) / kSize;
    return std::max(0.0, (share - kChance) / (1 - kChance));
}

bool NearSet::add(const ShingleSketch& sketch) {
    if (sketch.m_empty) {
        return true;
    }
    if ((m_sketches.size() + 1) * kBands * 4 > m_slots.size() * 3) {
        grow();
    }
    const std::size_t mask = m_slots.size() - 1;
    std::array<std::size_t, kBands> places{};
    for (std::size_t band = 0; band < kBands; ++band) {
        std::size_t at = bandStart(sketch.m_bytes, band, mask);
        std::size_t seen = 0;
        for (; m_slots[at] != 0; at = (at + 1) & mask) {
            const ShingleSketch& other = m_sketches[m_slots[at] - 1];
            const bool sameBand = std::memcmp(other.m_bytes + band * kBandRows,
                                              sketch.m_bytes + band * kBandRows, kBandRows) == 0;
            if (sameBand && sketch.similarity(other) >= m_threshold) {
                return false;
            }
            if (sameBand && ++seen >= kMostPerBand) {
                break;
            }
        }
        places[band] = seen >= kMostPerBand ? m_slots.size() : at;
    }
    m_sketches.push_back(sketch);
    for (std::size_t band = 0; band < kBands; ++band) {
        std::size_t at = places[band];
        if (at == m_slots.size()) {
            continue; // a band of boilerplate
        }
        while (m_slots[at] != 0) { // another band of this sketch took the place
            at = (at + 1) & mask;
        }
        m_slots[at] = static_cast<std::uint32_t>(m_sketches.size());
    }
    return true;
}

void NearSet::grow() {
    m_slots.assign(std::max(m_slots.size() * 2, kFirstSlots * kBands), 0);
    const std::size_t mask = m_slots.size() - 1;
    for (std::size_t i = 0; i < m_sketches.size(); ++i) {
        for (std::size_t band = 0; band < kBands; ++band) {
            std::size_t at = bandStart(m_sketches[i].m_bytes, band, mask);
            std::size_t seen = 0;
            for (; m_slots[at] != 0; at = (at + 1) & mask) {
                seen += std::memcmp(m_sketches[m_slots[at] - 1].m_bytes + band * kBandRows,
                                    m_sketches[i].m_bytes + band * kBandRows, kBandRows) == 0
                            ? 1
                            : 0;
                if (seen >= kMostPerBand) {
                    break;
                }
            }
            if (seen < kMostPerBand) {
                m_slots[at] = static_cast<std::uint32_t>(i + 1);
            }
        }
    }
}

} // namespace scrit::curate
