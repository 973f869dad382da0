// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/format/csv.h"
#include "core/format/dataset_writer.h"
#include "core/format/json_writer.h"
#include "format_items.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QTest>

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>

using namespace scrit;
using namespace scrit::format;
using namespace scrit::format::testing;
using nlohmann::json;

namespace {

ExportItem unreadableItem() {
    ExportItem item = sampleItem();
    item.critique.text = "Hm.";
    completeCritique(item.critique, item.solution, std::nullopt);
    return item;
}

// JSON values are compared as text: Qt Test cannot print them.
QString text(const json& value) {
    return QString::fromStdString(value.dump());
}

QStringList entries(const std::string& folder) {
    return QDir(qs(folder))
        .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot,
                   QDir::Name | QDir::IgnoreCase);
}

} // namespace

class FormatExporterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void jsonStrings_data();
    void jsonStrings();
    void jsonNumbers();
    void csvCells_data();
    void csvCells();
    void viewsAreNamed();
    void openaiChatHasNoReference();
    void openaiChatNeedsACompleteTarget();
    void fullRowComesBackTheSame();
    void fullRowThatWasEdited();
    void otherViews();
    void datasetIsWhole();
    void unfinishedLeavesNothing();
    void existingFolders();
    void unwritablePlace();
    void splitNames();
};

void FormatExporterTest::jsonStrings_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("empty") << QByteArray() << QByteArray("\"\"");
    QTest::newRow("escapes") << QByteArray("a\"b\\c\n\r\t\x01\x7F")
                             << QByteArray("\"a\\\"b\\\\c\\n\\r\\t\\u0001\\u007f\"");
    QTest::newRow("utf-8") << QByteArray("\u00e9\u20ac") << QByteArray("\"\u00e9\u20ac\"");
    QTest::newRow("not utf-8") << QByteArray("a\xFF"
                                             "b")
                               << QByteArray("\"a\\\\xffb\"");
    QTest::newRow("NUL") << QByteArray("a\0b", 3) << QByteArray("\"a\\u0000b\"");
}

void FormatExporterTest::jsonStrings() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    std::string out;
    appendJsonString(out, text.toStdString());
    QCOMPARE(QByteArray::fromStdString(out), expected);
    QVERIFY(json::accept(out));
}

void FormatExporterTest::jsonNumbers() {
    std::string out;
    JsonWriter(out)
        .beginArray()
        .value(0.1)
        .value(std::nan(""))
        .value(std::numeric_limits<std::int64_t>::min())
        .value(std::numeric_limits<std::uint64_t>::max())
        .value(std::optional<int>())
        .value(true)
        .endArray();
    QCOMPARE(qs(out),
             QStringLiteral("[0.1,null,-9223372036854775808,18446744073709551615,null,true]"));
}

void FormatExporterTest::csvCells_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("cell");
    QTest::newRow("plain") << QStringLiteral("abc") << QStringLiteral("abc");
    QTest::newRow("comma") << QStringLiteral("a,b") << QStringLiteral("\"a,b\"");
    QTest::newRow("quote and line") << QStringLiteral("a\"\nb") << QStringLiteral("\"a\"\"\nb\"");
    QTest::newRow("formula") << QStringLiteral("=1+1") << QStringLiteral("'=1+1");
    QTest::newRow("plus") << QStringLiteral("+1") << QStringLiteral("'+1");
    QTest::newRow("minus") << QStringLiteral("-1") << QStringLiteral("'-1");
    QTest::newRow("at") << QStringLiteral("@a") << QStringLiteral("'@a");
    QTest::newRow("full-width") << QStringLiteral("\uff1d1") << QStringLiteral("'\uff1d1");
    QTest::newRow("tab") << QStringLiteral("\t=1") << QStringLiteral("\"'\t=1\"");
    QTest::newRow("return") << QStringLiteral("\r=1") << QStringLiteral("\"'\r=1\"");
    QTest::newRow("line") << QStringLiteral("\n=1") << QStringLiteral("\"'\n=1\"");
    QTest::newRow("later") << QStringLiteral("a=1") << QStringLiteral("a=1");
}

