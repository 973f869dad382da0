// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/connection.h"

#include "core/model/answer_text.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

namespace scrit::store {
namespace {

// Beyond this many short texts the caches start again, so that odd data cannot fill the memory.
constexpr std::size_t kMaxCachedTerms = 200'000;
constexpr int kBusyMilliseconds = 2000;
// No locks inside SQLite: a connection serves one thread at a time.
constexpr int kOneThread = SQLITE_OPEN_NOMUTEX;

// "file:" URI of a path.
std::string fileUri(const std::string& path, std::string_view options) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string uri = "file:";
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#') {
            const auto byte = static_cast<unsigned char>(c);
            uri += '%';
            uri += kHex[byte >> 4U];
            uri += kHex[byte & 15U];
        } else {
            uri += c;
        }
    }
    uri += options;
    return uri;
}

// SQL's bare_answer(text): see model::bareAnswer(). No exception may pass through SQLite.
void bareAnswer(sqlite3_context* context, int, sqlite3_value** values) {
    try {
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): SQLite's text is unsigned
        const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(values[0]));
        const int size = sqlite3_value_bytes(values[0]);
        const std::string bare = text == nullptr
                                     ? std::string()
                                     : model::bareAnswer({text, static_cast<std::size_t>(size)});
        sqlite3_result_text(context, bare.data(), static_cast<int>(bare.size()), SQLITE_TRANSIENT);
    } catch (const std::exception&) {
        sqlite3_result_error_nomem(context);
    }
}

} // namespace

Query& Query::bind(std::int64_t value) {
    m_statement.bind(m_next++, value);
    return *this;
}
Query& Query::bind(double value) {
    m_statement.bind(m_next++, value);
    return *this;
}
Query& Query::bind(const std::string& text) {
    m_statement.bindNoCopy(m_next++, text);
    return *this;
}
Query& Query::bindBlob(const std::string& bytes) {
    m_statement.bindNoCopy(m_next++, bytes.data(), static_cast<int>(bytes.size()));
    return *this;
}
Query& Query::bindNull() {
    m_statement.bind(m_next++);
    return *this;
}

std::int64_t Query::run() {
    return m_statement.exec();
}

std::int64_t Query::integer(int column) const {
    return m_statement.getColumn(column).getInt64();
}
std::optional<std::int64_t> Query::maybe(int column) const {
    return isNull(column) ? std::nullopt : std::optional(integer(column));
}
std::optional<int> Query::maybeSmall(int column) const {
    return isNull(column) ? std::nullopt : std::optional(small(column));
}
double Query::real(int column) const {
    return m_statement.getColumn(column).getDouble();
}
std::string Query::text(int column) const {
    const SQLite::Column value = m_statement.getColumn(column);
    const auto* bytes = static_cast<const char*>(value.getBlob());
    return bytes == nullptr ? std::string()
                            : std::string(bytes, static_cast<std::size_t>(value.getBytes()));
}

Connection::Connection(const std::filesystem::path& path, Access access)
    : m_path(std::filesystem::absolute(path)), m_access(access) {
    // Statistics that nobody reads would take a lock at every allocation. (Refused, and as well so,
    // when something else in the process has opened a database before.)
    static const int kNoStatistics = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(kNoStatistics);
    openHandle();
}

void Connection::openHandle() {
    m_statements.clear();
    m_termTexts.clear();
    m_openedState = fileState();
    std::unique_ptr<SQLite::Database> opened;
    switch (m_access) {
    case Access::Create:
        opened = std::make_unique<SQLite::Database>(
            m_path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE | kOneThread,
            kBusyMilliseconds);
        break;
    case Access::Write:
        opened = std::make_unique<SQLite::Database>(
            m_path.string(), SQLite::OPEN_READWRITE | kOneThread, kBusyMilliseconds);
        break;
    case Access::Read:
        opened = std::make_unique<SQLite::Database>(
            m_path.string(), SQLite::OPEN_READONLY | kOneThread, kBusyMilliseconds);
        break;
    case Access::ReadStill:
        opened = std::make_unique<SQLite::Database>(
            fileUri(m_path.string(), "?immutable=1"),
            SQLite::OPEN_READONLY | SQLite::OPEN_URI | kOneThread, kBusyMilliseconds);
        break;
    }
    opened->createFunction("bare_answer", 1, true, nullptr, &bareAnswer);
    {
        const std::scoped_lock lock(m_handleMutex);
        m_database = std::move(opened);
    }
    sqlite3* handle = m_database->getHandle();
    // The file may come from anybody: its schema must not run functions or write shadow tables.
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    exec("PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;");
    const bool writes = m_access == Access::Create || m_access == Access::Write;
    exec(writes ? "PRAGMA cache_size = -65536" : "PRAGMA cache_size = -32768");
}

