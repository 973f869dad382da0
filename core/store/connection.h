// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/store/errors.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

// Private to core/store. Functions here throw SQLite::Exception; callers are inside guarded().
namespace scrit::store {

// A statement in use: bound from left to right, stepped, and reset at the end of its scope (a
// select that is not reset would hold its snapshot). Bound strings are not copied: they must live
// as long.
class Query {
public:
    explicit Query(SQLite::Statement& statement) : m_statement(statement) {}
    ~Query() { m_statement.tryReset(); }
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    Query& bind(std::int64_t value);
    Query& bind(int value) { return bind(static_cast<std::int64_t>(value)); }
    Query& bind(bool value) { return bind(static_cast<std::int64_t>(value)); }
    Query& bind(double value);
    Query& bind(const std::string& text);
    Query& bind(std::string&& text) = delete; // would dangle
    Query& bindBlob(const std::string& bytes);
    Query& bindNull();
    template<typename T>
    Query& bind(const std::optional<T>& value) {
        return value ? bind(*value) : bindNull();
    }

    // True when there is a row.
    bool step() { return m_statement.executeStep(); }
    // Runs a statement that gives no rows; the number of rows it changed.
    std::int64_t run();

    [[nodiscard]] bool isNull(int column) const { return m_statement.isColumnNull(column); }
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] int small(int column) const { return static_cast<int>(integer(column)); }
    [[nodiscard]] std::optional<std::int64_t> maybe(int column) const;
    [[nodiscard]] std::optional<int> maybeSmall(int column) const;
    [[nodiscard]] double real(int column) const;
    [[nodiscard]] std::string text(int column) const; // also blobs

private:
    SQLite::Statement& m_statement;
    int m_next = 1;
};

// One SQLite handle with its statements, prepared once per text. Used by one thread at a time,
// except interrupt().
class Connection {
public:
    enum class Access {
        Create,   // a new file for writing
        Write,    // an existing file
        Read,     // read-only, beside a writer
        ReadStill // read-only of a file that nobody writes: no file beside it is needed or made
    };
    // Throws SQLite::Exception.
    Connection(const std::filesystem::path& path, Access access);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    [[nodiscard]] std::string pathText() const { return m_path.string(); }
    [[nodiscard]] SQLite::Database& database() { return *m_database; }
    // `sql` must be a literal: its address identifies the statement.
    [[nodiscard]] SQLite::Statement& statement(const char* sql);
    void exec(const char* sql) { m_database->exec(sql); }
    [[nodiscard]] std::int64_t integer(const char* sql);

    // The row of a short text, added when it is new. Writing connections only.
    [[nodiscard]] std::int64_t termId(const std::string& text);
    // The text of a term; empty for an id that is not there.
    [[nodiscard]] const std::string& termText(std::int64_t id);
    void forgetTerms() { m_termIds.clear(); }

    // The first failure of the write transaction: it can only be rolled back.
    [[nodiscard]] const std::optional<base::Error>& failure() const { return m_failure; }
    void setFailure(base::Error error);
    void clearFailure() { m_failure.reset(); }

    // The first problem (0), solution (1) and critique (2) that the write transaction added: ids
    // grow, so these tell which texts are not yet in the full-text indexes.
    void noteNewText(std::size_t kind, std::int64_t id) {
        if (!m_newTexts.at(kind)) {
            m_newTexts.at(kind) = id;
        }
    }
    [[nodiscard]] std::optional<std::int64_t> takeNewText(std::size_t kind) {
        return std::exchange(m_newTexts.at(kind), std::nullopt);
    }
    void forgetNewTexts() { m_newTexts = {}; }

    // A reader's call in progress; calls may nest (a stream whose callback reads a record).
    class Reading {
    public:
        explicit Reading(Connection& connection) : m_connection(connection) {
            ++m_connection.m_depth;
        }
        ~Reading() { --m_connection.m_depth; }
        Reading(const Reading&) = delete;
        Reading& operator=(const Reading&) = delete;

    private:
        Connection& m_connection;
    };
    // One state of the file for all queries of the outermost call.
    class Snapshot {
    public:
        explicit Snapshot(Connection& connection);
        ~Snapshot();
        Snapshot(const Snapshot&) = delete;
        Snapshot& operator=(const Snapshot&) = delete;

    private:
        Connection& m_connection;
        bool m_outermost = false;
    };
    // For ReadStill: opens again, as a reader beside a writer, when a writer has appeared since.
    // Nothing happens inside a nested call.
    void followWriter();
    // For ReadStill, outermost call: true when the file has changed since it was opened, so that
    // what was read may be mixed of two states.
    [[nodiscard]] bool changedUnderneath() const;

    void interrupt();

private:
    struct FileState {
        std::int64_t size = -1;
        std::int64_t modified = -1;
        friend bool operator==(const FileState&, const FileState&) = default;
    };
    [[nodiscard]] FileState fileState() const;
    void openHandle();

    std::filesystem::path m_path;
    Access m_access;
    std::unique_ptr<SQLite::Database> m_database;
    std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> m_statements;
    std::unordered_map<std::string, std::int64_t> m_termIds;
    std::unordered_map<std::int64_t, std::string> m_termTexts;
    std::optional<base::Error> m_failure;
    std::array<std::optional<std::int64_t>, 3> m_newTexts;
    FileState m_openedState;
    int m_depth = 0;
    std::mutex m_handleMutex; // guards the exchange of m_database against interrupt()
};

// Runs a reader's work on a view of the file that is whole. When a writer appeared meanwhile and
// changed a file that was opened as ReadStill, the work runs once more.
template<typename Work>
auto reading(Connection& connection, std::string_view doing, Work&& work) -> decltype(work()) {
    const Connection::Reading scope(connection);
    const auto once = [&]() -> decltype(work()) {
        connection.followWriter();
        const Connection::Snapshot snapshot(connection);
        return work();
    };
    auto result = guarded(connection.pathText(), doing, once);
    return connection.changedUnderneath() ? guarded(connection.pathText(), doing, once)
                                          : std::move(result);
}

// The same for work that gives rows to its caller as it goes, and so cannot run twice: it fails
// instead.
template<typename Work>
base::Expected<void> streaming(Connection& connection, std::string_view doing, Work&& work) {
    const Connection::Reading scope(connection);
    auto result = guarded(connection.pathText(), doing, [&]() -> base::Expected<void> {
        connection.followWriter();
        const Connection::Snapshot snapshot(connection);
        return work();
    });
    if (connection.changedUnderneath()) {
        base::Error changed{base::ErrorCode::Locked,
                            connection.pathText() + " was changed by another program meanwhile",
                            "try again", true};
        return base::fail(changed.withContext(doing));
    }
    return result;
}

// True when a write-ahead log with contents lies beside the file.
[[nodiscard]] bool hasWriteAheadLog(const std::filesystem::path& path);

} // namespace scrit::store
