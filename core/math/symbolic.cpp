// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/symbolic.h"

#include "core/math/evaluate.h"
#include "core/math/limits.h"

#include <ginac/ginac.h>

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <sstream>

namespace scrit::math {

namespace {

using GiNaC::ex;

std::mutex& ginacMutex() {
    static std::mutex mutex;
    return mutex;
}

// An estimate of how many terms a tree has when expanded, and of its degree.
struct Size {
    double terms = 1;
    double degree = 0;
};

std::optional<long> smallInteger(const Node& node) {
    const Node* inner = &node;
    long sign = 1;
    if (node.kind == Kind::Negate) {
        inner = node.args.front().get();
        sign = -1;
    }
    if (inner->kind != Kind::Number || inner->value.get_den() != 1 || abs(inner->value) > 40) {
        return std::nullopt;
    }
    return sign * inner->value.get_num().get_si();
}

Size expandedSize(const Node& node) {
    Size out;
    switch (node.kind) {
    case Kind::Symbol:
    case Kind::Apply:
        out.degree = 1;
        return out;
    case Kind::Add: {
        out.terms = 0;
        for (const NodePtr& arg : node.args) {
            const Size part = expandedSize(*arg);
            out.terms += part.terms;
            out.degree = std::max(out.degree, part.degree);
        }
        return out;
    }
    case Kind::Multiply:
    case Kind::Divide:
        for (const NodePtr& arg : node.args) {
            const Size part = expandedSize(*arg);
            out.terms *= part.terms;
            out.degree += part.degree;
        }
        return out;
    case Kind::Power: {
        const Size base = expandedSize(*node.args[0]);
        const std::optional<long> exponent = smallInteger(*node.args[1]);
        const long n = exponent ? std::abs(*exponent) : 1;
        for (long i = 0; i < n && out.terms < 1e9; ++i) {
            out.terms *= base.terms;
        }
        out.degree = base.degree * static_cast<double>(n);
        return out;
    }
    case Kind::Function:
    case Kind::Root:
        return out;
    default:
        return node.args.empty() || !node.args.front() ? out : expandedSize(*node.args.front());
    }
}

// GiNaC loses the object it works on when an evaluation throws, so what would throw is not tried.
ex quotient(const ex& top, const ex& bottom) {
    if (bottom.is_zero()) {
        throw std::domain_error("division by zero");
    }
    return top / bottom;
}
ex raised(const ex& base, const ex& exponent) {
    if (base.is_zero() && !exponent.info(GiNaC::info_flags::positive)) {
        throw std::domain_error("a power of zero");
    }
    return GiNaC::pow(base, exponent);
}

// GiNaC's counterparts of the functions of one argument.
const std::map<std::string_view, ex (*)(const ex&)>& simpleFunctions() {
    static const std::map<std::string_view, ex (*)(const ex&)> kSimple = {
        {"sin",
         [](const ex& e) -> ex {
             return GiNaC::sin(e);
         }},
        {"cos",
         [](const ex& e) -> ex {
             return GiNaC::cos(e);
         }},
        {"tan",
         [](const ex& e) -> ex {
             return quotient(GiNaC::sin(e), GiNaC::cos(e));
         }},
        {"cot",
         [](const ex& e) -> ex {
             return quotient(GiNaC::cos(e), GiNaC::sin(e));
         }},
        {"sec",
         [](const ex& e) -> ex {
             return quotient(1, GiNaC::cos(e));
         }},
        {"csc",
         [](const ex& e) -> ex {
             return quotient(1, GiNaC::sin(e));
         }},
        {"asin",
         [](const ex& e) -> ex {
             return GiNaC::asin(e);
         }},
        {"acos",
         [](const ex& e) -> ex {
             return GiNaC::acos(e);
         }},
        {"atan",
         [](const ex& e) -> ex {
             return GiNaC::atan(e);
         }},
        {"sinh",
         [](const ex& e) -> ex {
             return GiNaC::sinh(e);
         }},
        {"cosh",
         [](const ex& e) -> ex {
             return GiNaC::cosh(e);
         }},
        {"tanh",
         [](const ex& e) -> ex {
             return GiNaC::tanh(e);
         }},
        {"asinh",
         [](const ex& e) -> ex {
             return GiNaC::asinh(e);
         }},
        {"acosh",
         [](const ex& e) -> ex {
             return GiNaC::acosh(e);
         }},
        {"atanh",
         [](const ex& e) -> ex {
             return GiNaC::atanh(e);
         }},
        {"ln",
         [](const ex& e) -> ex {
             return GiNaC::log(e);
         }},
        {"abs", [](const ex& e) -> ex {
             return GiNaC::abs(e);
         }}};
    return kSimple;
}

// Turns trees into GiNaC expressions; throws std::domain_error for what has no counterpart.
class Converter {
public:
    // A tree as numerator over denominator, neither of them expanded.
    struct Fraction {
        ex top;
        ex bottom;
    };

