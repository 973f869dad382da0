// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/vocabulary.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

namespace scrit::math {

namespace {

using What = Meaning::What;
using Table = std::unordered_map<std::string_view, Meaning>;
using Words = std::unordered_map<std::string_view, std::string_view>;

constexpr std::array<std::string_view, 31> kFunctions = {
    "sin",  "cos",  "tan",   "cot",  "sec",  "csc",   "asin",  "acos",  "atan", "acot", "asec",
    "acsc", "sinh", "cosh",  "tanh", "coth", "asinh", "acosh", "atanh", "ln",   "log",  "lg",
    "exp",  "abs",  "floor", "ceil", "sgn",  "arg",   "conj",  "cis",   "cbrt"};
constexpr std::array<std::string_view, 6> kSeveral = {"gcd", "lcm", "max", "min", "det", "sech"};

void addAll(Table& table, What what, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        table.emplace(name, Meaning{what, name});
    }
}
void addAs(Table& table, What what, std::string_view text,
           std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        table.emplace(name, Meaning{what, text});
    }
}

void addSymbols(Table& t) {
    addAs(t, What::Nothing, "",
          {"left",    "right",    "big",    "Big",          "bigg",      "Bigg",
           "bigl",    "bigr",     "Bigl",   "Bigr",         "biggl",     "biggr",
           "Biggl",   "Biggr",    "middle", "displaystyle", "textstyle", "scriptstyle",
           "limits",  "nolimits", "quad",   "qquad",        "space",     "thinspace",
           "enspace", "hline",    "strut",  "nonumber",     "dollar"});
    addAs(t, What::Symbol, "<=", {"le", "leq", "leqslant", "leqq"});
    addAs(t, What::Symbol, ">=", {"ge", "geq", "geqslant", "geqq"});
    addAs(t, What::Symbol, "<", {"lt"});
    addAs(t, What::Symbol, ">", {"gt"});
    addAs(t, What::Symbol, "!=", {"ne", "neq"});
    addAs(t, What::Symbol, "~", {"approx", "simeq", "doteq", "sim", "approxeq", "cong"});
    addAs(t, What::Symbol, "*", {"times", "cdot", "ast", "cdotp"});
    addAs(t, What::Symbol, "/", {"div"});
    addAs(t, What::Symbol, "\\{", {"lbrace"});
    addAs(t, What::Symbol, "\\}", {"rbrace"});
    addAs(t, What::Symbol, "|", {"lvert", "rvert", "vert", "mid"});
    addAs(t, What::Symbol, "||", {"lVert", "rVert", "Vert"});
    addAs(t, What::Symbol, "(", {"langle", "lparen"});
    addAs(t, What::Symbol, ")", {"rangle", "rparen"});
    addAs(t, What::Symbol, "[", {"lbrack"});
    addAs(t, What::Symbol, "]", {"rbrack"});
    addAs(t, What::Symbol, ":", {"colon"});
    addAs(t, What::Symbol, "...",
          {"ldots", "cdots", "dots", "dotsc", "dotsb", "dotsm", "vdots", "ddots"});
    addAs(t, What::Symbol, "'", {"prime"});
    addAs(t, What::Symbol, "->", {"to", "rightarrow", "longrightarrow", "mapsto"});
    addAs(t, What::Symbol, "=>", {"Rightarrow", "implies", "iff", "Leftrightarrow", "therefore"});
    addAs(t, What::Symbol, "%", {"percent"});
}

void addLetters(Table& t) {
    addAll(t, What::Letter,
           {"alpha",  "beta",  "gamma", "delta", "epsilon", "zeta",    "eta",     "theta", "kappa",
            "lambda", "mu",    "nu",    "xi",    "rho",     "sigma",   "tau",     "phi",   "chi",
            "psi",    "omega", "Gamma", "Delta", "Theta",   "Lambda",  "Xi",      "Sigma", "Phi",
            "Psi",    "Omega", "ell",   "hbar",  "nabla",   "partial", "upsilon", "aleph"});
    addAs(t, What::Letter, "epsilon", {"varepsilon"});
    addAs(t, What::Letter, "phi", {"varphi"});
    addAs(t, What::Letter, "theta", {"vartheta"});
    addAs(t, What::Letter, "rho", {"varrho"});
    addAs(t, What::Letter, "i", {"imath"});
    addAs(t, What::Letter, "j", {"jmath"});
}

void addFunctions(Table& t) {
    for (const std::string_view name : kFunctions) {
        t.emplace(name, Meaning{What::Command, name});
    }
    for (const std::string_view name : kSeveral) {
        t.emplace(name, Meaning{What::Command, name});
    }
    addAs(t, What::Command, "asin", {"arcsin"});
    addAs(t, What::Command, "acos", {"arccos"});
    addAs(t, What::Command, "atan", {"arctan", "arctg"});
    addAs(t, What::Command, "acot", {"arccot"});
    addAs(t, What::Command, "asec", {"arcsec"});
    addAs(t, What::Command, "acsc", {"arccsc"});
    addAs(t, What::Command, "asinh", {"arcsinh", "arsinh"});
    addAs(t, What::Command, "acosh", {"arccosh", "arcosh"});
    addAs(t, What::Command, "atanh", {"arctanh", "artanh"});
    addAs(t, What::Command, "tan", {"tg"});
    addAs(t, What::Command, "cot", {"ctg"});
    addAs(t, What::Command, "csc", {"cosec"});
}

