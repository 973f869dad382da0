// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/store_support.h"
#include "tests/support/test_program.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

using namespace scrit;
using namespace scrit::test;
using base::ErrorCode;
using store::OpenMode;
using store::Workspace;
using store::Writer;

namespace {

// A tmpfs of some size on a folder, where this user may mount one.
class SmallDisk {
public:
    SmallDisk(const QTemporaryDir& folder, const char* options)
        : m_path(folder.path().toStdString()),
          m_mounted(::mount("none", m_path.c_str(), "tmpfs", 0, options) == 0) {}
    ~SmallDisk() {
        if (m_mounted) {
            ::umount2(m_path.c_str(), MNT_DETACH);
        }
    }
    [[nodiscard]] bool mounted() const { return m_mounted; }
    [[nodiscard]] bool makeReadOnly() const {
        return ::mount("none", m_path.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
    }

private:
    std::string m_path;
    bool m_mounted = false;
};

} // namespace

// What a workspace keeps when the file is damaged, the disk is full or the writer is killed.
class StoreDurabilityTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void damage_data() {
        QTest::addColumn<bool>("truncated");
        QTest::newRow("pages overwritten") << false;
        QTest::newRow("truncated") << true;
    }
    // After an unclean end the check finds the damage at opening; without one, reading does. Never
    // a crash.
    void damage() {
        QFETCH(bool, truncated);
        QTemporaryDir folder;
        {
            SCRIT_TRY(workspace, Workspace::create(inside(folder)));
            SCRIT_OK(workspace->write([](Writer& writer) -> base::Expected<void> {
                for (int i = 0; i < 200; ++i) {
                    auto stored = addTrace(writer, std::to_string(i) + std::string(500, 'x'));
                }
                return {};
            }));
        }
        const auto size = std::filesystem::file_size(inside(folder));
        if (truncated) {
            std::filesystem::resize_file(inside(folder), size / 2);
        } else {
            std::fstream file(inside(folder), std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(8192);
            file << std::string(size - 3 * 8192, '\x5a');
        }
        if (const auto readOnly = Workspace::open(inside(folder), OpenMode::ReadOnly)) {
            SCRIT_TRY(reader, (*readOnly)->reader());
            const auto read = reader->forEachRecord(
                {}, [](store::TraceRecord&&) { return base::Expected<bool>(true); });
            QVERIFY(!read);
            QCOMPARE(read.error().code, ErrorCode::Corrupt);
        } else {
            QCOMPARE(readOnly.error().code, ErrorCode::Corrupt);
        }
        std::ofstream(inside(folder).string() + ".lock") << "left over"; // of a killed writer
        const auto opened = Workspace::open(inside(folder));
        QVERIFY(!opened);
        QCOMPARE(opened.error().code, ErrorCode::Corrupt);
    }

    // A workspace that did not pass the check is not taken for sound by the next one who opens it.
    void theCheckIsRepeatedUntilItPasses() {
        QTemporaryDir folder;
        const std::string lock = inside(folder).string() + ".lock";
        {
            SCRIT_TRY(workspace, Workspace::create(inside(folder)));
            SCRIT_OK(workspace->write(
                [](Writer& writer) -> base::Expected<void> { return addTrace(writer, "a"); }));
        }
        std::int64_t page = 0;
        {
            SQLite::Database database(inside(folder).string(), SQLite::OPEN_READONLY);
            page = database
                       .execAndGet("SELECT (rootpage - 1) * 8192 FROM sqlite_master "
                                   "WHERE name = 'critique'")
                       .getInt64();
        }
        std::fstream file(inside(folder), std::ios::in | std::ios::out | std::ios::binary);
        std::string good(8192, 0);
        file.seekg(page).read(good.data(), 8192);
        file.seekp(page) << std::string(8192, '\x5a') << std::flush;
        std::ofstream(lock) << "left over"; // of a killed writer
        for (int i = 0; i < 2; ++i) {
            const auto opened = Workspace::open(inside(folder));
            QVERIFY(!opened);
            QCOMPARE(opened.error().code, ErrorCode::Corrupt);
            QVERIFY(std::filesystem::exists(lock));
        }
        file.seekp(page) << good << std::flush;
        SCRIT_OK(Workspace::open(inside(folder)));
        QVERIFY(!std::filesystem::exists(lock));
    }

    void fullDiskTakesTheTransactionBack() {
        QTemporaryDir folder;
        SmallDisk disk(folder, "size=3m");
        if (!disk.mounted()) {
            QSKIP("mounting a small disk needs root");
        }
        SCRIT_TRY(workspace, Workspace::create(inside(folder)));
        SCRIT_OK(workspace->write([](Writer& writer) { return addTrace(writer, "one"); }));
        const auto full = workspace->write([](Writer& writer) -> base::Expected<void> {
            for (int i = 0; i < 20000; ++i) {
                const auto problem =
                    writer.addProblem(makeProblem(std::to_string(i) + std::string(2000, 'a')));
                if (!problem) {
                    // A careless caller goes on; still nothing may be kept.
                    return {};
                }
            }
            return {};
        });
        QVERIFY(!full);
        QCOMPARE(full.error().code, ErrorCode::DiskFull);
        QVERIFY(full.error().text().find("what was stored before is kept") != std::string::npos);
        SCRIT_TRY(reader, workspace->reader());
        SCRIT_TRY(status, reader->status());
        QCOMPARE(status.problems, 1);
        SCRIT_OK(workspace->write([](Writer& writer) { return addTrace(writer, "two"); }));
        SCRIT_TRY(later, reader->status());
        QCOMPARE(later.problems, 2);
    }

    void readOnlyMedium() {
        QTemporaryDir folder;
        SmallDisk disk(folder, "size=8m");
        if (!disk.mounted()) {
            QSKIP("mounting a read-only disk needs root");
        }
        {
            SCRIT_TRY(workspace, Workspace::create(inside(folder)));
            SCRIT_OK(workspace->write([](Writer& writer) { return addTrace(writer, "one"); }));
        }
        QVERIFY(disk.makeReadOnly());
        const auto writing = Workspace::open(inside(folder));
        QVERIFY(!writing);
        QCOMPARE(writing.error().code, ErrorCode::ReadOnly);
        SCRIT_TRY(readOnly, Workspace::open(inside(folder), OpenMode::ReadOnly));
        SCRIT_TRY(reader, readOnly->reader());
        SCRIT_TRY(count, reader->count({}));
        QCOMPARE(count, 1);
        QCOMPARE(Workspace::create(inside(folder, "new.scrit")).error().code, ErrorCode::ReadOnly);
    }

    // A child writes batches of 20 and acknowledges each through a pipe until it is killed.
    void killedWriterLosesNothingAcknowledged() {
        constexpr int kBatch = 20;
        QTemporaryDir folder;
        SCRIT_OK(Workspace::create(inside(folder)));
        int acknowledged = 0;
        for (int round = 0; round < 4; ++round) {
            int ends[2];
            QCOMPARE(::pipe(ends), 0);
            const pid_t child = ::fork();
            if (child == 0) {
                const auto workspace = Workspace::open(inside(folder));
                for (int i = 0; workspace; ++i) {
                    const auto done =
                        (*workspace)->write([&](Writer& writer) -> base::Expected<void> {
                            for (int j = 0; j < kBatch; ++j) {
                                const std::string name = std::to_string(round) + "." +
                                                         std::to_string(i) + "." +
                                                         std::to_string(j);
                                auto stored = addTrace(writer, name);
                            }
                            return {};
                        });
                    if (!done || ::write(ends[1], "x", 1) != 1) {
                        break;
                    }
                }
                ::_exit(1);
            }
            ::close(ends[1]);
            char byte = 0;
            for (int i = 0; i < 3 + round && ::read(ends[0], &byte, 1) == 1; ++i) {
                ++acknowledged;
            }
            ::usleep(static_cast<useconds_t>(1000 * (1 + 7 * round)));
            ::kill(child, SIGKILL);
            int state = 0;
            ::waitpid(child, &state, 0);
            QVERIFY(WIFSIGNALED(state));
            while (::read(ends[0], &byte, 1) == 1) {
                ++acknowledged;
            }
            ::close(ends[0]);
            QVERIFY(acknowledged >= 3 + round);
            SCRIT_TRY(workspace, Workspace::open(inside(folder)));
            SCRIT_TRY(reader, workspace->reader());
            SCRIT_TRY(status, reader->status());
            QVERIFY(status.critiques >= acknowledged * kBatch);
            QCOMPARE(status.critiques % kBatch, 0);
            QCOMPARE(status.problems, status.critiques);
            // One batch may have been durable without its acknowledgement.
            acknowledged = static_cast<int>(status.critiques) / kBatch;
        }
    }
};

SCRIT_TEST(StoreDurabilityTest)
#include "store_durability_test.moc"
