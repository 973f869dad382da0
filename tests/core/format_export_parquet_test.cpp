// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/dataset_writer.h"
#include "core/format/parquet.h"
#include "format_items.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QTest>

#include <nlohmann/json.hpp>

using namespace scrit;
using namespace scrit::format;
using namespace scrit::format::testing;

// Parquet through a library that stands in for DuckDB's: it writes down what it is asked and copies
// the rows. With SCRIT_TEST_DUCKDB set to a real libduckdb.so that one is used, and the file must
// be a Parquet file.
class FormatExportParquetTest : public QObject {
    Q_OBJECT

    bool m_real = false;
    Folder m_folder;

    std::string log() const { return readAll(m_folder.path("log")); }

private Q_SLOTS:
    void initTestCase() {
        const QByteArray real = qgetenv("SCRIT_TEST_DUCKDB");
        m_real = !real.isEmpty();
        qputenv("SCRIT_DUCKDB", m_real ? real : QByteArray(SCRIT_FAKE_DUCKDB));
        qputenv("SCRIT_FAKE_DUCKDB_LOG", QByteArray::fromStdString(m_folder.path("log")));
    }

    void libraryIsFound() {
        const auto version = parquetLibrary();
        QVERIFY2(version, version ? "" : version.error().text().c_str());
        QVERIFY(!version->empty());
    }

    void viewsHaveColumns() {
        for (const View* shape : views()) {
            QCOMPARE(shape->columns().empty(), shape->info().name == "csv");
        }
    }

    void datasetIsParquet_data() {
        QTest::addColumn<QString>("name");
        for (const View* shape : views()) {
            if (!shape->columns().empty()) {
                QTest::newRow(shape->info().name.data())
                    << QString::fromLatin1(shape->info().name.data());
            }
        }
    }
    void datasetIsParquet() {
        QFETCH(QString, name);
        const View& shape = view(name.toStdString());
        const std::string folder = m_folder.path("it's " + name.toStdString());
        DatasetInfo info;
        info.fileType = FileType::Parquet;
        auto writer = DatasetWriter::create(folder, shape, info);
        QVERIFY2(writer, writer ? "" : writer.error().text().c_str());
        const ExportItem item = sampleItem();
        if (shape.info().pairs) {
            ExportItem other = sampleItem();
            other.critique.text.replace(other.critique.text.find("The sum"), 7, "All");
            completeCritique(other.critique, other.solution, false);
            QVERIFY(writer->addRow(*shape.renderPair(item, other), item));
        } else {
            QVERIFY(*writer->add(item));
        }
        const auto summary = writer->finish();
        QVERIFY2(summary, summary ? "" : summary.error().text().c_str());
        const std::string bytes = readAll(folder + "/train.parquet");
        QCOMPARE(QString::fromStdString(summary->files[0].name), QStringLiteral("train.parquet"));
        QCOMPARE(summary->files[0].bytes, bytes.size());
        QCOMPARE(summary->files[0].rows, std::uint64_t{1});
        QVERIFY(!QFile::exists(QString::fromStdString(folder + "/train.jsonl")));
        if (m_real) {
            QVERIFY(bytes.starts_with("PAR1") && bytes.ends_with("PAR1"));
        } else {
            QVERIFY(nlohmann::json::accept(bytes));
            const std::string said = log();
            for (const char* part : {"SET autoinstall_known_extensions = false",
                                     "SET autoload_known_extensions = false",
                                     "FORMAT parquet, COMPRESSION zstd", "it''s "}) {
                QVERIFY2(said.find(part) != std::string::npos, part);
            }
            QVERIFY(said.find(shape.columns()) != std::string::npos);
            QVERIFY(said.ends_with("disconnect\nclose\n"));
        }
    }

    void noParquetOfCsv() {
        DatasetInfo info;
        info.fileType = FileType::Parquet;
        const auto writer = DatasetWriter::create(m_folder.path("csv"), view("csv"), info);
        QVERIFY(!writer && writer.error().code == base::ErrorCode::Invalid);
    }

    void failureLeavesNothing() {
        if (m_real) {
            QSKIP("the real library does not fail on demand");
        }
        qputenv("SCRIT_FAKE_DUCKDB_FAIL", "1");
        {
            DatasetInfo info;
            info.fileType = FileType::Parquet;
            auto writer = DatasetWriter::create(m_folder.path("bad"), view("prm"), info);
            QVERIFY(writer);
            QVERIFY(*writer->add(sampleItem()));
            const auto done = writer->finish();
            QVERIFY(!done);
            QVERIFY(done.error().message.find("no such thing") != std::string::npos);
        }
        qunsetenv("SCRIT_FAKE_DUCKDB_FAIL");
        QVERIFY(QDir(QString::fromStdString(m_folder.path("")))
                    .entryList({QStringLiteral(".bad*"), QStringLiteral("bad*")},
                               QDir::AllEntries | QDir::Hidden)
                    .isEmpty());
    }
};

SCRIT_TEST(FormatExportParquetTest)
#include "format_export_parquet_test.moc"