void addConstructs(Table& t) {
    addAs(t, What::Command, "frac", {"dfrac", "tfrac", "cfrac", "rfrac"});
    addAs(t, What::Command, "binom", {"dbinom", "tbinom"});
    addAs(t, What::Command, "sum", {"Sum"});
    addAs(t, What::Command, "int", {"iint", "oint"});
    addAs(t, What::Command, "emptyset", {"varnothing", "O", "oslash"});
    addAs(t, What::Command, "oo", {"infty", "infin"});
    addAs(t, What::Command, "set", {"mathbb", "Bbb"});
    addAs(t, What::Command, "or", {"lor", "vee"});
    addAs(t, What::Command, "and", {"land", "wedge"});
    addAs(t, What::Command, "without", {"setminus", "backslash", "smallsetminus"});
    addAs(t, What::Command, "bar", {"overline", "widebar"});
    addAs(t, What::Command, "hat", {"widehat"});
    addAs(t, What::Command, "tilde", {"widetilde"});
    addAs(t, What::Command, "deg", {"circ", "degree", "degrees"});
    addAs(t, What::Command, "subset", {"subseteq"});
    addAs(t, What::Command, "plain",
          {"vec", "overrightarrow", "underline", "mathcal", "mathscr", "mathfrak"});
    addAs(t, What::Command, "mod", {"bmod"});
    addAs(t, What::Command, "pmod", {"pod"});
    addAs(t, What::Command, "quant", {"forall", "exists"});
    addAll(t, What::Command,
           {"frac",  "sqrt",  "binom",    "sum", "prod", "int",    "lim",    "emptyset",
            "pm",    "mp",    "cup",      "cap", "in",   "notin",  "lfloor", "rfloor",
            "lceil", "rceil", "pi",       "bar", "hat",  "tilde",  "dot",    "boxed",
            "equiv", "perp",  "parallel", "mod", "pmod", "choose", "over"});
}

void addTexts(Table& t) {
    for (const std::string_view name : {"text", "mbox", "textbf", "textrm", "textit", "textsf",
                                        "texttt", "textup", "textnormal", "hbox"}) {
        t.emplace(name, Meaning{What::Text, "text"});
    }
    addAs(t, What::Text, "mathrm", {"mathrm", "mathsf", "mathit", "rm"});
    addAs(t, What::Text, "mathbf", {"mathbf", "boldsymbol", "bold", "bf", "bm"});
    addAs(t, What::Text, "operatorname", {"operatorname"});
}

Table makeCommands() {
    Table table;
    addSymbols(table);
    addLetters(table);
    addFunctions(table);
    addConstructs(table);
    addTexts(table);
    return table;
}

const Table& commands() {
    static const Table table = makeCommands();
    return table;
}

Words makePlainWords() {
    Words words = {
        {"and", "and"},       {"or", "or"},           {"infinity", "oo"},  {"oo", "oo"},
        {"inf", "oo"},        {"percent", "%"},       {"pct", "%"},        {"percentage", "%"},
        {"pi", "pi"},         {"sqrt", "sqrt"},       {"union", "cup"},    {"emptyset", "emptyset"},
        {"in", "in"},         {"arcsin", "asin"},     {"arccos", "acos"},  {"arctan", "atan"},
        {"arsinh", "asinh"},  {"arcosh", "acosh"},    {"artanh", "atanh"}, {"arcsinh", "asinh"},
        {"arccosh", "acosh"}, {"arctanh", "atanh"},   {"theta", "theta"},  {"ceiling", "ceil"},
        {"degrees", "deg"},   {"degree", "deg"},      {"pm", "pm"},        {"mod", "mod"},
        {"about", "~"},       {"approximately", "~"}, {"approx", "~"},     {"roughly", "~"},
        {"to", ":"}};
    for (const std::string_view name : kFunctions) {
        words.emplace(name, name);
    }
    for (const std::string_view name : kSeveral) {
        words.emplace(name, name);
    }
    return words;
}

const Words& plainWords() {
    static const Words words = makePlainWords();
    return words;
}

} // namespace

std::optional<Meaning> commandMeaning(std::string_view name) {
    const auto it = commands().find(name);
    return it == commands().end() ? std::nullopt : std::optional(it->second);
}

std::string_view longestCommandPrefix(std::string_view name) {
    for (std::size_t length = std::min<std::size_t>(name.size() - 1, 16); length >= 2; --length) {
        const auto it = commands().find(name.substr(0, length));
        if (it != commands().end() && it->second.what != What::Text) {
            return name.substr(0, length);
        }
    }
    return {};
}

std::optional<std::string_view> plainWord(std::string_view word) {
    if (const auto it = plainWords().find(word); it != plainWords().end()) {
        return it->second;
    }
    // These are also read with capitals.
    for (const std::string_view known : {"and", "or", "infinity", "percent"}) {
        if (word.size() == known.size() && base::startsWithNoCase(word, known)) {
            return plainWords().at(known);
        }
    }
    return std::nullopt;
}

std::string_view longestFunctionPrefix(std::string_view letters) {
    static constexpr std::array<std::string_view, 16> kPrefixes = {
        "arcsin", "arccos", "arctan", "sqrt", "sinh", "cosh", "tanh", "sin",
        "cos",    "tan",    "cot",    "sec",  "csc",  "log",  "ln",   "exp"};
    for (const std::string_view prefix : kPrefixes) {
        if (letters.starts_with(prefix)) {
            return prefix;
        }
    }
    return {};
}

bool isFunction(std::string_view name) {
    return std::find(kFunctions.begin(), kFunctions.end(), name) != kFunctions.end() ||
           name == "sech";
}

} // namespace scrit::math
