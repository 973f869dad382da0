// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string_view>

// The words and LaTeX commands that the reader knows. Constant tables, any thread.
namespace scrit::math {

// What a LaTeX command stands for.
struct Meaning {
    enum class What {
        Nothing, // spacing and sizes
        Symbol,  // an operator or bracket, spelled in ASCII
        Letter,  // a variable such as \alpha
        Command, // a function or construct; text is its one name
        Text,    // takes a group of words
    };
    What what = What::Nothing;
    std::string_view text;
};

// The meaning of a command given without its backslash; nothing for an unknown one.
[[nodiscard]] std::optional<Meaning> commandMeaning(std::string_view name);

// The longest known command of at least two letters that an unknown command begins with ("lnx" →
// "ln").
[[nodiscard]] std::string_view longestCommandPrefix(std::string_view name);

// A plain word that means mathematics: "sqrt", "pi", "and", "infinity", "percent" …; its one name.
[[nodiscard]] std::optional<std::string_view> plainWord(std::string_view word);

// The longest function or constant that plain letters begin with ("cosx" → "cos"); empty if none.
[[nodiscard]] std::string_view longestFunctionPrefix(std::string_view letters);

// Functions of one argument that the evaluator knows, by their one name.
[[nodiscard]] bool isFunction(std::string_view name);

} // namespace scrit::math
