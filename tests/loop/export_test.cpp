// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/critique/target_leaks.h"
#include "core/loop/export_driver.h"
#include "core/loop/import_driver.h"
#include "core/store/reader.h"
#include "core/store/writer.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include <map>

using namespace scrit;
namespace stage = loop::export_stage;

namespace {

QString qs(const std::string& text) {
    return QString::fromStdString(text);
}

constexpr const char* kReference =
    "To solve the task we begin with the known amount and then carefully add every further part "
    "until nothing is left over.";

// A critique in the SCRIT form; `said` is what it says about step 1.
std::string critiqueText(bool correct, const std::string& said) {
    return "## Critique of Student Solution Steps\n### Critique of Step 1\n" + said +
           "\n## Conclusion of Critique\nThe solution is " + (correct ? "Correct" : "Incorrect") +
           ".\nThe first error step number: " + (correct ? "-1" : "1") +
           "\n## Correction of Student Solution\n" +
           (correct ? "The student solution is correct. The final answer is \\boxed{2}."
                    : "===CORRECTION_START===\nIt is two.\n\nTherefore, the final answer is "
                      "\\boxed{2}.\n===CORRECTION_END===");
}

struct Row {
    int problem = 0;
    std::string student = "ann";
    bool correct = false;
    std::string said = "This holds.";
    std::optional<bool> validated = std::nullopt;
    std::string critic = "c";
};

// A workspace of given critiques. Problems with an odd number are of source "odd".
class ExportStudy {
public:
    ExportStudy() : path(folder.filePath(QStringLiteral("w.scrit")).toStdString()) {
        auto made = store::Workspace::create(path);
        if (!made) {
            qFatal("%s", made.error().text().c_str());
        }
        workspace = std::move(*made);
    }

    void add(const std::vector<Row>& rows) {
        QByteArray lines;
        for (const Row& row : rows) {
            const QString number = QString::number(row.problem);
            QJsonObject object{
                {QStringLiteral("problem"),
                 QStringLiteral("Problem number %1 asks how much there is when one and one more "
                                "are")
                     .arg(number)},
                {QStringLiteral("source"),
                 row.problem % 2 == 0 ? QStringLiteral("even") : QStringLiteral("odd")},
                {QStringLiteral("answer"), QStringLiteral("2")},
                {QStringLiteral("reference_solution"), QString::fromLatin1(kReference)},
                {QStringLiteral("author"), qs(row.student)},
                {QStringLiteral("solution"), QStringLiteral("Of %1: I say it is \\boxed{%2}.")
                                                 .arg(number)
                                                 .arg(row.student.size())},
                {QStringLiteral("critic"), qs(row.critic)},
                {QStringLiteral("mode"), QStringLiteral("contrastive")},
                {QStringLiteral("critique"), qs(critiqueText(row.correct, row.said))}};
            if (row.validated) {
                object[QStringLiteral("self_validation")] = QJsonObject{
                    {QStringLiteral("verdict"),
                     *row.validated ? QStringLiteral("correct") : QStringLiteral("incorrect")},
                    {QStringLiteral("text"), QStringLiteral("t")}};
            }
            lines += QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
        }
        const QString file = folder.filePath(QStringLiteral("in.jsonl"));
        QFile out(file);
        if (!out.open(QIODevice::WriteOnly) || out.write(lines) != lines.size()) {
            qFatal("cannot write");
        }
        out.close();
        const auto summary = loop::importCritiqueFiles(*workspace, {file.toStdString()}, {});
        if (summary.total.critiques != rows.size() || summary.total.bad != 0) {
            qFatal("%d critiques, %d bad: %s", static_cast<int>(summary.total.critiques),
                   static_cast<int>(summary.total.bad),
                   summary.badLines.empty() ? "" : summary.badLines[0].reason.c_str());
        }
    }

    [[nodiscard]] std::filesystem::path out(const char* name) const {
        return folder.filePath(QString::fromLatin1(name)).toStdString();
    }

