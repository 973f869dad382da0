// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

// Finding texts that were there before, in a stream. Both sets are used by one thread.
namespace scrit::curate {

// Exact duplicates, told by 64-bit hashes. At most 16 bytes a text (24 while it grows).
class ExactSet {
public:
    // True when the hash was new and is now remembered.
    bool add(std::uint64_t hash);
    [[nodiscard]] std::size_t size() const { return m_size; }

private:
    void grow();
    std::vector<std::uint64_t> m_slots; // 0: free
    std::size_t m_size = 0;
    bool m_hasZero = false;
};

// The identity of several texts together, in which runs of white space and upper and lower case do
// not matter.
[[nodiscard]] std::uint64_t looseHash(std::span<const std::string_view> texts);

// MinHash (Broder 1997) of the shingles of a text: 128 numbers whose share of equal ones estimates
// the Jaccard similarity of two texts' shingles, with a standard error of at most 0.045.
class ShingleSketch {
public:
    static constexpr std::size_t kSize = 128;
    static constexpr std::size_t kShingleWords = 5;

    // Texts of fewer words than a shingle count as one shingle; empty ones as none. Pure.
    [[nodiscard]] static ShingleSketch of(std::span<const std::string_view> texts);
    [[nodiscard]] double similarity(const ShingleSketch& other) const;
    [[nodiscard]] bool empty() const { return m_empty; }

private:
    friend class NearSet;
    std::uint8_t m_bytes[kSize] = {}; // the low byte of each minimum
    bool m_empty = true;
};

// Near duplicates by locality-sensitive hashing: 16 bands of 4 numbers find candidates, whose
// sketches are then compared. A pair at similarity 0.8 is found with a probability of 0.9998, one
// at 0.6 (where the threshold allows it) of 0.89. Memory: 256 to 320 bytes a remembered text.
class NearSet {
public:
    // threshold in (0, 1]: the estimated similarity from which texts are near duplicates.
    explicit NearSet(double threshold) : m_threshold(threshold) {}
    // True when nothing like it was there: it is then remembered. Empty sketches are always new and
    // never remembered.
    bool add(const ShingleSketch& sketch);
    [[nodiscard]] std::size_t size() const { return m_sketches.size(); }

private:
    void grow();
    double m_threshold;
    std::vector<ShingleSketch> m_sketches;
    std::vector<std::uint32_t> m_slots; // number of a sketch + 1; 0: free
};

} // namespace scrit::curate
