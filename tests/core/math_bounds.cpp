// SPDX-License-Identifier: GPL-3.0-or-later
// Inputs made to hurt. Each must end with a verdict that is not "equal" to something else; what
// took longer than 100 ms of processor time is printed, not judged, because a loaded machine is
// slow.
#include "core/math/arithmetic.h"
#include "core/math/equivalence.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <ctime>
#include <string>
#include <vector>

using namespace scrit::math;

namespace {

std::string repeated(const std::string& text, int times) {
    std::string out;
    out.reserve(text.size() * static_cast<std::size_t>(times));
    for (int i = 0; i < times; ++i) {
        out += text;
    }
    return out;
}

// A square matrix; `first` is its first member.
std::string matrix(int size, const std::string& first) {
    const std::string row = repeated("&1", size - 1);
    return "\\begin{pmatrix}" + first + row + repeated("\\\\1" + row, size - 1) + "\\end{pmatrix}";
}

// `unequal` is a value that the text does not have, however much of it is read.
void expectBounded(const std::string& text, const std::string& unequal = "1") {
    for (const std::string& other : {unequal, "x+" + text, text + "+1"}) {
        const std::clock_t start = std::clock();
        const AnswerCheck check = checkAnswers(text, other);
        const Verdict bare = equivalent(text, other);
        (void)checkArithmetic(text);
        const long ms = (std::clock() - start) * 1000 / CLOCKS_PER_SEC;
        const std::string message = text.substr(0, 60) + " | " + other.substr(0, 60) + " by " +
                                    std::string(name(check.verdict.rule)) + ", bare by " +
                                    std::string(name(bare.rule));
        QVERIFY2(check.verdict.equality != Equality::Equal || check.goldAnswer == check.predAnswer,
                 message.c_str());
        QVERIFY2(bare.equality != Equality::Equal, message.c_str());
        if (ms > 100) {
            qInfo("%ld ms: %s | %s", ms, text.substr(0, 50).c_str(), other.substr(0, 20).c_str());
        }
    }
}

} // namespace

