// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/evaluate.h"
#include "core/math/limits.h"

#include <algorithm>

namespace scrit::math {

namespace {

using ExactResult = std::optional<Rational>;

std::size_t bits(const Rational& value) {
    return std::max(mpz_sizeinbase(value.get_num_mpz_t(), 2),
                    mpz_sizeinbase(value.get_den_mpz_t(), 2));
}

ExactResult bounded(Rational value) {
    return bits(value) <= limits::kBits ? ExactResult(std::move(value)) : std::nullopt;
}

ExactResult power(const Rational& base, const mpz_class& exponent) {
    if (base == 0) {
        return exponent > 0    ? ExactResult(Rational(0))
               : exponent == 0 ? ExactResult(Rational(1))
                               : std::nullopt;
    }
    if (abs(base) == 1) {
        const bool even = mpz_divisible_ui_p(exponent.get_mpz_t(), 2) != 0;
        return even ? Rational(1) : base;
    }
    const mpz_class size = abs(exponent);
    if (!size.fits_ulong_p() || size > limits::kBits || size * bits(base) > 2 * limits::kBits) {
        return std::nullopt;
    }
    mpz_class num;
    mpz_class den;
    mpz_pow_ui(num.get_mpz_t(), base.get_num_mpz_t(), size.get_ui());
    mpz_pow_ui(den.get_mpz_t(), base.get_den_mpz_t(), size.get_ui());
    Rational value = exponent > 0 ? Rational(num, den) : Rational(den, num);
    value.canonicalize();
    return bounded(std::move(value));
}

// The exact n-th root of a rational where it is rational (odd roots of negatives are real).
ExactResult exactRoot(const Rational& radicand, unsigned long index) {
    if (index == 0 || index > 64 || (radicand < 0 && index % 2 == 0)) {
        return std::nullopt;
    }
    mpz_class num;
    mpz_class den;
    const bool even = mpz_root(num.get_mpz_t(), radicand.get_num_mpz_t(), index) != 0 &&
                      mpz_root(den.get_mpz_t(), radicand.get_den_mpz_t(), index) != 0;
    return even ? ExactResult(Rational(num, den)) : std::nullopt;
}

ExactResult rationalPower(const Rational& base, const Rational& exponent) {
    if (exponent.get_den() == 1) {
        return power(base, exponent.get_num());
    }
    if (!exponent.get_den().fits_ulong_p()) {
        return std::nullopt;
    }
    const ExactResult root = exactRoot(base, exponent.get_den().get_ui());
    return root ? power(*root, exponent.get_num()) : std::nullopt;
}

ExactResult factorial(const Rational& n) {
    if (n.get_den() != 1 || n < 0 || n > limits::kFactorial) {
        return std::nullopt;
    }
    mpz_class out;
    mpz_fac_ui(out.get_mpz_t(), n.get_num().get_ui());
    return bounded(Rational(out));
}

ExactResult binomial(const Rational& n, const Rational& k) {
    if (n.get_den() != 1 || k.get_den() != 1 || n < 0 || k < 0 || n > 20 * limits::kFactorial ||
        k > limits::kFactorial) {
        return std::nullopt;
    }
    mpz_class out;
    mpz_bin_ui(out.get_mpz_t(), n.get_num_mpz_t(), k.get_num().get_ui());
    return bounded(Rational(out));
}

Rational rounded(const Rational& value, bool up) {
    mpz_class out;
    if (up) {
        mpz_cdiv_q(out.get_mpz_t(), value.get_num_mpz_t(), value.get_den_mpz_t());
    } else {
        mpz_fdiv_q(out.get_mpz_t(), value.get_num_mpz_t(), value.get_den_mpz_t());
    }
    return out;
}

ExactResult ofSeveral(const std::string& name, const std::vector<Rational>& values) {
    if (name == "max" || name == "min") {
        return name == "max" ? *std::max_element(values.begin(), values.end())
                             : *std::min_element(values.begin(), values.end());
    }
    mpz_class out = values.front().get_num();
    for (const Rational& value : values) {
        if (value.get_den() != 1) {
            return std::nullopt;
        }
        if (name == "gcd") {
            mpz_gcd(out.get_mpz_t(), out.get_mpz_t(), value.get_num_mpz_t());
        } else {
            mpz_lcm(out.get_mpz_t(), out.get_mpz_t(), value.get_num_mpz_t());
        }
    }
    return bounded(Rational(out));
}

ExactResult function(const std::string& name, const std::vector<Rational>& args) {
    if (name == "binom" && args.size() == 2) {
        return binomial(args[0], args[1]);
    }
    if (name == "gcd" || name == "lcm" || name == "max" || name == "min") {
        return ofSeveral(name, args);
    }
    if (name == "mod" && args.size() == 2) {
        if (args[1] == 0) {
            return std::nullopt;
        }
        return bounded(args[0] - args[1] * rounded(args[0] / args[1], false));
    }
    if (name == "log" && args.size() == 2) {
        // log_b(b^n): try the few whole n that fit
        if (args[1] > 1 && args[0] > 0) {
            Rational value = 1;
            for (int n = 0; n <= 64 && bits(value) <= 2 * bits(args[0]) + 64;
                 ++n, value *= args[1]) {
                if (value == args[0] || value * args[0] == 1) {
                    return Rational(value == args[0] ? n : -n);
                }
            }
        }
        return std::nullopt;
    }
    if (args.size() != 1) {
        return std::nullopt;
    }
    const Rational& x = args.front();
    if (name == "abs") {
        return abs(x);
    }
    if (name == "floor" || name == "ceil") {
        return rounded(x, name == "ceil");
    }
    if (name == "sgn") {
        return Rational(sgn(x));
    }
    if (x == 0 && (name == "sin" || name == "tan" || name == "asin" || name == "atan" ||
                   name == "sinh" || name == "tanh")) {
        return Rational(0);
    }
    if (x == 0 && (name == "cos" || name == "cosh" || name == "sec")) {
        return Rational(1);
    }
    return x == 1 && name == "ln" ? ExactResult(Rational(0)) : std::nullopt;
}

class ExactEvaluator {
public:
    explicit ExactEvaluator(Budget& budget) : m_budget(budget) {}

