// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mini/sequence.h"
#include "core/mini/world.h"

#include <optional>
#include <string>
#include <string_view>

// The miniature's tokens: one for each number, item and mark. Their numbers are part of every
// checkpoint: they never change. Pure functions, any thread.
//
//   solve        Solve  PROBLEM Solution                          | SOLUTION
//   direct       Direct PROBLEM Student STEPS Critique            | CRITIQUE
//   contrastive  Contrast PROBLEM Reference STEPS Student STEPS Critique | CRITIQUE
//   bug          Inject PROBLEM Reference STEPS Critique          | e_k Solution SOLUTION
//   drill        Drill Reference STEPS Student STEPS Critique     | (Step n mark)… End
//
//   PROBLEM   Problem n (Buys|Sells item)…
//   STEPS     (Step n)…
//   SOLUTION  (Step n)… End
//   CRITIQUE  (Step n Ok)… (None End | Step n Bad e_k Solution SOLUTION)
// What stands behind the bar is what the model writes and what is learned.
namespace scrit::mini {

namespace token {
inline constexpr Token kEnd = 0;
inline constexpr Token kSolve = 1; // the five kinds of text
inline constexpr Token kDirect = 2;
inline constexpr Token kContrast = 3;
inline constexpr Token kInject = 4;
inline constexpr Token kDrill = 5;
inline constexpr Token kProblem = 6; // these open a segment
inline constexpr Token kReference = 7;
inline constexpr Token kStudent = 8;
inline constexpr Token kCritique = 9;
inline constexpr Token kSolution = 10; // also the correction
inline constexpr Token kBuys = 11;     // these open a step
inline constexpr Token kSells = 12;
inline constexpr Token kStep = 13;
inline constexpr Token kOk = 14; // the step before is right
inline constexpr Token kBad = 15;
inline constexpr Token kNone = 16;       // no step is wrong
inline constexpr Token kFirstError = 17; // 17 … 22: step 1 … 6 is the first wrong one
inline constexpr Token kNumber = kFirstError + kMostSteps; // 0 … 99
inline constexpr int kNumbers = 100;
inline constexpr Token kItem = kNumber + kNumbers;
} // namespace token

[[nodiscard]] constexpr int vocabularySize() {
    return token::kItem + kItems;
}

[[nodiscard]] constexpr Token numberToken(int number) {
    return static_cast<Token>(token::kNumber + number);
}
[[nodiscard]] constexpr Token itemToken(int item) {
    return static_cast<Token>(token::kItem + item);
}
[[nodiscard]] constexpr Token firstErrorToken(int step) { // from 0
    return static_cast<Token>(token::kFirstError + step);
}
// Nothing when the token is of another kind.
[[nodiscard]] std::optional<int> numberOf(Token token);
[[nodiscard]] std::optional<int> itemOf(Token token);
[[nodiscard]] std::optional<int> firstErrorOf(Token token); // from 0

// The token as it shows where no sentence says it: "[step]", "hat", "7"; "[?]" for one that is
// none.
[[nodiscard]] std::string tokenName(Token token);
[[nodiscard]] std::optional<Token> tokenFromName(std::string_view name);

// Limits of Place; larger values stay at the last one. Segments: head, problem, reference, student,
// critique, solution.
inline constexpr int kSegments = 6;
inline constexpr int kStepPlaces = 9;
inline constexpr int kOffsets = 6;
// Longest texts in tokens. A model that has not ended by then is cut.
inline constexpr int kMostAnswerTokens = 48;
inline constexpr int kMostTokens = 192;

} // namespace scrit::mini
