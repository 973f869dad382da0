// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <gmpxx.h>

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace scrit::math {

using Rational = mpq_class;

// What a node is; the comments name its arguments.
enum class Kind {
    Number,     // value; decimals and digits say how it was written
    Symbol,     // name: a variable
    Constant,   // name: "pi", "e", "i"
    Infinity,   // positive infinity
    Text,       // name: words
    Add,        // terms
    Multiply,   // factors
    Divide,     // numerator, denominator
    Power,      // base, exponent
    Root,       // radicand, index
    Negate,     // operand
    Function,   // name: "sin", "log" (argument, base) …
    Apply,      // name: an unknown function, arguments
    Factorial,  // operand
    PlusMinus,  // left (may be null: a sign), right; name "+-" or "-+"
    Percent,    // operand
    Quantity,   // value; unit and name say the unit as written
    Tuple,      // members in order; (a, b) may also be an open interval
    Interval,   // low, high; closedLow, closedHigh
    Set,        // members, explicit braces \{ \}
    List,       // members without delimiters, or in invisible braces; name may be kEither
    Groups,     // lists of a list, separated by "and", "or" or ";"; name may be kEither
    Union,      // parts
    Intersect,  // parts
    Without,    // whole, part
    EmptySet,   //
    Reals,      // name: "R", "Z", …
    Relation,   // members of a chain; ops between them
    Ratio,      // parts of a : b
    Matrix,     // members row by row; columns
    BaseNumber, // name: digits; value: the base
    Sum,        // name "sum" or "prod"; variable, from, to, body (from and to may be null)
    Opaque,     // name: integral, limit, derivative …; arguments are compared one by one
};

// The name of a List or of Groups whose members an "or" separates.
inline constexpr std::string_view kEither = "or";

struct Node;
using NodePtr = std::shared_ptr<const Node>;

// A unit as a factor to base units and their exponents, e.g. km/h = 5/18 · m · s^-1.
struct Unit {
    Rational factor = 1;
    std::vector<std::pair<std::string, int>> dimensions; // sorted by name, no zero exponents
    bool known = false;                                  // false: just words ("apples")
};

// One node of an expression tree. Immutable once built and shared freely between threads. Depth and
// size are bounded by the parser (limits.h), so recursion over a tree is safe.
struct Node {
    Kind kind = Kind::Text;
    Rational value;
    std::string name;
    std::vector<NodePtr> args;
    std::vector<std::string> ops; // Relation: "=", "!=", "<", "<=", ">", ">=", "~", "in"
    Unit unit;
    int decimals = -1; // Number: decimal places as written, -1 = written exactly
    int digits = 0;    // Number: significant digits as written
    std::size_t columns = 0;
    int depth = 1; // levels of the tree below and including this node
    bool closedLow = false;
    bool closedHigh = false;
};

[[nodiscard]] NodePtr makeNode(Kind kind, std::vector<NodePtr> args = {}, std::string name = {});
[[nodiscard]] NodePtr makeNumber(const Rational& value);
[[nodiscard]] NodePtr makeRelation(std::vector<NodePtr> members, std::vector<std::string> ops);
[[nodiscard]] NodePtr makeInterval(NodePtr low, NodePtr high, bool closedLow, bool closedHigh);
[[nodiscard]] NodePtr makeMatrix(std::vector<NodePtr> members, std::size_t columns);
[[nodiscard]] NodePtr negated(const NodePtr& node);
[[nodiscard]] NodePtr difference(const NodePtr& a, const NodePtr& b);

// The nodes of a tree, those that are shared counted at each place; stops counting at `most`.
[[nodiscard]] std::size_t nodeCount(const Node& node, std::size_t most);

// One unambiguous line of text for a tree, e.g. "sqrt(2)*x^2/3"; equal trees print alike, and sums,
// products, sets and lists are sorted so that the order of writing does not matter.
[[nodiscard]] std::string canonicalText(const Node& node);

// The free variables of a tree, sorted. Bound variables of sums are left out.
[[nodiscard]] std::set<std::string> freeSymbols(const Node& node);

// A copy with every symbol replaced through `rename` (names that are not in it stay).
[[nodiscard]] NodePtr renamed(const NodePtr& node,
                              const std::vector<std::pair<std::string, std::string>>& rename);

// True for trees that stand for one number (or a function of variables): everything but lists,
// sets, intervals, relations, matrices and words.
[[nodiscard]] bool isScalar(const Node& node);

} // namespace scrit::math
