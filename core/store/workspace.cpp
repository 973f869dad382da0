// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/workspace.h"

#include "core/base/log.h"
#include "core/store/connection.h"
#include "core/store/derived.h"
#include "core/store/migrations.h"
#include "core/store/reader.h"
#include "core/store/write_lock.h"
#include "core/store/writer.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

namespace scrit::store {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::Expected;
using base::fail;

// The file itself, so that two names of one workspace share one lock.
fs::path resolved(const fs::path& path) {
    std::error_code error;
    fs::path real = fs::canonical(path, error);
    return error ? fs::absolute(path, error) : real;
}

Expected<void> checkFile(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found) {
        return fail(ErrorCode::NotFound, path.string() + " does not exist",
                    "make a new workspace with 'scrit new'");
    }
    if (error) {
        return fail(base::systemError(error.value(), "cannot open", path.string()));
    }
    if (status.type() != fs::file_type::regular) {
        return fail(ErrorCode::Invalid, path.string() + " is not a file",
                    "choose a file made by 'scrit new'");
    }
    return {};
}

// What a workspace says about itself; Corrupt for anything else.
Expected<int> schemaVersionOf(Connection& connection) {
    if (connection.integer("PRAGMA application_id") != kApplicationId) {
        return fail(ErrorCode::Corrupt, connection.pathText() + " is not a workspace",
                    "choose a file made by 'scrit new'");
    }
    const std::int64_t version = connection.integer("PRAGMA user_version");
    if (version > latestSchemaVersion()) {
        return fail(ErrorCode::NewerSchema,
                    connection.pathText() + " was written by a newer version of this program",
                    "update Scrit Studio (the file has format " + std::to_string(version) +
                        ", this program knows " + std::to_string(latestSchemaVersion()) + ")");
    }
    return static_cast<int>(version);
}

Expected<void> quickCheck(Connection& connection) {
    Query check(connection.statement("PRAGMA quick_check(1)"));
    const std::string answer = check.step() ? check.text(0) : "no answer";
    if (answer != "ok") {
        return fail(
            ErrorCode::Corrupt, connection.pathText() + " is damaged: " + answer,
            "restore a backup copy, or rescue what can be read with: sqlite3 FILE .recover");
    }
    return {};
}

void prepareForWriting(Connection& connection) {
    // 16 MiB of log between checkpoints: fewer flushes during an import, still quick to read past.
    connection.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                    "PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = 67108864;");
}

Expected<void> refuseReadOnlyFile(Connection& connection) {
    if (sqlite3_db_readonly(connection.database().getHandle(), "main") == 0) {
        return {};
    }
    const bool medium = ::access(connection.pathText().c_str(), W_OK) != 0 && errno == EROFS;
    return fail(ErrorCode::ReadOnly,
                connection.pathText() +
                    (medium ? " is on a medium that cannot be written" : " cannot be written"),
                "open it read-only, or copy it to a place that can be written");
}

// Puts `from` under the name `to` unless that is taken.
Expected<void> renameNew(const fs::path& from, const fs::path& to) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) {
        return {};
    }
    std::error_code error(errno, std::generic_category());
    if (error.value() == EINVAL || error.value() == ENOSYS) { // this file system cannot
        if (!fs::exists(to)) {
            fs::rename(from, to, error);
        } else {
            error = std::make_error_code(std::errc::file_exists);
        }
    }
    if (error) {
        return fail(base::systemError(error.value(), "cannot create", to.string()));
    }
    return {};
}

Expected<void> alreadyThere(const fs::path& path) {
    return fail(ErrorCode::Exists, path.string() + " exists already",
                "choose another name, or open it");
}

} // namespace

struct Workspace::State {
    fs::path path;
    OpenMode mode = OpenMode::ReadWrite;
    int version = 0;
    std::optional<WriteLock> lock;          // outlives the connection
    std::mutex mutex;                       // serialises write()
    std::unique_ptr<Connection> connection; // of the writer; none when read-only
};

Workspace::Workspace() : m_state(std::make_unique<State>()) {}
Workspace::~Workspace() = default;

const fs::path& Workspace::path() const {
    return m_state->path;
}
OpenMode Workspace::mode() const {
    return m_state->mode;
}
int Workspace::schemaVersion() const {
    return m_state->version;
}

Expected<std::shared_ptr<Workspace>> Workspace::create(const fs::path& path) {
    std::error_code error;
    if (fs::exists(path, error)) {
        return fail(std::move(alreadyThere(path).error()));
    }
    // Made under another name, so that a kill leaves no half workspace under this one.
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    const fs::path unfinished =
        folder / ("." + path.filename().string() + "." + std::to_string(::getpid()) + ".part");
    const int descriptor = ::open(unfinished.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        return fail(base::systemError(errno, "cannot create", path.string()));
    }
    ::close(descriptor);
    auto made = guarded(path.string(), "cannot create a workspace", [&]() -> Expected<void> {
        Connection connection(unfinished, Connection::Access::Create);
        connection.exec("PRAGMA page_size = 8192");
        prepareForWriting(connection);
        migrate(connection);
        return {};
    });
    if (made) {
        made = renameNew(unfinished, path);
    }
    if (!made) {
        for (const char* suffix : {"", "-wal", "-shm"}) {
            fs::remove(unfinished.string() + suffix, error);
        }
        if (made.error().code == ErrorCode::Exists) {
            return fail(std::move(alreadyThere(path).error()));
        }
        return fail(std::move(made.error()));
    }
    return open(path, OpenMode::ReadWrite);
}

