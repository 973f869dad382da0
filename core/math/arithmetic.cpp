// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/arithmetic.h"

#include "core/math/arithmetic_tokens.h"
#include "core/math/limits.h"
#include "core/math/units.h"

#include <algorithm>
#include <exception>
#include <optional>

namespace scrit::math {

namespace {

using TokenType = StepTokenKind;

// One side of an equation. Percent signs are read twice: as a hundredth and as a mere unit.
struct Term {
    Rational value;  // percent as a hundredth
    Rational asUnit; // percent as a unit
    bool percent = false;
    bool operation = false; // has an operator
    int decimals = 0;       // of a single number; of a sum of such, the most that one has
    bool single = true;     // nothing but one number
    bool sum = true;        // nothing but numbers, added and subtracted
    bool machine = false;   // has a decimal as machines print it
    std::string text;
    std::string unit; // last unit words
};

constexpr int kUnitWords = 6; // most words of a unit

// A recursive-descent reader of arithmetic inside running text. Null where the tokens are no
// arithmetic; m_pos is then undefined.
class Reader {
public:
    explicit Reader(const std::vector<StepToken>& tokens) : m_tokens(tokens) {}

    std::size_t position() const { return m_pos; }
    void moveTo(std::size_t position) { m_pos = position; }

    std::optional<Term> sum() {
        if (++m_depth > 40) {
            --m_depth;
            return std::nullopt;
        }
        std::optional<Term> left = product();
        while (left && (isOperator("+") || isOperator("-")) && startsValue(m_pos + 1)) {
            const bool plus = isOperator("+");
            ++m_pos;
            const std::optional<Term> right = product();
            if (!right) {
                left.reset();
                break;
            }
            left->value =
                plus ? Rational(left->value + right->value) : Rational(left->value - right->value);
            left->asUnit = plus ? Rational(left->asUnit + right->asUnit)
                                : Rational(left->asUnit - right->asUnit);
            const bool numbers = left->sum && right->sum;
            const int decimals = std::max(left->decimals, right->decimals);
            merge(*left, *right, plus ? "+" : "-");
            left->sum = numbers;
            left->decimals = numbers ? decimals : 0;
        }
        --m_depth;
        return left;
    }

private:
    const StepToken& at(std::size_t i) const {
        static const StepToken end;
        return i < m_tokens.size() ? m_tokens[i] : end;
    }
    bool is(TokenType kind, std::size_t ahead = 0) const { return at(m_pos + ahead).kind == kind; }
    bool isOperator(std::string_view text) const {
        return is(TokenType::Operator) && at(m_pos).text == text;
    }
    bool startsValue(std::size_t i) const {
        const TokenType kind = at(i).kind;
        return kind == TokenType::Number || kind == TokenType::Open ||
               kind == TokenType::Fraction ||
               (kind == TokenType::Operator && at(i).text == "-" &&
                at(i + 1).kind == TokenType::Number);
    }

    static void merge(Term& left, const Term& right, std::string_view op) {
        left.percent = left.percent || right.percent;
        left.machine = left.machine || right.machine;
        left.operation = true;
        left.single = false;
        left.sum = false;
        left.decimals = 0;
        left.text += std::string(op) + right.text;
        left.unit = right.unit.empty() ? left.unit : right.unit;
    }
    static bool tooLarge(const Rational& value) {
        return mpz_sizeinbase(value.get_num_mpz_t(), 2) > 2000 ||
               mpz_sizeinbase(value.get_den_mpz_t(), 2) > 2000;
    }

