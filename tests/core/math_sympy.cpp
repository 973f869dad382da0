// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/math_sympy.h"

#include <array>
#include <map>
#include <utility>
#include <vector>

namespace scrit::test {

namespace {

struct Value {
    std::string latex;
    std::vector<Value> items; // of a tuple or list
    bool sequence = false;
};

std::string joined(const std::vector<Value>& values, std::string_view separator) {
    std::string out;
    for (const Value& value : values) {
        out += (out.empty() ? "" : std::string(separator)) + value.latex;
    }
    return out;
}

std::string bracketed(const Value& value) {
    return "\\left(" + value.latex + "\\right)";
}

const std::map<std::string, std::string, std::less<>>& functions() {
    static const std::map<std::string, std::string, std::less<>> kFunctions = {
        {"sin", "\\sin"},
        {"cos", "\\cos"},
        {"tan", "\\tan"},
        {"acos", "\\arccos"},
        {"asin", "\\arcsin"},
        {"atan", "\\arctan"},
        {"sinh", "\\sinh"},
        {"cosh", "\\cosh"},
        {"tanh", "\\tanh"},
        {"asinh", "\\operatorname{arcsinh}"},
        {"acosh", "\\operatorname{arccosh}"},
        {"atanh", "\\operatorname{arctanh}"},
        {"_Abs", "\\operatorname{abs}"},
        {"Abs", "\\operatorname{abs}"},
        {"floor", "\\operatorname{floor}"},
        {"ceiling", "\\operatorname{ceil}"},
        {"lcm", "\\operatorname{lcm}"},
        {"gcd", "\\operatorname{gcd}"}};
    return kFunctions;
}

std::string sumOver(std::string_view sign, const std::vector<Value>& args) {
    const std::vector<Value>& range = args[1].items;
    return std::string(sign) + "_{" + range[0].latex + "=" + range[1].latex + "}^{" +
           range[2].latex + "}{" + bracketed(args[0]) + "}";
}

std::string integral(const std::vector<Value>& args) {
    const bool definite = args[1].sequence;
    const std::string variable = definite ? args[1].items[0].latex : args[1].latex;
    const std::string bounds =
        definite ? "_{" + args[1].items[1].latex + "}^{" + args[1].items[2].latex + "}" : "";
    return "\\int" + bounds + " " + bracketed(args[0]) + " d" + variable;
}

std::string matrix(const Value& rows) {
    std::string out = "\\begin{pmatrix}";
    for (const Value& row : rows.items) {
        out +=
            (out.back() == '}' ? "" : "\\\\") + (row.sequence ? joined(row.items, "&") : row.latex);
    }
    return out + "\\end{pmatrix}";
}

std::optional<std::string> called(const std::string& name, const std::vector<Value>& args) {
    static const std::map<std::string, std::string, std::less<>> kBetween = {
        {"_Add", "+"},      {"Add", "+"},    {"_Mul", "\\cdot "},
        {"Mul", "\\cdot "}, {"MatAdd", "+"}, {"MatMul", " "}};
    static const std::map<std::string, std::string, std::less<>> kRelations = {
        {"Eq", "="},
        {"Ne", "\\neq "},
        {"StrictLessThan", "<"},
        {"LessThan", "\\leq "},
        {"StrictGreaterThan", ">"},
        {"GreaterThan", "\\geq "}};
    if (const auto it = kBetween.find(name); it != kBetween.end()) {
        std::string out;
        for (const Value& arg : args) {
            out += (out.empty() ? "" : it->second) + bracketed(arg);
        }
        return "\\left(" + out + "\\right)";
    }
    if (const auto it = kRelations.find(name); it != kRelations.end()) {
        return args[0].latex + it->second + args[1].latex;
    }
    if (const auto it = functions().find(name); it != functions().end()) {
        return it->second + "\\left(" + joined(args, ",") + "\\right)";
    }
    if (name == "Rational" || name == "Integer" || name == "UnevaluatedExpr") {
        return args[0].latex;
    }
    if (name == "Symbol" || name == "Function") {
        return args[0].latex.starts_with("bar{") ? "\\" + args[0].latex : args[0].latex;
    }
    if (name == "_Pow" || name == "Pow") {
        return bracketed(args[0]) + "^{" + args[1].latex + "}";
    }
    if (name == "_log") {
        return args[1].latex == "e" ? "\\ln" + bracketed(args[0])
                                    : "\\log_{" + args[1].latex + "}" + bracketed(args[0]);
    }
    if (name == "_factorial") {
        return "\\left(" + bracketed(args[0]) + "!\\right)";
    }
    if (name == "sqrt" || name == "root") {
        return "\\sqrt[" + (name == "root" ? args[1].latex : "2") + "]{" + args[0].latex + "}";
    }
    if (name == "Limit") {
        return "\\lim_{" + args[1].latex + "\\to " + args[2].latex +
               (args.size() > 3 ? "^{" + args[3].latex + "}" : "") + "}{" + bracketed(args[0]) +
               "}";
    }
    if (name == "Sum" || name == "Product") {
        return sumOver(name == "Sum" ? "\\sum" : "\\prod", args);
    }
    if (name == "Integral") {
        return integral(args);
    }
    if (name == "Derivative") {
        return "\\frac{d}{d" + args[1].latex + "}" + bracketed(args[0]);
    }
    if (name == "Matrix") {
        return matrix(args[0]);
    }
    if (name == "FiniteSet") {
        return "\\{" + joined(args, ",") + "\\}";
    }
    return std::nullopt;
}

// A reader of the few Python expressions that the data has. Null position is an error.
class Reader {
public:
    explicit Reader(std::string_view text) : m_text(text) {}

