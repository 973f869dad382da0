// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/math/compare.h"
#include "core/math/limits.h"
#include "core/math/symbolic.h"
#include "core/math/units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

namespace scrit::math {

namespace {

Decision decide(Equality equality, Rule rule) {
    return {equality, rule};
}
Decision decide(bool equal, Rule rule) {
    return {equal ? Equality::Equal : Equality::Different, rule};
}

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

// "0.35 m" beside a length: the letter is a unit there. Null when it is none of that dimension.
NodePtr asQuantity(const NodePtr& node, const Unit& like) {
    if (node->kind != Kind::Multiply || node->args.size() != 2 ||
        node->args[1]->kind != Kind::Symbol) {
        return nullptr;
    }
    const Unit unit = readUnit(node->args[1]->name, true);
    if (!sameDimension(unit, like)) {
        return nullptr;
    }
    auto out =
        std::make_shared<Node>(*makeNode(Kind::Quantity, {node->args[0]}, node->args[1]->name));
    out->unit = unit;
    return out;
}

// Arbitrary constants are written c_1 or C_1.
std::string foldedConstant(const std::string& name) {
    const bool indexed = name.size() >= 3 && name[0] == 'C' && name[1] == '_';
    return indexed ? "c" + name.substr(1) : name;
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

// The additive constant of an antiderivative and what is left without it.
std::optional<NodePtr> withoutConstant(const Node& node) {
    if (node.kind != Kind::Add || node.args.size() < 2) {
        return std::nullopt;
    }
    std::vector<NodePtr> rest;
    std::string constant;
    for (const NodePtr& arg : node.args) {
        if (arg->kind == Kind::Symbol && (arg->name == "C" || arg->name == "K") &&
            constant.empty()) {
            constant = arg->name;
        } else {
            rest.push_back(arg);
        }
    }
    if (constant.empty()) {
        return std::nullopt;
    }
    NodePtr out = rest.size() == 1 ? rest.front() : makeNode(Kind::Add, std::move(rest));
    return freeSymbols(*out).contains(constant) ? std::nullopt : std::optional(out);
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

std::uint64_t probingSeed(const Node& a, const Node& b) {
    return base::hash64(canonicalText(a)) ^ base::hash64(canonicalText(b)); // symmetric
}

std::vector<Sample> samplePoints(const std::set<std::string>& variables, std::uint64_t seed) {
    static constexpr std::array<std::pair<double, double>, 7> kDomains = {
        {{0.1, 0.9}, {1.1, 3.0}, {0.3, 2.0}, {-0.9, -0.1}, {-3.0, -1.1}, {2.5, 9.0}, {-2.0, 2.0}}};
    std::mt19937_64 generator(seed);
    std::vector<Sample> points;
    for (int round = 0; round < 2; ++round) {
        for (const auto& [low, high] : kDomains) {
            Sample point;
            for (const std::string& name : variables) {
                // No standard distribution: their results differ between libraries.
                const double unit = static_cast<double>(generator() >> 11U) * 0x1.0p-53;
                point.emplace(name, low + (high - low) * unit);
            }
            points.push_back(std::move(point));
        }
    }
    return points;
}

Decision Comparer::scalars(const NodePtr& gold, const NodePtr& pred) {
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
            return decide(scalars(a, b).equality, Rule::Unit);
        }
        const NodePtr left = makeNode(Kind::Multiply, {makeNumber(gold->unit.factor), a});
        const NodePtr right = makeNode(Kind::Multiply, {makeNumber(pred->unit.factor), b});
        return decide(values(left, right).equality, Rule::Unit);
    }
    if (!both) {
        if (const NodePtr other = gold->kind == Kind::Quantity ? asQuantity(pred, gold->unit)
                                                               : asQuantity(gold, pred->unit)) {
            return gold->kind == Kind::Quantity ? quantities(gold, other) : quantities(other, pred);
        }
    }
    const Decision plain = scalars(a, b);
    if (plain.equality == Equality::Equal) {
        return decide(Equality::Equal, Rule::Unit);
    }
    const Node& withUnit = gold->kind == Kind::Quantity ? *gold : *pred;
    if (!both && withUnit.name == "degree") {
        // 90 degrees against pi/2
        const bool other = hasKind(gold->kind == Kind::Quantity ? *pred : *gold, Kind::Constant);
        if (other && values(gold, pred).equality == Equality::Equal) {
            return decide(Equality::Equal, Rule::Unit);
        }
    }
    return decide(plain.equality, Rule::Unit);
}

Decision Comparer::percents(const NodePtr& gold, const NodePtr& pred) {
    const bool goldHas = gold->kind == Kind::Percent;
    const NodePtr& inner = goldHas ? gold->args.front() : pred->args.front();
    const NodePtr& other = goldHas ? pred : gold;
    const auto same = [&](const NodePtr& side) {
        return goldHas ? values(side, other) : values(other, side);
    };
    Decision out = decide(Equality::Different, Rule::Percent);
    if (m_settings.percent != PercentRule::Value) {
        out.equality = same(inner).equality;
    }
    if (out.equality != Equality::Equal && m_settings.percent != PercentRule::Unit) {
        // The value must be meant exactly: rounding on top of the sign would hide a wrong answer.
        const Decision value = same(goldHas ? gold : pred);
        if (value.equality == Equality::Equal && value.rule != Rule::Rounded) {
            out.equality = Equality::Equal;
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
    if (canonicalText(*gold) == canonicalText(*pred)) {
        return decide(true, Rule::Exact);
    }
    const auto infinite = [](const Node& node) {
        const Node& inner = node.kind == Kind::Negate ? *node.args.front() : node;
        return inner.kind == Kind::Infinity;
    };
    if (infinite(*gold) || infinite(*pred)) {
        const bool finite = a.has_value() || b.has_value() || (infinite(*gold) && infinite(*pred));
        return decide(finite ? Equality::Different : Equality::Undecided, Rule::Exact);
    }
    const NodePtr left = withFoldedConstants(gold);
    const NodePtr right = withFoldedConstants(pred);
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
    for (const Sample& point : samplePoints(variables, probingSeed(*gold, *pred))) {
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

std::optional<Decision> Comparer::upToConstant(const NodePtr& gold, const NodePtr& pred) {
    const std::optional<NodePtr> a = withoutConstant(*gold);
    const std::optional<NodePtr> b = withoutConstant(*pred);
    if (!a || !b) {
        return std::nullopt;
    }
    std::set<std::string> variables = freeSymbols(**a);
    variables.merge(freeSymbols(**b));
    std::optional<double> first;
    int agree = 0;
    for (const Sample& point : samplePoints(variables, probingSeed(*gold, *pred))) {
        const std::optional<NumericValue> x = numericValue(**a, point, m_budget);
        const std::optional<NumericValue> y = numericValue(**b, point, m_budget);
        if (!x || !y || std::abs(x->value.imag()) > 1e-12 * x->scale ||
            std::abs(y->value.imag()) > 1e-12 * y->scale) {
            continue;
        }
        const double gap = x->value.real() - y->value.real();
        if (!first) {
            first = gap;
        } else if (std::abs(gap - *first) > 1e-9 * std::max({x->scale, y->scale, 1.0})) {
            return std::nullopt;
        }
        ++agree;
    }
    return agree >= 4 && !m_budget.exhausted ? std::optional(decide(true, Rule::UpToConstant))
                                             : std::nullopt;
}

// f(x) against f(y) where names do not matter: variables renamed in order of their names.
std::optional<Decision> Comparer::renamedVariables(const NodePtr& gold, const NodePtr& pred) {
    std::set<std::string> a;
    std::set<std::string> b;
    const auto collect = [](const auto& self, const Node& node,
                            std::set<std::string>& out) -> void {
        if (node.kind == Kind::Symbol) {
            out.insert(node.name);
        }
        for (const NodePtr& arg : node.args) {
            if (arg) {
                self(self, *arg, out);
            }
        }
    };
    collect(collect, *gold, a);
    collect(collect, *pred, b);
    if (a.size() != b.size() || a == b || a.empty() || a.size() > 8) {
        return std::nullopt;
    }
    std::vector<std::pair<std::string, std::string>> renames;
    for (auto i = a.begin(), j = b.begin(); i != a.end(); ++i, ++j) {
        renames.emplace_back(*j, *i);
    }
    const NodePtr other = renamed(pred, renames);
    if (canonicalText(*gold) == canonicalText(*other)) {
        return decide(true, Rule::Exact);
    }
    const Decision out = probe(gold, other);
    return out.equality == Equality::Equal ? std::optional(out) : std::nullopt;
}

} // namespace scrit::math
