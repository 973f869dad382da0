// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/resources.h"
#include "tests/support/test_program.h"

#include <QtTest>

#include <cstdint>
#include <filesystem>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// Runs the fuzz harness over its corpus, whole and cut off at each eighth; it aborts on a broken
// promise.
class CritiqueReplayTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void corpus();
};

void CritiqueReplayTest::corpus() {
    const std::filesystem::path folder = SCRIT_SOURCE_DIR "/tests/fuzz/corpus/critique";
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const auto text = scrit::base::readFile(entry.path());
        QVERIFY2(text.has_value(), entry.path().c_str());
        for (std::size_t part = 0; part <= 8; ++part) {
            const std::string piece = text->substr(0, text->size() * part / 8);
            LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(piece.data()),
                                   piece.size());
        }
        ++files;
    }
    QVERIFY(files >= 5);
}

SCRIT_TEST(CritiqueReplayTest)
#include "critique_replay_test.moc"
