// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/compare.h"
#include "core/math/limits.h"
#include "core/math/symbolic.h"
#include "core/math/units.h"

#include <algorithm>
#include <cmath>

namespace scrit::math {

namespace {

// How a decimal was written: places after the point (negative for 1.2E5) and significant digits.
struct Stated {
    int places = 0;
    int digits = 0;
};

std::optional<Stated> stated(const Node& node) {
    if (node.kind == Kind::Negate || node.kind == Kind::Quantity) {
        return stated(*node.args.front());
    }
    if (node.kind == Kind::Percent) {
        const std::optional<Stated> inner = stated(*node.args.front());
        return inner ? std::optional(Stated{inner->places + 2, inner->digits}) : std::nullopt;
    }
    if (node.kind == Kind::Number) {
        return node.decimals >= 0 || node.digits > 0
                   ? std::optional(Stated{node.decimals, node.digits})
                   : std::nullopt;
    }
    // 8.40 * 10^1
    if (node.kind == Kind::Multiply && node.args.size() == 2 && node.args[1]->kind == Kind::Power) {
        const std::optional<Stated> front = stated(*node.args[0]);
        Budget budget{100, false};
        const std::optional<Rational> base = exactValue(*node.args[1]->args[0], budget);
        const std::optional<Rational> exponent = exactValue(*node.args[1]->args[1], budget);
        if (front && base && *base == 10 && exponent && exponent->get_den() == 1 &&
            abs(*exponent) < 1000) {
            return Stated{front->places - static_cast<int>(exponent->get_num().get_si()),
                          front->digits};
        }
    }
    return std::nullopt;
}

Rational tenTo(int exponent) {
    mpz_class power;
    mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(std::abs(exponent)));
    return exponent >= 0 ? Rational(power) : Rational(mpz_class(1), power);
}

bool hasKind(const Node& node, Kind kind) {
    return node.kind == kind ||
           std::any_of(node.args.begin(), node.args.end(),
                       [&](const NodePtr& arg) { return arg && hasKind(*arg, kind); });
}

bool hasImaginary(const Node& node) {
    return (node.kind == Kind::Constant && node.name == "i") ||
           std::any_of(node.args.begin(), node.args.end(),
                       [](const NodePtr& arg) { return arg && hasImaginary(*arg); });
}

// A fraction of polynomials with rational coefficients.
bool isRational(const Node& node) {
    switch (node.kind) {
    case Kind::Number:
    case Kind::Symbol:
        return true;
    case Kind::Power:
        return isRational(*node.args[0]) &&
               (node.args[1]->kind == Kind::Number && node.args[1]->value.get_den() == 1);
    case Kind::Add:
    case Kind::Multiply:
    case Kind::Divide:
    case Kind::Negate:
        return std::all_of(node.args.begin(), node.args.end(),
                           [](const NodePtr& arg) { return isRational(*arg); });
    default:
        return false;
    }
}

// The letters of a tree as a unit, "m^2" or "m/s"; empty when there is anything else in it.
std::string unitLetters(const Node& node) {
    if (node.kind == Kind::Symbol) {
        return node.name;
    }
    if (node.kind == Kind::Power && node.args[0]->kind == Kind::Symbol &&
        node.args[1]->kind == Kind::Number) {
        return node.args[0]->name + "^" + node.args[1]->value.get_str();
    }
    if (node.kind == Kind::Divide) {
        const std::string upper = unitLetters(*node.args[0]);
        const std::string lower = unitLetters(*node.args[1]);
        return upper.empty() || lower.empty() ? std::string() : upper + "/" + lower;
    }
    return {};
}

// "0.35 m" beside a length: the letter is a unit there. Null when it is none of that dimension.
NodePtr asQuantity(const NodePtr& node, const Unit& like) {
    const Node* product = node.get();
    std::string below;
    if (node->kind == Kind::Divide && node->args[0]->kind == Kind::Multiply) { // 5 m / s
        product = node->args[0].get();
        below = unitLetters(*node->args[1]);
        if (below.empty()) {
            return nullptr;
        }
    }
    if (product->kind != Kind::Multiply || product->args.size() != 2) {
        return nullptr;
    }
    std::string letters = unitLetters(*product->args[1]);
    if (letters.empty()) {
        return nullptr;
    }
    letters += below.empty() ? "" : "/" + below;
    const Unit unit = readUnit(letters, true);
    if (!sameDimension(unit, like)) {
        return nullptr;
    }
    auto out =
        std::make_shared<Node>(*makeNode(Kind::Quantity, {product->args[0]}, std::move(letters)));
    out->unit = unit;
    return out;
}

// 1 for infinity, -1 for minus infinity, 0 for everything else. A hundredth of infinity is
// infinity.
int infiniteSign(const Node& node) {
    switch (node.kind) {
    case Kind::Infinity:
        return 1;
    case Kind::Negate:
        return -infiniteSign(*node.args.front());
    case Kind::Percent:
        return infiniteSign(*node.args.front());
    default:
        return 0;
    }
}

// Arbitrary constants are written c_1 or C_1.
std::string foldedConstant(const std::string& name) {
    const bool indexed = name.size() >= 3 && name[0] == 'C' && name[1] == '_';
    return indexed ? "c" + name.substr(1) : name;
}

// The constant of integration is written C or c: one letter where each side has one of them as a
// term of its own.
NodePtr withLargeConstant(const NodePtr& node, const NodePtr& other) {
    const auto term = [](const Node& sum, std::string_view name) {
        return sum.kind == Kind::Add &&
               std::any_of(sum.args.begin(), sum.args.end(), [name](const NodePtr& arg) {
                   return arg->kind == Kind::Symbol && arg->name == name;
               });
    };
    const bool applies = term(*node, "c") && term(*other, "C") &&
                         !freeSymbols(*node).contains("C") && !freeSymbols(*other).contains("c");
    return applies ? renamed(node, {{"c", "C"}}) : node;
}

NodePtr withFoldedConstants(const NodePtr& node) {
    std::vector<std::pair<std::string, std::string>> renames;
    const std::set<std::string> names = freeSymbols(*node);
    for (const std::string& name : names) {
        const std::string folded = foldedConstant(name);
        if (folded != name && !names.contains(folded)) {
            renames.emplace_back(name, folded);
        }
    }
    return renames.empty() ? node : renamed(node, renames);
}

enum class Point { Agree, Differ, Unclear, Outside, OneSide };

// What two values at one point say. Complex values decide only where complex numbers are meant.
Point judge(const std::optional<NumericValue>& a, const std::optional<NumericValue>& b,
            bool complexMeant) {
    if (!a || !b) {
        return Point::Outside;
    }
    const double scale = std::max({a->scale, b->scale, 1e-30});
    const double size = std::max(std::abs(a->value), std::abs(b->value));
    const double gap = std::abs(a->value - b->value);
    if (!complexMeant) {
        const bool realA = std::abs(a->value.imag()) <= 1e-12 * scale;
        const bool realB = std::abs(b->value.imag()) <= 1e-12 * scale;
        if (!realA && !realB) {
            return gap <= 1e-10 * scale ? Point::Agree : Point::Outside;
        }
        if (realA != realB) {
            return Point::OneSide;
        }
        if (a->leftReals != b->leftReals && gap > 1e-10 * scale) {
            return Point::OneSide; // \sqrt{x}\sqrt{y} and \sqrt{xy} where both are negative
        }
    }
    if (scale > 1e6) {
        return gap > 1e-7 * scale ? Point::Differ : Point::Unclear; // a small term could hide
    }
    if (gap <= 1e-10 * size || gap <= 1e-13 * scale) {
        // Values that vanish in a much larger computation say nothing.
        return size < 1e-9 * scale && size > 0 && gap > 1e-10 * size ? Point::Unclear
                                                                     : Point::Agree;
    }
    return gap > 1e-7 * size && gap > 1e-9 * scale ? Point::Differ : Point::Unclear;
}

} // namespace