class TestMathBounds : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void powersAndFactorials() {
        for (const char* text :
             {"9^{9^{9}}", "10^{10^9}", "(1000!)!", "1000000!", "\\binom{10^9}{10^8}",
              "e^{e^{e^{e^{e^{e}}}}}", "\\sum_{k=1}^{1000000000} k^{k}", "\\prod_{k=1}^{2000}k^k",
              "\\sum_{k=1}^{2000} k!", "(x+y+z+w)^{40}(a+b+c+d)^{40}", "(1+\\sqrt2)^{200}",
              "3^{10000}", "1e4000", "2^{1000}\\bmod 10^{300}"}) {
            expectBounded(text);
        }
        expectBounded("2" + repeated("^2", 3000));
        expectBounded("1" + repeated("!", 3000));
        expectBounded(repeated("2^{", 55) + "2" + repeated("}", 55));
        std::string sums = "k";
        for (int i = 0; i < 12; ++i) {
            sums = "\\sum_{k=1}^{2000}{" + sums + "}";
        }
        expectBounded(sums);
    }

    void notations() {
        for (
            const char* part :
            {"0.1(6)",        "1.1(1)",       "2 x 10^",   ")U(",           "(1,2)U",
             "6C2",           "{}_6C_2",      "{}_",       "C_6^2",         "C^",
             "45^\\circ 30'", "12 min ",      " only",     "3^{rd}",        "3 out of 5",
             "sq. ",          "a ",           " and ",     ", k\\in Z",     "where ",
             "0x1F,",         "March 5, ",    "3 PM and ", "half a dozen ", "two ",
             "point one ",    "\\mathbf{i}+", "cis ",      "x>2 and ",      "Option C is correct. ",
             "not (B) ",      "A A ",         "so B. ",    " is ",          ", not ",
             "greater than ", "$5 cents ",    "17 R 2 "}) {
            for (const int times : {30, 2000, 20000}) {
                expectBounded(repeated(part, times), "7919");
            }
        }
        expectBounded("1" + repeated(" ", 19000) + "x", "7919");
        expectBounded(repeated("1", 9000) + repeated(".1(1)", 1800), "7919");
        for (const char* text : {"A A ", "Option A is ", "so B. ", "choose \\textbf{(", "not C"}) {
            const std::string choices = repeated(text, 250000);
            const std::clock_t start = std::clock();
            (void)checkAnswers("B", choices);
            const long ms = (std::clock() - start) * 1000 / CLOCKS_PER_SEC;
            if (ms > 100) {
                qInfo("%ld ms: B | %s", ms, choices.substr(0, 50).c_str());
            }
        }
    }

    void digits() {
        for (const int count : {1900, 19000, 50000, 1000000}) {
            expectBounded(repeated("7", count));
            expectBounded("0." + repeated("7", count));
        }
        // Two long numbers that differ are never the same.
        QVERIFY(equivalent(repeated("7", 50000), "8" + repeated("7", 49999)).equality !=
                Equality::Equal);
        QVERIFY(checkAnswers(repeated("7", 50000), "8" + repeated("7", 49999)).verdict.equality !=
                Equality::Equal);
    }

    void nesting() {
        for (const char* mark : {"{", "(", "[", "|", "\\{", "\\boxed{", "\\frac{1}{", "\\sqrt{",
                                 "\\text{", "\\left(", "\\(", "$", "-", "^", "_"}) {
            for (const int depth : {55, 3000, 100000}) {
                // Dollars and \( only dress the 1, an even number of signs leaves it as it is.
                const std::string_view text = mark;
                const bool sign = text == "-";
                const bool dressing = text == "$" || text == "\\(";
                expectBounded(repeated(mark, depth) + "1", dressing                 ? "2"
                                                           : sign && depth % 2 == 0 ? "-1"
                                                                                    : "1");
            }
        }
        expectBounded(std::string(500000, '{') + "x" + std::string(500000, '}'));
        expectBounded(repeated("|x+", 30) + "1" + repeated("|", 31));
        expectBounded(repeated("|x", 63));
        expectBounded(repeated("\\frac{1}{1+", 50) + "x" + repeated("}", 50));
    }

    void matrices() {
        expectBounded(matrix(25, "2"));
        expectBounded(repeated("\\begin{pmatrix}1&x\\\\y&2\\end{pmatrix}", 100));
        expectBounded(repeated("\\begin{vmatrix}1&2&3&4\\\\5&6&7&8\\\\9&1&2&3\\\\4&5&6&", 12) +
                      "1" + repeated("\\end{vmatrix}", 12));
        // Too large to be read, and no text in which an answer is to be found: the last number of
        // both is the same.
        const std::string one = matrix(1000, "1");
        const std::string other = matrix(1000, "2");
        expectBounded(one);
        QCOMPARE(checkAnswers(one, other).verdict.equality, Equality::Undecided);
        QCOMPARE(checkAnswers(one, other).verdict.rule, Rule::Limit);
        QCOMPARE(checkAnswers(one, one).verdict.equality, Equality::Equal);
    }

    void lists() {
        for (const char* part :
             {"1,",       "x_1,",           "1&",     "(1,2)\\cup",  "1/2/",     "x<",     "1:",
              "5 km ",    "3:30 ",          "0.3...", "5 million ",  "\\sqrt2+", "1\\pm ", "\\int ",
              "#### 1\n", "the answer is ", "$1 ",    "\\boxed{1} ", "½",        "%"}) {
            for (const int count : {150, 3000, 50000}) {
                const std::string text = repeated(part, count) + "2";
                const std::clock_t start = std::clock();
                (void)checkAnswers(text, "x+" + text);
                (void)equivalent(text, "1");
                (void)checkArithmetic(text);
                const long ms = (std::clock() - start) * 1000 / CLOCKS_PER_SEC;
                if (ms > 100) {
                    qInfo("%ld ms: %d times %s", ms, count, part);
                }
            }
        }
    }

    void bytes() {
        expectBounded(std::string(15000, '\xff'));
        expectBounded(std::string(10000, '\0'));
        expectBounded("\xe2\x88");
        expectBounded("1" + std::string(200000, ' ') + "2");
    }
};

SCRIT_TEST(TestMathBounds)
#include "math_bounds.moc"