    QTemporaryDir folder;
    std::string path;
    std::shared_ptr<store::Workspace> workspace;
};

QByteArray bytesOf(const std::filesystem::path& path) {
    QFile file(qs(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(none)");
}

QString funnelText(const std::vector<loop::ExportStage>& funnel) {
    QStringList words;
    for (const loop::ExportStage& step : funnel) {
        words << qs(step.name) + QLatin1Char(' ') + QString::number(step.left);
    }
    return words.join(QStringLiteral(", "));
}

// Two problems of each source, with what each step has to find.
std::vector<Row> mixedRows() {
    return {
        {0, "ann", true, "This holds."},
        {0, "bobby", false, "The sum of one and one is two, not five."},
        {0, "bobby", false, "As the reference solution says, it is two.", {}, "d"},
        {1, "ann", false, std::string("No: ") + kReference},
        {1, "bobby", false, "One and one make two here."},
        {2, "ann", false, "The step is wrong because it says three, and two is right."},
        {2, "ann", false, "The  STEP is wrong because it says three, and two is right.", {}, "e"},
        {3, "carla", true, "Yes."},
    };
}

} // namespace

class ExportTest : public QObject {
    Q_OBJECT

    std::unique_ptr<ExportStudy> m_forty;

    // Four critiques of each of ten problems, half of them validated.
    const ExportStudy& fortyCritiques() {
        if (!m_forty) {
            std::vector<Row> rows;
            for (int i = 0; i < 40; ++i) {
                const std::string n = std::to_string(i);
                rows.push_back({i / 4, i % 2 == 0 ? "ann" : "bobby", i % 3 == 0,
                                "Critique " + n + " of its kind.", i % 4 < 2, "c" + n});
            }
            m_forty = std::make_unique<ExportStudy>();
            m_forty->add(rows);
        }
        return *m_forty;
    }

private Q_SLOTS:
    void eachStepTakesItsOwn() {
        ExportStudy study;
        study.add(mixedRows());
        loop::ExportJobOptions options;
        options.folder = study.out("all");
        options.evaluationSets = {{loop::EvaluationSet::Kind::Filter, "source:odd \"number 3\""}};
        options.dropDuplicates = true;
        options.nearDuplicates = 0.9;
        options.perSource = 3;
        options.perStudent = 2;
        options.balance = loop::Balance{1, 1};
        options.order = curate::Order::Random;
        const auto summary = loop::exportDataset(*study.workspace, options);
        QVERIFY2(summary, summary ? "" : summary.error().text().c_str());
        const QString funnel = funnelText(summary->funnel);
        QVERIFY2(
            funnel.startsWith(QStringLiteral("selected 8, readable 8, no-mention 7, no-copy 6, "
                                             "decontaminated ")),
            qPrintable(funnel));
        QCOMPARE(summary->dropped(stage::kNoMention), std::uint64_t{1});
        QCOMPARE(summary->dropped(stage::kNoCopy), std::uint64_t{1});
        QCOMPARE(summary->dropped(stage::kDistinct), std::uint64_t{1});
        QCOMPARE(summary->dataset.rows, summary->funnel.back().left);
        std::uint64_t left = summary->selected();
        for (const loop::ExportStage& step : summary->funnel) {
            left -= step.dropped;
            QCOMPARE(step.left, left);
        }
        const QJsonObject manifest =
            QJsonDocument::fromJson(bytesOf(options.folder / "manifest.json")).object();
        const QJsonArray stages = manifest[QStringLiteral("stages")].toArray();
        QCOMPARE(static_cast<std::size_t>(stages.size()), summary->funnel.size());
        for (qsizetype i = 0; i < stages.size(); ++i) {
            const auto& step = summary->funnel[static_cast<std::size_t>(i)];
            QCOMPARE(stages[i].toObject()[QStringLiteral("name")].toString(), qs(step.name));
            QCOMPARE(stages[i].toObject()[QStringLiteral("count")].toInteger(),
                     static_cast<qint64>(step.left));
        }
        QCOMPARE(manifest[QStringLiteral("settings")]
                     .toObject()[QStringLiteral("most of one source")]
                     .toString(),
                 QStringLiteral("3"));
    }

    // Without texts that overlap between problems: which problems go, exactly.
    void decontaminates_data() {
        QTest::addColumn<QString>("set");
        QTest::addColumn<int>("gone");
        QTest::newRow("filter") << QStringLiteral("filter:\"number 1\"") << 2;
        QTest::newRow("file") << QStringLiteral("file:eval.jsonl") << 2;
        QTest::newRow("text") << QStringLiteral("eval.txt") << 2;
        QTest::newRow("frozen") << QStringLiteral("frozen:held out") << 2;
    }
    void decontaminates() {
        QFETCH(QString, set);
        QFETCH(int, gone);
        ExportStudy study;
        study.add(mixedRows());
        const QString problem = QStringLiteral("Problem number 1 asks how much there is when one "
                                               "and one more are");
        for (const char* name : {"eval.jsonl", "eval.txt"}) {
            QFile file(study.folder.filePath(QString::fromLatin1(name)));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(
                QByteArray(name).endsWith("txt")
                    ? problem.toUtf8() + "\n"
                    : QJsonDocument(QJsonObject{{QStringLiteral("problem"), problem},
                                                {QStringLiteral("answer"), QStringLiteral("2")}})
                              .toJson(QJsonDocument::Compact) +
                          "\n");
        }
        auto parsed = loop::parseEvaluationSet(set.toStdString());
        QVERIFY(parsed);
        if (parsed->kind == loop::EvaluationSet::Kind::File) {
            parsed->value = study.out(parsed->value.c_str()).string();
        }
        loop::ExportJobOptions options;
        options.keepLeaks = options.keepCopies = true;
        options.folder = study.out("out");
        options.evaluationSets = {*parsed};
        const auto summary = loop::exportDataset(*study.workspace, options);
        if (parsed->kind == loop::EvaluationSet::Kind::Frozen) {
            QVERIFY(!summary && summary.error().code == base::ErrorCode::NotFound);
            return; // nothing freezes a set yet
        }
        QVERIFY2(summary, summary ? "" : summary.error().text().c_str());
        // The problems differ in one word among the first thirteen alone.
        QCOMPARE(static_cast<int>(summary->dropped(stage::kClean)), gone);
        QVERIFY(!bytesOf(options.folder / "train.jsonl").contains("number 1 asks"));
        QVERIFY(!bytesOf(options.folder / "manifest.json").contains(study.folder.path().toUtf8()));
    }

    void badOptions_data() {
        QTest::addColumn<QString>("what");
        for (const char* what : {"view", "filter", "shares", "similarity", "balance", "pairs",
                                 "empty set", "missing file", "bad line"}) {
            QTest::newRow(what) << QString::fromLatin1(what);
        }
    }
    void badOptions() {
        QFETCH(QString, what);
        ExportStudy study;
        study.add({{0, "ann", true}});
        loop::ExportJobOptions options;
        options.folder = study.out("out");
        const auto file = [&](const char* bytes) {
            QFile out(study.folder.filePath(QStringLiteral("e.jsonl")));
            QVERIFY(out.open(QIODevice::WriteOnly));
            out.write(bytes);
            options.evaluationSets = {
                {loop::EvaluationSet::Kind::File, study.out("e.jsonl").string()}};
        };
        if (what == QLatin1String("view")) {
            options.view = "word";
        } else if (what == QLatin1String("filter")) {
            options.filter = "colour:red";
        } else if (what == QLatin1String("shares")) {
            options.testShare = 0.7;
            options.validationShare = 0.7;
        } else if (what == QLatin1String("similarity")) {
            options.nearDuplicates = 0.0;
        } else if (what == QLatin1String("balance")) {
            options.view = "dpo";
            options.balance = loop::Balance{};
        } else if (what == QLatin1String("pairs")) {
            options.pairsPerSolution = 2;
        } else if (what == QLatin1String("empty set")) {
            options.evaluationSets = {{loop::EvaluationSet::Kind::Filter, "source:none"}};
        } else if (what == QLatin1String("missing file")) {
            options.evaluationSets = {{loop::EvaluationSet::Kind::File, "/nowhere.jsonl"}};
        } else {
            file("{\"problem\":\"A problem of at least six words\",\"answer\":\"1\"}\n{\"pro\n");
        }
        QVERIFY(!loop::exportDataset(*study.workspace, options));
        QVERIFY(!loop::previewExport(*study.workspace, options));
        const QStringList left =
            QDir(study.folder.path())
                .entryList({QStringLiteral("*out*")}, QDir::AllEntries | QDir::Hidden);
        QVERIFY2(left.isEmpty(), qPrintable(left.join(QLatin1Char(' '))));
    }

    // What a preview shows is what is written then.
    void previewIsTheExport_data() {
        QTest::addColumn<QString>("view");
        QTest::addColumn<int>("kind");
        for (const char* view : {"openai-chat", "sharegpt", "alpaca", "trl-prompt-completion",
                                 "dpo", "prm", "processbench", "jsonl-full"}) {
            for (int kind = 0; kind < 3; ++kind) {
                QTest::addRow("%s %d", view, kind) << QString::fromLatin1(view) << kind;
            }
        }
    }
    void previewIsTheExport() {
        QFETCH(QString, view);
        QFETCH(int, kind);
        const ExportStudy& study = fortyCritiques();
        loop::ExportJobOptions options;
        options.view = view.toStdString();
        options.seed = 9;
        options.validationShare = 0.2;
        options.testShare = 0.2;
        if (kind == 1) {
            options.order = curate::Order::HardFirst;
        } else if (kind == 2) {
            options.order = curate::Order::Random;
            options.perStudent = 15;
            if (view != QLatin1String("dpo")) {
                options.balance = loop::Balance{1, 2};
            }
        }
        const QTemporaryDir folder;
        const auto out = [&](const char* name) {
            return std::filesystem::path(folder.filePath(QString::fromLatin1(name)).toStdString());
        };
        options.folder = out("one");
        const auto summary = loop::exportDataset(*study.workspace, options);
        QVERIFY2(summary, summary ? "" : summary.error().text().c_str());
        QVERIFY(summary->dataset.rows > 5);
        const auto preview = loop::previewExport(*study.workspace, options, {1000, 3, true});
        QVERIFY2(preview, preview ? "" : preview.error().text().c_str());
        QVERIFY(preview->funnelIsWhole);
        QCOMPARE(funnelText(preview->funnel), funnelText(summary->funnel));
        QCOMPARE(preview->rows, summary->dataset.rows);
        std::map<std::string, QByteArray> bySplit;
        std::size_t tokens = 0;
        for (const loop::PreviewRow& row : preview->examples) {
            bySplit[row.split] += QByteArray::fromStdString(row.text) + '\n';
            tokens += row.tokens;
            QVERIFY(row.tokens >= row.learnedTokens && !row.turns.empty());
            QCOMPARE(row.rejectedId != 0, view == QLatin1String("dpo"));
        }
        QCOMPARE(preview->tokens, tokens);
        QCOMPARE(bySplit.size(), summary->dataset.files.size());
        for (const auto& [split, bytes] : bySplit) {
            QCOMPARE(bytesOf(options.folder / (split + ".jsonl")), bytes);
            QCOMPARE(preview->rowsBySplit.at(split), static_cast<std::uint64_t>(bytes.count('\n')));
        }
        // The same again, byte for byte, and another choice with another seed.
        options.folder = out("two");
        QVERIFY(loop::exportDataset(*study.workspace, options));
        for (const format::DatasetFile& file : summary->dataset.files) {
            QCOMPARE(bytesOf(options.folder / file.name), bytesOf(out("one") / file.name));
        }
        if (kind == 2) {
            options.folder = out("three");
            options.seed = 10;
            const auto other = loop::exportDataset(*study.workspace, options);
            QVERIFY(other);
            QVERIFY(other->dataset.files[0].sha256 != summary->dataset.files[0].sha256);
        }
    }

    void previewMarksLeaks() {
        ExportStudy study;
        study.add(mixedRows());
        loop::ExportJobOptions options;
        const auto preview = loop::previewExport(*study.workspace, options, {2, 5, false});
        QVERIFY(preview);
        QCOMPARE(preview->examples.size(), std::size_t{2});
        QVERIFY(!preview->funnelIsWhole);
        const auto all = loop::previewExport(*study.workspace, options, {20, 5, true});
        QVERIFY(all);
        QCOMPARE(all->dropped.size(), std::size_t{2});
        const loop::PreviewTurn& mention = all->dropped[0].turns.back();
        QCOMPARE(qs(all->dropped[0].droppedBy), qs(std::string(stage::kNoMention)));
        QVERIFY(!mention.mentions.empty() && mention.copies.empty());
        const loop::PreviewTurn& copy = all->dropped[1].turns.back();
        QCOMPARE(qs(all->dropped[1].droppedBy), qs(std::string(stage::kNoCopy)));
        QCOMPARE(copy.copies.size(), std::size_t{1});
        QVERIFY(base::slice(copy.text, copy.copies[0]).starts_with("To solve the task"));
        QVERIFY(QDir(study.folder.path()).entryList({QStringLiteral("out*")}).isEmpty());
    }

    void curriculumByAnswers() {
        ExportStudy study;
        // Problem 0: one answer; problem 1: two; problem 2: three (the students' names are as long
        // as their answers are large).
        study.add({{2, "abcd", true, "x1"},
                   {2, "abc", true, "x2"},
                   {2, "ab", true, "x3"},
                   {1, "abc", true, "x4"},
                   {0, "abc", true, "x5"},
                   {1, "ab", true, "x6"}});
        const auto problems = [&](curate::Order order, const char* name) {
            loop::ExportJobOptions options;
            options.view = "processbench";
            options.order = order;
            options.folder = study.out(name);
            if (!loop::exportDataset(*study.workspace, options)) {
                return QString();
            }
            QString numbers;
            for (const QByteArray& line : bytesOf(options.folder / "train.jsonl").split('\n')) {
                const qsizetype at = line.indexOf("Problem number ");
                numbers += at < 0 ? QString() : QString(QLatin1Char(line.at(at + 15)));
            }
            return numbers;
        };
        QCOMPARE(problems(curate::Order::Stored, "a"), QStringLiteral("222101"));
        QCOMPARE(problems(curate::Order::EasyFirst, "b"), QStringLiteral("011222"));
        QCOMPARE(problems(curate::Order::HardFirst, "c"), QStringLiteral("222110"));
    }

    // Exactly the filter's rows, each once, whatever the batches.
    void exactlyTheFiltersRows() {
        ExportStudy study;
        std::vector<Row> rows;
        for (int i = 0; i < 700; ++i) {
            rows.push_back({i % 50,
                            i % 2 == 0 ? "ann" : "bobby",
                            i % 3 == 0,
                            "Critique " + std::to_string(i),
                            {},
                            i % 5 == 0 ? "x" : "y"});
        }
        study.add(rows);
        loop::ExportJobOptions options;
        options.view = "csv";
        options.keepLeaks = options.keepCopies = true;
        options.filter = "critic:x";
        options.folder = study.out("out");
        const auto summary = loop::exportDataset(*study.workspace, options);
        QVERIFY(summary);
        QCOMPARE(summary->dataset.rows, std::uint64_t{140});
        const QByteArray bytes = bytesOf(options.folder / "train.csv");
        for (int i = 0; i < 700; ++i) {
            const QByteArray said = "Critique " + QByteArray::number(i) + "\n";
            QCOMPARE(bytes.count(said), i % 5 == 0 ? 1 : 0);
        }
    }

    void stopsWhenAsked() {
        ExportStudy study;
        std::vector<Row> rows;
        for (int i = 0; i < 300; ++i) {
            rows.push_back({i, "ann", true, "Critique " + std::to_string(i)});
        }
        study.add(rows);
        for (const bool survey : {false, true}) {
            loop::ExportJobOptions options;
            options.folder = study.out("out");
            options.perSource = survey ? 100 : 0;
            base::CancelToken cancel;
            const auto summary = loop::exportDataset(
                *study.workspace, options, [&](const loop::JobProgress&) { cancel.cancel(); },
                cancel);
            QVERIFY(!summary && summary.error().code == base::ErrorCode::Cancelled);
            QVERIFY(QDir(study.folder.path())
                        .entryList({QStringLiteral("*out*")}, QDir::AllEntries | QDir::Hidden)
                        .isEmpty());
        }
    }
};

SCRIT_TEST(ExportTest)
#include "export_test.moc"
