// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/equivalence.h"

#include "core/base/text.h"
#include "core/math/calendar.h"
#include "core/math/choices.h"
#include "core/math/compare.h"
#include "core/math/extract_parts.h"
#include "core/math/limits.h"
#include "core/math/notation.h"
#include "core/math/parser.h"
#include "core/math/phrases.h"
#include "core/math/plain_number.h"
#include "core/math/spelling.h"
#include "core/math/units.h"

#include <algorithm>
#include <array>
#include <exception>

namespace scrit::math {

namespace {

constexpr std::string_view kProtocol = "answer-match/3";

constexpr std::array<std::string_view, 29> kRuleNames = {
    "empty",   "identical",      "same-text",   "number",        "rounded",   "percent",
    "unit",    "choice",         "choice-text", "exact",         "symbolic",  "constant",
    "probing", "up-to-constant", "assignment",  "equation",      "relation",  "interval",
    "set",     "tuple",          "matrix",      "ratio",         "base",      "remainder",
    "date",    "time",           "text",        "kind-mismatch", "unreadable"};

// One side of a comparison: the text without dressing, and its tree where it has one.
struct Side {
    std::string text;
    NodePtr tree;
    std::optional<Moment> moment;
    bool dollars = false; // a dollar sign in front
    std::string canonical() const {
        return moment && moment->certain ? momentText(*moment) : tree ? canonicalText(*tree) : text;
    }
};

// "\\$5" and "$5", but not "$5$".
bool startsWithDollar(std::string_view text) {
    return text.starts_with("\\$") || text.starts_with("$\\$") ||
           (text.starts_with('$') && text.find('$', 1) == std::string_view::npos);
}

Side makeSide(std::string_view text) {
    Side side{undressed(text), nullptr, std::nullopt};
    side.dollars = startsWithDollar(side.text);
    side.moment = readMoment(side.text);
    NodePtr tree = readBaseNumeral(side.text);
    if (!tree) {
        tree = readSetPhrase(side.text);
    }
    if (!tree) {
        tree = readNumberWords(side.text);
    }
    if (!tree) {
        tree = readBaseNumerals(side.text);
    }
    if (!tree) {
        tree = parseAnswer(inReadersNotation(side.text));
    }
    if (tree) {
        side.tree = normalForm(tree);
    }
    return side;
}

// Words for "nothing" that the symbol of the empty set may stand for.
bool mentionsNothing(const Side& side) {
    if (side.tree && side.tree->kind == Kind::Text) {
        return side.tree->name == "no real solution" || side.tree->name == "does not exist" ||
               wordKey(side.text) == "none";
    }
    return !side.tree && wordKey(side.text) == "none";
}

// Words: equal where their letters are; words against a formula are different things, except that
// "no solution" is the empty set.
Decision compareWords(const Side& gold, const Side& pred) {
    const std::string a = wordKey(gold.text);
    const std::string b = wordKey(pred.text);
    const auto symbol = [](const Side& side) { // and not the words "no solution"
        return side.tree && side.tree->kind == Kind::EmptySet && !readSetPhrase(side.text);
    };
    if ((mentionsNothing(gold) && symbol(pred)) || (mentionsNothing(pred) && symbol(gold))) {
        return {Equality::Equal, Rule::Text};
    }
    const auto words = [](const Side& side) {
        return !side.tree || side.tree->kind == Kind::Text;
    };
    if (!a.empty() && a == b && words(gold) && words(pred)) {
        return {Equality::Equal, Rule::Text};
    }
    // The letters of a formula that cannot be read, such as |x|y|, are no words.
    const auto onlyWords = [](const Side& side, const std::string& text) {
        const bool command = side.text.find('\\') != std::string::npos &&
                             side.text.find("\\text") == std::string::npos &&
                             side.text.find("\\mathrm") == std::string::npos;
        return !text.empty() && !command &&
               side.text.find_first_of("|=<>^_+*&") == std::string::npos &&
               std::all_of(text.begin(), text.end(), [](char c) {
                   return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) > 0x7F;
               });
    };
    const auto isText = [&](const Side& side, const std::string& key) {
        return side.tree ? side.tree->kind == Kind::Text : onlyWords(side, key) && key.size() >= 2;
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

// "(3,4)" and "\\{3,4\\}" are no decimals.
bool isBracketed(std::string_view text) {
    return text.find_first_of("([") != std::string_view::npos || text.starts_with('{') ||
           text.find("\\{") != std::string_view::npos;
}

// "1,000": nobody lists 1 and 000.
bool hasPaddedGroup(std::string_view text) {
    for (std::size_t at = text.find(",0"); at != std::string_view::npos;
         at = text.find(",0", at + 1)) {
        if (at + 2 < text.size() && text[at + 2] >= '0' && text[at + 2] <= '9') {
            return true;
        }
    }
    return false;
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
        if ((!number && !list) || (number && isBracketed(doubtful.text)) ||
            (list && hasPaddedGroup(doubtful.text))) {
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

// Days and times of day, where at least one side can be nothing else.
std::optional<Decision> compareCalendar(const Side& gold, const Side& pred) {
    const auto certain = [](const Side& side) {
        return side.moment && side.moment->certain;
    };
    if (!gold.moment && !pred.moment) {
        const std::vector<Moment> a = readMoments(gold.text);
        const std::vector<Moment> b = a.empty() ? a : readMoments(pred.text);
        const auto sure = [](const std::vector<Moment>& moments) {
            return std::all_of(moments.begin(), moments.end(),
                               [](const Moment& moment) { return moment.certain; });
        };
        return b.empty() || !(sure(a) || sure(b))
                   ? std::nullopt
                   : std::optional(Decision{compareMoments(a, b), Rule::Date});
    }
    if (!certain(gold) && !certain(pred)) {
        return std::nullopt;
    }
    const Moment& known = certain(gold) ? *gold.moment : *pred.moment;
    const Rule rule = known.month || known.weekday ? Rule::Date : Rule::Time;
    if (gold.moment && pred.moment) {
        return Decision{compareMoments(*gold.moment, *pred.moment), rule};
    }
    const Side& other = certain(gold) ? pred : gold;
    if (other.tree && other.tree->kind == Kind::Number) { // "3 PM" and "3", "March 5" and "5"
        const Rational& value = other.tree->value;
        const auto said = [&](const std::optional<int>& field) {
            return field && value == *field;
        };
        const bool part =
            said(known.year) || said(known.month) || said(known.day) || said(known.hour);
        return Decision{part ? Equality::Undecided : Equality::Different, rule};
    }
    if (other.tree && (other.tree->kind == Kind::Ratio || isScalar(*other.tree))) {
        return Decision{Equality::Undecided, rule}; // "25:70 PM": no time, and no formula either
    }
    return std::nullopt;
}

Decision compareSides(const Side& gold, const Side& pred, const EquivalenceSettings& settings) {
    if (const std::optional<Decision> moments = compareCalendar(gold, pred)) {
        return *moments;
    }
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

// Money against a share: the reader drops a dollar sign, and the percent sign may be left out.
bool moneyAgainstPercent(std::string_view a, std::string_view b) {
    const auto percent = [](std::string_view text) {
        return text.find('%') != std::string_view::npos;
    };
    return (startsWithDollar(a) && !percent(a) && percent(b)) ||
           (startsWithDollar(b) && !percent(b) && percent(a));
}

// The reader drops a dollar sign; beside another unit it is one, "$5" and "5 cents" or "€5".
void keepDollars(Side& side, const Side& other) {
    const bool unit = other.tree && other.tree->kind == Kind::Quantity && other.tree->unit.known;
    if (!side.dollars || other.dollars || !unit || !side.tree || !isScalar(*side.tree) ||
        side.tree->kind == Kind::Percent) {
        return;
    }
    const bool rate = side.tree->kind == Kind::Quantity; // "$5 per hour"
    if (rate && !(side.tree->unit.known && side.tree->name.starts_with("per "))) {
        return;
    }
    const std::string name = rate ? "dollar " + side.tree->name : "dollar";
    auto node = std::make_shared<Node>(
        *makeNode(Kind::Quantity, {rate ? side.tree->args.front() : side.tree}, name));
    node->unit = readUnit(name, true);
    side.tree = std::move(node);
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
    if (const std::string substance = substanceKey(a); !substance.empty()) {
        const std::string other = substanceKey(b);
        if (substance == other) {
            return verdict(Equality::Equal, Rule::SameText);
        }
        // C2H4 and C4H2 are no products; P_1V_1 may be one.
        if (!other.empty() && a.find('_') == std::string_view::npos &&
            b.find('_') == std::string_view::npos) {
            return verdict(Equality::Different, Rule::Text);
        }
    }
    if (moneyAgainstPercent(a, b)) {
        return verdict(Equality::Undecided, Rule::Unit);
    }
    Side left = makeSide(a);
    Side right = makeSide(b);
    if (left.text.empty() || right.text.empty()) {
        return verdict(Equality::Undecided, Rule::Empty);
    }
    std::optional<Decision> out = compareChoices(left.text, right.text, settings);
    if (!out) {
        keepDollars(left, right);
        keepDollars(right, left);
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
    std::string id(kProtocol);
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

std::optional<EquivalenceSettings> settingsOfProtocol(std::string_view id) {
    if (!id.starts_with(kProtocol)) {
        return std::nullopt;
    }
    id.remove_prefix(kProtocol.size());
    EquivalenceSettings settings;
    const auto flag = [](std::string_view value, bool& field) {
        field = value == "yes";
        return value == "yes" || value == "no";
    };
    while (!id.empty()) {
        if (id.front() != ';') {
            return std::nullopt;
        }
        const std::size_t end = std::min(id.find(';', 1), id.size());
        const std::string_view part = id.substr(1, end - 1);
        id.remove_prefix(end);
        const std::size_t equals = std::min(part.find('='), part.size());
        const std::string_view key = part.substr(0, equals);
        const std::string_view value = part.substr(std::min(equals + 1, part.size()));
        bool good = false;
        if (key == "precision") {
            good = !value.empty() && value.size() <= 2 &&
                   value.find_first_not_of("0123456789") == std::string_view::npos;
            settings.precision = good ? std::stoi(std::string(value)) : 0;
            good = good && settings.precision <= 50;
        } else if (key == "percent") {
            good = value == "value" || value == "unit" || value == "value-or-unit";
            settings.percent = value == "value"  ? PercentRule::Value
                               : value == "unit" ? PercentRule::Unit
                                                 : PercentRule::ValueOrUnit;
        } else if (key == "strict") {
            good = flag(value, settings.strict);
        } else if (key == "stated-precision") {
            good = flag(value, settings.statedPrecision);
        } else if (key == "set-against-relation") {
            good = flag(value, settings.setAgainstRelation);
        }
        if (!good) {
            return std::nullopt;
        }
    }
    return settings;
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
        } else if (const std::optional<Found> letter =
                       choiceLetter(check.goldAnswer, extract.choiceCount) && !isWholeText(pred)
                           ? assertedChoice(pred, extract.choiceCount)
                           : std::nullopt) {
            check.predAnswer = letter->text; // "Option C is correct"
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