void FormatExporterTest::csvCells() {
    QFETCH(QString, text);
    QFETCH(QString, cell);
    QCOMPARE(qs(csvCell(text.toStdString())), cell);
}

void FormatExporterTest::viewsAreNamed() {
    QSet<QString> names;
    for (const View* known : views()) {
        names << qs(known->info().name);
        QVERIFY(!known->info().fieldsVisibleAtInference.empty());
        QCOMPARE(*viewNamed(known->info().name), known);
    }
    QVERIFY(names.contains(QStringLiteral("openai-chat")));
    QVERIFY(names.contains(QStringLiteral("jsonl-full")));
    QCOMPARE(static_cast<std::size_t>(names.size()), views().size());
    const auto unknown = viewNamed("word");
    QVERIFY(!unknown);
    QVERIFY(unknown.error().advice.find("openai-chat") != std::string::npos);
}

void FormatExporterTest::openaiChatHasNoReference() {
    const ExportItem item = sampleItem();
    const auto row = view("openai-chat").render(item);
    QVERIFY2(row, row ? "" : row.error().text().c_str());
    QVERIFY(row->find('\n') == std::string::npos);
    const json messages = json::parse(*row).at("messages");
    QCOMPARE(messages.size(), 3U);
    QCOMPARE(text(messages[0].at("role")), text("system"));
    QCOMPARE(text(messages[1].at("role")), text("user"));
    QCOMPARE(text(messages[2].at("role")), text("assistant"));
    const auto user = messages[1].at("content").get<std::string>();
    QVERIFY(user.find(item.problem.text) != std::string::npos);
    QVERIFY(user.find("(B) three") != std::string::npos);
    QVERIFY(user.find(item.solution.text) != std::string::npos);
    const auto target = messages[2].at("content").get<std::string>();
    QVERIFY(target.find("The sum is wrong.") != std::string::npos);
    QVERIFY(target.find("The first error step number: 1") != std::string::npos);
    QVERIFY(target.find("\\boxed{A}") != std::string::npos);
    QVERIFY(row->find("Reference") == std::string::npos);
    QVERIFY(row->find("reference says") == std::string::npos);
    QCOMPARE(view("openai-chat").promptHashes().size(), 1U);
}

void FormatExporterTest::openaiChatNeedsACompleteTarget() {
    const auto row = view("openai-chat").render(unreadableItem());
    QVERIFY(!row);
    QCOMPARE(row.error().code, base::ErrorCode::Invalid);
    QCOMPARE(qs(row.error().message), QStringLiteral("no-conclusion"));
    ExportItem item = sampleItem();
    item.critique.parsed.correction.reset();
    QCOMPARE(qs(view("openai-chat").render(item).error().message), QStringLiteral("no-correction"));
    item.critique.correctionText = "It is \\boxed{A}.";
    QVERIFY(view("openai-chat").render(item));
}

void FormatExporterTest::fullRowComesBackTheSame() {
    ExportItem item = sampleItem();
    model::Verdict match;
    match.subject = model::SubjectKind::Solution;
    match.verifier = model::verifier::kAnswerMatch;
    match.protocol = "answer/1";
    match.outcome = model::Outcome::No;
    item.verdicts.insert(item.verdicts.begin() + 1, match); // a machine's: it has no source
    item.critique.parsed.flags.add(model::Flag::Leak);      // known from elsewhere
    const std::string row = *view("jsonl-full").render(item);
    const Folder folder;
    const auto all = importAllCritiques(folder.write("train.jsonl", row + "\n"));
    QVERIFY2(all.bad.empty(), all.bad.empty() ? "" : all.bad[0].reason.c_str());
    QCOMPARE(all.items.size(), 1U);
    const ImportedCritique& back = all.items[0];
    ExportItem again;
    again.problem = back.subject->problem;
    again.solution = back.subject->solutions[0].solution;
    again.reference = back.reference->solution;
    again.critique = back.critique;
    again.verdicts = back.subject->solutions[0].labels;
    again.verdicts.insert(again.verdicts.end(), back.verdicts.begin(), back.verdicts.end());
    again.annotations = back.annotations;
    QVERIFY(back.notes.empty());
    QCOMPARE(qs(again.critique.key), qs(item.critique.key));
    // Also what is empty: the split, whatever the file's name says, and the sources of verdicts.
    QCOMPARE(qs(again.problem.split), QString());
    QCOMPARE(qs(*view("jsonl-full").render(again)), qs(row));
}