    std::optional<std::string> run() {
        const std::optional<Value> value = sum();
        skipBlanks();
        return value && m_pos == m_text.size() ? std::optional(value->latex) : std::nullopt;
    }

private:
    void skipBlanks() {
        while (m_pos < m_text.size() && m_text[m_pos] == ' ') {
            ++m_pos;
        }
    }
    bool accept(std::string_view mark) {
        skipBlanks();
        const bool here = m_text.substr(m_pos).starts_with(mark);
        m_pos += here ? mark.size() : 0;
        return here;
    }
    bool isWordAt(std::size_t i) const {
        const char c = i < m_text.size() ? m_text[i] : ' ';
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '.';
    }

    std::optional<Value> sum() {
        std::optional<Value> left = product();
        while (left) {
            const bool minus = accept("-");
            if (!minus && !accept("+")) {
                break;
            }
            const std::optional<Value> right = product();
            left = right ? std::optional(Value{"\\left(" + left->latex + (minus ? "-" : "+") +
                                                   bracketed(*right) + "\\right)",
                                               {},
                                               false})
                         : std::nullopt;
        }
        return left;
    }

    std::optional<Value> product() {
        std::optional<Value> left = power();
        while (left) {
            skipBlanks();
            if (m_text.substr(m_pos).starts_with("**")) {
                return std::nullopt;
            }
            const bool divide = accept("/");
            if (!divide && !accept("*")) {
                break;
            }
            const std::optional<Value> right = power();
            if (!right) {
                return std::nullopt;
            }
            left->latex =
                divide ? "\\frac{" + left->latex + "}{" + right->latex + "}"
                       : "\\left(" + bracketed(*left) + "\\cdot " + bracketed(*right) + "\\right)";
        }
        return left;
    }

    std::optional<Value> power() {
        if (accept("-")) {
            const std::optional<Value> inner = power();
            return inner ? std::optional(Value{"-" + inner->latex, {}, false}) : std::nullopt;
        }
        std::optional<Value> base = atom();
        if (base && accept("**")) {
            const std::optional<Value> exponent = power();
            return exponent ? std::optional(Value{"\\left(" + bracketed(*base) + "^{" +
                                                      exponent->latex + "}\\right)",
                                                  {},
                                                  false})
                            : std::nullopt;
        }
        return base;
    }

    // Members up to the closing mark; "name=value" arguments but the side of a limit are left out.
    std::optional<std::vector<Value>> members(std::string_view close) {
        std::vector<Value> out;
        while (!accept(close)) {
            skipBlanks();
            std::size_t end = m_pos;
            while (isWordAt(end)) {
                ++end;
            }
            const bool named = end > m_pos && end + 1 < m_text.size() && m_text[end] == '=' &&
                               m_text[end + 1] != '=';
            const bool isDirection = named && m_text.substr(m_pos, end - m_pos) == "dir";
            m_pos = named ? end + 1 : m_pos;
            std::optional<Value> value = sum();
            if (!value) {
                return std::nullopt;
            }
            if (!named || isDirection) {
                out.push_back(std::move(*value));
            }
            accept(",");
        }
        return out;
    }

    std::optional<Value> atom() {
        skipBlanks();
        if (accept("[") || accept("(")) {
            const bool list = m_text[m_pos - 1] == '[';
            std::optional<std::vector<Value>> items = members(list ? "]" : ")");
            if (!items) {
                return std::nullopt;
            }
            const bool group = !list && items->size() == 1;
            return group ? items->front() : Value{"", std::move(*items), true};
        }
        if (accept("'")) {
            std::string text;
            while (m_pos < m_text.size() && m_text[m_pos] != '\'') {
                m_pos += m_text[m_pos] == '\\' && m_pos + 1 < m_text.size() ? 1 : 0;
                text += m_text[m_pos++];
            }
            ++m_pos;
            return Value{std::move(text), {}, false};
        }
        const std::size_t begin = m_pos;
        while (isWordAt(m_pos)) {
            ++m_pos;
        }
        return m_pos == begin ? std::nullopt
                              : named(std::string(m_text.substr(begin, m_pos - begin)));
    }

    std::optional<Value> named(const std::string& word) {
        static const std::map<std::string, std::string, std::less<>> kNames = {
            {"oo", "\\infty "}, {"pi", "\\pi "},       {"E", "e"},
            {"I", "i"},         {"theta", "\\theta "}, {"S.EmptySet", "\\emptyset "}};
        if (!accept("(")) {
            const auto it = kNames.find(word);
            return Value{it == kNames.end() ? word : it->second, {}, false};
        }
        const std::optional<std::vector<Value>> args = members(")");
        std::optional<std::string> latex =
            args && !args->empty() ? called(word, *args) : std::nullopt;
        if (latex && word == "Function" && accept("(")) {
            const std::optional<std::vector<Value>> of = members(")");
            latex = of ? std::optional(*latex + "(" + joined(*of, ",") + ")") : std::nullopt;
        }
        return latex ? std::optional(Value{std::move(*latex), {}, false}) : std::nullopt;
    }

    std::string_view m_text;
    std::size_t m_pos = 0;
};

} // namespace

std::optional<std::string> latexOfSympy(std::string_view python) {
    return Reader(python).run();
}

} // namespace scrit::test
