// SPDX-License-Identifier: GPL-3.0-or-later
// Equality survives rewriting: an answer and the same answer written otherwise are equal, both ways
// round, and an answer that was changed by a factor, a sign or a term is never equal.
#include "core/math/equivalence.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <string>
#include <utility>
#include <vector>

using namespace scrit::math;

namespace {

// "#" stands for the answer.
std::string put(std::string pattern, const std::string& answer) {
    for (std::size_t at = pattern.find('#'); at != std::string::npos;
         at = pattern.find('#', at + answer.size())) {
        pattern.replace(at, 1, answer);
    }
    return pattern;
}

const std::vector<std::string>& scalars() {
    static const std::vector<std::string> kScalars = {"5",
                                                      "-3",
                                                      "1234567",
                                                      "0.75",
                                                      "12.5",
                                                      "\\frac{5}{8}",
                                                      "-\\frac{22}{7}",
                                                      "\\sqrt{2}",
                                                      "2\\pi",
                                                      "3+4i",
                                                      "\\ln 5",
                                                      "2^{10}",
                                                      "\\frac{1+\\sqrt{5}}{2}",
                                                      "x^2-1",
                                                      "\\sin x",
                                                      "\\frac{x+1}{x-2}",
                                                      "e^{2x}",
                                                      "|x|+1",
                                                      "||x|-3|",
                                                      "n!",
                                                      "\\sqrt[3]{a+b}",
                                                      "\\log_2 (y^2+1)"};
    return kScalars;
}

const std::vector<std::string>& others() {
    static const std::vector<std::string> kOthers = {
        "(1, 2)",
        "\\{1, 2, 3\\}",
        "[0, 1)",
        "(-\\infty, 2) \\cup (3, \\infty)",
        "x = 55",
        "2x + 3y = 1",
        "x < 4",
        "1 \\le x \\le 2",
        "\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}",
        "7, 8",
        "5 : 7",
        "101_2",
        "3 \\pm \\sqrt{2}",
        "28\\%",
        "35\\text{ cm}",
        "3:30 \\text{ PM}",
        "\\text{March 5, 2023}"};
    return kOthers;
}

void expectEqual(const std::string& a, const std::string& b) {
    for (const auto& [gold, pred] : {std::pair(a, b), std::pair(b, a)}) {
        const Verdict verdict = equivalent(gold, pred);
        const std::string message = gold + " | " + pred + ": " +
                                    std::string(name(verdict.equality)) + " by " +
                                    std::string(name(verdict.rule));
        QVERIFY2(verdict.equality == Equality::Equal, message.c_str());
    }
}

void expectNotEqual(const std::string& a, const std::string& b) {
    for (const auto& [gold, pred] : {std::pair(a, b), std::pair(b, a)}) {
        const Verdict verdict = equivalent(gold, pred);
        const std::string message =
            gold + " | " + pred + ": equal by " + std::string(name(verdict.rule));
        QVERIFY2(verdict.equality != Equality::Equal, message.c_str());
    }
}

} // namespace