void FormatExporterTest::fullRowThatWasEdited() {
    std::string row = *view("jsonl-full").render(sampleItem());
    row.replace(row.find("What is"), 7, "Who was");
    const Folder folder;
    const auto all = importAllCritiques(folder.write("x.jsonl", row));
    QCOMPARE(all.items.size(), 1U);
    QCOMPARE(all.items[0].notes.size(), 1U);
    row.replace(row.find("\"end\":17"), 8, "\"end\":99");
    const auto bad = importAllCritiques(folder.write("y.jsonl", row));
    QCOMPARE(bad.bad.size(), 1U);
    QVERIFY2(bad.bad[0].reason.find("\"solution.steps\" do not lie in the text") !=
                 std::string::npos,
             bad.bad[0].reason.c_str());
}

void FormatExporterTest::otherViews() {
    const ExportItem item = sampleItem();
    const json prm = json::parse(*view("prm").render(item));
    QCOMPARE(text(prm.at("completions")), text(json::array({"1+1=3\n\nmore of it"})));
    QCOMPARE(text(prm.at("labels")), text(json::array({false})));
    const json bench = json::parse(*view("processbench").render(item));
    QCOMPARE(text(bench.at("label")), text(0));
    QCOMPARE(bench.at("steps").size(), 2U);
    QCOMPARE(text(bench.at("final_answer_correct")), text(false));
    const std::string header = view("csv").header();
    const std::string row = *view("csv").render(item) + "\n";
    QCOMPARE(scrit::format::csvCells(row, ',').size(), scrit::format::csvCells(header, ',').size());
    QVERIFY(!view("prm").render(unreadableItem()));
}

void FormatExporterTest::datasetIsWhole() {
    const Folder folder;
    DatasetInfo info;
    info.filter = "source:demo";
    info.seed = 3;
    info.softwareVersion = "1.2";
    info.stages = {{"selected", 4}};
    auto writer = DatasetWriter::create(folder.path("out/"), view("openai-chat"), info);
    QVERIFY2(writer, writer ? "" : writer.error().text().c_str());
    QVERIFY(!QDir(qs(folder.path("out"))).exists());
    QVERIFY(*writer->add(sampleItem()));
    QVERIFY(*writer->add(sampleItem(), "test"));
    QVERIFY(*writer->add(sampleItem()));
    QVERIFY(!*writer->add(unreadableItem()));
    writer->addStage("leak", 4);
    const auto summary = writer->finish();
    QVERIFY2(summary, summary ? "" : summary.error().text().c_str());
    QCOMPARE(summary->rows, 3U);
    QCOMPARE(entries(folder.path("")), QStringList{QStringLiteral("out")});
    QCOMPARE(entries(folder.path("out")),
             (QStringList{QStringLiteral("dataset_info.json"), QStringLiteral("manifest.json"),
                          QStringLiteral("README.md"), QStringLiteral("test.jsonl"),
                          QStringLiteral("train.jsonl")}));

    const json manifest = json::parse(readAll(folder.path("out/manifest.json")));
    QCOMPARE(text(manifest.at("view")), text("openai-chat"));
    QCOMPARE(text(manifest.at("filter")), text("source:demo"));
    QCOMPARE(text(manifest.at("seed")), text(3));
    QCOMPARE(text(manifest.at("rows")), text(3));
    QCOMPARE(manifest.at("stages").size(), 2U);
    QCOMPARE(text(manifest.at("targets").at("edited")), text(0));
    QCOMPARE(text(manifest.at("dropped").at("no-conclusion")), text(1));
    QCOMPARE(text(manifest.at("critics").at("critic")), text(3));
    QCOMPARE(text(manifest.at("critic_prompt_hashes").at("abc")), text(3));
    QCOMPARE(manifest.at("files").size(), 2U);
    for (const json& file : manifest.at("files")) {
        const std::string bytes = readAll(folder.path("out/" + file.at("name").get<std::string>()));
        base::Sha256 hash;
        hash.update(bytes);
        QCOMPARE(text(file.at("sha256")), text(hash.hexDigest()));
        QCOMPARE(text(file.at("bytes")), text(bytes.size()));
        QCOMPARE(text(file.at("rows")), text(std::count(bytes.begin(), bytes.end(), '\n')));
    }
    const std::string card = readAll(folder.path("out/README.md"));
    QVERIFY(card.starts_with("---\npretty_name: \"out\"\n"));
    QVERIFY(card.find("- split: test\n    path: \"test.jsonl\"\n") != std::string::npos);
    QVERIFY(card.find("| left out by the view: no-conclusion | 1 |") != std::string::npos);
}

