// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/mini/sequence.h"
#include "core/mini/world.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

// The miniature's text ⇄ its tokens, a pair of functions that undo each other. What is stored,
// shown, parsed and exported is the text; what the tokens say is what the text says: a model's
// nonsense comes out as token names ("[ok] hat 7") behind the part that makes sense, never mended.
// White space is free when a text is read, everything else is not. Pure functions, any thread.
namespace scrit::mini {

enum class Task { Solve, Direct, Contrastive, Inject };

// What a model is asked. Solutions are the tokens (Step n)… End; End is missing where the text has
// no final answer.
struct Request {
    Task task = Task::Solve;
    Problem problem;
    std::vector<Token> reference; // Contrastive; Inject: the correct solution
    std::vector<Token> student;   // Direct, Contrastive
};

[[nodiscard]] std::string problemText(const Problem& problem);
// Invalid when the text is no problem of the world.
[[nodiscard]] base::Expected<Problem> readProblem(std::string_view text);

// Steps separated by blank lines, with the running total that a program adds up; End gives the line
// with the final answer.
[[nodiscard]] std::string solutionText(const Problem& problem, std::span<const Token> solution);
// Invalid when the text is no such solution of this problem, with the place.
[[nodiscard]] base::Expected<std::vector<Token>> solutionTokens(const Problem& problem,
                                                                std::string_view text);
// The tokens of a complete solution at these prices (0 … 99), and the prices that a solution
// states.
[[nodiscard]] std::vector<Token> solutionOf(const std::vector<int>& prices);
[[nodiscard]] std::vector<int> pricesOf(std::span<const Token> solution);

// Reads the user's turn of a rendered prompt (resources/prompts): sections "## Math Problem",
// "## Reference Solution", "## Student Solution" or "## Correct Solution"; without the first
// heading, a text with a problem in it asks for a solution. Invalid, not retryable, for everything
// else.
[[nodiscard]] base::Expected<Request> readRequest(std::string_view userText);
// What the network is given.
[[nodiscard]] std::vector<Token> promptTokens(const Request& request);

// What the network answered, as text: a solution, a critique in SCRIT's form, or a changed
// solution.
[[nodiscard]] std::string answerText(const Request& request, std::span<const Token> answer);
// The other way round; Invalid with the place where the text is not of this world.
[[nodiscard]] base::Expected<std::vector<Token>> answerTokens(const Request& request,
                                                              std::string_view text);

// A row of a training set: the user's turn and the answer that is to be learned. Errors as above.
[[nodiscard]] base::Expected<Sequence> trainingSequence(std::string_view userText,
                                                        std::string_view assistantText);

} // namespace scrit::mini