    bool rational() const { return m_rational; }

    Fraction fraction(const Node& node) {
        switch (node.kind) {
        case Kind::Add: {
            Fraction out = fraction(*node.args.front());
            for (std::size_t i = 1; i < node.args.size(); ++i) {
                const Fraction next = fraction(*node.args[i]);
                if (out.bottom.is_equal(next.bottom)) {
                    out.top = out.top + next.top;
                } else {
                    out = {out.top * next.bottom + next.top * out.bottom, out.bottom * next.bottom};
                }
            }
            return out;
        }
        case Kind::Multiply: {
            Fraction out{1, 1};
            for (const NodePtr& arg : node.args) {
                const Fraction next = fraction(*arg);
                out = {out.top * next.top, out.bottom * next.bottom};
            }
            return out;
        }
        case Kind::Divide: {
            const Fraction a = fraction(*node.args[0]);
            const Fraction b = fraction(*node.args[1]);
            return {a.top * b.bottom, a.bottom * b.top};
        }
        case Kind::Negate: {
            const Fraction a = fraction(*node.args[0]);
            return {-a.top, a.bottom};
        }
        case Kind::Power:
            if (const std::optional<long> n = smallInteger(*node.args[1])) {
                const Fraction a = fraction(*node.args[0]);
                return *n >= 0 ? Fraction{raised(a.top, *n), raised(a.bottom, *n)}
                               : Fraction{raised(a.bottom, -*n), raised(a.top, -*n)};
            }
            return {convert(node), 1};
        default:
            return {convert(node), 1};
        }
    }

    ex convert(const Node& node) {
        switch (node.kind) {
        case Kind::Number:
            return number(node.value);
        case Kind::Symbol:
            return symbol(node.name);
        case Kind::Apply:
            return symbol(canonicalText(node));
        case Kind::Constant:
            m_rational = false;
            return node.name == "pi"  ? ex(GiNaC::Pi)
                   : node.name == "e" ? GiNaC::exp(ex(1))
                                      : ex(GiNaC::I);
        case Kind::Add: {
            ex out = 0;
            for (const NodePtr& arg : node.args) {
                out += convert(*arg);
            }
            return out;
        }
        case Kind::Multiply: {
            ex out = 1;
            for (const NodePtr& arg : node.args) {
                out *= convert(*arg);
            }
            return out;
        }
        case Kind::Divide:
            return quotient(convert(*node.args[0]), convert(*node.args[1]));
        case Kind::Negate:
            return -convert(*node.args[0]);
        case Kind::Percent:
            return convert(*node.args[0]) / 100;
        case Kind::Power:
            return power(node);
        case Kind::Root:
            m_rational = false;
            return rootOf(convert(*node.args[0]), convert(*node.args[1]));
        case Kind::Function:
            m_rational = false;
            return function(node);
        default:
            throw std::domain_error("no counterpart");
        }
    }

private:
    static ex number(const Rational& value) {
        if (mpz_sizeinbase(value.get_num_mpz_t(), 2) > 2048 ||
            mpz_sizeinbase(value.get_den_mpz_t(), 2) > 2048) {
            throw std::domain_error("number too long");
        }
        const auto whole = [](const mpz_class& z) {
            return GiNaC::numeric(z.get_str().c_str());
        };
        return quotient(whole(value.get_num()), whole(value.get_den()));
    }

    ex symbol(const std::string& name) {
        const auto it = m_symbols.find(name);
        if (it != m_symbols.end()) {
            return it->second;
        }
        // Positive reals, so that powers may be combined: probing looks at the other domains.
        return m_symbols.emplace(name, GiNaC::possymbol("v" + std::to_string(m_symbols.size())))
            .first->second;
    }

    ex power(const Node& node) {
        const ex base = convert(*node.args[0]);
        const ex exponent = convert(*node.args[1]);
        if (GiNaC::is_a<GiNaC::numeric>(exponent)) {
            const auto& n = GiNaC::ex_to<GiNaC::numeric>(exponent);
            if (n.is_integer()) {
                if (GiNaC::abs(n) > 200) {
                    throw std::domain_error("exponent too large");
                }
                return raised(base, exponent);
            }
            m_rational = false;
            return n.is_rational() ? rootOf(raised(base, n.numer()), n.denom())
                                   : raised(base, exponent);
        }
        m_rational = false;
        const bool natural = node.args[0]->kind == Kind::Constant && node.args[0]->name == "e";
        return natural ? GiNaC::exp(exponent) : raised(base, exponent);
    }

