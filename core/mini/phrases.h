// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mini/sequence.h"
#include "core/mini/world.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// The sentences of solutions, written and read by the same functions. Internal to core/mini.
namespace scrit::mini {

// White space runs become one space, none at both ends.
[[nodiscard]] std::string normalised(std::string_view text);

// Walks through a normalised text, which must outlive it.
class TextReader {
public:
    explicit TextReader(std::string_view text) : m_rest(text) {}
    // Passes `phrase` (white space in it is free) and one space behind it; false: nothing moved.
    bool take(std::string_view phrase);
    // Passes a number of at most four digits and one space.
    std::optional<int> number();
    // What stands up to the next space, comma or full stop; nothing moves.
    [[nodiscard]] std::string_view word() const;
    void skip(std::size_t bytes);
    [[nodiscard]] std::string_view rest() const { return m_rest; }

private:
    std::string_view m_rest;
};

// "1 coin", "4 coins".
[[nodiscard]] std::string coins(int count);
// "A hat costs".
[[nodiscard]] std::string costs(const Trade& trade);

struct SolutionParts {
    std::string text;
    bool complete = false; // ends with its final answer, with nothing behind it
};
[[nodiscard]] SolutionParts solutionParts(const Problem& problem, std::span<const Token> solution);
// Appends the tokens of the steps and the final answer that stand next; stops where something else
// comes.
void readSolution(const Problem& problem, TextReader& reader, std::vector<Token>& tokens);

// Tokens that no sentence says, as their names.
[[nodiscard]] std::string tailText(std::span<const Token> tokens);
// False when something that is no token's name is left.
[[nodiscard]] bool readTail(TextReader& reader, std::vector<Token>& tokens);

} // namespace scrit::mini
