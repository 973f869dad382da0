// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/hash.h"
#include "core/format/csv.h"
#include "core/format/dataset_card.h"
#include "core/format/dataset_writer.h"
#include "core/format/parquet.h"
#include "core/model/unreadable.h"
#include "format_items.h"
#include "format_validators.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QTest>

#include <functional>

using namespace scrit;
using namespace scrit::format;
using namespace scrit::format::testing;

namespace {

QString qs(const std::string& text) {
    return QString::fromStdString(text);
}

using Validator = Fault (*)(const Json& row);

ExportItem withCritique(const std::string& step, ExportItem item = sampleItem()) {
    const std::size_t at = item.critique.text.find("### Critique of Step 1\n") + 23;
    item.critique.text.replace(at, item.critique.text.find("\n## Conclusion") - at, step);
    completeCritique(item.critique, item.solution, false);
    return item;
}

// A row of the view: of a pair for views of pairs.
Json rowOf(const View& shape, const ExportItem& item) {
    const auto row = shape.info().pairs ? shape.renderPair(item, withCritique("It is fine?", item))
                                        : shape.render(item);
    return row ? Json::parse(*row) : Json(row.error().text());
}

std::string text(const std::vector<Turn>& turns, std::string_view role) {
    for (const Turn& turn : turns) {
        if (turn.role == role) {
            return turn.text;
        }
    }
    return {};
}

} // namespace

class FormatExportViewsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rowsKeepTheirDefinition_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<void*>("validator");
        const auto row = [](const char* name, Validator validator) {
            QTest::newRow(name) << QString::fromLatin1(name) << reinterpret_cast<void*>(validator);
        };
        row("openai-chat", &openAiChat);
        row("sharegpt", &sharegpt);
        row("alpaca", &alpaca);
        row("trl-prompt-completion", &trlPromptCompletion);
        row("dpo", &trlPreference);
        row("prm", &trlStepwise);
        row("processbench", &processBench);
    }
    void rowsKeepTheirDefinition() {
        QFETCH(QString, name);
        QFETCH(void*, validator);
        const View& shape = view(name.toStdString());
        std::vector<ExportItem> items{sampleItem(),
                                      withCritique("\"quoted\"\n\ttab \u2028 \x1b[31m"),
                                      withCritique("Not UTF-8: \xff\xfe.")};
        items.push_back(sampleItem());
        items.back().problem.choices.clear();
        items.back().solution.externalId.clear();
        for (const ExportItem& item : items) {
            const Json row = rowOf(shape, item);
            const Fault fault = reinterpret_cast<Validator>(validator)(row);
            QVERIFY2(fault.empty(), (fault + ": " + row.dump()).c_str());
        }
    }

    // The validators themselves see what is wrong.
    void validatorsFail() {
        QVERIFY(
            !openAiChat(Json::parse(R"({"messages":[{"role":"user","content":"x"}]})")).empty());
        QVERIFY(
            !trlStepwise(Json::parse(R"({"prompt":"p","completions":["a","b"],"labels":[true]})"))
                 .empty());
        QVERIFY(!sharegpt(Json::parse(
                              R"({"system":"s","conversations":[{"from":"gpt","value":"a"},
                                 {"from":"human","value":"b"}]})"))
                     .empty());
        QVERIFY(!processBench(Json::parse(R"({"id":"1","generator":"g","problem":"p",
                 "steps":["a"],"final_answer_correct":true,"label":1})"))
                     .empty());
    }

    // All chat views say the same in their own words, and none shows the reference.
    void viewsOfOneExampleAgree() {
        const ExportItem item = sampleItem();
        const Json chat = rowOf(view("openai-chat"), item);
        const std::string system = chat["messages"][0]["content"];
        const std::string user = chat["messages"][1]["content"];
        const std::string target = chat["messages"][2]["content"];
        QVERIFY(target.find("The sum is wrong.") != std::string::npos);
        QVERIFY(target.find("Reference") == std::string::npos);
        const Json gpt = rowOf(view("sharegpt"), item);
        QVERIFY(gpt["system"] == system && gpt["conversations"][0]["value"] == user &&
                gpt["conversations"][1]["value"] == target);
        const Json alpacaRow = rowOf(view("alpaca"), item);
        QVERIFY(alpacaRow["system"] == system && alpacaRow["instruction"] == user &&
                alpacaRow["output"] == target);
        const Json trl = rowOf(view("trl-prompt-completion"), item);
        QVERIFY(trl["prompt"][0]["content"] == system && trl["prompt"][1]["content"] == user &&
                trl["completion"][0]["content"] == target);
        const Json pair = rowOf(view("dpo"), item);
        QVERIFY(pair["prompt"] == trl["prompt"] && pair["chosen"] == trl["completion"]);
        QVERIFY(pair["rejected"][0]["content"].get<std::string>().find("It is fine?") !=
                std::string::npos);
        for (const View* each : views()) {
            QCOMPARE(each->gap(item).has_value(), false);
        }
    }

    void pairsThatAreNone() {
        const View& dpo = view("dpo");
        const ExportItem item = sampleItem();
        QCOMPARE(qs(dpo.renderPair(item, item).error().message), QStringLiteral("same-target"));
        ExportItem other = withCritique("Wrong.");
        other.solution.text += " More.";
        QCOMPARE(qs(dpo.renderPair(item, other).error().message),
                 QStringLiteral("not-one-solution"));
        ExportItem incomplete = withCritique("Wrong.");
        incomplete.critique.parsed.correction.reset();
        QCOMPARE(qs(dpo.renderPair(item, incomplete).error().message),
                 QStringLiteral("no-correction"));
        QVERIFY(dpo.gap(incomplete));
        QVERIFY(!view("csv").renderPair(item, other));
    }

    void turnsAreWhatTheRowsSay() {
        const ExportItem item = sampleItem();
        const Json chat = rowOf(view("openai-chat"), item);
        const auto turns = view("openai-chat").turns(item);
        QVERIFY(turns);
        QCOMPARE(turns->size(), std::size_t{3});
        QVERIFY(!(*turns)[1].learned && (*turns)[2].learned);
        for (std::size_t i = 0; i < 3; ++i) {
            QCOMPARE(qs((*turns)[i].text), qs(chat["messages"][i]["content"]));
        }
        const ExportItem other = withCritique("It is fine?");
        const auto pair = view("dpo").turns(item, &other);
        QVERIFY(pair);
        QVERIFY(text(*pair, "rejected").find("It is fine?") != std::string::npos);
        QVERIFY(text(*pair, "chosen").find("The sum is wrong.") != std::string::npos);
        for (const View* each : views()) {
            QVERIFY2(each->turns(item).has_value(), each->info().name.data());
            QVERIFY(!each->loading().empty());
        }
    }

    // What of a critic's words is learned, and so looked through for leaks.
    void targets() {
        const ExportItem item = sampleItem();
        QVERIFY(view("openai-chat").target(item).find("reference says") == std::string::npos);
        QVERIFY(view("jsonl-full").target(item).find("reference says") == std::string::npos);
        QVERIFY(view("jsonl-full").target(item).find("The sum is wrong.") != std::string::npos);
        QVERIFY(view("prm").target(item).empty());
        QVERIFY(view("processbench").target(item).empty());
    }

    // What the prompt asks for is what is learned; the copy keeps what was written.
    void targetsStopAtTheFirstError() {
        const ExportItem item = withCritique("The sum is wrong.\n### Critique of Step 2\nGoes on.");
        for (const View* each : views()) {
            const bool goesOn = each->target(item).find("Goes on.") != std::string::npos;
            QVERIFY2(!each->rendersTarget() || !goesOn, each->info().name.data());
        }
        QVERIFY(view("openai-chat").target(item).find("The sum is wrong.") != std::string::npos);
        QVERIFY(view("jsonl-full").render(item)->find("Goes on.") != std::string::npos);
        DatasetContents contents;
        contents.count(item, view("openai-chat"));
        contents.count(sampleItem(), view("openai-chat"));
        QCOMPARE(contents.targets["edited"], std::uint64_t{1});
        QCOMPARE(contents.targets["parts_joined"], std::uint64_t{0});
        QCOMPARE(contents.targets["parts_after_error_left_out"], std::uint64_t{1});
    }

    void unreadableParsesAreNamed() {
        ExportItem item = sampleItem();
        item.critique.parsed = {};
        item.critique.parsed.problems = {std::string(model::kUnreadableParse)};
        QCOMPARE(qs(*view("openai-chat").gap(item)), QStringLiteral("stored-parse-unreadable"));
    }

    void newestVerdictCounts() {
        ExportItem item = sampleItem();
        item.verdicts.clear();
        for (const auto outcome : {model::Outcome::No, model::Outcome::Yes}) { // newest first
            model::Verdict verdict;
            verdict.id = outcome == model::Outcome::No ? 9 : 3;
            verdict.verifier = "self_validation";
            verdict.outcome = outcome;
            item.verdicts.push_back(verdict);
        }
        const std::string header = view("csv").header();
        const auto names = scrit::format::csvCells(header, ',');
        const auto cells = scrit::format::csvCells(*view("csv").render(item) + "\n", ',');
        const auto at = static_cast<std::size_t>(
            std::find(names.begin(), names.end(), "self_validation") - names.begin());
        QCOMPARE(qs(cells.at(at)), QStringLiteral("no"));
        // Written oldest first, so that the newest is the newest where they are imported.
        const Json full = Json::parse(*view("jsonl-full").render(item));
        QCOMPARE(qs(full["verdicts"].back()["outcome"]), QStringLiteral("no"));
    }

    void csvCannotFool() {
        ExportItem item = sampleItem();
        item.problem.source = "=HYPERLINK(\"http://x\")";
        item.solution.author = "@cmd";
        item.critique.text = "\x1b[2J\u202egnirts\n" + item.critique.text;
        const std::string row = *view("csv").render(item);
        QVERIFY(row.starts_with("\"'=HYPERLINK("));
        QVERIFY(row.find(",'@cmd,") != std::string::npos);
        QVERIFY(row.find('\x1b') == std::string::npos);
        QVERIFY(row.find("\u202e") == std::string::npos);
        QVERIFY(row.find("\\x1b[2J\\u202egnirts") != std::string::npos);
        QCOMPARE(scrit::format::csvCells(row + "\n", ',').size(),
                 scrit::format::csvCells(view("csv").header(), ',').size());
    }

    void companionsKeepTheirDefinition_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"openai-chat", "sharegpt", "alpaca"}) {
            QTest::newRow(name) << QString::fromLatin1(name);
        }
    }
    void companionsKeepTheirDefinition() {
        QFETCH(QString, name);
        const View& shape = view(name.toStdString());
        const Folder folder;
        auto writer = DatasetWriter::create(folder.path("my \"set\""), shape, {});
        QVERIFY(writer);
        QVERIFY(*writer->add(sampleItem()));
        QVERIFY(*writer->add(sampleItem(), "test"));
        QVERIFY(writer->finish());
        const Json info = Json::parse(readAll(folder.path("my \"set\"/dataset_info.json")));
        QCOMPARE(info.size(), std::size_t{2});
        for (const auto& [entry, about] : info.items()) {
            const std::string rows =
                readAll(folder.path("my \"set\"/" + about.value("file_name", "?")));
            const Json row = Json::parse(rows.substr(0, rows.find('\n')));
            const Fault fault = datasetInfoEntry(about, row);
            QVERIFY2(fault.empty(), fault.c_str());
            QVERIFY(entry.starts_with("my \"set\"_"));
        }
    }

    void rowsAreOrdered() {
        const Folder folder;
        DatasetInfo info;
        info.ordered = true;
        auto writer = DatasetWriter::create(folder.path("out"), view("csv"), info);
        QVERIFY(writer);
        const ExportItem item = sampleItem();
        const std::vector<std::pair<std::string, std::uint64_t>> rows{
            {"c", 7}, {"a", 1}, {std::string(3 << 20, 'x'), 4}, {"b", 1}, {"d", UINT64_MAX}};
        for (const auto& [row, key] : rows) {
            QVERIFY(writer->addRow(row, item, {}, key));
        }
        const auto summary = writer->finish();
        QVERIFY(summary);
        const std::string bytes = readAll(folder.path("out/train.csv"));
        const std::string expected =
            view("csv").header() + "a\nb\n" + std::string(3 << 20, 'x') + "\nc\nd\n";
        QVERIFY(bytes == expected);
        base::Sha256 hash;
        hash.update(bytes);
        QCOMPARE(qs(summary->files[0].sha256), qs(hash.hexDigest()));
        QCOMPARE(summary->files[0].bytes, bytes.size());
        QCOMPARE(summary->files[0].rows, std::uint64_t{5});
        QCOMPARE(QDir(qs(folder.path("out"))).entryList(QDir::Files | QDir::Hidden).size(), 3);
    }

    void cardSaysHowToLoadAndWhoseItIs() {
        const Folder folder;
        DatasetInfo info;
        info.settings = {{"balance", "1:1"}};
        info.models = {{"critic", "vllm", "Some-7B"}, {"unused", "vllm", "x"}};
        auto writer = DatasetWriter::create(folder.path("set"), view("dpo"), info);
        QVERIFY(writer);
        ExportItem other = sampleItem();
        other.problem.licence.clear();
        other.problem.source = "`](evil|";
        QVERIFY(writer->addRow("{}", sampleItem()));
        QVERIFY(writer->addRow("{}", other));
        QVERIFY(writer->finish());
        const std::string card = readAll(folder.path("set/README.md"));
        for (const char* part : {"load_dataset(\"set\")", "| demo | MIT | 1 |", "not stated | 1 |",
                                 "- balance: 1:1", "- Visible at inference: problem, solution"}) {
            QVERIFY2(card.find(part) != std::string::npos, part);
        }
        QVERIFY(card.find("| `](evil") == std::string::npos);
        const Json manifest = Json::parse(readAll(folder.path("set/manifest.json")));
        QCOMPARE(manifest["models"].size(), std::size_t{1});
        QCOMPARE(qs(manifest["models"][0]["model"]), QStringLiteral("Some-7B"));
        QCOMPARE(qs(manifest["settings"]["balance"]), QStringLiteral("1:1"));
        QCOMPARE(manifest["licences"]["demo"]["MIT"].get<int>(), 1);
        QCOMPARE(manifest["view_prompt_hashes"].size(), std::size_t{1});
    }

    void stoppedAtTheEnd() {
        const Folder folder;
        DatasetInfo info;
        info.ordered = true;
        base::CancelToken cancel;
        cancel.cancel();
        {
            auto writer = DatasetWriter::create(folder.path("out"), view("jsonl-full"), info);
            QVERIFY(writer);
            QVERIFY(*writer->add(sampleItem()));
            const auto done = writer->finish(cancel);
            QVERIFY(!done && done.error().code == base::ErrorCode::Cancelled);
        }
        QCOMPARE(QDir(qs(folder.path("")))
                     .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
                 QStringList{});
    }
};

SCRIT_TEST(FormatExportViewsTest)
#include "format_export_views_test.moc"
