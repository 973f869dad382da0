// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/evaluate.h"
#include "core/math/limits.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace scrit::math {

namespace {

using Complex = std::complex<double>;
using NumericResult = std::optional<Complex>;

constexpr double kHuge = 1e150;

bool isReal(const Complex& z) {
    return std::abs(z.imag()) <= 1e-14 * (1.0 + std::abs(z.real()));
}

// A small fraction p/q with odd q that a double stands for; 0 when there is none.
int oddDenominator(double x) {
    for (const int q : {3, 5, 7, 9, 11, 13, 15}) {
        const double p = x * q;
        if (std::abs(p - std::round(p)) < 1e-12 * q && std::abs(x - std::round(x)) > 1e-9) {
            return q;
        }
    }
    return 0;
}

NumericResult powerOf(const Complex& base, const Complex& exponent) {
    if (std::abs(base) == 0.0) {
        return exponent.real() > 0 ? NumericResult(Complex(0)) : std::nullopt;
    }
    if (isReal(exponent)) {
        const double e = exponent.real();
        if (std::abs(e) < 64 && e == std::round(e)) {
            Complex out = 1;
            for (int i = 0; i < std::abs(static_cast<int>(e)); ++i) {
                out *= base;
            }
            return e >= 0 ? out : 1.0 / out;
        }
        if (isReal(base) && base.real() > 0) {
            return Complex(std::pow(base.real(), e));
        }
        if (isReal(base) && base.real() < 0) {
            if (const int q = oddDenominator(e); q != 0) {
                const double size = std::pow(-base.real(), e);
                const bool odd = std::fmod(std::abs(std::round(e * q)), 2.0) == 1.0;
                return Complex(odd ? -size : size);
            }
        }
    }
    return std::pow(base, exponent);
}

NumericResult ofReal(const std::string& name, const Complex& x) {
    if (!isReal(x)) {
        return std::nullopt;
    }
    // Within rounding error of a step the value is not known.
    const double r = x.real();
    const double nearest = std::round(r);
    const bool close = std::abs(r - nearest) < 1e-9 * (1.0 + std::abs(r));
    if (name == "floor") {
        return Complex(close ? nearest : std::floor(r));
    }
    if (name == "ceil") {
        return Complex(close ? nearest : std::ceil(r));
    }
    return Complex(r > 0 ? 1 : r < 0 ? -1 : 0);
}

NumericResult inverse(const Complex& x) {
    return std::abs(x) < 1e-13 ? std::nullopt : NumericResult(1.0 / x);
}

NumericResult trigonometric(const std::string& name, const Complex& x) {
    if (name == "sin") {
        return std::sin(x);
    }
    if (name == "cos") {
        return std::cos(x);
    }
    const Complex c = std::cos(x);
    const Complex s = std::sin(x);
    if (name == "tan") {
        return std::abs(c) < 1e-13 ? std::nullopt : NumericResult(s / c);
    }
    if (name == "cot") {
        return std::abs(s) < 1e-13 ? std::nullopt : NumericResult(c / s);
    }
    if (name == "sec") {
        return inverse(c);
    }
    return name == "csc" ? inverse(s) : std::nullopt;
}

NumericResult inverseTrigonometric(const std::string& name, const Complex& x) {
    const bool real = isReal(x);
    const bool inside = real && std::abs(x.real()) <= 1.0;
    if (name == "asin" || name == "acos") {
        if (inside) {
            return Complex(name == "asin" ? std::asin(x.real()) : std::acos(x.real()));
        }
        return real ? std::nullopt : NumericResult(name == "asin" ? std::asin(x) : std::acos(x));
    }
    if (name == "atan") {
        return real ? Complex(std::atan(x.real())) : std::atan(x);
    }
    if (name == "acot") {
        return real ? NumericResult(Complex(std::numbers::pi / 2 - std::atan(x.real())))
                    : std::nullopt;
    }
    if ((name == "asec" || name == "acsc") && real && std::abs(x.real()) >= 1.0) {
        return Complex(name == "asec" ? std::acos(1 / x.real()) : std::asin(1 / x.real()));
    }
    return std::nullopt;
}

NumericResult hyperbolic(const std::string& name, const Complex& x) {
    if (name == "sinh") {
        return std::sinh(x);
    }
    if (name == "cosh") {
        return std::cosh(x);
    }
    if (name == "tanh" || name == "coth") {
        const Complex t = std::tanh(x);
        return name == "tanh" ? NumericResult(t) : inverse(t);
    }
    if (name == "sech") {
        return inverse(std::cosh(x));
    }
    if (name == "asinh") {
        return std::asinh(x);
    }
    if (name == "acosh") {
        return std::acosh(x);
    }
    return name == "atanh" && std::abs(x * x - 1.0) > 1e-13 ? NumericResult(std::atanh(x))
                                                            : std::nullopt;
}

NumericResult logarithm(const Complex& x) {
    return std::abs(x) < 1e-300
               ? std::nullopt
               : NumericResult(std::log(Complex(x.real(), isReal(x) ? 0.0 : x.imag())));
}

NumericResult function(const std::string& name, const std::vector<Complex>& args) {
    const Complex& x = args.front();
    if (name == "ln") {
        return logarithm(x);
    }
    if (name == "log" && args.size() == 2) {
        const NumericResult top = logarithm(x);
        const NumericResult bottom = logarithm(args[1]);
        return top && bottom && std::abs(*bottom) > 1e-13 ? NumericResult(*top / *bottom)
                                                          : std::nullopt;
    }
    if (name == "max" || name == "min") {
        Complex out = x;
        for (const Complex& arg : args) {
            if (!isReal(arg)) {
                return std::nullopt;
            }
            out = (name == "max") == (arg.real() > out.real()) ? arg : out;
        }
        return out;
    }
    if (name == "mod" && args.size() == 2) {
        const bool real = isReal(x) && isReal(args[1]) && std::abs(args[1]) > 1e-13;
        const double n = args[1].real();
        return real ? NumericResult(Complex(x.real() - n * std::floor(x.real() / n)))
                    : std::nullopt;
    }
    if (args.size() != 1) {
        return std::nullopt;
    }
    if (name == "abs") {
        return Complex(std::abs(x));
    }
    if (name == "floor" || name == "ceil" || name == "sgn") {
        return ofReal(name, x);
    }
    if (NumericResult out = trigonometric(name, x)) {
        return out;
    }
    if (NumericResult out = inverseTrigonometric(name, x)) {
        return out;
    }
    return hyperbolic(name, x);
}

class NumericEvaluator {
public:
    NumericEvaluator(const Sample& at, Budget& budget) : m_at(at), m_budget(budget) {}
    double scale() const { return m_scale; }
    bool leftReals() const { return m_leftReals; }

