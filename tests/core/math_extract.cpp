// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/math/arithmetic.h"
#include "core/math/equivalence.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <filesystem>
#include <fstream>

using namespace scrit::math;

class TestMathExtract : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void extracts_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("answer");
        QTest::addColumn<QString>("rule");
        const auto row = [](const char* text, const char* answer, const char* rule) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(answer)
                                << QString::fromUtf8(rule);
        };
        row("so \\boxed{5}.", "5", "boxed");
        row("first \\boxed{5}. Later we find \\boxed{\\frac{1}{2}}.", "\\frac{1}{2}", "boxed");
        row("\\fbox{7}", "7", "boxed");
        row("\\boxed 5 is it", "5", "boxed");
        row("\\boxed{1}, \\boxed{2} and \\boxed{3}", "1, 2, 3", "boxed");
        row("$y_1 = \\boxed{x}$ and $y_2 = \\boxed{2x}$", "x, 2x", "boxed");
        row("\\boxed{\\boxed{5}}", "5", "boxed");
        row("$\\boxed{x = 4", "x = 4", "boxed");
        row("\\boxed{} and \\boxed{3}", "3", "boxed");
        row("We get $\\boxed{28}$ percent", "28\\%", "boxed");
        row("\\boxed{3}. So we check. The final answer is $4$.", "4", "answer-is");
        row("work\n#### 1,234", "1,234", "hash");
        row("step\nA: 18", "18", "answer-is");
        row("The answer is 42. I hope it is correct.", "42", "answer-is");
        row("Therefore the answer is (B).", "(B)", "choice");
        row("Answer: \\frac{3}{4}", "\\frac{3}{4}", "answer-is");
        row("所以答案是 12。", "12", "answer-is");
        row("La réponse est 3,5.", "3,5", "answer-is");
        row("Die Antwort ist 7.", "7", "answer-is");
        row("The answer is 5.<|im_end|>\n<|im_start|>user\nThe answer is 9.", "5", "answer-is");
        row("<think>the answer is 3</think> I say the answer is 4.", "4", "answer-is");
        row("We see that $x=3$ and so $y=4$.", "y=4", "last-formula");
        row("She has 3 apples and 4 pears, 7 in all.", "7", "last-number");
        row("It costs $5 and then $10 more", "10", "last-number");
        // Only the last line with a formula is read, unless a formula may span lines.
        row("We have $x=7$.\nIt costs $5.\nNothing else", "5", "last-number");
        row("$x=3$ and $y=4$\nis all there is", "y=4", "last-formula");
        row("$x=7$ y$ now", "x=7", "last-formula");
        row("$$\na=1\n$$\nis all there is", "a=1", "last-formula");
        row("THE FINAL ANSWER IS 12", "12", "answer-is");
        row("The answer is 3. That answers 9 questions", "3", "answer-is");
        row("<|user|> The answer is 5. <|user|> The answer is 6", "6", "answer-is");
    }
    void extracts() {
        QFETCH(QString, text);
        QFETCH(QString, answer);
        QFETCH(QString, rule);
        const std::string whole = text.toStdString();
        const std::optional<Answer> found = extractAnswer(whole);
        QVERIFY(found.has_value());
        QCOMPARE(QString::fromStdString(found->text), answer);
        QCOMPARE(QString::fromStdString(found->rule), rule);
        QVERIFY(found->span.begin < found->span.end && found->span.end <= whole.size());
    }

    void nothingToExtract() {
        for (const char* text :
             {"", "   ", "I do not know.", "AZYUK2A", "\\boxed{}", "<|im_end|>"}) {
            const std::optional<Answer> found = extractAnswer(text);
            QVERIFY2(!found, found ? found->text.c_str() : "");
        }
        ExtractOptions strict;
        strict.lastResort = false;
        QVERIFY(!extractAnswer("She has 3 apples and 4 pears, 7 in all.", strict));
    }

    void choiceLetters() {
        QCOMPARE(choiceLetter("B"), std::optional('B'));
        QCOMPARE(choiceLetter("(b)"), std::optional('B'));
        QCOMPARE(choiceLetter("\\text{(C)}"), std::optional('C'));
        QCOMPARE(choiceLetter("D. Alina"), std::optional('D'));
        for (const char* text : {"b", "x", "Z", "A + B", "(a)(b)", "AB", "A = 5", "A cat"}) {
            QVERIFY2(!choiceLetter(text), text);
        }
        ExtractOptions only;
        only.choices = ChoiceMode::Only;
        const auto letter = [&](const char* text) {
            const std::optional<Answer> found = extractAnswer(text, only);
            return QString::fromStdString(found ? found->text : "none");
        };
        QCOMPARE(letter("It is not A, therefore I think it's B"), QStringLiteral("B"));
        QCOMPARE(letter("D. it can't be A or B"), QStringLiteral("D"));
        QCOMPARE(letter("A dog and I went home"), QStringLiteral("none"));
    }

    void wholeOrBare() {
        for (const char* bare :
             {"5", "$28$ percent", "12 apples", "\\frac{1}{2}", "x = 5", "no solution",
              "(1, 2) \\text{ and } (3, 4)", "\\text{The midpoints form a regular hexagon}",
              // without blanks, and no sentence that announces anything
              "5.This", "x=2.Hencey=3", "(1,2).Radius", "\\text{Paris}.", "3.is5"}) {
            QVERIFY2(!isWholeText(bare), bare);
        }
        for (const char* whole :
             {"The answer is 5.", "\\boxed{5}", "so we get $x = 3$", "a\n#### 5",
              "She has 3 apples and 4 pears, which makes 7", "(4,2).Theareais\\sqrt{5}"}) {
            QVERIFY2(isWholeText(whole), whole);
        }
    }

    void checksWholeTexts() {
        const auto equality = [](const char* gold, const char* pred) {
            return checkAnswers(gold, pred).verdict.equality;
        };
        QCOMPARE(equality("18", "She has 3 left.\nA: 18"), Equality::Equal);
        QCOMPARE(equality("18", "She has 18 left.\nA: 19"), Equality::Different);
        QCOMPARE(equality("C", "The correct answer is (C) because of the sky"), Equality::Equal);
        // Data without blanks: the announced value counts, and no other one.
        const char* fused = "\\begin{pmatrix}1\\\\2\\end{pmatrix}.Thelengthis\\sqrt{1+4}=\\sqrt{5}";
        QCOMPARE(equality(fused, "\\sqrt{5}"), Equality::Equal);
        QCOMPARE(equality(fused, "\\sqrt{6}"), Equality::Different);
        QVERIFY(equality(fused, "\\begin{pmatrix}1\\\\2\\end{pmatrix}") != Equality::Equal);
        QCOMPARE(
            equality("C", "Water is wet, as everybody knows, and so it was for a very long time."),
            Equality::Undecided);
    }

    void arithmetic_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("found"); // "left=right:verdict" joined by a space
        const auto row = [](const char* text, const char* found) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(found);
        };
        row("We have 3 \\times 9 = 26.", "3*9=26:no(27)");
        row("so 2*8=<<2*8=16>>16 dollars", "2*8=16:yes");
        row("2*8=<<2*8=17>>17", "2*8=17:no(16)");
        row("each pays $5 / 30 = $0.17", "5/30=0.17:rounded");
        row("16 - 3 - 4 = 9 eggs", "16-3-4=9:yes");
        row("16 eggs - 3 eggs = 12 eggs", "16-3=12:no(13)");
        row("2 + 3 = 5 = 4 + 2", "2+3=5:yes 5=4+2:no(5)");
        row("\\frac{3}{4} \\times 8 = 6", "3/4*8=6:yes");
        row("$\\frac{1+2}{6} = 0.5$", "(1+2)/6=0.5:yes");
        row("20% * 50 = 10", "20%*50=10:yes");
        row("5/20*100 = 25%", "5/20*100=25%:yes");
        row("1,200 + 300 = 1,500", "1200+300=1500:yes");
        row("2^3 = 9", "2^3=9:no(8)");
        row("5(3+2) = 25", "5*(3+2)=25:yes");
        // as machines calculate
        row("50/3 = 16.666666666666668", "50/3=16.666666666666668:rounded");
        row("0.1 + 0.2 = 0.30000000000000004", "0.1+0.2=0.30000000000000004:rounded");
        row("16.666666666666668 * 3 = 50", "16.666666666666668*3=50:rounded");
        row("50/3 = 16.666666667666668", "50/3=16.666666667666668:no(50/3)");
        row("50/3 = 16.6666668", "50/3=16.6666668:no(50/3)");
        row("1234567890.25 + 1 = 1234567890.75", "1234567890.25+1=1234567890.75:no(1234567891.25)");
        // a part of something
        row("25% of $80 = \\frac{25}{100}×80 = $20", "25%*80=25/100*80:yes 25/100*80=20:yes");
        row("25% of 80 = 30", "25%*80=30:no(20)");
        row("So 1/4 of 80 = 20", "1/4*80=20:yes");
        row("100 - 25% of 80 = 80", "100-25%*80=80:yes");
        row("25% of the 80 = 0.25*80", "");
        row("a quarter of 80 = 80/4", "");
        row("3 of 5 = 1+1", "");
        row("so 1/4 of a container is 3/4 x 1/4 = 1/2 pint", "3/4*1/4=1/2:no(0.1875)");
        row("The sum of 3 + 4 = 8", "3+4=8:no(7)");
        // a sum of rounded amounts
        row("132.30+132.30*0.05 = 132.30+6.61", "132.30+132.30*0.05=132.30+6.61:rounded");
        row("132.30+132.30*0.05 = 132.30+6.60", "132.30+132.30*0.05=132.30+6.60:no(138.915)");
        row("7/2 = 1 + 2", "7/2=1+2:no(3.5)");
        row("10/3 = 1.11*3", "10/3=1.11*3:no(10/3)");
        row("10 ÷ 4 = 2.5 and 3 × 2 = 7", "10/4=2.5:yes 3*2=7:no(6)");
        // not plainly arithmetic
        row("x + 3 = 5", "");
        row("x = 5", "");
        row("2x + 3 = 7", "");
        row("3 + 4 = 7x", "");
        row("f(3) = 9", "");
        row("\\sqrt{9} + 1 = 5", "");
        row("1/2 hour = 30 minutes", "");
        row("a_1 + 2 = 4", "");
        row("3 miles less than Reggie = 20 - 3", "");
        row("10 / 3 = 3.5 y", "");
    }
    void arithmetic() {
        QFETCH(QString, text);
        QFETCH(QString, found);
        QStringList parts;
        const std::string step = text.toStdString();
        for (const EquationCheck& check : checkArithmetic(step)) {
            parts << QString::fromStdString(check.left + "=" + check.right + ":" +
                                            (!check.holds    ? "no(" + check.expected + ")"
                                             : check.rounded ? "rounded"
                                                             : "yes"));
            QVERIFY(check.span.end <= step.size());
        }
        QCOMPARE(parts.join(QLatin1Char(' ')), found);
    }

    void replaysFuzzCorpus() {
        const std::filesystem::path folder =
            std::filesystem::path(SCRIT_SOURCE_DIR) / "tests/fuzz/corpus/math";
        int count = 0;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            std::ifstream in(entry.path(), std::ios::binary);
            const std::string all((std::istreambuf_iterator<char>(in)), {});
            const std::size_t zero = all.find('\0');
            const std::string gold = all.substr(0, zero);
            const std::string pred =
                zero == std::string::npos ? std::string() : all.substr(zero + 1);
            const AnswerCheck first = checkAnswers(gold, pred);
            QVERIFY(first.verdict == checkAnswers(gold, pred).verdict);
            QVERIFY(equivalent(gold, gold).equality != Equality::Different);
            (void)checkArithmetic(all);
            ++count;
        }
        QVERIFY(count >= 20);
    }
};

SCRIT_TEST(TestMathExtract)
#include "math_extract.moc"
