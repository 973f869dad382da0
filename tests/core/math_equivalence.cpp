// SPDX-License-Identifier: GPL-3.0-or-later
// One table of cases for each rule, with near misses that must stay different.
#include "core/math/equivalence.h"
#include "tests/core/math_cases.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <thread>

using namespace scrit::math;

using namespace scrit::test;

class TestMathEquivalence : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbers() {
        runCases({{"18", "18", kSame, Rule::Identical},
                  {"1,234", "1234", kSame, Rule::Number},
                  {"1 234", "1234", kSame},
                  {"1{,}234{,}567", "1234567", kSame},
                  {"11,\\!111", "11111", kSame},
                  {"1,234", "1,235", kOther},
                  {"0.50", ".5", kSame},
                  {"1/2", "0.5", kSame},
                  {"-3", "3", kOther},
                  {"$18", "18", kSame},
                  {"\\$18.00", "18", kSame},
                  {"1\\frac{1}{2}", "3/2", kSame},
                  {"2 1/2", "2.5", kSame},
                  {"1\\frac{1}{2}", "\\frac12", kOther},
                  {"2.5E2", "250", kSame},
                  {"1.5\\times10^3", "1500", kSame},
                  {"1.5\\times10^3", "15000", kOther},
                  {"0.\\overline{3}", "\\frac13", kSame},
                  {"0.1\\overline{6}", "1/6", kSame},
                  {"0.\\overline{3}", "0.3", kOther},
                  {"1,22", "1.22", kSame},
                  {"32, 349", "32349", kOther},
                  {"5!", "120", kSame},
                  {"\\binom{5}{2}", "10", kSame},
                  {"\\lfloor 3.7 \\rfloor", "3", kSame},
                  {"|{-3}|", "3", kSame},
                  {"2^{10}", "1024", kSame},
                  {"\\sqrt[3]{-8}", "-2", kSame},
                  {"\\log_2 8", "3", kSame},
                  {"100000000000000000001", "100000000000000000000", kOther}});
    }

    void rounding() {
        runCases({{"0.17", "1/6", kSame, Rule::Rounded},
                  {"1/6", "0.17", kOther},
                  {"1/3", "0.333333", kSame, Rule::Rounded},
                  {"1/3", "0.3333", kOther},
                  {"4.123105625617661", "\\sqrt{17}", kSame, Rule::Rounded},
                  {"\\sqrt{17}", "4.1", kOther},
                  {"3.14", "3.14159", kSame},
                  {"3.14159", "3.14", kOther},
                  {"5", "5.01", kOther},
                  {"227", "227.4", kOther},
                  {"0.5", "0.54", kOther},
                  {"98721", "98730", kOther},
                  {"0.000000001", "0.000000002", kOther},
                  {"8.404\\times10^{1}", "8.40\\times10^1", kOther}});
        EquivalenceSettings coarse;
        coarse.precision = 3;
        runCases({{"4/3", "1.333", kSame}, {"4/3", "1.33", kOther}}, coarse);
        EquivalenceSettings exact;
        exact.statedPrecision = false;
        runCases({{"0.17", "1/6", kOther}}, exact);
    }

    void percents() {
        runCases({{"28\\%", "28", kSame, Rule::Percent},
                  {"28%", "28 percent", kSame},
                  {"28\\%", "0.28", kSame, Rule::Percent},
                  {"0.28", "28", kOther},
                  {"1", "100", kOther},
                  {"28\\%", "2800", kOther},
                  {"-28\\%", "-28", kSame, Rule::Percent},
                  {"-28\\%", "-0.28", kSame, Rule::Percent},
                  {"-28\\%", "28", kOther},
                  {"28\\%", "7/25", kSame, Rule::Percent},
                  {"28\\%", "0.2801", kOther},
                  // The sign is left out only where there is none.
                  {"28\\%", "100\\cdot 28\\%", kOther},
                  {"28", "100\\cdot 28\\%", kSame},
                  {"28\\%", "14\\%+14\\%", kSame, Rule::Percent},
                  {"28\\%", "1-72\\%", kSame, Rule::Percent},
                  {"28\\%", "100-72\\%", kOther},
                  {"28\\%", "29\\%", kOther}});
        EquivalenceSettings value;
        value.percent = PercentRule::Value;
        runCases({{"28\\%", "28", kOther}, {"28\\%", "7/25", kSame}}, value);
        EquivalenceSettings unit;
        unit.percent = PercentRule::Unit;
        runCases({{"28\\%", "28", kSame}, {"28\\%", "0.28", kOther}}, unit);
    }

    void units() {
        runCases({{"15\\mbox{ cm}^2", "15", kSame, Rule::Unit},
                  {"35 cm", "0.35 m", kSame, Rule::Unit},
                  {"35 cm", "35 m", kOther},
                  {"35\\text{ cm}", "0.35\\text{ m}", kSame, Rule::Unit},
                  {"2 hours", "120 minutes", kSame},
                  {"2 hours", "2 minutes", kOther},
                  {"5\\text{ kg}", "5\\text{ m}", kOther},
                  {"75 cents", "$0.75", kSame, Rule::Unit},
                  {"75 cents", "$75", kOther},
                  {"12 apples", "12", kSame},
                  {"12 apples", "13 apples", kOther},
                  {"90^\\circ", "90", kSame},
                  {"90^\\circ", "\\frac{\\pi}{2}", kSame},
                  {"90^\\circ", "\\pi", kOther},
                  {"5\\text{ km/h}", "5\\text{ km}", kOther},
                  {"€5", "£5", kOther},
                  {"100^\\circ C", "100^\\circ\\text{C}", kSame},
                  {"100^\\circ C", "212^\\circ F", kSame, Rule::Unit},
                  {"100^\\circ C", "100^\\circ F", kOther, Rule::Unit},
                  {"20 degrees Celsius", "20 degrees Fahrenheit", kOther},
                  {"20 degrees Celsius", "20 degrees", kSame},
                  // Nobody says which sign is the wrong one.
                  {"\\$28", "28\\%", kOpen},
                  {"$28", "28%", kOpen},
                  {"$28$", "$28\\%$", kSame}});
    }

    void expressions() {
        runCases({{"x^2-1", "(x-1)(x+1)", kSame, Rule::Symbolic},
                  {"x^2-1", "(x-1)^2", kOther},
                  {"\\frac{x-3}{x+4}", "\\frac{2x^2-5x-3}{2x^2+9x+4}", kSame},
                  {"\\sin^2 x+\\cos^2 x", "1", kSame},
                  {"\\frac{\\ln 5}{\\ln 3}", "\\log_3 5", kSame},
                  {"\\frac{\\sqrt{2}}{2}", "\\frac{1}{\\sqrt2}", kSame, Rule::Constant},
                  {"\\sqrt{2}", "\\sqrt{3}", kOther},
                  {"e^{i\\pi}", "-1", kSame},
                  {"2\\sqrt3+1", "1+2\\sqrt{3}", kSame},
                  {"e^{\\pi\\sqrt{163}}", "262537412640768744", kOther},
                  {"x+(x+y)^{40}", "(x+y)^{40}", kOther},
                  {"x^{30}+x", "x^{30}", kOther},
                  {"x", "x+\\frac{1}{10^{14}}", kOther},
                  {"(x+1)^{8}", "(x+1)^{4}(x+1)^{4}", kSame},
                  {"\\sqrt{x^2}", "x", kOther},
                  {"(a+5)(b+2)", "(+5)(b+2)", kOther},
                  {"1\\sqrt{19}", "1", kOther},
                  {"\\sum_{k=3}^{20}(-1)^{k}\\ln(k)", "\\sum_{n=1}^{18}(-1)^n\\ln(n+2)", kSame},
                  {"\\sum_{k=1}^{n} k", "\\sum_{k=1}^{m} k", kOther},
                  {"f(x)", "f(y)", kOther},
                  {"\\cosx", "\\cos x", kSame},
                  {"x^2+C", "x^2+3+C", kSame, Rule::UpToConstant},
                  {"x^2+C", "x^3+C", kOther},
                  {"x^2+C", "x^2", kOther},
                  {"c_1e^x", "C_1e^x", kSame},
                  {"3+2i", "2i+3", kSame},
                  {"3+2i", "3-2i", kOther},
                  {"\\infty", "-\\infty", kOther},
                  {"\\infty", "-(-\\infty)", kSame},
                  {"\\infty", "10^{100}", kOther},
                  {"9^{9^{9}}", "9^{9^{8}}", kOpen}});
        EquivalenceSettings loose;
        loose.strict = false;
        runCases({{"f(x)", "f(y)", kSame}, {"2x+1", "2t+1", kSame}, {"2x+1", "3t+1", kOther}},
                 loose);
    }

    void equations() {
        runCases({{"x=5", "5", kSame, Rule::Assignment},
                  {"x=5", "6", kOther},
                  {"x=5", "y=5", kOpen},
                  {"2x+z=1", "1", kOther},
                  {"x=5+5+1=1/3\\approx 11", "x=1/3", kSame},
                  {"2x+4y-3=0", "y=-\\frac12x+\\frac34", kSame, Rule::Equation},
                  {"34x+45y=7", "-34x-45y=-7", kSame},
                  {"34x+45y=7", "34x-45y=7", kOpen},
                  {"|AB|=1", "1", kSame},
                  {"f(2)=7", "7", kSame},
                  {"(p,q)=(3,2)", "(3,2)", kSame},
                  {"y=x^2", "y=x^3", kOther},
                  {"k=45,n=2", "n=2,k=45", kSame},
                  {"k=45,n=2", "k=2,n=45", kOther},
                  {"AB=4,CD=5", "4, 5", kSame},
                  {"AB=4,CD=5", "5, 4", kOther},
                  {"p=5,q=2;p=7,q=3", "p=7,q=3 and p=5,q=2", kSame},
                  {"p=5,q=2;p=7,q=3", "p=5,q=3;p=7,q=2", kOther}});
    }

    void setsOfReals() {
        runCases({{"x>=5", "x\\ge5", kSame},
                  {"x<1", "-x>-1", kSame},
                  {"x<1", "x>-1", kOther},
                  {"x<5", "x\\le5", kOther},
                  {"x<5", "(-\\infty,5)", kSame, Rule::Interval},
                  {"0<x<1", "(0,1)", kSame},
                  {"0<x<1", "[0,1)", kOther},
                  {"[0,9)", "[0,1)", kOther},
                  {"[10^{-3},\\infty)", "[0.001,\\infty)", kSame},
                  {"(1,3)\\cup(2,4)", "(1,4)", kSame},
                  {"(1,2)\\cup(2,4)", "(1,4)", kOther},
                  {"x\\ne3", "(-\\infty,3)\\cup(3,\\infty)", kSame},
                  {"\\mathbb{R}\\setminus\\{3\\}", "(-\\infty,3)\\cup(3,\\infty)", kSame},
                  {"x\\in[-2,7]", "[-2,7]", kSame},
                  {"-2\\le x\\le7", "x\\in[-2,7]", kSame},
                  {"x<1 or x>3", "(-\\infty,1)\\cup(3,\\infty)", kSame},
                  {"2x+y<1", "4x+2y<2", kSame},
                  {"2x+y<1", "-2x-y<-1", kOpen},
                  {"(0,1)", "5", kOther}});
        EquivalenceSettings oneWay;
        oneWay.setAgainstRelation = false;
        runCases(
            {{"x\\in[-2,7]", "-2\\le x\\le7", kOther}, {"-2\\le x\\le7", "x\\in[-2,7]", kSame}},
            oneWay);
    }

    void collections() {
        runCases(
            {{"1,2,3", "3, 2, 1", kSame},
             {"1,2,\\frac12", "0.5,2,1", kSame, Rule::Set},
             {"0.17, 2", "2, 1/6", kSame, Rule::Rounded},
             {"1,2", "1,2,3", kOther},
             {"1,1,2", "1,2", kOther},
             {"\\{1,2\\}", "\\{2,1,1\\}", kSame},
             {"(1,2)", "(2,1)", kOther},
             {"(1,\\frac92)", "(1,4.5)", kSame, Rule::Tuple},
             {"(3,1)", "\\{1,3\\}", kOther},
             {"6 \\text{ and } 8", "8,6", kSame},
             {"19, 46, and 82", "21, 36, and 82", kOther},
             {"3\\pm2\\sqrt2", "3-2\\sqrt2, 3+2\\sqrt2", kSame},
             {"3\\pm2\\sqrt2", "3+2\\sqrt2", kOther},
             {"-125,343", "343, -125", kSame},
             {"(5,8),(8,5)", "(8,5),(5,8)", kSame},
             {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}",
              "\\begin{bmatrix}1&2\\\\3&4\\end{bmatrix}", kSame},
             {"\\begin{pmatrix}0.5\\\\4\\end{pmatrix}",
              "\\begin{pmatrix}\\frac12\\\\4\\end{pmatrix}", kSame, Rule::Matrix},
             {"\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}",
              "\\begin{pmatrix}1&3\\\\2&4\\end{pmatrix}", kOther},
             {"\\begin{pmatrix}1\\\\2\\end{pmatrix}", "(1,2)", kSame},
             {"\\begin{pmatrix}1&2\\end{pmatrix}", "\\begin{pmatrix}1\\\\2\\end{pmatrix}", kOther},
             {"7:32", "14:64", kSame, Rule::Ratio},
             {"7:32", "32:7", kOther},
             {"204_5", "204_{5}", kSame},
             {"101_2", "5_{10}", kSame, Rule::Base},
             {"101_2", "101", kOpen},
             {"101_2", "101_3", kOther}});
    }

    void words() {
        runCases({{"\\text{Evelyn}", "Evelyn", kSame},
                  {"Evelyn", "evelyn", kSame, Rule::Text},
                  {"\\text{angle}", "\\text{angel}", kOther},
                  {"no solution", "\\emptyset", kSame},
                  {"no solution", "5", kOther},
                  {"\\text{odd}", "odd", kSame},
                  {"Monday", "Tuesday", kOther},
                  {"", "5", kOpen, Rule::Empty}});
    }

    void choices() {
        runCases({{"B", "(B)", kSame},
                  {"B", "b)", kSame},
                  {"B", "C", kOther},
                  {"(D) Alina", "D", kSame}});
        EquivalenceSettings options;
        options.choices = {"12", "\\frac{1}{2}", "7 apples"};
        runCases({{"B", "0.5", kSame, Rule::ChoiceText},
                  {"B", "12", kOther, Rule::ChoiceText},
                  {"A", "\\text{(A)}", kSame, Rule::Choice},
                  {"C", "9", kOpen}},
                 options);
    }

    void protocols() {
        EquivalenceSettings settings;
        QCOMPARE(protocolId(settings), std::string("answer-match/3"));
        settings.precision = 3;
        settings.strict = false;
        QCOMPARE(protocolId(settings), std::string("answer-match/3;precision=3;strict=no"));
        settings.percent = PercentRule::Unit;
        settings.statedPrecision = false;
        settings.setAgainstRelation = false;
        const auto back = settingsOfProtocol(protocolId(settings));
        QVERIFY(back);
        QCOMPARE(protocolId(*back), protocolId(settings));
        QCOMPARE(protocolId(*settingsOfProtocol("answer-match/3;strict=no;precision=3")),
                 std::string("answer-match/3;precision=3;strict=no"));
        for (const char* wrong :
             {"", "answer-match/2", "answer-match/30", "answer-match/3;", "answer-match/3;strict",
              "answer-match/3;strict=maybe", "answer-match/3;precision=51", "format/1",
              "answer-match/3;precision=-1", "answer-match/3precision=3"}) {
            QVERIFY2(!settingsOfProtocol(wrong), wrong);
        }
        QCOMPARE(name(Rule::Limit), std::string_view("limit"));
        QCOMPARE(name(Rule::Unreadable), std::string_view("unreadable"));
        QCOMPARE(name(Rule::UpToConstant), std::string_view("up-to-constant"));
    }

    // The same verdicts from four threads at once as from one.
    void threads() {
        const std::vector<std::pair<std::string, std::string>> pairs = {
            {"x^2-1", "(x-1)(x+1)"},
            {"\\frac{\\sqrt2}{2}", "\\frac{1}{\\sqrt2}"},
            {"\\sin 2x", "2\\sin x\\cos x"},
            {"(a+b)^3", "a^3+3a^2b+3ab^2+b^3"},
            {"1/3", "0.333333"}};
        std::vector<Verdict> expected;
        for (const auto& [gold, pred] : pairs) {
            expected.push_back(equivalent(gold, pred));
        }
        std::vector<int> wrong(4, 0);
        std::vector<std::thread> workers;
        for (int& mine : wrong) {
            workers.emplace_back([&]() {
                for (int round = 0; round < 20; ++round) {
                    for (std::size_t i = 0; i < pairs.size(); ++i) {
                        mine += equivalent(pairs[i].first, pairs[i].second) == expected[i] ? 0 : 1;
                    }
                }
            });
        }
        for (std::thread& worker : workers) {
            worker.join();
        }
        QCOMPARE(wrong, std::vector<int>(4, 0));
    }
};

SCRIT_TEST(TestMathEquivalence)
#include "math_equivalence.moc"