// 3 \pmod 7 against 10 \pmod 7, and against 3 alone.
Decision Comparer::remainders(const NodePtr& gold, const NodePtr& pred) {
    const auto isClass = [](const Node& node) {
        return node.kind == Kind::Opaque && node.name == "pmod";
    };
    const bool both = isClass(*gold) && isClass(*pred);
    const Node& some = isClass(*gold) ? *gold : *pred;
    const NodePtr& a = isClass(*gold) ? gold->args[0] : gold;
    const NodePtr& b = isClass(*pred) ? pred->args[0] : pred;
    if (both && values(gold->args[1], pred->args[1]).equality != Equality::Equal) {
        return decide(Equality::Undecided, Rule::Remainder);
    }
    const Decision plain = values(a, b);
    if (plain.equality == Equality::Equal) {
        return decide(true, Rule::Remainder);
    }
    const std::optional<Rational> gap = exactValue(*difference(a, b), m_budget);
    const std::optional<Rational> modulus = exactValue(*some.args[1], m_budget);
    if (!gap || !modulus || *modulus == 0) {
        return decide(Equality::Undecided, Rule::Remainder);
    }
    const bool divides = Rational(*gap / *modulus).get_den() == 1;
    return decide(!divides ? Equality::Different
                  : both   ? Equality::Equal
                           : Equality::Undecided,
                  Rule::Remainder);
}

