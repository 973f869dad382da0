// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/equivalence.h"

#include "core/base/text.h"
#include "core/math/compare.h"
#include "core/math/limits.h"
#include "core/math/parser.h"
#include "core/math/plain_number.h"
#include "core/math/spelling.h"

#include <algorithm>
#include <array>
#include <exception>

namespace scrit::math {

namespace {

constexpr std::array<std::string_view, 26> kRuleNames = {
    "empty",         "identical",      "same-text",   "number",   "rounded",  "percent",
    "unit",          "choice",         "choice-text", "exact",    "symbolic", "constant",
    "probing",       "up-to-constant", "assignment",  "equation", "relation", "interval",
    "set",           "tuple",          "matrix",      "ratio",    "base",     "text",
    "kind-mismatch", "unreadable"};

// One side of a comparison: the text without dressing, and its tree where it has one.
struct Side {
    std::string text;
    NodePtr tree;
    std::string canonical() const { return tree ? canonicalText(*tree) : text; }
};

Side makeSide(std::string_view text) {
    Side side{undressed(text), nullptr};
    if (NodePtr tree = parseAnswer(side.text)) {
        side.tree = normalForm(tree);
    }
    return side;
}

bool mentionsNothing(const std::string& key) {
    static constexpr std::array<std::string_view, 9> kNothing = {
        "nosolution",   "nosolutions", "norealsolution", "norealsolutions",  "emptyset",
        "doesnotexist", "dne",         "none",           "thereisnosolution"};
    return std::find(kNothing.begin(), kNothing.end(), key) != kNothing.end();
}

// Words: equal where their letters are; words against a formula are different things, except that
// "no solution" is the empty set.
Decision compareWords(const Side& gold, const Side& pred) {
    const std::string a = wordKey(gold.text);
    const std::string b = wordKey(pred.text);
    const auto empty = [](const Side& side) {
        return side.tree && side.tree->kind == Kind::EmptySet;
    };
    if ((mentionsNothing(a) && empty(pred)) || (mentionsNothing(b) && empty(gold))) {
        return {Equality::Equal, Rule::Text};
    }
    const auto words = [](const Side& side) {
        return !side.tree || side.tree->kind == Kind::Text;
    };
    if (!a.empty() && a == b && words(gold) && words(pred)) {
        return {Equality::Equal, Rule::Text};
    }
    const auto onlyWords = [](const std::string& text) {
        return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) > 0x7F;
        });
    };
    const auto isText = [&](const Side& side, const std::string& key) {
        return side.tree ? side.tree->kind == Kind::Text : onlyWords(key) && key.size() >= 2;
    };
    const bool textA = isText(gold, a);
    const bool textB = isText(pred, b);
    if (textA && textB) {
        return {Equality::Different, Rule::Text};
    }
    if ((textA && pred.tree) || (textB && gold.tree)) {
        return {Equality::Different, Rule::KindMismatch};
    }
    return {Equality::Undecided, Rule::Unreadable};
}

// Other readings of the commas: 125,343 as two numbers, 1,22 as a decimal. They can only make two
// answers equal when the other side has no comma to be doubtful about.
std::optional<Decision> otherCommas(const Side& gold, const Side& pred,
                                    const EquivalenceSettings& settings, Budget& budget) {
    for (const bool rereadGold : {true, false}) {
        const Side& doubtful = rereadGold ? gold : pred;
        const Side& firm = rereadGold ? pred : gold;
        if (doubtful.text.find(',') == std::string::npos || !firm.tree) {
            continue;
        }
        const bool number = firm.tree->kind == Kind::Number;
        const bool list = firm.tree->kind == Kind::List || firm.tree->kind == Kind::Set;
        if (!number && !list) {
            continue;
        }
        const NodePtr tree =
            parseAnswer(doubtful.text, number ? CommaReading::Decimal : CommaReading::Separator);
        if (!tree ||
            (number && (tree->kind != Kind::Number || firm.tree->decimals != tree->decimals))) {
            continue;
        }
        const NodePtr again = normalForm(tree);
        Comparer comparer(settings, budget);
        const Decision out =
            rereadGold ? comparer.compare(again, pred.tree) : comparer.compare(gold.tree, again);
        if (out.equality == Equality::Equal) {
            return out;
        }
    }
    return std::nullopt;
}

std::optional<Decision> compareChoices(const Side& gold, const Side& pred,
                                       const EquivalenceSettings& settings) {
    const std::size_t count = settings.choices.empty() ? 10 : settings.choices.size();
    const std::optional<char> a = choiceLetter(gold.text, count);
    const std::optional<char> b = choiceLetter(pred.text, count);
    if (a && b) {
        return Decision{*a == *b ? Equality::Equal : Equality::Different, Rule::Choice};
    }
    if (settings.choices.empty() || (!a && !b)) {
        return std::nullopt;
    }
    // A letter against the text of an option.
    const char letter = a ? *a : *b;
    const Side& other = a ? pred : gold;
    EquivalenceSettings plain = settings;
    plain.choices.clear();
    std::optional<std::size_t> match;
    for (std::size_t i = 0; i < settings.choices.size(); ++i) {
        if (equivalent(settings.choices[i], other.text, plain).equality == Equality::Equal) {
            if (match) {
                return Decision{Equality::Undecided, Rule::ChoiceText};
            }
            match = i;
        }
    }
    if (!match) {
        return Decision{Equality::Undecided, Rule::ChoiceText};
    }
    return Decision{static_cast<std::size_t>(letter - 'A') == *match ? Equality::Equal
                                                                     : Equality::Different,
                    Rule::ChoiceText};
}

