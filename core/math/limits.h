// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>

// The bounds of this folder. They are chosen so that the worst input stays well below 100 ms and a
// few megabytes on one core; what is beyond them is Undecided by Rule::Limit, never a guess.
namespace scrit::math::limits {

inline constexpr std::size_t kTextBytes =
    200000; // end of a whole text in which answers are looked for
inline constexpr std::size_t kAnswerBytes = 20000;  // length of a bare answer
inline constexpr std::size_t kTokens = 6000;        // tokens of a bare answer
inline constexpr int kDepth = 60;                   // nesting of an expression
inline constexpr int kTreeDepth = 250;              // levels of a tree
inline constexpr std::size_t kNodes = 6000;         // nodes of an expression
inline constexpr std::size_t kItems = 200;          // members of a list, set or matrix row
inline constexpr std::size_t kDigits = 2000;        // digits of one number
inline constexpr std::size_t kBits = 16384;         // numerator or denominator of an exact value
inline constexpr long kFactorial = 1000;            // largest argument of an exact factorial
inline constexpr long kSumTerms = 2000;             // terms of a sum or product with numeric bounds
inline constexpr std::size_t kSteps = 60000;        // node evaluations of one comparison
inline constexpr std::size_t kSymbolicTerms = 3000; // estimated terms of an expanded polynomial
inline constexpr std::size_t kBoxes = 64;           // boxes of one text that are looked at
inline constexpr std::size_t kBoxBytes = 20000;     // length of one box

} // namespace scrit::math::limits
