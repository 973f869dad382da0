// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/choices.h"

#include "core/base/ascii.h"
#include "core/base/text.h"
#include "core/math/spelling.h"

#include <algorithm>
#include <string>

namespace scrit::math {

namespace {

using base::isAlpha;

// Letters of several options: in order, and whether they are written as one word.
struct Letters {
    std::string letters;
    bool together = false;
};

std::optional<Letters> severalLetters(std::string_view text, std::size_t count) {
    if (text.size() > 80) {
        return std::nullopt;
    }
    for (const std::string_view command : {"\\text{", "\\mathrm{", "\\textbf{", "\\mathbf{"}) {
        if (text.starts_with(command) && text.find('}') + 1 == text.size()) {
            text = text.substr(command.size(), text.size() - command.size() - 1);
            break;
        }
    }
    Letters out;
    std::size_t words = 0;
    for (std::size_t i = 0; i < text.size();) {
        std::size_t end = i;
        while (end < text.size() && isAlpha(text[end])) {
            ++end;
        }
        const std::string_view word = text.substr(i, end - i);
        if (word.empty()) {
            if (std::string_view(" ,;&()").find(text[i]) == std::string_view::npos) {
                return std::nullopt;
            }
        } else if (word != "and") {
            ++words;
            out.letters += word;
        }
        i = std::max(end, i + 1);
    }
    out.together = words == 1;
    if (out.letters.size() < 2 || (!out.together && words != out.letters.size())) {
        return std::nullopt;
    }
    for (const char letter : out.letters) {
        if (letter < 'A' || static_cast<std::size_t>(letter - 'A') >= count) {
            return std::nullopt;
        }
    }
    // "BA" and "CAB" are names; options are written in their order.
    std::string sorted = out.letters;
    std::sort(sorted.begin(), sorted.end());
    const bool distinct = std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
    if (!distinct || (out.together && sorted != out.letters)) {
        return std::nullopt;
    }
    out.letters = std::move(sorted);
    return out;
}

// The only option that `same` holds for. `several` tells that there was more than one.
template<typename Same>
std::optional<std::size_t> onlyOption(const std::vector<std::string>& choices, bool& several,
                                      const Same& same) {
    std::optional<std::size_t> match;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        if (same(choices[i])) {
            several = match.has_value();
            if (several) {
                return std::nullopt;
            }
            match = i;
        }
    }
    return match;
}

Decision letterAgainstText(char letter, std::string_view text,
                           const EquivalenceSettings& settings) {
    EquivalenceSettings plain = settings;
    plain.choices.clear();
    // An option that is spelled the same is meant, even where another one has the same value.
    const std::string spelling = spellingKey(text);
    const std::string words = wordKey(text);
    bool several = false;
    std::optional<std::size_t> match =
        onlyOption(settings.choices, several,
                   [&](const std::string& option) { return spellingKey(option) == spelling; });
    const bool onlyWords = std::all_of(text.begin(), text.end(), [](char c) {
        return isAlpha(c) || std::string_view(" .,'-").find(c) != std::string_view::npos;
    });
    if (!match && !several && onlyWords) {
        match = onlyOption(settings.choices, several,
                           [&](const std::string& option) { return wordKey(option) == words; });
    }
    if (!match && !several) {
        match = onlyOption(settings.choices, several, [&](const std::string& option) {
            return equivalent(option, text, plain).equality == Equality::Equal;
        });
    }
    if (!match) {
        return {Equality::Undecided, Rule::ChoiceText};
    }
    const bool same = static_cast<std::size_t>(letter - 'A') == *match;
    return {same ? Equality::Equal : Equality::Different, Rule::ChoiceText};
}

} // namespace

std::optional<Decision> compareChoices(std::string_view gold, std::string_view pred,
                                       const EquivalenceSettings& settings) {
    const std::size_t count = settings.choices.empty() ? 10 : settings.choices.size();
    const std::optional<char> a = choiceLetter(gold, count);
    const std::optional<char> b = choiceLetter(pred, count);
    if (a && b) {
        return Decision{*a == *b ? Equality::Equal : Equality::Different, Rule::Choice};
    }
    if (!a && !b) {
        const std::optional<Letters> x = severalLetters(gold, count);
        const std::optional<Letters> y = x ? severalLetters(pred, count) : std::nullopt;
        if (x && y && x->together != y->together) {
            return Decision{x->letters == y->letters ? Equality::Equal : Equality::Different,
                            Rule::Choice};
        }
    }
    if (settings.choices.empty() || (!a && !b)) {
        return std::nullopt;
    }
    return letterAgainstText(a ? *a : *b, a ? pred : gold, settings);
}

} // namespace scrit::math