    std::optional<Term> product() {
        std::optional<Term> left = power();
        while (left) {
            const bool times = isOperator("*");
            const bool over = isOperator("/");
            // "25% of 80", "1/4 of 80"; "3 of 4" is no product
            const bool part = m_pos > 0 && at(m_pos - 1).kind == TokenType::Word &&
                              at(m_pos - 1).text == "of" && startsValue(m_pos) &&
                              (left->percent || left->text.find('/') != std::string::npos);
            const bool implicit =
                part || (is(TokenType::Open) && at(m_pos).attached && at(m_pos).text == "(");
            if (!implicit && !((times || over) && startsValue(m_pos + 1))) {
                break;
            }
            const bool spaced = over && !at(m_pos).attached;
            m_pos += implicit ? 0 : 1;
            std::optional<Term> right = power();
            // "1 1/2 / 1/2": a stroke without blanks binds tighter than one with blanks
            while (right && spaced && isOperator("/") && at(m_pos).attached &&
                   at(m_pos + 1).kind == TokenType::Number && at(m_pos + 1).attached) {
                ++m_pos;
                const std::optional<Term> below = power();
                if (!below || below->value == 0) {
                    return std::nullopt;
                }
                right->value /= below->value;
                right->asUnit /= below->asUnit;
                merge(*right, *below, "/");
            }
            if (!right || (over && (right->value == 0 || right->asUnit == 0))) {
                return std::nullopt;
            }
            left->value =
                over ? Rational(left->value / right->value) : Rational(left->value * right->value);
            left->asUnit = over ? Rational(left->asUnit / right->asUnit)
                                : Rational(left->asUnit * right->asUnit);
            merge(*left, *right, over ? "/" : "*");
            if (tooLarge(left->value)) {
                return std::nullopt;
            }
        }
        return left;
    }

    std::optional<Term> power() {
        bool negative = false;
        if (isOperator("-")) {
            negative = true;
            ++m_pos;
        }
        std::optional<Term> base = value();
        if (base && isOperator("^")) {
            ++m_pos;
            const bool braced = is(TokenType::Open);
            m_pos += braced ? 1 : 0;
            if (!is(TokenType::Number) || at(m_pos).value->get_den() != 1 ||
                *at(m_pos).value > 64) {
                return std::nullopt;
            }
            const unsigned long n = at(m_pos).value->get_num().get_ui();
            const std::string text = at(m_pos).text;
            ++m_pos;
            if (braced && !is(TokenType::Close)) {
                return std::nullopt;
            }
            m_pos += braced ? 1 : 0;
            for (Rational* part : {&base->value, &base->asUnit}) {
                Rational out = 1;
                for (unsigned long i = 0; i < n && !tooLarge(out); ++i) {
                    out *= *part;
                }
                *part = out;
            }
            if (tooLarge(base->value)) {
                return std::nullopt;
            }
            base->operation = true;
            base->single = false;
            base->sum = false;
            base->text += "^" + text;
        }
        if (base && negative) {
            base->value = -base->value;
            base->asUnit = -base->asUnit;
            base->text = "-" + base->text;
        }
        return base;
    }

    std::optional<Term> value() {
        std::optional<Term> out;
        if (is(TokenType::Number)) {
            out = number();
        } else if (is(TokenType::Fraction)) {
            out = fraction();
        } else if (is(TokenType::Open)) {
            ++m_pos;
            out = sum();
            if (!out || !is(TokenType::Close)) {
                return std::nullopt;
            }
            ++m_pos;
            out->text = "(" + out->text + ")";
        }
        if (!out) {
            return std::nullopt;
        }
        if (is(TokenType::Percent)) {
            ++m_pos;
            out->value /= 100;
            out->percent = true;
            out->decimals += out->single ? 2 : 0;
            out->sum = out->single;
            out->text += "%";
        }
        return units(*out) ? out : std::nullopt;
    }

    Term number() {
        Term out;
        const StepToken& token = at(m_pos);
        out.value = *token.value;
        out.asUnit = *token.value;
        out.decimals = token.decimals;
        out.machine = isMachineDecimal(token);
        out.text = token.text;
        ++m_pos;
        // 2 1/2
        const bool whole = out.value.get_den() == 1;
        if (whole && is(TokenType::Number) && !at(m_pos).attached &&
            at(m_pos + 1).kind == TokenType::Operator && at(m_pos + 1).text == "/" &&
            at(m_pos + 1).attached && at(m_pos + 2).kind == TokenType::Number &&
            *at(m_pos + 2).value > *at(m_pos).value) {
            out.value += *at(m_pos).value / *at(m_pos + 2).value;
            out.asUnit = out.value;
            out.text += " " + at(m_pos).text + "/" + at(m_pos + 2).text;
            out.sum = false;
            m_pos += 3;
        }
        return out;
    }