    NumericResult value(const Node& node) {
        NumericResult out = m_budget.take() ? compute(node) : std::nullopt;
        if (!out || !std::isfinite(out->real()) || !std::isfinite(out->imag()) ||
            std::abs(*out) > kHuge) {
            return std::nullopt;
        }
        m_scale = std::max(m_scale, std::abs(*out));
        m_leftReals = m_leftReals || std::abs(out->imag()) > 1e-12 * std::abs(*out);
        return out;
    }

private:
    NumericResult compute(const Node& node) {
        switch (node.kind) {
        case Kind::Number:
            return Complex(node.value.get_d());
        case Kind::Constant:
            return node.name == "pi"  ? Complex(std::numbers::pi)
                   : node.name == "e" ? Complex(std::numbers::e)
                                      : Complex(0, 1);
        case Kind::Symbol:
            return variable(node.name);
        case Kind::Apply:
            return variable(canonicalText(node));
        case Kind::Add:
        case Kind::Multiply:
            return fold(node);
        case Kind::Sum:
            return sum(node);
        case Kind::Negate: {
            const NumericResult x = value(*node.args[0]);
            return x ? NumericResult(-*x) : std::nullopt;
        }
        case Kind::Percent: {
            const NumericResult x = value(*node.args[0]);
            return x ? NumericResult(*x / 100.0) : std::nullopt;
        }
        case Kind::Quantity: {
            const NumericResult x = value(*node.args[0]);
            const bool degrees = node.name == "degree";
            return x && degrees ? NumericResult(*x * (std::numbers::pi / 180)) : x;
        }
        case Kind::Divide:
        case Kind::Power:
        case Kind::Root:
            return binary(node);
        case Kind::Factorial: {
            const NumericResult x = value(*node.args[0]);
            return x && isReal(*x) && x->real() > -1 && x->real() < 80
                       ? NumericResult(std::tgamma(x->real() + 1))
                       : std::nullopt;
        }
        case Kind::Function:
            return call(node);
        default:
            return std::nullopt;
        }
    }

