// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

// What passes between the miniature's language (text ⇄ tokens) and its network (tokens ⇄ numbers).
// Plain data, any thread.
namespace scrit::mini {

using Token = std::int16_t; // index into the vocabulary, 0 … vocabularySize() − 1

// Where a token stands: the network sees these three numbers instead of an absolute position, so
// that step k of a solution and of a critique are alike (all count from 0 and are below the limits
// that language.h names).
struct Place {
    std::uint8_t segment = 0; // problem, reference, student, critique, correction …
    std::uint8_t step = 0;    // within the segment
    std::uint8_t offset = 0;  // within the step
    friend bool operator==(const Place&, const Place&) = default;
};

// Gives the place of each token of a sequence, from the first on: a function of the tokens alone,
// so that sampling and training agree. Value type; copy it to branch.
class PlaceTracker {
public:
    // The place of `token`, which follows what was pushed before.
    Place push(Token token);

private:
    Place m_next;
};

// One training example: the loss counts on tokens [learnedBegin, tokens.size()), each predicted
// from those before it.
struct Sequence {
    std::vector<Token> tokens;
    std::size_t learnedBegin = 0;
};

} // namespace scrit::mini