    std::optional<Term> fraction() {
        ++m_pos;
        std::optional<Term> parts[2];
        for (std::optional<Term>& part : parts) {
            if (!is(TokenType::Open)) {
                return std::nullopt;
            }
            ++m_pos;
            part = sum();
            if (!part || !is(TokenType::Close)) {
                return std::nullopt;
            }
            ++m_pos;
        }
        if (parts[1]->value == 0 || parts[1]->asUnit == 0) {
            return std::nullopt;
        }
        Term out = *parts[0];
        out.value /= parts[1]->value;
        out.asUnit /= parts[1]->asUnit;
        const auto wrapped = [](const Term& term) {
            return term.single ? term.text : "(" + term.text + ")";
        };
        const std::string text = wrapped(*parts[0]) + "/" + wrapped(*parts[1]);
        merge(out, *parts[1], "/");
        out.text = text;
        return out;
    }

    // Words behind a number are its unit. A single letter may be a variable: no arithmetic then.
    bool units(Term& term) {
        for (int count = 0; is(TokenType::Word); ++count) {
            const StepToken& token = at(m_pos);
            if (joinsClauses(token.text)) {
                break;
            }
            if (token.text.size() == 1 || count >= kUnitWords) {
                return false;
            }
            if (token.text != "of" && token.text != "per") {
                term.unit = token.text;
            }
            ++m_pos;
            // "12 / hour", "3 feet^2"
            if (is(TokenType::Operator) && at(m_pos).text == "/" &&
                at(m_pos + 1).kind == TokenType::Word) {
                ++m_pos;
            }
        }
        if (is(TokenType::Operator) && at(m_pos).text == "/" &&
            at(m_pos + 1).kind == TokenType::Word && at(m_pos + 1).text.size() > 1) {
            ++m_pos;
            term.unit = at(m_pos).text;
            ++m_pos;
        }
        return true;
    }