    ExactResult value(const Node& node) {
        if (!m_budget.take()) {
            return std::nullopt;
        }
        switch (node.kind) {
        case Kind::Number:
            return bounded(node.value);
        case Kind::Symbol: {
            const auto it = std::find_if(m_bound.rbegin(), m_bound.rend(), [&](const auto& entry) {
                return entry.first == node.name;
            });
            return it == m_bound.rend() ? std::nullopt : ExactResult(it->second);
        }
        case Kind::Sum:
            return sum(node);
        case Kind::Quantity:
            return node.name == "degree" ? std::nullopt : value(*node.args.front());
        case Kind::Add:
        case Kind::Multiply:
        case Kind::Divide:
        case Kind::Power:
        case Kind::Root:
        case Kind::Negate:
        case Kind::Function:
        case Kind::Factorial:
        case Kind::Percent:
            return operation(node);
        default:
            return std::nullopt;
        }
    }

private:
    ExactResult operation(const Node& node) {
        std::vector<Rational> args;
        for (const NodePtr& arg : node.args) {
            ExactResult part = value(*arg);
            if (!part) {
                return std::nullopt;
            }
            args.push_back(std::move(*part));
        }
        switch (node.kind) {
        case Kind::Add:
        case Kind::Multiply: {
            Rational out = args.front();
            for (std::size_t i = 1; i < args.size(); ++i) {
                out = node.kind == Kind::Add ? Rational(out + args[i]) : Rational(out * args[i]);
                if (bits(out) > limits::kBits) {
                    return std::nullopt;
                }
            }
            return out;
        }
        case Kind::Divide:
            return args[1] == 0 ? std::nullopt : bounded(args[0] / args[1]);
        case Kind::Power:
            return rationalPower(args[0], args[1]);
        case Kind::Root:
            return args[1].get_den() == 1 && args[1] > 0 && args[1] <= 64
                       ? exactRoot(args[0], args[1].get_num().get_ui())
                       : std::nullopt;
        case Kind::Negate:
            return Rational(-args[0]);
        case Kind::Factorial:
            return factorial(args[0]);
        case Kind::Percent:
            return Rational(args[0] / 100);
        default:
            return function(node.name, args);
        }
    }

    ExactResult sum(const Node& node) {
        const ExactResult from = node.args[1] ? value(*node.args[1]) : std::nullopt;
        const ExactResult to = node.args[2] ? value(*node.args[2]) : std::nullopt;
        if (!from || !to || from->get_den() != 1 || to->get_den() != 1 ||
            *to - *from > limits::kSumTerms) {
            return std::nullopt;
        }
        const bool isSum = node.name == "sum";
        Rational out = isSum ? 0 : 1;
        for (Rational k = *from; k <= *to; k += 1) {
            m_bound.emplace_back(node.args[0]->name, k);
            const ExactResult term = value(*node.args[3]);
            m_bound.pop_back();
            if (!term) {
                return std::nullopt;
            }
            out = isSum ? Rational(out + *term) : Rational(out * *term);
            if (bits(out) > limits::kBits) {
                return std::nullopt;
            }
        }
        return out;
    }

    Budget& m_budget;
    std::vector<std::pair<std::string, Rational>> m_bound;
};

} // namespace

bool Budget::take(std::size_t n) {
    if (steps < n) {
        steps = 0;
        exhausted = true;
        return false;
    }
    steps -= n;
    return true;
}

std::optional<Rational> exactValue(const Node& node, Budget& budget) {
    return ExactEvaluator(budget).value(node);
}

} // namespace scrit::math
