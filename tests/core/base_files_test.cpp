// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/atomic_file.h"
#include "core/base/atomic_folder.h"
#include "core/base/clock.h"
#include "core/base/resources.h"
#include "tests/support/test_program.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>

using namespace scrit::base;

class BaseFilesTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    std::filesystem::path path(const char* name) const {
        return std::filesystem::path(m_dir.path().toStdString()) / name;
    }

private Q_SLOTS:
    void appearsOnlyWhenCommitted() {
        const std::filesystem::path target = path("out.jsonl");
        {
            Expected<AtomicFile> file = AtomicFile::create(target);
            QVERIFY(file.has_value());
            QVERIFY(file->write("half a line").has_value());
            QVERIFY(!std::filesystem::exists(target));
        }
        QVERIFY(!std::filesystem::exists(target));
        QCOMPARE(QDir(m_dir.path()).entryList(QDir::Files | QDir::Hidden).size(), 0);

        Expected<AtomicFile> file = AtomicFile::create(target);
        const std::string block(3U << 20U, 'x'); // more than one buffer
        QVERIFY(file->write(block).has_value());
        QVERIFY(file->commit().has_value());
        QCOMPARE(readFile(target).value().size(), block.size());
        QCOMPARE(file->size(), static_cast<std::uint64_t>(block.size()));
    }

    void aKilledWriterLeavesTheOldFile() {
        const std::filesystem::path target = path("kept.txt");
        {
            Expected<AtomicFile> file = AtomicFile::create(target);
            QVERIFY(file->write("old").has_value());
            QVERIFY(file->commit().has_value());
        }
        const pid_t child = fork();
        QVERIFY(child >= 0);
        if (child == 0) {
            Expected<AtomicFile> file = AtomicFile::create(target);
            (void)file->write(std::string(2U << 20U, 'n'));
            kill(getpid(), SIGKILL);
            _exit(1);
        }
        int status = 0;
        QCOMPARE(waitpid(child, &status, 0), child);
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(readFile(target).value(), std::string("old"));
    }

    void errorsSayWhatToDo() {
        const Expected<AtomicFile> nowhere = AtomicFile::create(path("no/such/folder/x"));
        QVERIFY(!nowhere.has_value());
        QCOMPARE(nowhere.error().code, ErrorCode::NotFound);
        QVERIFY(!nowhere.error().advice.empty());

        const Expected<std::string> folder = readFile(m_dir.path().toStdString());
        QCOMPARE(folder.error().code, ErrorCode::Invalid);
        QCOMPARE(readFile(path("absent")).error().code, ErrorCode::NotFound);
        QCOMPARE(systemError(ENOSPC, "cannot write", "x").code, ErrorCode::DiskFull);
        QCOMPARE(Error({ErrorCode::Io, "a", "b", false}).withContext("c").text(),
                 std::string("c: a: b"));
    }

    void limits() {
        Expected<AtomicFile> file = AtomicFile::create(path("big"));
        QVERIFY(file->write("0123456789").has_value());
        QVERIFY(file->commit().has_value());
        QCOMPARE(readFile(path("big"), 9).error().code, ErrorCode::Limit);
        QCOMPARE(readFile(path("big"), 10).value().size(), std::size_t{10});
    }

    void stamps() {
        QCOMPARE(isoUtc(0), std::string("1970-01-01T00:00:00Z"));
        QCOMPARE(isoUtc(1790000000000), std::string("2026-09-21T14:13:20Z"));
    }
    void folderAppearsWhole() {
        QTemporaryDir dir;
        const std::filesystem::path target =
            std::filesystem::path(dir.path().toStdString()) / "deep" / "out";
        const auto put = [](const AtomicFolder& folder, const char* text) {
            std::ofstream(folder.path() / "a.txt") << text;
        };
        const auto held = [&] {
            std::string text;
            std::ifstream(target / "a.txt") >> text;
            return text;
        };
        const auto neighbours = [&] {
            return QDir(dir.path() + QStringLiteral("/deep"))
                .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
        };
        {
            Expected<AtomicFolder> folder = AtomicFolder::create(target);
            QVERIFY(folder.has_value());
            put(*folder, "dropped");
            QVERIFY(!std::filesystem::exists(target));
        }
        QCOMPARE(neighbours(), QStringList());

        Expected<AtomicFolder> first = AtomicFolder::create(target);
        put(*first, "first");
        QVERIFY(first->commit(false).has_value());
        QVERIFY(first->path().empty());
        QCOMPARE(held(), std::string("first"));

        Expected<AtomicFolder> second = AtomicFolder::create(target);
        put(*second, "second");
        QVERIFY(!second->commit(false).has_value());
        QCOMPARE(held(), std::string("first"));
        QVERIFY(second->commit(true).has_value());
        QCOMPARE(held(), std::string("second"));
        QCOMPARE(neighbours(), QStringList{QStringLiteral("out")});
    }
    // A folder that a killed process left goes with the next one of its name; one that somebody is
    // at work in stays.
    void abandonedFoldersGo() {
        QTemporaryDir dir;
        const std::filesystem::path target =
            std::filesystem::path(dir.path().toStdString()) / "out";
        const pid_t child = ::fork();
        if (child == 0) {
            const Expected<AtomicFolder> folder = AtomicFolder::create(target);
            std::ofstream(folder->path() / "a.txt") << "half";
            ::kill(::getpid(), SIGKILL);
        }
        int status = 0;
        QCOMPARE(::waitpid(child, &status, 0), child);
        const auto hidden = [&] {
            return QDir(dir.path())
                .entryList({QStringLiteral(".out.part.*")}, QDir::Dirs | QDir::Hidden)
                .size();
        };
        QCOMPARE(hidden(), 1);
        const Expected<AtomicFolder> atWork = AtomicFolder::create(target);
        QCOMPARE(hidden(), 1);
        const Expected<AtomicFolder> another = AtomicFolder::create(target);
        QCOMPARE(hidden(), 2);
        QVERIFY(std::filesystem::exists(atWork->path()));
    }
};

SCRIT_TEST(BaseFilesTest)
#include "base_files_test.moc"