    NumericResult variable(const std::string& name) const {
        for (auto it = m_bound.rbegin(); it != m_bound.rend(); ++it) {
            if (it->first == name) {
                return Complex(it->second);
            }
        }
        const auto it = m_at.find(name);
        return it == m_at.end() ? std::nullopt : NumericResult(it->second);
    }

    NumericResult fold(const Node& node) {
        Complex out = node.kind == Kind::Add ? 0 : 1;
        for (const NodePtr& arg : node.args) {
            const NumericResult part = value(*arg);
            if (!part) {
                return std::nullopt;
            }
            out = node.kind == Kind::Add ? out + *part : out * *part;
        }
        return out;
    }

    NumericResult binary(const Node& node) {
        const NumericResult a = value(*node.args[0]);
        const NumericResult b = value(*node.args[1]);
        if (!a || !b) {
            return std::nullopt;
        }
        if (node.kind == Kind::Divide) {
            return std::abs(*b) < 1e-200 ? std::nullopt : NumericResult(*a / *b);
        }
        if (node.kind == Kind::Root) {
            return std::abs(*b) < 1e-9 ? std::nullopt : powerOf(*a, 1.0 / *b);
        }
        return powerOf(*a, *b);
    }

    NumericResult call(const Node& node) {
        std::vector<Complex> args;
        for (const NodePtr& arg : node.args) {
            const NumericResult part = value(*arg);
            if (!part) {
                return std::nullopt;
            }
            args.push_back(*part);
        }
        const bool whole = node.name == "binom" || node.name == "gcd" || node.name == "lcm";
        if (!whole) {
            return args.empty() ? std::nullopt : function(node.name, args);
        }
        // Defined for whole numbers only, which a sample point may give to the variables.
        Node numbers = node;
        for (std::size_t i = 0; i < args.size(); ++i) {
            const double real = args[i].real();
            if (!isReal(args[i]) || real != std::round(real) || std::abs(real) > 1e15) {
                return std::nullopt;
            }
            numbers.args[i] = makeNumber(Rational(real));
        }
        const std::optional<Rational> exact = exactValue(numbers, m_budget);
        return exact ? NumericResult(Complex(exact->get_d())) : std::nullopt;
    }

    // A bound of a sum: a whole number.
    std::optional<double> bound(const NodePtr& node) {
        if (!node) {
            return std::nullopt;
        }
        const NumericResult at = value(*node);
        if (!at || !isReal(*at) || at->real() != std::round(at->real())) {
            return std::nullopt;
        }
        return at->real();
    }

    NumericResult sum(const Node& node) {
        const std::optional<double> from = bound(node.args[1]);
        const std::optional<double> to = from ? bound(node.args[2]) : std::nullopt;
        const double steps = to ? *to - *from : 0;
        if (!to || !(steps <= static_cast<double>(limits::kSumTerms))) {
            return std::nullopt;
        }
        const bool isSum = node.name == "sum";
        Complex out = isSum ? 0 : 1;
        for (int step = 0; step <= steps; ++step) {
            m_bound.emplace_back(node.args[0]->name, *from + step);
            const NumericResult term = value(*node.args[3]);
            m_bound.pop_back();
            if (!term) {
                return std::nullopt;
            }
            out = isSum ? out + *term : out * *term;
        }
        return out;
    }

    const Sample& m_at;
    Budget& m_budget;
    double m_scale = 0;
    bool m_leftReals = false;
    std::vector<std::pair<std::string, double>> m_bound;
};

} // namespace

std::optional<NumericValue> numericValue(const Node& node, const Sample& at, Budget& budget) {
    NumericEvaluator evaluator(at, budget);
    const NumericResult value = evaluator.value(node);
    return value ? std::optional(NumericValue{*value, evaluator.scale(), evaluator.leftReals()})
                 : std::nullopt;
}

} // namespace scrit::math