    const std::vector<StepToken>& m_tokens;
    std::size_t m_pos = 0;
    int m_depth = 0;
};

std::string exactText(const Rational& value) {
    // Short decimals read better than their fractions.
    Rational scaled = value;
    for (int places = 0; places <= 4; ++places, scaled *= 10) {
        if (scaled.get_den() == 1) {
            const bool negative = scaled < 0;
            std::string digits = mpz_class(abs(scaled.get_num())).get_str();
            if (places > 0) {
                digits.insert(0,
                              digits.size() <= static_cast<std::size_t>(places)
                                  ? static_cast<std::size_t>(places) + 1 - digits.size()
                                  : 0,
                              '0');
                digits.insert(digits.size() - static_cast<std::size_t>(places), ".");
            }
            return (negative ? "-" : "") + digits;
        }
    }
    return value.get_str();
}

// Whether a stated decimal is the value rounded or cut at its places.
bool isRounding(const Rational& exact, const Rational& statedValue, int decimals) {
    if (decimals <= 0) {
        return false;
    }
    mpz_class scale;
    mpz_ui_pow_ui(scale.get_mpz_t(), 10, static_cast<unsigned long>(decimals));
    return abs(exact - statedValue) * scale < 1;
}

// The noise of calculating with machine numbers, on either side.
bool isMachineNoise(const Rational& left, const Rational& right) {
    static const Rational kNoise(1, 100'000'000'000UL);
    return abs(left - right) <= kNoise * std::max(Rational(abs(left)), Rational(abs(right)));
}

// Whether a sum of stated decimals is the value when one of them was rounded to its places.
bool isRoundedSum(const Rational& exact, const Term& sum, const Rational& sumValue) {
    if (sum.single || !sum.sum || sum.percent || sum.decimals <= 0) {
        return false;
    }
    mpz_class scale;
    mpz_ui_pow_ui(scale.get_mpz_t(), 10, static_cast<unsigned long>(sum.decimals));
    return abs(exact - sumValue) * scale * 2 <= 1;
}

enum class Match { Exact, Rounded, No };

Match match(const Term& left, const Term& right) {
    const std::pair<Rational, Rational> readings[] = {{left.value, right.value},
                                                      {left.asUnit, right.asUnit},
                                                      {left.value, right.asUnit},
                                                      {left.asUnit, right.value}};
    const bool percent = left.percent || right.percent;
    const std::size_t count = percent ? 4 : 1;
    for (std::size_t i = 0; i < count; ++i) {
        if (readings[i].first == readings[i].second) {
            return Match::Exact;
        }
    }
    for (std::size_t i = 0; i < count; ++i) {
        const bool unitReading = i == 1 || i == 2;
        const int decimals = right.percent && unitReading ? right.decimals - 2 : right.decimals;
        if ((right.single && isRounding(readings[i].first, readings[i].second, decimals)) ||
            isRoundedSum(readings[i].first, right, readings[i].second) ||
            ((left.machine || right.machine) &&
             isMachineNoise(readings[i].first, readings[i].second))) {
            return Match::Rounded;
        }
    }
    return Match::No;
}

// An equation that fails may be a conversion: "1/2 hour = 30 minutes".
bool mayConvert(const Term& left, const Term& right) {
    return !left.unit.empty() && !right.unit.empty() && left.unit != right.unit &&
           (isKnownUnit(left.unit, false) || isKnownUnit(right.unit, false));
}

class Finder {
public:
    explicit Finder(std::vector<StepToken> tokens)
        : m_tokens(std::move(tokens)), m_reader(m_tokens) {}

    std::vector<EquationCheck> run() {
        std::size_t floor = 0; // nothing before this token belongs to the next equation
        for (std::size_t i = 0; i < m_tokens.size(); ++i) {
            if (m_tokens[i].kind == TokenType::Equals) {
                equation(i, floor);
                floor = i + 1;
            } else if (m_tokens[i].kind == TokenType::Other) {
                floor = i + 1;
            }
        }
        return std::move(m_found);
    }

private:
    const StepToken& at(std::size_t i) const { return m_tokens[i]; }

    // A lower bound of where a side can start: no unit reaches over a word that begins a clause, a
    // letter or a long run of words.
    std::size_t earliest(std::size_t equals, std::size_t floor) const {
        const std::size_t first = equals - floor > 120 ? equals - 120 : floor;
        int words = 0;
        for (std::size_t i = equals; i > first; --i) {
            const StepToken& token = at(i - 1);
            words = token.kind == TokenType::Word ? words + 1 : 0;
            const bool stroke =
                i > first + 1 && at(i - 2).kind == TokenType::Operator && at(i - 2).text == "/";
            if (words > kUnitWords ||
                (words > 0 && (token.text.size() == 1 || (joinsClauses(token.text) && !stroke)))) {
                return i;
            }
        }
        return first;
    }

    // The earliest start from which the tokens read as one side that ends right before `equals`.
    std::optional<std::pair<std::size_t, Term>> leftSide(std::size_t equals, std::size_t floor) {
        for (std::size_t start = earliest(equals, floor); start < equals; ++start) {
            const StepToken& token = at(start);
            const bool minus =
                token.kind == TokenType::Operator && token.text == "-" && start + 1 < equals &&
                at(start + 1).kind == TokenType::Number && at(start + 1).attached &&
                (start == 0 || !token.attached || at(start - 1).kind == TokenType::Equals);
            const bool value = token.kind == TokenType::Number || token.kind == TokenType::Open ||
                               token.kind == TokenType::Fraction || minus;
            if (!value) {
                continue;
            }
            m_reader.moveTo(start);
            std::optional<Term> term = m_reader.sum();
            if (term && m_reader.position() == equals) {
                return cleanBefore(start) ? std::optional(std::pair(start, std::move(*term)))
                                          : std::nullopt;
            }
        }
        return std::nullopt;
    }

    // What stands before the left side must not belong to it: "x + 3 = 5", "2x3 = 6", "f(3) = 9".
    bool cleanBefore(std::size_t start) const {
        if (start == 0) {
            return true;
        }
        const StepToken& before = at(start - 1);
        switch (before.kind) {
        case TokenType::Equals:
            return true;
        case TokenType::Word:
            return !at(start).attached && before.text.size() != 1 && !isPartOf(start);
        case TokenType::Other:
            return before.text == "\n" || !at(start).attached || before.text == ":" ||
                   before.text == ">" || before.text == "?";
        default:
            return false;
        }
    }

    // Words lead from "25% of" or "a quarter of" to the start: "10% of the 80 pupils".
    bool isPartOf(std::size_t start) const {
        for (std::size_t i = start, words = 0; i > 1 && words < kUnitWords; --i, ++words) {
            if (at(i - 1).kind != TokenType::Word || joinsClauses(at(i - 1).text)) {
                return false;
            }
            if (at(i - 1).text == "of") {
                const StepToken& whole = at(i - 2);
                return whole.kind == TokenType::Word
                           ? isPartWord(whole.text)
                           : whole.kind == TokenType::Number || whole.kind == TokenType::Percent ||
                                 whole.kind == TokenType::Close;
            }
        }
        return false;
    }

    // What follows the right side must not go on with it: "= 7x", "= 3 + y", "= 5:6".
    bool cleanAfter(std::size_t end) const {
        if (end >= m_tokens.size()) {
            return true;
        }
        const StepToken& after = at(end);
        switch (after.kind) {
        case TokenType::Equals:
        case TokenType::Close:
            return true;
        case TokenType::Open:
            return !after.attached;
        case TokenType::Word:
            return !after.attached && after.text.size() != 1;
        case TokenType::Other: {
            static constexpr std::string_view kEnds = "\n.,;?\"'&|*";
            return after.text.size() == 1 &&
                   kEnds.find(after.text.front()) != std::string_view::npos;
        }
        default:
            return false;
        }
    }

    void equation(std::size_t equals, std::size_t floor) {
        const auto left = leftSide(equals, floor);
        if (!left) {
            return;
        }
        m_reader.moveTo(equals + 1);
        const std::optional<Term> right = m_reader.sum();
        if (!right) {
            return;
        }
        const std::size_t end = m_reader.position();
        const Term& term = left->second;
        // "3 miles less than Reggie = 20 - 3" names a quantity; "9 = 2 + 7" is arithmetic.
        const bool named = !term.operation && (!term.unit.empty() || right->percent);
        if (!(term.operation || right->operation) || named || !cleanAfter(end)) {
            return;
        }
        const Match result = match(term, *right);
        if (result == Match::No && mayConvert(term, *right)) {
            return;
        }
        EquationCheck check;
        check.span = {at(left->first).span.begin, at(end - 1).span.end};
        check.left = term.text;
        check.right = right->text;
        check.holds = result != Match::No;
        check.rounded = result == Match::Rounded;
        check.expected = exactText(right->percent && !term.percent ? term.asUnit : term.value);
        m_found.push_back(std::move(check));
    }

    std::vector<StepToken> m_tokens;
    Reader m_reader;
    std::vector<EquationCheck> m_found;
};

} // namespace

std::vector<EquationCheck> checkArithmetic(std::string_view stepText) {
    if (stepText.find('=') == std::string_view::npos &&
        stepText.find("＝") == std::string_view::npos) {
        return {};
    }
    try {
        std::vector<EquationCheck> found;
        std::vector<StepToken> outer;
        for (StepToken& token : stepTokens(stepText)) {
            if (token.kind != TokenType::Note) {
                outer.push_back(std::move(token));
                continue;
            }
            std::vector<EquationCheck> inside =
                Finder(stepTokens(token.text, token.span.begin)).run();
            std::move(inside.begin(), inside.end(), std::back_inserter(found));
        }
        // The running text around a note repeats it: report it only where it says something else.
        for (EquationCheck& check : Finder(std::move(outer)).run()) {
            const bool repeated =
                std::any_of(found.begin(), found.end(), [&](const EquationCheck& other) {
                    return other.span.begin >= check.span.begin &&
                           other.span.end <= check.span.end && (other.holds || !check.holds) &&
                           other.right == check.right;
                });
            if (!repeated) {
                found.push_back(std::move(check));
            }
        }
        std::stable_sort(found.begin(), found.end(),
                         [](const EquationCheck& a, const EquationCheck& b) {
                             return a.span.begin < b.span.begin;
                         });
        return found;
    } catch (const std::exception&) {
        return {}; // out of memory: nothing can be said
    }
}

} // namespace scrit::math