Decision compareSides(const Side& gold, const Side& pred, const EquivalenceSettings& settings) {
    Budget budget{limits::kSteps, false};
    Decision out{Equality::Undecided, Rule::Unreadable};
    if (gold.tree && pred.tree) {
        out = Comparer(settings, budget).compare(gold.tree, pred.tree);
        if (out.equality == Equality::Equal) {
            return out;
        }
    }
    if (const std::optional<Decision> again = otherCommas(gold, pred, settings, budget)) {
        return *again;
    }
    const bool words = !gold.tree || !pred.tree || gold.tree->kind == Kind::Text ||
                       pred.tree->kind == Kind::Text || gold.tree->kind == Kind::EmptySet ||
                       pred.tree->kind == Kind::EmptySet;
    if (words) {
        const Decision text = compareWords(gold, pred);
        if (text.equality == Equality::Equal || !gold.tree || !pred.tree) {
            return text;
        }
    }
    return out;
}

// A rule that is a length bound needs no reading.
bool tooLong(std::string_view text) {
    return text.size() > limits::kAnswerBytes;
}

Verdict decide(std::string_view gold, std::string_view pred, const EquivalenceSettings& settings) {
    const std::string_view a = base::trimmed(gold);
    const std::string_view b = base::trimmed(pred);
    const auto verdict = [&](Equality equality, Rule rule) {
        return Verdict{equality, rule, std::string(a.substr(0, limits::kAnswerBytes)),
                       std::string(b.substr(0, limits::kAnswerBytes))};
    };
    if (a.empty() || b.empty()) {
        return verdict(Equality::Undecided, Rule::Empty);
    }
    if (a == b) {
        return verdict(Equality::Equal, Rule::Identical);
    }
    if (tooLong(a) || tooLong(b)) {
        return verdict(Equality::Undecided, Rule::Limit);
    }
    const std::optional<PlainNumber> x = plainNumber(a);
    const std::optional<PlainNumber> y = plainNumber(b);
    if (x && y && (x->decimals < 0) == (y->decimals < 0) && x->decimals <= 0 &&
        settings.choices.empty()) {
        return {x->value == y->value ? Equality::Equal : Equality::Different, Rule::Number,
                x->text(), y->text()};
    }
    if (x && y && x->value == y->value && settings.choices.empty()) {
        return {Equality::Equal, Rule::Number, x->text(), y->text()};
    }
    const std::string key = spellingKey(a);
    if (!key.empty() && key == spellingKey(b)) {
        return verdict(Equality::Equal, Rule::SameText);
    }
    const Side left = makeSide(a);
    const Side right = makeSide(b);
    if (left.text.empty() || right.text.empty()) {
        return verdict(Equality::Undecided, Rule::Empty);
    }
    std::optional<Decision> out = compareChoices(left, right, settings);
    if (!out) {
        out = compareSides(left, right, settings);
    }
    return {out->equality, out->rule, left.canonical(), right.canonical()};
}

} // namespace

std::string_view name(Rule rule) {
    return rule == Rule::Limit ? "limit" : kRuleNames[static_cast<std::size_t>(rule)];
}

std::string_view name(Equality equality) {
    return equality == Equality::Equal       ? "equal"
           : equality == Equality::Different ? "different"
                                             : "undecided";
}

std::string protocolId(const EquivalenceSettings& settings) {
    const EquivalenceSettings standard;
    std::string id = "answer-match/1";
    if (settings.percent != standard.percent) {
        id += settings.percent == PercentRule::Value ? ";percent=value" : ";percent=unit";
    }
    if (settings.precision != standard.precision) {
        id += ";precision=" + std::to_string(settings.precision);
    }
    if (settings.setAgainstRelation != standard.setAgainstRelation) {
        id += ";set-against-relation=no";
    }
    if (settings.statedPrecision != standard.statedPrecision) {
        id += ";stated-precision=no";
    }
    if (settings.strict != standard.strict) {
        id += ";strict=no";
    }
    return id;
}

Verdict equivalent(std::string_view gold, std::string_view pred,
                   const EquivalenceSettings& settings) {
    try {
        return decide(gold, pred, settings);
    } catch (const std::exception&) {
        // Out of memory or a library's refusal: nothing was shown.
        return {Equality::Undecided, Rule::Limit, {}, {}};
    }
}

AnswerCheck checkAnswers(std::string_view gold, std::string_view pred,
                         const EquivalenceSettings& settings, const ExtractOptions& extract) {
    AnswerCheck check;
    const auto answerOf = [](std::string_view text, const ExtractOptions& options) {
        if (!isWholeText(text) && options.choices != ChoiceMode::Only) {
            return std::string(base::trimmed(text));
        }
        const std::optional<Answer> found = extractAnswer(text, options);
        return found ? found->text : std::string();
    };
    try {
        check.goldAnswer = answerOf(gold, extract);
        ExtractOptions forPred = extract;
        if (choiceLetter(check.goldAnswer, extract.choiceCount) && isWholeText(pred) &&
            settings.choices.empty() && check.goldAnswer.size() <= 3) {
            const std::optional<Answer> letter = extractAnswer(pred, forPred);
            if (!letter || !choiceLetter(letter->text, extract.choiceCount)) {
                forPred.choices = ChoiceMode::Only;
            }
            check.predAnswer = answerOf(pred, forPred);
            if (check.predAnswer.empty() && letter) {
                check.predAnswer = letter->text;
            }
        } else {
            check.predAnswer = answerOf(pred, forPred);
        }
    } catch (const std::exception&) {
        check.verdict = {Equality::Undecided, Rule::Limit, {}, {}};
        return check;
    }
    check.verdict = equivalent(check.goldAnswer, check.predAnswer, settings);
    return check;
}

} // namespace scrit::math
