// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/mini/language.h"
#include "core/mini/phrases.h"

// Critiques in SCRIT's form and changed solutions, written and read. Internal to core/mini.
namespace scrit::mini {

[[nodiscard]] std::string critiqueText(const Request& request, std::span<const Token> answer);
[[nodiscard]] std::string injectionText(const Request& request, std::span<const Token> answer);
// Append the tokens of what stands next; stop where something else comes.
void readCritique(const Request& request, TextReader& reader, std::vector<Token>& tokens);
void readInjection(const Request& request, TextReader& reader, std::vector<Token>& tokens);

} // namespace scrit::mini
