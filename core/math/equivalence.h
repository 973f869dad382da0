// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/math/answer.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Do two answers say the same? Exact comparison first, then normal forms, then numeric probing at
// points derived from the inputs (the same verdict on every machine and thread).
//
// Thread rule: any thread may call everything here. GiNaC is not thread safe; all use of it sits in
// symbolic.cpp behind one mutex, plain numbers never get there.
// Bounds: any input ends within 100 ms and bounded memory (limits.h); what is beyond them is
// Undecided by Rule::Limit. Nothing throws.
namespace scrit::math {

enum class Equality { Equal, Different, Undecided };

// The rule that decided a verdict; README.md has one line and a table of cases for each.
enum class Rule {
    Empty,        // one side is empty or has no answer
    Identical,    // the same bytes
    SameText,     // the same after spelling is normalised (spaces, delimiters, \dfrac, …)
    Number,       // both are plain numbers, compared exactly
    Rounded,      // a decimal against a value, at the precision that is stated or set
    Percent,      // one side carries a percent sign
    Unit,         // a unit or currency was converted or dropped
    Choice,       // choice letters
    ChoiceText,   // a letter against the text of its option
    Exact,        // both sides are the same exact rational or the same tree
    Symbolic,     // the difference expands to zero
    Constant,     // constants compared to 50 digits
    Probing,      // compared numerically at several points
    UpToConstant, // antiderivatives that differ by a constant and both carry "+ C"
    Assignment,   // "x = 5" against "5"
    Equation,     // equations that are multiples of each other
    Relation,     // inequalities
    Interval,     // intervals, unions and inequalities as sets of reals
    Set,          // sets and unordered lists
    Tuple,        // ordered tuples and vectors
    Matrix,       // matrices
    Ratio,        // a : b
    Base,         // numerals with a base, 101_2
    Remainder,    // classes of remainders, 3 \pmod 7
    Date,         // days
    Time,         // times of day
    Text,         // words
    KindMismatch, // two things of different kinds
    Unreadable,   // at least one side could not be read
    Limit,        // a bound on length, depth, size or steps was reached
};

// Stable lower-case names: "identical", "same-text", "up-to-constant", …
[[nodiscard]] std::string_view name(Rule rule);
// "equal", "different", "undecided".
[[nodiscard]] std::string_view name(Equality equality);

// What a percent sign means. A factor of 100 is never applied where neither side has a sign.
enum class PercentRule {
    ValueOrUnit, // 28% equals 28 (the unit left out) and 0.28 (the value)
    Value,       // 28% equals 0.28 only
    Unit,        // 28% equals 28 only
};

struct EquivalenceSettings {
    // Strict: names matter, f(x) differs from f(y). Otherwise variables may be renamed
    // consistently.
    bool strict = true;
    // Decimal places at which a decimal is compared with an exact value (1/3 against 0.333333).
    int precision = 6;
    // A decimal gold answer also equals values that round to it at the places it states
    // (gold 0.17 against 1/6), when it has at least three significant digits or the value is exact.
    bool statedPrecision = true;
    PercentRule percent = PercentRule::ValueOrUnit;
    // "-2 <= x <= 7" in pred against a set such as "[-2, 7]" or "x \in [-2, 7]" in gold. The other
    // direction is always allowed.
    bool setAgainstRelation = true;
    // Options of a multiple-choice problem in order A, B, …: a letter equals the text of its
    // option. Not part of the protocol id: they belong to the problem.
    std::vector<std::string> choices;
};

// Names the settings: "answer-match/3" for the defaults, "answer-match/3;precision=3;strict=no"
// where they differ. The number grows when the rules change.
[[nodiscard]] std::string protocolId(const EquivalenceSettings& settings);
// The settings that a protocol id names, in any order of its parts; nothing for an unknown part, a
// value out of range, or rules of another number, which this version no longer has.
[[nodiscard]] std::optional<EquivalenceSettings> settingsOfProtocol(std::string_view id);

struct Verdict {
    Equality equality = Equality::Undecided;
    Rule rule = Rule::Empty;
    std::string goldCanonical; // how each side was read; the text itself where it was not
    std::string predCanonical;
    friend bool operator==(const Verdict&, const Verdict&) = default;
};

// Compares two bare answers, as extractAnswer() returns them. Symmetric except for Rule::Rounded
// (the gold answer's precision counts) and setAgainstRelation.
[[nodiscard]] Verdict equivalent(std::string_view gold, std::string_view pred,
                                 const EquivalenceSettings& settings = {});

struct AnswerCheck {
    Verdict verdict;
    std::string goldAnswer; // what was compared; empty when nothing was found
    std::string predAnswer;
};

// The same where either side may be a whole text: the answer is extracted first. When gold is a
// choice letter, a letter is looked for in pred.
[[nodiscard]] AnswerCheck checkAnswers(std::string_view gold, std::string_view pred,
                                       const EquivalenceSettings& settings = {},
                                       const ExtractOptions& extract = {});

} // namespace scrit::math