Decision Comparer::scalars(const NodePtr& gold, const NodePtr& pred) {
    const auto isClass = [](const Node& node) {
        return node.kind == Kind::Opaque && node.name == "pmod";
    };
    if (isClass(*gold) || isClass(*pred)) {
        return remainders(gold, pred);
    }
    if (gold->kind == Kind::Quantity || pred->kind == Kind::Quantity) {
        return quantities(gold, pred);
    }
    if ((gold->kind == Kind::Percent) != (pred->kind == Kind::Percent)) {
        return percents(gold, pred);
    }
    if (gold->kind == Kind::Percent) {
        return scalars(gold->args.front(), pred->args.front());
    }
    return values(gold, pred);
}

Decision Comparer::quantities(const NodePtr& gold, const NodePtr& pred) {
    const bool both = gold->kind == Kind::Quantity && pred->kind == Kind::Quantity;
    const NodePtr& a = gold->kind == Kind::Quantity ? gold->args.front() : gold;
    const NodePtr& b = pred->kind == Kind::Quantity ? pred->args.front() : pred;
    const char scaleGold = temperatureScale(gold->name);
    const char scalePred = temperatureScale(pred->name);
    if (both && scaleGold != scalePred && scaleGold != '\0' && scalePred != '\0') {
        const auto fahrenheit = [](const NodePtr& value, char scale) {
            const NodePtr part = makeNode(Kind::Multiply, {makeNumber(Rational(9, 5)), value});
            return scale == 'F' ? value : makeNode(Kind::Add, {part, makeNumber(32)});
        };
        return under(Rule::Unit, values(fahrenheit(a, scaleGold), fahrenheit(b, scalePred)));
    }
    if (both && gold->unit.known && pred->unit.known) {
        if (!sameDimension(gold->unit, pred->unit)) {
            const auto angle = [](const Unit& unit) {
                return unit.dimensions.size() == 1 && (unit.dimensions[0].first == "degree" ||
                                                       unit.dimensions[0].first == "radian");
            };
            return decide(angle(gold->unit) && angle(pred->unit) ? values(gold, pred).equality
                                                                 : Equality::Different,
                          Rule::Unit);
        }
        if (gold->unit.factor == pred->unit.factor) {
            return under(Rule::Unit, scalars(a, b));
        }
        const NodePtr left = makeNode(Kind::Multiply, {makeNumber(gold->unit.factor), a});
        const NodePtr right = makeNode(Kind::Multiply, {makeNumber(pred->unit.factor), b});
        return under(Rule::Unit, values(left, right));
    }
    if (!both) {
        if (const NodePtr other = gold->kind == Kind::Quantity ? asQuantity(pred, gold->unit)
                                                               : asQuantity(gold, pred->unit)) {
            return gold->kind == Kind::Quantity ? quantities(gold, other) : quantities(other, pred);
        }
    }
    const Decision plain = scalars(a, b);
    if (plain.equality == Equality::Equal) {
        // "7 apples" and "7 oranges": nobody here knows what apples are.
        const bool agree = !both || shareUnitWord(gold->name, pred->name);
        return agree ? under(Rule::Unit, plain) : decide(Equality::Undecided, Rule::Unit);
    }
    const Node& withUnit = gold->kind == Kind::Quantity ? *gold : *pred;
    if (!both && withUnit.name == "degree") {
        // 90 degrees against pi/2
        const bool other = hasKind(gold->kind == Kind::Quantity ? *pred : *gold, Kind::Constant);
        if (other && values(gold, pred).equality == Equality::Equal) {
            return decide(Equality::Equal, Rule::Unit);
        }
    }
    return under(Rule::Unit, plain);
}

