// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/resources.h"
#include "core/store/filter.h"
#include "tests/core/store_support.h"
#include "tests/support/test_program.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <filesystem>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

using namespace scrit;
using namespace scrit::test;
using model::Outcome;
using model::SubjectKind;
using store::ListOf;
using store::ListQuery;
using store::Workspace;
using store::Writer;

namespace {

// Four critiques of two solutions of two problems, each different in what filters test:
//   c1 (s1, p1) contrastive, incorrect at 2, validated yes, answer match, leak, tokens 1500, agree
//   c2 (s1, p1) direct, correct, validated no, answer mismatch, rubber-stamp, disagree, tag
//   c3 (s2, p2) recorded, incorrect at 0, nothing judged
//   c4 (s2, p2) bug-injection, unreadable
base::Expected<void> fill(Writer& writer) {
    model::Problem p1 = makeProblem("Natalia sold 48 clips. Compute \\frac{1}{2} of them", "gsm8k");
    p1.split = "train";
    p1.level = "1";
    p1.subject = "words";
    model::Problem p2 = makeProblem("Évariste's prime number: 7_x % 3", "ProcessBench/math");
    p2.split = "test";
    p2.level = "Level 5";
    const auto p1Id = idOf(writer.addProblem(p1));
    const auto p2Id = idOf(writer.addProblem(p2));
    const auto s1 = idOf(writer.addSolution(makeSolution(p1Id, "She has twenty four", "qwen-7b")));
    const auto s2 = idOf(writer.addSolution(makeSolution(p2Id, "It is prime", "llama-8b")));
    idOf(writer.addVerdict(
        makeVerdict(SubjectKind::Solution, s1, "label", Outcome::No, "label/answer")));
    auto step = makeVerdict(SubjectKind::Solution, s1, "label", Outcome::No, "label/first-error");
    step.step = 3;
    idOf(writer.addVerdict(step));
    idOf(writer.addVerdict(makeVerdict(SubjectKind::Solution, s2, "answer_match", Outcome::Yes)));
    idOf(writer.addVerdict(makeVerdict(SubjectKind::Solution, s2, "step_arithmetic", Outcome::No)));

    const auto critique = [&](std::int64_t solution, const std::string& text,
                              model::CritiqueMode mode, int round, const std::string& critic,
                              std::optional<model::Conclusion> conclusion, std::optional<int> first,
                              std::optional<model::Flag> flag, std::optional<std::int64_t> made) {
        model::Critique value = makeCritique(solution, text, critic);
        value.mode = mode;
        value.round = round;
        value.completionId = made;
        value.parsed.parser = "scrit/1";
        value.parsed.conclusion = conclusion;
        value.parsed.firstErrorStep = first;
        if (flag) {
            value.parsed.flags.add(*flag);
        }
        return idOf(writer.addCritique(value));
    };
    using model::Conclusion;
    using model::CritiqueMode;
    using model::Flag;
    const auto c1 =
        critique(s1, "The third step halves wrongly (see 3 \\times 9)", CritiqueMode::Contrastive,
                 2, "big critic", Conclusion::Incorrect, 2, Flag::Leak, 1);
    const auto c2 = critique(s1, "Every step is \"fine\"", CritiqueMode::Direct, 1, "critic-b",
                             Conclusion::Correct, -1, Flag::RubberStamp, std::nullopt);
    critique(s2, "Wrong at once: the number is even", CritiqueMode::Recorded, 0, "critic-b",
             Conclusion::Incorrect, 0, std::nullopt, std::nullopt);
    critique(s2, "Mumble", CritiqueMode::BugInjection, 3, "critic-c", std::nullopt, std::nullopt,
             Flag::Unreadable, std::nullopt);
    const auto judge = [&](std::int64_t id, const char* verifier, Outcome outcome) {
        idOf(writer.addVerdict(makeVerdict(SubjectKind::Critique, id, verifier, outcome)));
    };
    judge(c1, "self_validation", Outcome::Yes);
    judge(c1, "answer_match", Outcome::Yes);
    judge(c2, "self_validation", Outcome::No);
    judge(c2, "answer_match", Outcome::No);
    judge(c2, "step_arithmetic", Outcome::Yes);
    idOf(writer.addAnnotation(makeAnnotation(SubjectKind::Critique, c1, "agreement", "agree")));
    idOf(writer.addAnnotation(makeAnnotation(SubjectKind::Critique, c2, "agreement", "disagree")));
    idOf(writer.addAnnotation(makeAnnotation(SubjectKind::Critique, c2, "tag", "check me")));
    return {};
}

std::string numbers(const std::vector<std::int64_t>& ids) {
    std::string out;
    for (const auto id : ids) {
        out += (out.empty() ? "" : " ") + std::to_string(id);
    }
    return out;
}

} // namespace

class StoreFilterTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    std::shared_ptr<Workspace> m_workspace;
    std::unique_ptr<store::Reader> m_reader;

private Q_SLOTS:
    void initTestCase() {
        SCRIT_TRY(workspace, Workspace::create(inside(m_folder)));
        m_workspace = workspace;
        {
            SQLite::Database database(inside(m_folder).string(), SQLite::OPEN_READWRITE);
            database.exec("INSERT INTO completion (id, cache_key, completion_tokens, created_at, "
                          "text) VALUES (1, x'01', 1500, 0, '')");
        }
        SCRIT_OK(m_workspace->write(fill));
        SCRIT_TRY(reader, m_workspace->reader());
        m_reader = std::move(reader);
    }

    void critiques_data() {
        QTest::addColumn<QString>("filter");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* filter, const char* expected) {
            QTest::newRow(*filter != 0 ? filter : "empty")
                << QString::fromUtf8(filter) << QString::fromLatin1(expected);
        };
        row("", "1 2 3 4");
        row("source:gsm8k", "1 2");
        row("SOURCE:GSM8K", "1 2");
        row("source:processbench/*", "3 4");
        row("source:processbench", "3 4"); // a part of the name will do
        row("source:process", "");         // but a whole part
        row("source:gsm_k", "");
        row("-source:gsm8k", "3 4");
        row("split:train", "1 2");
        row("subject:words", "1 2");
        row("subject:\"\"", "3 4");
        row("level:\"level 5\"", "3 4");
        row("level:5", "3 4"); // the same level
        row("level:\"Level 1\"", "1 2");
        row("level:>=2", "3 4");
        row("level:<5", "1 2");
        row("level:1..4", "1 2");
        row("level:*..5", "1 2 3 4");
        row("level:>5", "");
        row("level:hard", ""); // a word is a text
        row("student:qwen*", "1 2");
        row("critic:\"big critic\"", "1");
        row("critic:\"BIG critic\" OR critic:critic-c", "1 4");
        row("mode:contrastive", "1");
        row("mode:direct", "2");
        row("mode:recorded", "3");
        row("mode:bug-injection", "4");
        row("round:2", "1");
        row("round:>=2", "1 4");
        row("round:<2", "2 3");
        row("round:1..2", "1 2");
        row("round:*..1", "2 3");
        row("round:2..*", "1 4");
        row("verdict:incorrect", "1 3");
        row("verdict:correct", "2");
        row("verdict:none", "4");
        row("-verdict:incorrect", "2 4");
        row("first-error:2..4", "1");
        row("first-error:0", "3");
        row("first-error:none", "2");
        row("first-error:-1", "2");
        row("first-error:<3", "1 3");
        row("first-error:unknown", "4");
        row("-first-error:0", "1 2 4");
        row("label-step:3", "1 2");
        row("label-step:unknown", "3 4");
        row("parsed:yes", "1 2 3");
        row("parsed:no", "4");
        row("correct:no", "1 2");
        row("correct:yes", "3 4");
        row("correct:unknown", "");
        row("validated:yes", "1");
        row("validated:no", "2");
        row("validated:none", "3 4");
        row("-validated:yes", "2 3 4");
        row("answer:match", "1");
        row("answer:mismatch", "2");
        row("answer:none", "3 4");
        row("arithmetic:no", "3 4");
        row("arithmetic:yes", "2");
        row("flag:leak", "1");
        row("-flag:leak", "2 3 4");
        row("flag:any", "1 2 4");
        row("flag:none", "3");
        row("annotated:yes", "1 2");
        row("annotated:no", "3 4");
        row("label:disagree", "2");
        row("label:none", "3 4");
        row("tag:\"check me\"", "2");
        row("-tag:check*", "1 3 4");
        row("tokens:>1000", "1");
        row("tokens:<2000", "1");
        row("tokens:unknown", "2 3 4");
        row("problem:1", "1 2");
        row("solution:2", "3 4");
        row("id:2..3", "2 3");
        row("verdict:incorrect source:gsm8k", "1");
        row("source:gsm8k mode:direct OR mode:recorded", "2 3");
        row("source:gsm8k (mode:direct OR mode:recorded)", "2");
        row("-(mode:direct OR mode:recorded)", "1 4");
        row("--mode:direct", "2");
        row("-(verdict:incorrect -validated:yes)", "1 2 4");
        // Free text: in the critique, the solution and the problem.
        row("mumble", "4");
        row("halves", "1");
        row("twenty", "1 2");
        row("natalia", "1 2");
        row("evariste", "3 4");
        row("prime number", "3 4");
        row("\"prime number\"", "3 4");
        row("\"number prime\"", "");
        row("halv*", "1");
        row("\"halv*\"", "");
        row("-natalia", "3 4");
        row("natalia fine", "2");
        row("\\frac", "1 2");
        row("\"3 \\times 9\"", "1");
        row("\"\\\"fine\\\"\"", "2");
        row("or", "");
        // What looks like SQL or a query language is text.
        row("\"'; DROP TABLE critique; --\"", "");
        row("source:\"' OR 1=1 --\"", "");
        row("tag:\"x') OR (1=1\"", "");
        row("\"fine* NEAR(step)\"", "");
        row("\"text : fine\"", "");
        row("\"^step\"", "1 2");
        row("\"a\" \"NOT\"", "");
        row("not and", ""); // words, in the language's eyes
        row("\"föö:x\"", "");
    }
    void critiques() {
        QFETCH(QString, filter);
        QFETCH(QString, expected);
        const ListQuery query{ListOf::Critiques, filter.toStdString(), {}, false};
        SCRIT_TRY(ids, m_reader->ids(query));
        QCOMPARE(QString::fromStdString(numbers(ids)), expected);
        SCRIT_TRY(count, m_reader->count(query));
        QCOMPARE(static_cast<std::size_t>(count), ids.size());
    }

    void otherLists_data() {
        QTest::addColumn<int>("list");
        QTest::addColumn<QString>("filter");
        QTest::addColumn<QString>("expected");
        const auto row = [](ListOf of, const char* filter, const char* expected) {
            QTest::addRow("%d %s", static_cast<int>(of), filter)
                << static_cast<int>(of) << QString::fromUtf8(filter)
                << QString::fromLatin1(expected);
        };
        row(ListOf::Problems, "", "1 2");
        row(ListOf::Problems, "source:gsm8k", "1");
        row(ListOf::Problems, "clips", "1");
        row(ListOf::Problems, "problem:2", "2");
        row(ListOf::Problems, "annotated:no", "1 2");
        row(ListOf::Solutions, "student:llama*", "2");
        row(ListOf::Solutions, "correct:yes", "2");
        row(ListOf::Solutions, "answer:match", "2");
        row(ListOf::Solutions, "arithmetic:no", "2");
        row(ListOf::Solutions, "label-step:3", "1");
        row(ListOf::Solutions, "twenty", "1");
        row(ListOf::Solutions, "clips", "1");
        row(ListOf::Items, "state:failed", "");
    }
    void otherLists() {
        QFETCH(int, list);
        QFETCH(QString, filter);
        QFETCH(QString, expected);
        SCRIT_TRY(ids, m_reader->ids({static_cast<ListOf>(list), filter.toStdString(), {}, false}));
        QCOMPARE(QString::fromStdString(numbers(ids)), expected);
    }

    void errors_data() {
        QTest::addColumn<int>("list");
        QTest::addColumn<QString>("filter");
        QTest::addColumn<int>("column");
        QTest::addColumn<QString>("contains");
        const auto row = [](const char* filter, int column, const char* contains,
                            ListOf of = ListOf::Critiques) {
            QTest::newRow(filter) << static_cast<int>(of) << QString::fromUtf8(filter) << column
                                  << QString::fromUtf8(contains);
        };
        row("sorce:gsm8k", 1, "did you mean 'source'");
        row("mode:direct sorce:x", 13, "unknown qualifier 'sorce'");
        row("é sorce:x", 3, "did you mean 'source'");
        row("http://x", 1, "known are");
        row("mode:contrastiv", 6, "did you mean 'contrastive'");
        row("mode:maybe", 6, "direct, bug-injection, contrastive, recorded");
        row("flag:rubber", 6, "did you mean 'rubber-stamp'");
        row("round:two", 7, "write a number");
        row("round:3..1", 7, "holds no number");
        row("round:99999999999999999999", 7, "write a number");
        row("first-error:some", 13, "none, unknown");
        row("level:>=hard", 7, "write a number");
        row("-level:2..hard", 8, "write a number");
        row("level:4..2", 7, "holds no number");
        row("source:", 8, "a value is missing");
        row("(mode:direct", 1, "not closed");
        row("mode:direct)", 12, "closes nothing");
        row("tag:\"x", 5, "quotation mark");
        row("\"x", 1, "quotation mark");
        row("OR mode:direct", 1, "nothing stands before");
        row("mode:direct OR", 15, "something is missing");
        row("()", 2, "something is missing");
        row("mode:direct -(", 15, "something is missing");
        row("+++", 1, "no word or number");
        row("mode:direct AND round:1", 13, "a blank means and; put quotes around it");
        row("mode:direct -(NOT leak)", 15, "write -term for not; put quotes around it");
        row("föö:x", 1, "unknown qualifier 'föö'");
        row("-", 1, "no word or number");
        row("critic:x", 1, "says nothing about a problem", ListOf::Problems);
        row("tokens:5", 1, "says nothing about a solution", ListOf::Solutions);
        row("word", 1, "no text to search", ListOf::Items);
    }
    void errors() {
        QFETCH(int, list);
        QFETCH(QString, filter);
        QFETCH(int, column);
        QFETCH(QString, contains);
        const auto compiled = store::compileFilter(filter.toStdString(), static_cast<ListOf>(list));
        QVERIFY(!compiled);
        QCOMPARE(compiled.error().code, base::ErrorCode::Invalid);
        const QString text = QString::fromStdString(compiled.error().text());
        QVERIFY2(text.startsWith(QStringLiteral("column %1: ").arg(column)), qPrintable(text));
        QVERIFY2(text.contains(contains), qPrintable(text));
    }

    void boundsHold() {
        std::string deep(5000, '(');
        QCOMPARE(store::compileFilter(deep, ListOf::Critiques).error().code,
                 base::ErrorCode::Invalid);
        std::string minus(5000, '-');
        QVERIFY(!store::compileFilter(minus + "mode:direct", ListOf::Critiques));
        std::string many;
        for (int i = 0; i < 150; ++i) {
            many += "-word" + std::to_string(i) + " ";
        }
        SCRIT_TRY(count, m_reader->count({ListOf::Critiques, many, {}, false}));
        QCOMPARE(count, 4);
        for (int i = 0; i < 3; ++i) {
            many += many;
        }
        QVERIFY(!store::compileFilter(many, ListOf::Critiques));
    }

    void valuesNeverEnterTheText() {
        SCRIT_TRY(sql, store::compileFilter("source:zebra tag:zebra zebra round:77 -flag:leak",
                                            ListOf::Critiques));
        QVERIFY(sql.where.find("zebra") == std::string::npos);
        QVERIFY(sql.where.find("77") == std::string::npos);
        QVERIFY(!sql.textRanges.empty());
    }

    // The fuzz harness over its corpus, each file whole and cut off at each eighth; it aborts on a
    // broken promise.
    void fuzzCorpus() {
        int files = 0;
        for (const auto& entry :
             std::filesystem::directory_iterator(SCRIT_SOURCE_DIR "/tests/fuzz/corpus/filter")) {
            const auto text = base::readFile(entry.path());
            QVERIFY2(text.has_value(), entry.path().c_str());
            for (std::size_t part = 0; part <= 8; ++part) {
                const std::string piece = text->substr(0, text->size() * part / 8);
                LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(piece.data()),
                                       piece.size());
                // What compiles also runs.
                const ListQuery query{ListOf::Critiques, piece, {}, false};
                if (store::compileFilter(piece, query.of)) {
                    SCRIT_OK(m_reader->count(query));
                    SCRIT_OK(m_reader->page(query, std::nullopt, 2));
                }
            }
            ++files;
        }
        QVERIFY(files >= 10);
    }

    void tokens() {
        const std::string filter = "-source:gsm8k (free OR \"two words\") sorce:x \"open";
        std::string drawn;
        for (const store::FilterToken& token : store::tokenizeFilter(filter)) {
            drawn += "QVFOE"[static_cast<int>(token.kind)];
            drawn += "[" + filter.substr(token.begin, token.end - token.begin) + "]";
        }
        QCOMPARE(QString::fromStdString(drawn),
                 QStringLiteral("O[-]Q[source:]V[gsm8k]O[(]F[free]O[OR]F[\"two words\"]O[)]"
                                "E[sorce:]V[x]E[\"open]"));
    }

    void foreignOperatorsAreDrawnAsErrors() {
        const std::string filter = "a AND b not \"NOT\"";
        std::string drawn;
        for (const store::FilterToken& token : store::tokenizeFilter(filter)) {
            drawn += "QVFOE"[static_cast<int>(token.kind)];
        }
        QCOMPARE(QString::fromStdString(drawn), QStringLiteral("FEFFF"));
    }

    void everyQualifierIsDescribed() {
        for (const store::QualifierInfo& info : store::qualifiers()) {
            QVERIFY2(!info.description.empty(), info.name.c_str());
            const ListOf of = info.forCritiques ? ListOf::Critiques
                              : info.forItems   ? ListOf::Items
                                                : ListOf::Problems;
            SCRIT_OK(m_reader->count({of, info.example, {}, false}));
            for (const std::string& value : info.values) {
                SCRIT_OK(m_reader->count({of, info.name + ":" + value, {}, false}));
            }
        }
    }

    void values() {
        SCRIT_TRY(sources, m_reader->values("source", "", 10));
        QCOMPARE(sources.size(), 2U);
        SCRIT_TRY(students, m_reader->values("student", "QW", 10));
        QCOMPARE(students, std::vector<std::string>{"qwen-7b"});
        SCRIT_TRY(critics, m_reader->values("critic", "", 1));
        QCOMPARE(critics, std::vector<std::string>{"critic-b"});
        SCRIT_TRY(tags, m_reader->values("tag", "ch", 10));
        QCOMPARE(tags, std::vector<std::string>{"check me"});
        SCRIT_TRY(modes, m_reader->values("mode", "d", 10));
        QCOMPARE(modes, std::vector<std::string>{"direct"});
        QVERIFY(!m_reader->values("sorce", "", 10));
    }
};

SCRIT_TEST(StoreFilterTest)
#include "store_filter_test.moc"
