// SPDX-License-Identifier: GPL-3.0-or-later
// Readings of notations that other tables do not hold: repeating decimals, binomials, unions,
// options, money, lists of moments, counting letters. Each rule with near misses.
#include "core/math/answer.h"
#include "core/math/equivalence.h"
#include "core/math/notation.h"
#include "tests/core/math_cases.h"
#include "tests/support/test_program.h"

#include <QtTest>

using namespace scrit::math;
using namespace scrit::test;

class TestMathReadings : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numerals() {
        runCases({{"0.(3)", "\\frac13", kSame},
                  {"1.(6)", "\\frac53", kSame},
                  {"-0.1(6)", "-\\frac16", kSame},
                  {"0.\\bar{27}", "\\frac{3}{11}", kSame},
                  {"0.(27)", "0.27", kOther},
                  {"0.1(6)", "0.16", kOther},
                  {"0.5(3)+x", "1.5+x", kSame}, // a product where it is not the whole text
                  {"2.5 x 10^3", "2500", kSame},
                  {"2.5x10^{-3}", "0.0025", kSame},
                  {"2.5 x 10^3", "250", kOther},
                  {"2x 10^3", "2000", kSame},
                  {"1\\ 000", "1000", kSame},
                  {"1\\ 00", "100", kOpen},
                  {"3 out of 5", "\\frac35", kSame},
                  {"3 out of 5", "\\frac53", kOther},
                  {"3rd", "3^{rd}", kSame},
                  {"3rd", "third", kSame},
                  {"21st", "twenty-first", kSame},
                  {"11th", "eleventh", kSame},
                  {"2nd+1", "2dn+1", kSame}, // variables
                  {"3th", "3", kOther},
                  {"3rd", "fourth", kOther},
                  {"third", "\\frac13", kOther},
                  {"45^\\circ 30'", "45.5^\\circ", kSame},
                  {"1^{\\circ}0'36''", "1.01^\\circ", kSame},
                  {"45^\\circ 30'", "45.3^\\circ", kOther},
                  // Zero times x is nothing that 0x10 could be.
                  {"0x10, 0xFF", "0xFF, 0x10", kSame},
                  {"0x10, 0xFF", "0x10, 0xFE", kOther},
                  {"0xFF+1", "1", kOpen},
                  {"0x+5", "5", kSame}});
    }

    void binomials() {
        runCases({{"6C2", "15", kSame},
                  {"{}_6C_2", "\\binom62", kSame},
                  {"{}_{10}\\mathrm{C}_{3}", "120", kSame},
                  {"^6C_2", "15", kSame},
                  {"C_6^2", "15", kSame},
                  {"C_{10}^{3}", "\\binom{10}{3}", kSame},
                  {"C^2_6", "15", kSame},
                  {"2\\cdot 6C2", "30", kSame},
                  {"6C2", "12", kOther},
                  {"C_6^2", "36", kOther},
                  {"C_1^n", "1", kOther}, // a variable with an index
                  {"C_1x+C_2", "C_1+C_2x", kOther},
                  {"x_6C_2", "15x", kOther}});
    }

    void unionsAndBounds() {
        runCases({{"(-\\infty,2)U(3,\\infty)", "(-\\infty,2)\\cup(3,\\infty)", kSame},
                  {"(-inf, 2] U [3, inf)", "x\\le2 or x\\ge3", kSame},
                  {"(-\\infty,2)U(3,\\infty)", "(-\\infty,2]U[3,\\infty)", kOther},
                  {"(x+1)U(x-1)", "U(x^2-1)", kSame}, // a factor
                  {"2<x<3", "x>2 and x<3", kSame},
                  {"[2,3]", "x\\ge2, x\\le3", kSame},
                  {"(2,3)", "x>2, x<3", kSame},
                  {"\\{-1\\}\\cup[2,\\infty)", "x=-1 or x\\ge2", kSame},
                  {"[2,\\infty)", "x=-1 or x\\ge2", kOther},
                  {"x\\ne2", "all real numbers except 2", kSame},
                  {"(-\\infty,2)\\cup(2,3)\\cup(3,\\infty)",
                   "\\text{all real numbers except } 2 and 3", kSame},
                  {"x\\ne2", "all real numbers except 3", kOther},
                  {"(1,2),(3,4)", "x=1,y=2 or x=3,y=4", kSame},
                  {"(1,2),(3,4)", "x=1,y=4 or x=3,y=2", kOther},
                  {"(1,2),(3,4)", "x=1,y=2 or y=3,x=4", kOpen},
                  {"x>2 and x<3", "x>2 or x<3", kOther},
                  {"x<2 or x>3", "x<2 and x>3", kSame},
                  {"(2,3)", "x>2 or x<3", kOther},
                  {"(2,3)", "x\\ge2, x<3", kOther},
                  {"(-\\infty,2)\\cup(3,\\infty)", "x<2, x>3", kSame},
                  {"(2,3)", "x<2, x>3", kOther},
                  {"|k|>1", "k>1 \\text{ or } k<-1", kSame},
                  {"|k|>1", "k>1 \\text{ or } k<1", kOther}});
    }

    void commas() {
        runCases({{"(3,4)", "3.4", kOther},
                  {"\\{3,4\\}", "3.4", kOther},
                  {"3,4", "3.4", kSame},
                  {"1,000", "1,00", kOther},
                  {"1,000", "1, 0", kOther},
                  {"1,100", "100, 1", kSame}});
    }

    void money() {
        runCases({{"$5", "€5", kOther, Rule::Unit},
                  {"$5", "5 cents", kOther},
                  {"$0.75", "75 cents", kSame, Rule::Unit},
                  {"$75", "75 cents", kOther},
                  {"25¢", "25 cents", kSame},
                  {"$5", "5 dollars", kSame},
                  {"$5", "5 kg", kOther},
                  {"$20 per hour", "20 dollars per hour", kSame},
                  {"75 cents", "75", kSame},
                  {"$5$", "5 cents", kSame}}); // delimiters, no money
    }

    void units() {
        runCases({{"2 hours", "120 min", kSame, Rule::Unit},
                  {"5 min 30 s", "330 s", kSame},
                  {"12 min", "12 s", kOther},
                  {"3 sq. units", "3", kSame},
                  {"2\\text{ MHz}", "2000000\\text{ Hz}", kSame},
                  {"400\\text{ nm}", "4\\cdot10^{-7}\\text{ m}", kSame},
                  {"5\\text{ mA}", "5\\text{ A}", kOther},
                  {"3nm", "3mn", kSame}, // variables where nothing is upright
                  {"2\\text{ MHz}", "2\\text{ kHz}", kOther}});
    }

    void numberWords() {
        runCases({{"half", "0.5", kSame},
                  {"a dozen", "12", kSame},
                  {"two dozen", "24", kSame},
                  {"half a dozen", "6", kSame},
                  {"a hundred", "100", kSame},
                  {"two and three quarters", "2.75", kSame},
                  {"zero point two five", "\\frac14", kSame},
                  {"fifty percent", "50\\%", kSame},
                  {"five apples", "5", kSame},
                  {"five apples", "5 apples", kSame},
                  {"infinite", "\\infty", kSame},
                  {"infinitely many solutions", "infinite", kSame},
                  {"half", "2", kOther},
                  {"a dozen", "10", kOther},
                  {"a hundred", "1000", kOther},
                  {"two and three quarters", "1.25", kOther},
                  {"zero point two five", "25", kOther},
                  {"five apples", "6", kOther},
                  {"one direction", "1", kOther},
                  {"infinite", "-\\infty", kOther},
                  {"infinite", "0", kOther}});
    }

    void severalOptions() {
        runCases({{"A,C", "AC", kSame, Rule::Choice},
                  {"ACD", "(A), (C) and (D)", kSame},
                  {"\\text{A,C}", "AC", kSame},
                  {"Option B", "(B)", kSame},
                  {"A,C", "AD", kOther},
                  {"A,C", "ACD", kOther},
                  {"(A) and (C)", "A", kOther},
                  {"(A) and (C)", "AC", kSame},
                  {"A,C", "CA", kOther}, // a product, or a name
                  {"Option B", "C", kOther}});
        EquivalenceSettings options;
        options.choices = {"True, True", "False, True", "True, False", "no change"};
        runCases({{"C", "True, False", kSame, Rule::ChoiceText},
                  {"B", "True, False", kOther},
                  {"D", "No change.", kSame},
                  {"A", "no change", kOther}},
                 options);
    }

    void assertedLetters() {
        const auto judged = [](const char* gold, const char* pred) {
            return checkAnswers(gold, pred).verdict.equality == Equality::Equal;
        };
        QVERIFY(judged("C", "Option C is correct because A and B are not."));
        QVERIFY(!judged("A", "Option C is correct because A and B are not."));
        QVERIFY(judged("A", "It must be (A), not (B)."));
        QVERIFY(!judged("B", "It must be (A), not (B)."));
        QVERIFY(judged("C", "I would choose option C."));
        QVERIFY(judged("B", "故选B"));
        QVERIFY(judged("D", "Therefore the best choice is D."));
        QVERIFY(!judged("A", "A dog is an animal."));
        QVERIFY(!judged("B", "Vitamin B is needed here."));
    }

    void remarks() {
        const auto answer = [](const char* text) {
            const std::optional<Answer> found = extractAnswer(text);
            return found ? found->text : std::string();
        };
        QCOMPARE(answer("the answer is 1.5, not 2"), std::string("1.5"));
        QCOMPARE(answer("The answer is 12 (not 13)."), std::string("12"));
        QCOMPARE(answer("The answer is 12, since 3*4 = 12."), std::string("12"));
        QCOMPARE(answer("The answer is 12 because 24/2=12."), std::string("12"));
        QCOMPARE(answer("The answer is Yes, it is."), std::string("Yes"));
        QCOMPARE(answer("The answer is 6. The answer isn't 5."), std::string("6"));
        QCOMPARE(answer("The answer is (C). The answer is not B."), std::string("(C)"));
        QCOMPARE(answer("The answer is not possible."), std::string("not possible"));
        QCOMPARE(answer("The answer is (2, 3)."), std::string("(2, 3)"));
        QCOMPARE(answer("The probability is \\frac{1}{2}."), std::string("\\frac{1}{2}"));
        QCOMPARE(answer("The profit is $70,000."), std::string("$70,000"));
        QCOMPARE(answer("The answer is greater than 3."), std::string("greater than 3"));
        QVERIFY(checkAnswers("64", "He runs 64 miles per week.").verdict.equality ==
                Equality::Equal);
        QVERIFY(!isWholeText("x is greater than 3"));
        QVERIFY(!isWholeText("it has to be greater than 3"));
        QVERIFY(checkAnswers("3", "x is greater than 3").verdict.equality != Equality::Equal);
    }

    void moments() {
        runCases({{"March 5 and April 2", "2 April, 5 March", kSame, Rule::Date},
                  {"3 PM and 5 PM", "17:00, 15:00", kSame},
                  {"March 5, 2023; April 2, 2024", "2 April 2024 and 5 March 2023", kSame},
                  {"March 5 and April 2", "March 5 and April 3", kOther},
                  {"March 5 and April 2", "March 5, April 2, May 1", kOther},
                  {"3 PM and 5 PM", "3:00, 5:00", kOpen},
                  {"3:30, 4:45", "4:45, 3:30", kSame}});
    }

    void letters() {
        runCases(
            {{"\\frac{\\pi}{4}+k\\pi", "\\frac{\\pi}{4}+n\\pi", kSame},
             {"x=\\frac{\\pi}{4}+k\\pi, k\\in\\mathbb{Z}", "\\frac{\\pi}{4}+n\\pi", kSame},
             {"2\\pi k, where k is an integer", "2\\pi k", kSame},
             {"60^\\circ+360^\\circ k", "60^\\circ+360^\\circ n", kSame},
             {"\\frac{\\pi}{4}+k\\pi", "\\frac{\\pi}{4}+2n\\pi", kOther},
             {"2k", "2n", kOther}, // nothing says that these count solutions
             {"k\\pi, k\\in\\mathbb{N}", "n\\pi, n\\in\\mathbb{Z}", kOther},
             {"\\cos(k\\pi)", "\\cos(n\\pi)", kOther},
             {"\\sum_{n=1}^\\infty\\frac{1}{n^2}", "\\sum_{k=1}^\\infty\\frac{1}{k^2}", kSame},
             {"\\sum_{n=1}^\\infty\\frac{1}{n^2}", "\\sum_{k=2}^\\infty\\frac{1}{k^2}", kOpen},
             {"3\\mathbf{i}-4\\mathbf{j}", "(3,-4)", kSame},
             {"\\vec{i}+2\\vec{j}-\\vec{k}", "\\begin{pmatrix}1\\\\2\\\\-1\\end{pmatrix}", kSame},
             {"3\\mathbf{i}-4\\mathbf{j}", "(-4,3)", kOther},
             {"3+4i", "(3,4)", kOther},
             {"2\\operatorname{cis}(60^\\circ)", "1+i\\sqrt3", kSame},
             {"2\\operatorname{cis}(60^\\circ)", "1-i\\sqrt3", kOther},
             {"\\overline{3+4i}", "3-4i", kSame},
             {"\\overline{3+4i}", "3+4i", kOther},
             {"cbrt(8)", "2", kSame},
             {"3=x", "3", kSame},
             {"3=x", "x", kOther},
             {"f(x)=3x^2", "f(t)=3t^2", kSame},
             {"f(x)=3x^2", "f(t)=3t^3", kOther},
             {"Area = 12", "12", kSame},
             {"Area = 12", "Perimeter = 12", kOpen},
             {"\\angle ABC = 30^\\circ", "30", kSame},
             {"\\begin{aligned}x&=1\\\\y&=2\\end{aligned}", "x=1,y=2", kSame},
             {"\\begin{aligned}x&=1\\\\y&=2\\end{aligned}", "x=2,y=1", kOther}});
    }

    void words() {
        runCases({{"hyperbola", "a hyperbola", kSame},
                  {"right triangle", "\\text{a right triangle}", kSame},
                  {"I and III", "\\text{I, III}", kSame},
                  {"I and II only", "I and II", kSame},
                  {"H2O", "\\mathrm{H_2O}", kSame, Rule::SameText},
                  {"\\text{C}_6\\text{H}_{12}", "C6H12", kSame},
                  {"C6H12", "C6H10", kOther},
                  {"C2H4", "C4H2", kOther, Rule::Text},
                  {"P_1V_1", "V_1P_1", kSame},
                  {"12", "12 (units)", kSame},
                  {"12", "13 (units)", kOther},
                  {"17 R 2", "17 remainder 2", kSame},
                  {"1,2,3,\\ldots", "1,2,3,...", kSame},
                  {"A and C", "C, A", kSame},
                  {"A or B", "B", kOther},
                  {"hyperbola", "an ellipse", kOther},
                  {"I and II only", "I and III only", kOther},
                  {"17 R 2", "17 R 3", kOther},
                  {"17 R 2", "34R", kOther},
                  {"\\sqrt{}", "0", kOpen},
                  {"\\frac{}{2}", "0", kOpen}});
    }

    void spellings() {
        QCOMPARE(inReadersNotation("x+1"), std::string("x+1"));
        QCOMPARE(inReadersNotation("6C2"), std::string("\\binom{6}{2}"));
        QCOMPARE(inReadersNotation("2k\\pi, k\\in\\mathbb{Z}"), std::string("2k\\pi"));
        QCOMPARE(inReadersNotation("2k\\pi, k\\in\\mathbb{N}"),
                 std::string("2k\\pi, k\\in\\mathbb{N}"));
        QCOMPARE(inReadersNotation("a b"), std::string("a b"));
    }
};

SCRIT_TEST(TestMathReadings)
#include "math_readings.moc"