SQLite::Statement& Connection::statement(const char* sql) {
    std::unique_ptr<SQLite::Statement>& entry = m_statements[sql];
    if (!entry) {
        entry = std::make_unique<SQLite::Statement>(*m_database, sql);
    }
    return *entry;
}

std::int64_t Connection::integer(const char* sql) {
    Query query(statement(sql));
    return query.step() ? query.integer(0) : 0;
}

std::int64_t Connection::termId(const std::string& text) {
    if (text.empty()) {
        return 0;
    }
    if (const auto known = m_termIds.find(text); known != m_termIds.end()) {
        return known->second;
    }
    std::int64_t id = 0;
    {
        Query find(statement("SELECT id FROM term WHERE text = ?"));
        if (find.bind(text).step()) {
            id = find.integer(0);
        }
    }
    if (id == 0) {
        Query insert(statement("INSERT INTO term (text) VALUES (?)"));
        insert.bind(text).run();
        id = m_database->getLastInsertRowid();
    }
    if (m_termIds.size() >= kMaxCachedTerms) {
        m_termIds.clear();
    }
    m_termIds.emplace(text, id);
    return id;
}

const std::string& Connection::termText(std::int64_t id) {
    static const std::string kEmpty;
    if (id == 0) {
        return kEmpty;
    }
    if (const auto known = m_termTexts.find(id); known != m_termTexts.end()) {
        return known->second;
    }
    Query find(statement("SELECT text FROM term WHERE id = ?"));
    if (!find.bind(id).step()) {
        return kEmpty;
    }
    if (m_termTexts.size() >= kMaxCachedTerms) {
        m_termTexts.clear();
    }
    return m_termTexts.emplace(id, find.text(0)).first->second;
}

void Connection::setFailure(base::Error error) {
    if (!m_failure) {
        m_failure = std::move(error);
    }
}

Connection::FileState Connection::fileState() const {
    struct stat info {};
    if (::stat(m_path.c_str(), &info) != 0) {
        return {};
    }
    return {info.st_size, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
}

Connection::Snapshot::Snapshot(Connection& connection)
    : m_connection(connection), m_outermost(connection.m_depth == 1) {
    if (m_outermost) {
        Query(m_connection.statement("BEGIN")).run();
    }
}

Connection::Snapshot::~Snapshot() {
    if (!m_outermost) {
        return;
    }
    // An interrupt can end the ROLLBACK itself and leave the transaction open, so that no query
    // could begin after it.
    sqlite3* const handle = m_connection.m_database->getHandle();
    do {
        m_connection.m_database->tryExec("ROLLBACK");
    } while (sqlite3_get_autocommit(handle) == 0 && sqlite3_errcode(handle) == SQLITE_INTERRUPT);
}

void Connection::followWriter() {
    if (m_access != Access::ReadStill || m_depth > 1) {
        return;
    }
    if (hasWriteAheadLog(m_path)) {
        m_access = Access::Read;
        openHandle();
    } else if (fileState() != m_openedState) {
        openHandle();
    }
}

bool Connection::changedUnderneath() const {
    return m_access == Access::ReadStill && m_depth <= 1 && fileState() != m_openedState;
}

void Connection::interrupt() {
    const std::scoped_lock lock(m_handleMutex);
    if (m_database) {
        sqlite3_interrupt(m_database->getHandle());
    }
}

bool hasWriteAheadLog(const std::filesystem::path& path) {
    struct stat info {};
    return ::stat((path.string() + "-wal").c_str(), &info) == 0 && info.st_size > 0;
}

} // namespace scrit::store