Decision Comparer::percents(const NodePtr& gold, const NodePtr& pred) {
    const bool goldHas = gold->kind == Kind::Percent;
    const NodePtr& inner = goldHas ? gold->args.front() : pred->args.front();
    const NodePtr& other = goldHas ? pred : gold;
    if (hasKind(*other, Kind::Percent)) {
        // 100 \cdot 1\% is 1 and not 1\%: no sign was left out where there is one.
        return under(Rule::Percent, values(gold, pred));
    }
    const auto same = [&](const NodePtr& side) {
        return goldHas ? values(side, other) : values(other, side);
    };
    Decision out = decide(Equality::Different, Rule::Percent);
    if (m_settings.percent != PercentRule::Value) {
        out = under(Rule::Percent, same(inner));
    }
    if (out.equality != Equality::Equal && m_settings.percent != PercentRule::Unit) {
        // The value must be meant exactly: rounding on top of the sign would hide a wrong answer.
        const Decision value = same(goldHas ? gold : pred);
        if (value.equality == Equality::Equal && value.rule != Rule::Rounded) {
            return decide(true, Rule::Percent);
        }
    }
    return out;
}

bool Comparer::roundsTo(const Node& gold, const Node& pred, const Rational& goldValue,
                        const Rational& predValue) const {
    const std::optional<Stated> a = stated(gold);
    const std::optional<Stated> b = stated(pred);
    if (!a && !b) {
        return false;
    }
    const Rational gap = abs(goldValue - predValue);
    const Rational size = std::max<Rational>(abs(goldValue), abs(predValue));
    if (a && b && gap * tenTo(9) <= size) {
        return true; // floating-point noise
    }
    if (a && m_settings.statedPrecision && (!b || b->places > a->places)) {
        const int need = b ? 3 : 2;
        const bool precise = (a->places >= 2 && a->digits >= need) || a->digits >= 4;
        if (precise && a->places < 1000 && gap * 2 <= tenTo(-a->places)) {
            return true;
        }
    }
    if (a && b) {
        return false;
    }
    const int places = std::clamp(m_settings.precision, 0, 30);
    return gap * 2 <= tenTo(-places) && gap <= size * 5 * tenTo(-places);
}

Decision Comparer::values(const NodePtr& gold, const NodePtr& pred) {
    const std::optional<Rational> a = exactValue(*gold, m_budget);
    const std::optional<Rational> b = exactValue(*pred, m_budget);
    if (a && b) {
        if (*a == *b) {
            const bool plain = gold->kind == Kind::Number && pred->kind == Kind::Number;
            return decide(true, plain ? Rule::Number : Rule::Exact);
        }
        if (roundsTo(*gold, *pred, *a, *b)) {
            return decide(true, Rule::Rounded);
        }
        return decide(false, stated(*gold) || stated(*pred) ? Rule::Rounded : Rule::Exact);
    }
    if (canonicalText(*gold) == canonicalText(*pred) ||
        (hasKind(*gold, Kind::Sum) && hasKind(*pred, Kind::Sum) &&
         canonicalText(*withBoundNames(gold)) == canonicalText(*withBoundNames(pred)))) {
        return decide(true, Rule::Exact);
    }
    const int infiniteGold = infiniteSign(*gold);
    const int infinitePred = infiniteSign(*pred);
    if (infiniteGold != 0 && infinitePred != 0) {
        return decide(infiniteGold == infinitePred, Rule::Exact);
    }
    if (infiniteGold != 0 || infinitePred != 0) {
        const bool finite = a.has_value() || b.has_value();
        return decide(finite ? Equality::Different : Equality::Undecided, Rule::Exact);
    }
    if (gold->kind == Kind::Opaque && pred->kind == Kind::Opaque) {
        return partByPart(*gold, *pred);
    }
    const NodePtr left = withFoldedConstants(withLargeConstant(gold, pred));
    const NodePtr right = withFoldedConstants(withLargeConstant(pred, gold));
    if (freeSymbols(*left).empty() && freeSymbols(*right).empty()) {
        return constants(left, right);
    }
    const Decision direct = probe(left, right);
    if (direct.equality == Equality::Equal) {
        const Zero zero = differenceIsZero(*left, *right);
        return zero == Zero::Unknown ? direct : decide(zero == Zero::Yes, Rule::Symbolic);
    }
    if (const std::optional<Decision> out = upToConstant(left, right)) {
        return *out;
    }
    if (const std::optional<Decision> out = otherCountingLetter(left, right)) {
        return *out;
    }
    if (!m_settings.strict) {
        if (const std::optional<Decision> out = renamedVariables(left, right)) {
            return *out;
        }
    }
    const Zero zero =
        direct.equality == Equality::Undecided ? differenceIsZero(*left, *right) : Zero::Unknown;
    if (zero == Zero::No) {
        return decide(false, Rule::Symbolic);
    }
    if (zero == Zero::Yes) {
        // With roots or logarithms the domains may differ; fractions of polynomials are the same.
        const bool same = isRational(*left) && isRational(*right);
        return decide(same ? Equality::Equal : Equality::Undecided, Rule::Symbolic);
    }
    return direct;
}

