// SPDX-License-Identifier: GPL-3.0-or-later
// Notations with rules of their own: days and hours, bases, bars, compound units, words for
// numbers, remainders, sets by a condition. Each table has near misses that must stay different.
#include "core/math/equivalence.h"
#include "tests/core/math_cases.h"
#include "tests/support/test_program.h"

#include <QtTest>

using namespace scrit::math;
using namespace scrit::test;

class TestMathNotation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void times() {
        runCases({{"3:30 PM", "15:30", kSame, Rule::Time},
                  {"3:30 PM", "3:30 p.m.", kSame},
                  {"3:30\\text{ p.m.}", "\\text{3:30 PM}", kSame},
                  {"3:30pm", "03:30 PM", kSame},
                  {"3 PM", "3:00 PM", kSame},
                  {"noon", "12:00 PM", kSame},
                  {"midnight", "12 a.m.", kSame},
                  {"12:30 AM", "0:30", kSame},
                  {"5 o'clock PM", "17:00", kSame},
                  {"6 in the evening", "6 PM", kSame},
                  {"9:05", "09:05", kSame},
                  {"2:05:30 PM", "14:05:30", kSame},
                  {"3:30 PM", "3:30 AM", kOther, Rule::Time},
                  {"3:30 PM", "3:31 PM", kOther},
                  {"15:30", "3:30 AM", kOther},
                  {"12:00 PM", "12:00 AM", kOther},
                  {"noon", "midnight", kOther},
                  {"3:30", "4:30", kOther},
                  {"3:30 PM", "7", kOther},
                  // Half of the day is left out, or all but the hour: nobody can tell.
                  {"3:30 PM", "3:30", kOpen, Rule::Time},
                  {"3 PM", "3", kOpen},
                  // A ratio is no time.
                  {"3:30", "1:10", kSame, Rule::Ratio},
                  {"25:70 PM", "3:30 PM", kOpen},
                  {"3:30 PM", "7:2", kOpen},
                  {"3:30 PM", "x+1", kOpen}});
    }

    void dates() {
        runCases({{"March 5, 2023", "5 March 2023", kSame, Rule::Date},
                  {"March 5, 2023", "2023-03-05", kSame},
                  {"March 5, 2023", "03/05/2023", kSame},
                  {"13/05/2023", "May 13, 2023", kSame},
                  {"Mar 5", "the 5th of March", kSame},
                  {"2023年3月5日", "March 5, 2023", kSame},
                  {"\\text{June }6", "June 6", kSame},
                  {"Tuesday, March 7", "March 7", kSame},
                  {"Tue", "Tuesday", kSame},
                  {"March 5", "March 5, 2023", kSame},
                  {"March 5, 2023", "March 6, 2023", kOther, Rule::Date},
                  {"March 5, 2023", "March 5, 2024", kOther},
                  {"March 5", "May 3", kOther},
                  {"Monday", "Tuesday", kOther},
                  {"Monday, March 7", "Tuesday, March 7", kOther},
                  {"03/05/2023", "May 4, 2023", kOther},
                  {"March 5", "7", kOther},
                  {"03/05/2023", "May 3, 2023", kOpen}, // day and month may be swapped
                  {"March", "March 5", kOpen},
                  {"March 5", "5", kOpen},
                  {"February 30", "March 2", kOther},
                  {"3/5", "0.6", kSame}, // a fraction, not a day
                  {"2023-3-5", "2015", kSame}});
    }

    void bases() {
        runCases({{"101_2", "101_{2}", kSame},
                  {"101_2", "(101)_2", kSame},
                  {"101_2", "101_{\\text{two}}", kSame},
                  {"101_2", "101 base 2", kSame},
                  {"101_2", "101 (base 2)", kSame},
                  {"101_2", "0b101", kSame},
                  {"101_2", "5_{10}", kSame, Rule::Base},
                  {"1A_{16}", "26_{10}", kSame},
                  {"\\text{1A}_{16}", "1a_{16}", kSame},
                  {"FF_{16}", "377_8", kSame},
                  {"0xFF", "11111111_2", kSame},
                  {"-101_2", "-5_{10}", kSame},
                  {"0.1_2", "0.5_{10}", kSame},
                  {"1010\\,1010_2", "10101010_2", kSame},
                  {"101_2, 110_2", "110_2, 101_2", kSame},
                  {"x = 101_2", "101_2", kSame},
                  {"25_{10}", "25", kSame},
                  {"101_2", "101_3", kOther, Rule::Base},
                  {"101_2", "110_2", kOther},
                  {"101_2", "7", kOther},
                  {"25_{10}", "26", kOther},
                  {"101_2", "101", kOpen, Rule::Base}, // the base may have been left out
                  {"101_2", "5", kOpen},
                  {"a_{12}", "10", kOther}, // a name
                  {"102_2", "8", kOpen}});
    }

    void bars() {
        runCases({{"||x||y||", "|x||y|", kSame},
                  {"||x|-1|", "|1-|x||", kSame},
                  {"|x||y|", "|xy|", kSame},
                  {"|a|b|c|", "b|ac|", kSame},
                  {"\\left|\\left|x\\right|-2\\right|", "||x|-2|", kSame},
                  {"\\|x\\|", "|x|", kSame},
                  {"|-3|", "3", kSame},
                  {"2|x-1|^2", "2(x-1)^2", kSame},
                  {"|\\frac{|x|}{2}|", "\\frac{|x|}{2}", kSame},
                  {"\\{x | |x| < 3\\}", "(-3,3)", kSame},
                  {"||x|-1|", "|x-1|", kOther},
                  {"|x|", "x", kOther},
                  {"||x|", "|x|", kOpen},
                  {"|x|y|", "|xy|", kOpen},
                  {"|x|y|", "xy", kOpen}, // the letters of what cannot be read are no words
                  {"P(A | B)", "P(B | A)", kOpen}});
    }

    void compoundUnits() {
        runCases({{"2 hours 30 minutes", "150 minutes", kSame, Rule::Unit},
                  {"2 hours and 30 minutes", "2.5 hours", kSame},
                  {"2 hours, 30 minutes", "2 hours 30 minutes", kSame},
                  {"5 feet 6 inches", "66 inches", kSame},
                  {"5 dollars and 25 cents", "$5.25", kSame},
                  {"1 kg 500 g", "1.5 kg", kSame},
                  {"60 mph", "60 miles per hour", kSame},
                  {"60 km/h", "60 kilometers per hour", kSame},
                  {"12\\text{ square meters}", "12 m^2", kSame},
                  {"3.5 million", "3{,}500{,}000", kSame},
                  {"\\$3.5 \\text{ million}", "3500000", kSame},
                  {"2 dozen eggs", "24 eggs", kSame},
                  {"7 red apples", "7 apples", kSame},
                  {"2 hours 30 minutes", "2 hours 3 minutes", kOther},
                  {"2 hours 30 minutes", "230 minutes", kOther},
                  {"3.5 million", "3.5", kOther},
                  {"3 dozen", "3", kOther},
                  {"12\\text{ square meters}", "12 m", kOther},
                  {"7 apples", "8 oranges", kOther},
                  {"7 apples", "7 oranges", kOpen}});
    }

    void numberWords() {
        runCases({{"five", "5", kSame},
                  {"twenty-one", "21", kSame},
                  {"three hundred and five", "305", kSame},
                  {"two thousand", "2000", kSame},
                  {"two thirds", "\\frac{2}{3}", kSame},
                  {"one and a half", "1.5", kSame},
                  {"minus seven", "-7", kSame},
                  {"five dollars", "$5", kSame},
                  {"\\text{two}", "2", kSame},
                  {"five", "6", kOther},
                  {"twenty-one", "20", kOther},
                  {"two thirds", "\\frac{3}{2}", kOther},
                  {"twenty thirty", "50", kOther},
                  {"one direction", "1", kOther},
                  {"0.333...", "\\frac13", kSame},
                  {"0.121212...", "\\frac{4}{33}", kSame},
                  {"0.1666...", "\\frac16", kSame},
                  {"0.333...", "0.333", kOther},
                  {"1e3", "1000", kSame},
                  {"1e3", "1001", kOther}});
    }

    void remainders() {
        runCases({{"3 \\pmod 7", "10 \\pmod{7}", kSame, Rule::Remainder},
                  {"x \\equiv 3 (mod 7)", "x \\equiv 3 \\pmod 7", kSame},
                  {"x \\equiv 3 \\pmod 7", "3", kSame},
                  {"17 \\bmod 5", "2", kSame},
                  {"-1 \\bmod 5", "4", kSame},
                  {"3 \\pmod 7", "4 \\pmod 7", kOther},
                  {"17 \\bmod 5", "3", kOther},
                  {"3 \\pmod 7", "3 \\pmod 5", kOpen},
                  {"3 \\pmod 7", "10", kOpen},
                  {"3 \\pmod 7", "4", kOther}});
    }

    void setPhrases() {
        runCases({{"all real numbers", "(-\\infty, \\infty)", kSame},
                  {"\\text{all real numbers}", "\\mathbb{R}", kSame},
                  {"no solution", "\\emptyset", kSame},
                  {"There are no solutions.", "no solution", kSame},
                  {"DNE", "does not exist", kSame},
                  {"diverges", "\\text{divergent}", kSame},
                  {"negative infinity", "-\\infty", kSame},
                  {"no real solution", "\\emptyset", kSame},
                  {"no solution", "all real numbers", kOther},
                  {"diverges", "converges", kOther},
                  {"no solution", "0", kOther},
                  {"no real solution", "no solution", kOpen}}); // there may be complex ones
    }

    void conditions() {
        runCases({{"\\{x : x \\ge 1\\}", "[1, \\infty)", kSame},
                  {"\\{x \\in \\mathbb{R} \\mid x \\neq 1\\}", "x \\ne 1", kSame},
                  {"\\{x \\in \\mathbb{R} : 0 < x < 1\\}", "(0, 1)", kSame},
                  {"|x| \\le 1", "[-1, 1]", kSame},
                  {"|x| > 1", "(-\\infty, -1) \\cup (1, \\infty)", kSame},
                  {"\\ge 5", "x \\ge 5", kSame},
                  {"]2, 5[", "(2, 5)", kSame},
                  {"[2, 5[", "[2, 5)", kSame},
                  {"x \\ne -2, x \\ne 3", "(-\\infty,-2)\\cup(-2,3)\\cup(3,\\infty)", kSame},
                  {"x \\in \\{1, 2\\}", "x = 1 or x = 2", kSame},
                  {"(x, y) = (2, 3)", "x = 2, y = 3", kSame},
                  {"(x, y) = (2, 3)", "y = 3, x = 2", kSame},
                  {"(a, b, c) = (1, 2, 3)", "1, 2, 3", kSame},
                  {"(x, y) = (2, 3)", "x = 3, y = 2", kOther},
                  {"(a, b, c) = (1, 2, 3)", "3, 2, 1", kOther},
                  {"|x| < 1", "[-1, 1]", kOther},
                  {"\\ge 5", "x > 5", kOther},
                  {"x \\in \\{1, 2\\}", "x = 1 or x = 3", kOther},
                  {"\\{x \\in \\mathbb{Z} \\mid x > 1\\}", "(1, \\infty)", kOpen}});
    }

    void formulas() {
        runCases({{"{10 \\choose 3}", "120", kSame},
                  {"C(10,3)", "\\binom{10}{3}", kSame},
                  {"{a \\over b}", "\\frac{a}{b}", kSame},
                  {"\\binom{n}{2}", "\\frac{n(n-1)}{2}", kSame},
                  {"\\sum_{k=1}^{n} k^2", "\\frac{n(n+1)(2n+1)}{6}", kSame},
                  {"\\sum_{i=0}^{3} 2^i", "15", kSame},
                  {"\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}", "-2", kSame},
                  {"\\det\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "-2", kSame},
                  {"[[1,2],[3,4]]", "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", kSame},
                  {"\\mathbf{i}+2\\mathbf{j}", "\\hat{i}+2\\hat{j}", kSame},
                  {"\\ln|x|+C", "\\ln|x|+c", kSame},
                  {"f^{-1}(x)=\\frac{x-1}{2}", "\\frac{x-1}{2}", kSame},
                  {"y=2x+3", "f(x)=2x+3", kSame},
                  {"1 to 2", "1:2", kSame, Rule::Exact}, // the same tree
                  {"1 to 2", "2:4", kSame, Rule::Ratio},
                  {"about 5", "5", kSame},
                  {"\\text{A and B}", "B, A", kSame},
                  {"\\int_0^1 x\\,dx", "\\int_{0}^{1} x dx", kSame},
                  {"\\int_0^1 (x+1)^2 dx", "\\int_0^{1}(x^2+2x+1)dx", kSame, Rule::Symbolic},
                  {"\\lim_{x\\to 0}\\frac{1}{x}", "\\lim_{x \\rightarrow 0} x^{-1}", kSame},
                  {"\\lim_{x\\to 0^+}\\frac1x", "\\lim_{x\\to 0^{+}}x^{-1}", kSame},
                  // Not worked out, so that nothing is shown where the parts differ.
                  {"\\lim_{x\\to 0^+}\\frac1x", "\\lim_{x\\to 0^-}\\frac1x", kOpen},
                  {"\\lim_{x\\to 0^{+}}\\frac1x", "\\lim_{x\\to 0}\\frac1x", kOpen},
                  {"\\int x+C\\,dx", "\\int x+3+C\\,dx", kOpen},
                  {"\\int_0^1 xdx", "\\int_0^1 x\\,dx", kSame},
                  {"\\int_0^1 x\\,dx", "\\int_0^2 x\\,dx", kOpen},
                  {"\\int_0^1 x\\,dx", "\\int x\\,dx", kOpen},
                  {"\\int x\\,dx", "\\int x\\,dy", kOpen},
                  {"\\sum_{k=1}^{n} k^2", "\\frac{n(n+1)}{2}", kOther},
                  {"\\binom{n}{2}", "\\frac{n(n+1)}{2}", kOther},
                  {"{10 \\choose 3}", "\\frac{10}{3}", kOther},
                  {"\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}", "2", kOther},
                  {"[[1,2],[3,4]]", "\\begin{pmatrix}1&3\\\\2&4\\end{pmatrix}", kOther},
                  {"y=2x+3", "f(x)=2x-3", kOther},
                  {"1 to 2", "2 to 1", kOther},
                  // Equal where all variables are positive only.
                  {"\\sqrt{x}\\sqrt{y}", "\\sqrt{xy}", kOpen},
                  {"\\ln(x^2)", "2\\ln x", kOpen}});
    }
};

SCRIT_TEST(TestMathNotation)
#include "math_notation.moc"
