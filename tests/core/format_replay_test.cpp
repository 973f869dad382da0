// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"

#include <QTest>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// Runs the fuzz harness over its corpus: whole, cut off at each eighth, and with bytes changed at
// places that are the same on every run. It aborts on a broken promise.
class FormatReplayTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void corpus_data();
    void corpus();
};

namespace {

void run(const std::string& bytes) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

} // namespace

void FormatReplayTest::corpus_data() {
    QTest::addColumn<QString>("path");
    const std::filesystem::path folder = SCRIT_SOURCE_DIR "/tests/fuzz/corpus/format";
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        QTest::newRow(entry.path().filename().c_str())
            << QString::fromStdString(entry.path().string());
    }
}

void FormatReplayTest::corpus() {
    QFETCH(QString, path);
    std::ifstream in(path.toStdString(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    QVERIFY(!bytes.empty());
    for (std::size_t eighth = 1; eighth <= 8; ++eighth) {
        run(bytes.substr(0, bytes.size() * eighth / 8));
    }
    std::mt19937 random(1);
    for (int round = 0; round < 40; ++round) {
        std::string changed = bytes;
        for (int change = 0; change < 3; ++change) {
            changed[random() % changed.size()] = static_cast<char>(random() % 256);
        }
        run(changed);
    }
}

SCRIT_TEST(FormatReplayTest)
#include "format_replay_test.moc"