Decision Comparer::constants(const NodePtr& gold, const NodePtr& pred) {
    const std::optional<NumericValue> a = numericValue(*gold, {}, m_budget);
    const std::optional<NumericValue> b = numericValue(*pred, {}, m_budget);
    if (!a || !b) {
        return decide(Equality::Undecided, Rule::Constant);
    }
    const double size = std::max(std::abs(a->value), std::abs(b->value));
    const double gap = std::abs(a->value - b->value);
    const double scale = std::max(a->scale, b->scale);
    const bool real =
        std::abs(a->value.imag()) <= 1e-12 * scale && std::abs(b->value.imag()) <= 1e-12 * scale;
    if (real && (stated(*gold) || stated(*pred)) && scale < 1e15) {
        const Rational x(a->value.real());
        const Rational y(b->value.real());
        return decide(roundsTo(*gold, *pred, x, y), Rule::Rounded);
    }
    if (gap > 1e-8 * size && gap > 1e-10 * scale) {
        return decide(false, Rule::Constant);
    }
    if (scale > 1e60) {
        return decide(Equality::Undecided, Rule::Constant);
    }
    const bool decimals = std::any_of(gold->args.begin(), gold->args.end(), [](const NodePtr& arg) {
        return arg && stated(*arg).has_value();
    });
    switch (constantsAgree(*gold, *pred)) {
    case Zero::Yes:
        return decide(true, Rule::Constant);
    case Zero::No:
        return decide(Equality::Different, Rule::Constant);
    default:
        // No 50 digits to be had (a sum, a degree sign, a rounded factor): doubles have to do.
        return decide(judge(a, b, true) == Point::Agree && !decimals ? Equality::Equal
                                                                     : Equality::Undecided,
                      Rule::Probing);
    }
}

Decision Comparer::probe(const NodePtr& gold, const NodePtr& pred) {
    std::set<std::string> variables = freeSymbols(*gold);
    variables.merge(freeSymbols(*pred));
    if (variables.size() > 24) {
        return decide(Equality::Undecided, Rule::Limit);
    }
    const bool complexMeant = hasImaginary(*gold) || hasImaginary(*pred);
    int agree = 0;
    int oneSide = 0;
    int unclear = 0;
    std::set<std::string> whole = wholeVariables(*gold);
    whole.merge(wholeVariables(*pred));
    for (const Sample& point : samplePoints(variables, probingSeed(*gold, *pred), whole)) {
        switch (judge(numericValue(*gold, point, m_budget), numericValue(*pred, point, m_budget),
                      complexMeant)) {
        case Point::Agree:
            ++agree;
            break;
        case Point::Differ:
            return decide(false, Rule::Probing);
        case Point::Unclear:
            ++unclear;
            break;
        case Point::OneSide:
            ++oneSide;
            break;
        case Point::Outside:
            break;
        }
    }
    if (m_budget.exhausted) {
        return decide(Equality::Undecided, Rule::Limit);
    }
    const bool enough = agree >= 3 && oneSide == 0 && unclear <= agree / 4;
    return decide(enough ? Equality::Equal : Equality::Undecided, Rule::Probing);
}

} // namespace scrit::math
