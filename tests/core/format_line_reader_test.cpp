// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/line_reader.h"
#include "format_support.h"
#include "tests/support/test_program.h"

#include <QTest>

#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

using namespace scrit;
using namespace scrit::format;
using scrit::format::testing::Folder;
using scrit::format::testing::qs;

namespace {

std::string gzipped(std::string_view text) {
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string out(deflateBound(&stream, static_cast<uLong>(text.size())) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

std::string zstdPacked(std::string_view text) {
    std::string out(ZSTD_compressBound(text.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

// "1@0 text" for each line, then "error: code" where reading ended with one.
QString linesOf(const std::string& path, std::size_t limit = kMaxLineBytes) {
    base::Expected<LineReader> reader = LineReader::open(path, limit);
    if (!reader) {
        return QStringLiteral("open: ") + qs(base::codeName(reader.error().code));
    }
    QString text;
    Line line;
    for (;;) {
        const base::Expected<bool> more = reader->next(line);
        if (!more) {
            return text + QStringLiteral("error: ") + qs(base::codeName(more.error().code));
        }
        if (!*more) {
            return text;
        }
        text += QStringLiteral("%1@%2 %3\n")
                    .arg(line.number)
                    .arg(line.offset)
                    .arg(line.tooLong ? QStringLiteral("TOO LONG") : qs(line.text));
    }
}

std::string manyLines() {
    std::string text;
    for (int i = 0; i < 60'000; ++i) {
        text += "line " + std::to_string(i) + " with some text to fill blocks\n";
    }
    return text;
}

} // namespace

class FormatLineReaderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void lines_data();
    void lines();
    void compressed_data();
    void compressed();
    void cutCompressedIsCorrupt_data();
    void cutCompressedIsCorrupt();
    void longLinesAreSkipped();
    void missingFileAndFolder();
    void fileThatShrinks();
    void removedWhileOpen();
    void noPermission();
    void progressEndsAtTheTotal();
};

void FormatLineReaderTest::lines_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("expected");
    QTest::newRow("empty") << QByteArray() << QString();
    QTest::newRow("one") << QByteArray("a\n") << QStringLiteral("1@0 a\n");
    QTest::newRow("no end") << QByteArray("a\nb") << QStringLiteral("1@0 a\n2@2 b\n");
    QTest::newRow("crlf") << QByteArray("a\r\nb\r\n") << QStringLiteral("1@0 a\n2@3 b\n");
    QTest::newRow("blank lines") << QByteArray("\n\na") << QStringLiteral("1@0 \n2@1 \n3@2 a\n");
    QTest::newRow("byte order mark") << QByteArray("\xEF\xBB\xBF"
                                                   "a\nb")
                                     << QStringLiteral("1@0 a\n2@5 b\n");
    QTest::newRow("carriage return alone") << QByteArray("a\rb\n") << QStringLiteral("1@0 a\rb\n");
    QTest::newRow("utf-16") << QByteArray("\xFF\xFE"
                                          "a\0",
                                          4)
                            << QStringLiteral("open: invalid");
}

void FormatLineReaderTest::lines() {
    QFETCH(QByteArray, bytes);
    QFETCH(QString, expected);
    const Folder folder;
    QCOMPARE(linesOf(folder.write("a.txt", bytes.toStdString())), expected);
}

void FormatLineReaderTest::compressed_data() {
    QTest::addColumn<QByteArray>("bytes");
    const std::string text = manyLines();
    const std::string half = text.substr(0, text.size() / 2);
    const std::string rest = text.substr(half.size());
    const auto row = [](const char* name, const std::string& bytes) {
        QTest::newRow(name) << QByteArray::fromStdString(bytes);
    };
    row("plain", text);
    row("gzip", gzipped(text));
    row("gzip members", gzipped(half) + gzipped(rest));
    row("gzip padded", gzipped(text) + std::string(100, '\0'));
    row("zstd", zstdPacked(text));
    row("zstd frames", zstdPacked(half) + zstdPacked(rest));
}

// Told by the first bytes: the name says nothing.
void FormatLineReaderTest::compressed() {
    QFETCH(QByteArray, bytes);
    const Folder folder;
    const std::string path = folder.write("data.jsonl", bytes.toStdString());
    base::Expected<LineReader> reader = LineReader::open(path);
    QVERIFY(reader);
    std::string text;
    Line line;
    for (;;) {
        const base::Expected<bool> more = reader->next(line);
        QVERIFY2(more, more ? "" : more.error().text().c_str());
        if (!*more) {
            break;
        }
        QCOMPARE(line.offset, text.size());
        text.append(line.text);
        text += '\n';
    }
    QVERIFY(text == manyLines());
    QCOMPARE(line.number, 0U); // the last call found no line
}

void FormatLineReaderTest::cutCompressedIsCorrupt_data() {
    QTest::addColumn<QByteArray>("bytes");
    const std::string gzip = gzipped(manyLines());
    const std::string zstd = zstdPacked(manyLines());
    std::string damaged = gzip;
    damaged[gzip.size() / 2] = static_cast<char>(damaged[gzip.size() / 2] ^ 0x55);
    const auto row = [](const char* name, const std::string& bytes) {
        QTest::newRow(name) << QByteArray::fromStdString(bytes);
    };
    row("gzip half", gzip.substr(0, gzip.size() / 2));
    row("gzip without its last byte", gzip.substr(0, gzip.size() - 1));
    row("gzip magic only", gzip.substr(0, 5));
    row("gzip damaged", damaged);
    row("gzip with garbage behind", gzip + "garbage");
    row("zstd half", zstd.substr(0, zstd.size() / 2));
    row("zstd without its last byte", zstd.substr(0, zstd.size() - 1));
}

void FormatLineReaderTest::cutCompressedIsCorrupt() {
    QFETCH(QByteArray, bytes);
    const Folder folder;
    QVERIFY(linesOf(folder.write("a.gz", bytes.toStdString())).endsWith(QStringLiteral("corrupt")));
}

void FormatLineReaderTest::longLinesAreSkipped() {
    const Folder folder;
    const std::string big(3'000'000, 'x');
    const std::string path = folder.write("a.txt", "ab\n" + big + "\nabcd\nabcde\n" + big);
    QCOMPARE(linesOf(path, 4), QStringLiteral("1@0 ab\n2@3 TOO LONG\n3@3000004 abcd\n"
                                              "4@3000009 TOO LONG\n5@3000015 TOO LONG\n"));
}

void FormatLineReaderTest::missingFileAndFolder() {
    const Folder folder;
    QCOMPARE(linesOf(folder.path("missing")), QStringLiteral("open: not-found"));
    QCOMPARE(linesOf(folder.path("")), QStringLiteral("open: invalid"));
    const base::Expected<LineReader> reader = LineReader::open(folder.path("missing"));
    QVERIFY(!reader.error().advice.empty());
}

// A file that another program cuts while it is read must not look complete.
void FormatLineReaderTest::fileThatShrinks() {
    const Folder folder;
    const std::string path = folder.write("a.txt", manyLines());
    base::Expected<LineReader> reader = LineReader::open(path);
    QVERIFY(reader);
    Line line;
    QVERIFY(*reader->next(line));
    QCOMPARE(::truncate(path.c_str(), 300'000), 0);
    base::Expected<bool> more = true;
    while (more && *more) {
        more = reader->next(line);
    }
    QVERIFY(!more);
    QCOMPARE(more.error().code, base::ErrorCode::Io);
    QVERIFY(more.error().message.find("became shorter") != std::string::npos);
    more = reader->next(line);
    QVERIFY(more && !*more);
}

// Removing the name takes nothing away from somebody who reads.
void FormatLineReaderTest::removedWhileOpen() {
    const Folder folder;
    const std::string path = folder.write("a.txt", manyLines());
    base::Expected<LineReader> reader = LineReader::open(path);
    QVERIFY(reader);
    QVERIFY(QFile::remove(qs(path)));
    Line line;
    std::uint64_t count = 0;
    while (*reader->next(line)) {
        ++count;
    }
    QCOMPARE(count, 60'000U);
}

void FormatLineReaderTest::noPermission() {
    const Folder folder;
    const std::string path = folder.write("a.txt", "a\n");
    QVERIFY(QFile::setPermissions(qs(path), QFileDevice::Permissions{}));
    const bool root = ::geteuid() == 0;
    if (root && ::seteuid(65534) != 0) {
        QSKIP("root may read everything, and this root cannot become anybody else");
    }
    const QString text = linesOf(path);
    if (root) {
        QCOMPARE(::seteuid(0), 0);
    }
    QCOMPARE(text, QStringLiteral("open: permission"));
}

void FormatLineReaderTest::progressEndsAtTheTotal() {
    const Folder folder;
    const std::string bytes = gzipped(manyLines());
    base::Expected<LineReader> reader = LineReader::open(folder.write("a", bytes));
    QVERIFY(reader);
    Line line;
    while (*reader->next(line)) {
    }
    QCOMPARE(reader->bytesTotal(), bytes.size());
    QCOMPARE(reader->bytesConsumed(), bytes.size());
}

SCRIT_TEST(FormatLineReaderTest)
#include "format_line_reader_test.moc"