void FormatExporterTest::unfinishedLeavesNothing() {
    const Folder folder;
    {
        auto writer = DatasetWriter::create(folder.path("out"), view("jsonl-full"), {});
        QVERIFY(writer);
        QVERIFY(*writer->add(sampleItem()));
        QCOMPARE(entries(folder.path("")).size(), 1);
        QVERIFY(entries(folder.path("")).front().startsWith(QStringLiteral(".out.part.")));
    }
    QCOMPARE(entries(folder.path("")), QStringList{});
}

void FormatExporterTest::existingFolders() {
    const Folder folder;
    const auto write = [&](bool replace) {
        DatasetInfo info;
        info.replace = replace;
        auto writer = DatasetWriter::create(folder.path("out"), view("jsonl-full"), info);
        if (!writer) {
            return qs(base::codeName(writer.error().code));
        }
        const auto done = writer->finish();
        return done ? QStringLiteral("ok") : qs(base::codeName(done.error().code));
    };
    QVERIFY(QDir().mkpath(qs(folder.path("out"))));
    QCOMPARE(write(false), QStringLiteral("ok")); // an empty folder is free
    QCOMPARE(write(false), QStringLiteral("exists"));
    folder.write("out/old.txt", "x");
    QCOMPARE(write(true), QStringLiteral("ok"));
    QVERIFY(!QFile::exists(qs(folder.path("out/old.txt"))));
    QCOMPARE(entries(folder.path("")), QStringList{QStringLiteral("out")});

    QVERIFY(QFile::remove(qs(folder.path("out/manifest.json"))));
    QCOMPARE(write(true), QStringLiteral("exists")); // not an export: never replaced
    const std::string file = folder.write("file", "x");
    QVERIFY(!DatasetWriter::create(file, view("jsonl-full"), {}));
}

void FormatExporterTest::unwritablePlace() {
    const auto writer = DatasetWriter::create("/proc/out", view("jsonl-full"), {});
    QVERIFY(!writer);
    QVERIFY(!writer.error().message.empty());
}

void FormatExporterTest::splitNames() {
    const Folder folder;
    auto writer = DatasetWriter::create(folder.path("out"), view("jsonl-full"), {});
    QVERIFY(writer);
    const auto added = writer->add(sampleItem(), "../evil");
    QVERIFY(!added);
    QCOMPARE(added.error().code, base::ErrorCode::Invalid);
}

SCRIT_TEST(FormatExporterTest)
#include "format_exporter_test.moc"