Expected<std::shared_ptr<Workspace>> Workspace::open(const fs::path& path, OpenMode mode) {
    if (auto usable = checkFile(path); !usable) {
        return fail(std::move(usable.error()));
    }
    std::shared_ptr<Workspace> workspace(new Workspace());
    State& state = *workspace->m_state;
    state.path = resolved(path);
    state.mode = mode;
    auto opened =
        mode == OpenMode::ReadWrite ? workspace->openForWriting() : workspace->openForReading();
    if (!opened) {
        return fail(std::move(opened.error()));
    }
    return workspace;
}

Expected<void> Workspace::openForWriting() {
    State& state = *m_state;
    if (::access(state.path.c_str(), W_OK) != 0) {
        base::Error error = base::systemError(errno, "cannot write", state.path.string());
        error.advice = "open it read-only, or copy it to a place that can be written";
        return fail(std::move(error));
    }
    auto lock = WriteLock::acquire(state.path);
    if (!lock) {
        return fail(std::move(lock.error()));
    }
    const bool unclean = lock->afterUncleanEnd() || hasWriteAheadLog(state.path);
    state.lock.emplace(std::move(*lock));
    state.lock->leaveBehind(unclean); // until the workspace was found sound
    return guarded(state.path.string(), "cannot open the workspace", [&]() -> Expected<void> {
        state.connection = std::make_unique<Connection>(state.path, Connection::Access::Write);
        Connection& connection = *state.connection;
        if (auto writable = refuseReadOnlyFile(connection); !writable) {
            return writable;
        }
        const auto version = schemaVersionOf(connection);
        if (!version) {
            return fail(version.error());
        }
        if (unclean) {
            base::log::info("the workspace was not closed properly; checking it");
            if (auto sound = quickCheck(connection); !sound) {
                return sound;
            }
            state.lock->leaveBehind(false);
        }
        prepareForWriting(connection);
        if (*version < latestSchemaVersion()) {
            const auto copy = backUp(connection, state.path, *version);
            if (!copy) {
                return fail(copy.error());
            }
            base::log::info("updating the workspace; a copy is in " + copy->string());
            migrate(connection);
        }
        state.version = latestSchemaVersion();
        return {};
    });
}

Expected<void> Workspace::openForReading() {
    State& state = *m_state;
    if (::access(state.path.c_str(), R_OK) != 0) {
        return fail(base::systemError(errno, "cannot read", state.path.string()));
    }
    auto first = reader();
    if (!first) {
        return fail(std::move(first.error()));
    }
    Connection& connection = (*first)->connection();
    return reading(connection, "cannot open the workspace", [&]() -> Expected<void> {
        const auto version = schemaVersionOf(connection);
        if (!version) {
            return fail(version.error());
        }
        if (*version < latestSchemaVersion()) {
            return fail(ErrorCode::ReadOnly,
                        state.path.string() + " has an older format that must be updated first",
                        "open it once for writing (a backup copy is made)");
        }
        state.version = *version;
        return {};
    });
}

Expected<void> Workspace::write(const std::function<Expected<void>(Writer&)>& work) {
    State& state = *m_state;
    const std::scoped_lock lock(state.mutex);
    if (!state.connection) {
        return fail(ErrorCode::ReadOnly, state.path.string() + " is open read-only",
                    "close it and open it for writing");
    }
    Connection& connection = *state.connection;
    const std::string path = state.path.string();
    connection.clearFailure();
    connection.forgetNewTexts();
    auto begun = guarded(path, "cannot begin to write", [&]() -> Expected<void> {
        connection.exec("BEGIN IMMEDIATE");
        return {};
    });
    if (!begun) {
        return begun;
    }
    auto done = guarded(path, "cannot write", [&]() -> Expected<void> {
        Writer writer(connection);
        return work(writer);
    });
    if (done && connection.failure()) {
        done = fail(*connection.failure()); // a half-stored object must not be committed
    }
    if (done) {
        done = guarded(path, "cannot write", [&]() -> Expected<void> {
            indexNewTexts(connection);
            connection.exec("COMMIT");
            return {};
        });
    }
    if (!done) {
        connection.forgetTerms();
        // After some failures SQLite has rolled back by itself.
        if (sqlite3_get_autocommit(connection.database().getHandle()) == 0) {
            auto undone = guarded(path, "cannot take back", [&]() -> Expected<void> {
                connection.exec("ROLLBACK");
                return {};
            });
            if (!undone) {
                base::log::error(undone.error().text());
            }
        }
    }
    return done;
}

Expected<std::unique_ptr<Reader>> Workspace::reader() const {
    const State& state = *m_state;
    return guarded(
        state.path.string(), "cannot open the workspace",
        [&]() -> Expected<std::unique_ptr<Reader>> {
            const bool still = state.mode == OpenMode::ReadOnly && !hasWriteAheadLog(state.path);
            return std::make_unique<Reader>(std::make_unique<Connection>(
                state.path, still ? Connection::Access::ReadStill : Connection::Access::Read));
        });
}

} // namespace scrit::store