    static ex rootOf(const ex& radicand, const ex& index) {
        if (GiNaC::is_a<GiNaC::numeric>(index) && GiNaC::ex_to<GiNaC::numeric>(index).is_odd() &&
            radicand.info(GiNaC::info_flags::negative)) {
            return -raised(-radicand, quotient(1, index));
        }
        return raised(radicand, quotient(1, index));
    }

    ex function(const Node& node) {
        std::vector<ex> args;
        for (const NodePtr& arg : node.args) {
            args.push_back(convert(*arg));
        }
        const ex& x = args.front();
        const std::string& name = node.name;
        if (name == "log" && args.size() == 2) {
            return quotient(GiNaC::log(x), GiNaC::log(args[1]));
        }
        if (args.size() != 1) {
            throw std::domain_error("no counterpart");
        }
        const auto& simple = simpleFunctions();
        const auto it = simple.find(name);
        if (it == simple.end()) {
            throw std::domain_error("no counterpart");
        }
        return it->second(x);
    }

    std::map<std::string, ex> m_symbols;
    bool m_rational = true;
};

// Exponents that are not small whole numbers make GiNaC compute real powers of numbers: bounded
// here.
bool tame(const Node& node, double& nodes) {
    if (++nodes > 400) {
        return false;
    }
    if (node.kind == Kind::Power) {
        Budget budget{2000, false};
        const std::optional<Rational> exponent = exactValue(*node.args[1], budget);
        if (exponent && abs(*exponent) > 200) {
            return false;
        }
    }
    return std::all_of(node.args.begin(), node.args.end(),
                       [&](const NodePtr& arg) { return !arg || tame(*arg, nodes); });
}

bool affordable(const Node& a, const Node& b) {
    double nodes = 0;
    if (!tame(a, nodes) || !tame(b, nodes)) {
        return false;
    }
    const Size left = expandedSize(a);
    const Size right = expandedSize(b);
    return left.terms * right.terms <= static_cast<double>(limits::kSymbolicTerms) &&
           left.degree + right.degree <= 200;
}

} // namespace

Zero differenceIsZero(const Node& a, const Node& b) {
    if (!affordable(a, b)) {
        return Zero::Unknown;
    }
    const std::lock_guard lock(ginacMutex());
    try {
        Converter converter;
        const Converter::Fraction left = converter.fraction(a);
        const Converter::Fraction right = converter.fraction(b);
        const ex bottom = (left.bottom * right.bottom).expand();
        if (bottom.is_zero()) {
            return Zero::Unknown;
        }
        const ex top = (left.top * right.bottom - right.top * left.bottom).expand();
        if (top.is_zero()) {
            return Zero::Yes;
        }
        return converter.rational() ? Zero::No : Zero::Unknown;
    } catch (const std::exception&) {
        return Zero::Unknown;
    }
}

Zero constantsAgree(const Node& a, const Node& b) {
    double nodes = 0;
    if (!tame(a, nodes) || !tame(b, nodes)) {
        return Zero::Unknown;
    }
    const std::lock_guard lock(ginacMutex());
    const long digits = GiNaC::Digits;
    Zero result = Zero::Unknown;
    try {
        GiNaC::Digits = 70;
        Converter converter;
        const ex left = converter.convert(a).evalf();
        const ex right = converter.convert(b).evalf();
        if (GiNaC::is_a<GiNaC::numeric>(left) && GiNaC::is_a<GiNaC::numeric>(right)) {
            const auto& x = GiNaC::ex_to<GiNaC::numeric>(left);
            const auto& y = GiNaC::ex_to<GiNaC::numeric>(right);
            const GiNaC::numeric gap = GiNaC::abs(x - y);
            const GiNaC::numeric size = GiNaC::abs(x) + GiNaC::abs(y) + 1;
            const GiNaC::numeric unit = GiNaC::pow(GiNaC::numeric(10), GiNaC::numeric(-50));
            result = gap < size * unit ? Zero::Yes : Zero::No;
        }
    } catch (const std::exception&) {
        result = Zero::Unknown;
    }
    GiNaC::Digits = digits;
    return result;
}

} // namespace scrit::math