class TestMathRewriting : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // What only dresses an answer.
    void dressing() {
        for (const char* pattern : {"$#$", "\\(#\\)", "\\[ # \\]", "$$#$$", " # ", "#.",
                                    "\\boxed{#}", "**#**", "\\displaystyle #", "$\\boxed{#}$."}) {
            for (const std::string& answer : scalars()) {
                expectEqual(answer, put(pattern, answer));
            }
            for (const std::string& answer : others()) {
                expectEqual(answer, put(pattern, answer));
            }
        }
    }

    // Spelling inside an answer.
    void spelling() {
        const std::vector<std::pair<std::string, std::string>> kSpellings = {
            {"\\frac", "\\dfrac"},
            {"(", "\\left("},
            {")", "\\right)"},
            {"\\le ", "\\leq "},
            {" ", "  "},
            {" ", "\\, "},
            {"\\cup", " \\cup "},
            {"\\infty", "\\infty "},
            {"pmatrix", "bmatrix"},
            {"\\%", "%"},
            {"\\text{ cm}", " cm"},
            {"\\text{ PM}", " p.m."},
            {"_2", "_{2}"},
            {"\\{", "\\left\\{"}};
        for (const auto& [from, to] : kSpellings) {
            int applied = 0;
            for (const auto* list : {&scalars(), &others()}) {
                for (const std::string& answer : *list) {
                    std::string written = answer;
                    for (std::size_t at = written.find(from); at != std::string::npos;
                         at = written.find(from, at + to.size())) {
                        written.replace(at, from.size(), to);
                    }
                    if (written != answer) {
                        ++applied;
                        expectEqual(answer, written);
                    }
                }
            }
            QVERIFY2(applied > 0, from.c_str());
        }
    }

    // Arithmetic that changes nothing.
    void identities() {
        for (const char* pattern :
             {"(#)", "{#}", "+(#)", "-(-(#))", "1\\cdot (#)", "(#)+0", "(#)^1", "\\frac{2(#)}{2}",
              "\\frac{#}{1}", "(#)+7-7", "\\frac{(#)+(#)}{2}", "3(#)-2(#)", "\\sqrt{1}(#)"}) {
            for (const std::string& answer : scalars()) {
                expectEqual(answer, put(pattern, answer));
            }
        }
    }

    // Near misses: no factor, sign or term is ever lost.
    void changes() {
        for (const char* pattern :
             {"-(#)", "100(#)", "\\frac{#}{100}", "10(#)", "\\frac{#}{10}", "1000(#)", "2(#)",
              "(#)+1", "(#)-0.01", "(#)+x", "(#)^3+50", "(#)i", "\\frac{1}{#}+90"}) {
            for (const std::string& answer : scalars()) {
                expectNotEqual(answer, put(pattern, answer));
            }
        }
        for (const char* number : {"1", "5", "0.28", "28", "1.5", "99.5", "0.01", "2500", "1/3"}) {
            expectNotEqual(number, "100\\cdot " + std::string(number));
            expectNotEqual(number + std::string("\\%"), "100\\cdot " + std::string(number) + "\\%");
        }
    }

    // Order counts in tuples and matrices and nowhere else.
    void order() {
        for (const auto& [a, b] :
             {std::pair("1", "2"), {"\\sqrt{2}", "x"}, {"-3", "\\frac{1}{2}"}}) {
            const std::string x = a;
            const std::string y = b;
            expectEqual("\\{" + x + "," + y + "\\}", "\\{" + y + "," + x + "\\}");
            expectEqual(x + "," + y, y + "," + x);
            expectEqual(x + "+" + y, y + "+" + x);
            expectEqual("(" + x + ")(" + y + ")", "(" + y + ")(" + x + ")");
            expectEqual(x + "\\text{ or }" + y, y + ", " + x);
            expectNotEqual("(" + x + "," + y + ")", "(" + y + "," + x + ")");
            expectNotEqual("\\begin{pmatrix}" + x + "\\\\" + y + "\\end{pmatrix}",
                           "\\begin{pmatrix}" + y + "\\\\" + x + "\\end{pmatrix}");
            expectNotEqual(x + ":" + y, y + ":" + x);
            expectNotEqual("\\frac{" + x + "}{" + y + "}", "\\frac{" + y + "}{" + x + "}");
        }
    }

    // Equal to the same is equal: every answer against every other has one verdict, both ways.
    void symmetry() {
        std::vector<std::string> all = scalars();
        all.insert(all.end(), others().begin(), others().end());
        for (std::size_t i = 0; i < all.size(); ++i) {
            QCOMPARE(equivalent(all[i], all[i]).equality, Equality::Equal);
            for (std::size_t k = i + 1; k < all.size(); ++k) {
                expectNotEqual(all[i], all[k]);
                const Equality there = equivalent(all[i], all[k]).equality;
                QVERIFY2(there == equivalent(all[k], all[i]).equality,
                         (all[i] + " | " + all[k]).c_str());
            }
        }
    }
};

SCRIT_TEST(TestMathRewriting)
#include "math_rewriting.moc"
