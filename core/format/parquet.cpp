// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/parquet.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

namespace scrit::format {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;

// What is used of DuckDB's C API (stable since 0.3): handles are pointers, a result is a value of
// six words that only the library looks into. There is room for more of them.
using Handle = void*;
struct Result {
    std::array<std::uint64_t, 16> words{};
};
enum State : int { Success = 0 };

struct Library {
    State (*open)(const char* path, Handle* database) = nullptr;
    State (*connect)(Handle database, Handle* connection) = nullptr;
    State (*query)(Handle connection, const char* sql, Result* result) = nullptr;
    const char* (*resultError)(Result* result) = nullptr;
    void (*destroyResult)(Result* result) = nullptr;
    void (*interrupt)(Handle connection) = nullptr;
    void (*disconnect)(Handle* connection) = nullptr;
    void (*close)(Handle* database) = nullptr;
    const char* (*libraryVersion)() = nullptr;
};

template<typename Function>
bool find(void* library, const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    return function != nullptr;
}

constexpr std::string_view kAdvice =
    "install libduckdb.so (duckdb.org, or npm's @duckdb/node-bindings-linux-x64) and name it in "
    "SCRIT_DUCKDB, or export without Parquet";

Expected<Library> load() {
    const char* named = std::getenv("SCRIT_DUCKDB");
    const bool isNamed = named != nullptr && *named != '\0';
    void* handle = isNamed ? ::dlopen(named, RTLD_NOW | RTLD_LOCAL) : nullptr;
    std::string reason;
    if (isNamed && handle == nullptr) {
        const char* said = ::dlerror();
        reason = said != nullptr ? said : "";
    } else if (!isNamed) {
        for (const char* name : {"libduckdb.so", "libduckdb.so.1"}) {
            handle = handle == nullptr ? ::dlopen(name, RTLD_NOW | RTLD_LOCAL) : handle;
        }
    }
    if (handle == nullptr) {
        return fail(ErrorCode::Unavailable,
                    "Parquet files need DuckDB's library, which " +
                        (isNamed ? "could not be loaded (" + reason + ")"
                                 : std::string("is not on this machine")),
                    std::string(kAdvice));
    }
    Library library;
    const bool whole = find(handle, "duckdb_open", library.open) &&
                       find(handle, "duckdb_connect", library.connect) &&
                       find(handle, "duckdb_query", library.query) &&
                       find(handle, "duckdb_result_error", library.resultError) &&
                       find(handle, "duckdb_destroy_result", library.destroyResult) &&
                       find(handle, "duckdb_interrupt", library.interrupt) &&
                       find(handle, "duckdb_disconnect", library.disconnect) &&
                       find(handle, "duckdb_close", library.close) &&
                       find(handle, "duckdb_library_version", library.libraryVersion);
    if (!whole) {
        ::dlclose(handle);
        return fail(ErrorCode::Unavailable, "this libduckdb.so lacks functions that are needed",
                    std::string(kAdvice));
    }
    return library; // stays loaded
}

const Expected<Library>& library() {
    static const Expected<Library> loaded = load();
    return loaded;
}

std::string sqlString(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out += c;
        if (c == '\'') {
            out += '\'';
        }
    }
    return out + "'";
}

// A path as a pattern that fits it alone.
std::string literalPattern(std::string_view path) {
    std::string out;
    for (const char c : path) {
        out += c == '*' || c == '?' || c == '[' ? std::string{'[', c, ']'} : std::string(1, c);
    }
    return out;
}

// One database in memory with its connection; one thread.
class Session {
public:
    explicit Session(const Library& functions) : m_library(functions) {}
    ~Session() {
        if (m_connection != nullptr) {
            m_library.disconnect(&m_connection);
        }
        if (m_database != nullptr) {
            m_library.close(&m_database);
        }
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Expected<void> open() {
        if (m_library.open(nullptr, &m_database) != Success ||
            m_library.connect(m_database, &m_connection) != Success) {
            return fail(ErrorCode::Io, "DuckDB's library could not start");
        }
        return {};
    }

    Expected<void> run(const std::string& sql) {
        Result result;
        const State state = m_library.query(m_connection, sql.c_str(), &result);
        Expected<void> outcome;
        if (state != Success) {
            const char* said = m_library.resultError(&result);
            outcome = fail(ErrorCode::Io, "DuckDB could not write the Parquet file: " +
                                              std::string(said != nullptr ? said : "no reason"));
        }
        m_library.destroyResult(&result);
        return outcome;
    }

    // Runs a long statement and interrupts it when the token says so.
    Expected<void> run(const std::string& sql, const base::CancelToken& cancel) {
        std::mutex mutex;
        std::condition_variable wake;
        bool done = false;
        std::thread watch([&] {
            std::unique_lock lock(mutex);
            while (!wake.wait_for(lock, std::chrono::milliseconds(100), [&] { return done; })) {
                if (cancel.isCancelled()) {
                    m_library.interrupt(m_connection);
                }
            }
        });
        Expected<void> outcome = run(sql);
        {
            const std::lock_guard lock(mutex);
            done = true;
        }
        wake.notify_one();
        watch.join();
        if (!outcome && cancel.isCancelled()) {
            return fail(ErrorCode::Cancelled, "the export was stopped",
                        "nothing was written; run it again");
        }
        return outcome;
    }

private:
    const Library& m_library;
    Handle m_database = nullptr;
    Handle m_connection = nullptr;
};

} // namespace

Expected<std::string> parquetLibrary() {
    const Expected<Library>& functions = library();
    if (!functions) {
        return fail(functions.error());
    }
    const char* version = functions->libraryVersion();
    return std::string(version != nullptr ? version : "");
}

Expected<void> writeParquet(const std::filesystem::path& jsonLines,
                            const std::filesystem::path& parquet, std::string_view columns,
                            std::uint64_t longestRow, const base::CancelToken& cancel) {
    const Expected<Library>& functions = library();
    if (!functions) {
        return fail(functions.error());
    }
    Session session(*functions);
    if (Expected<void> opened = session.open(); !opened) {
        return opened;
    }
    // It reads through buffers of twice this size, two threads with a few each.
    constexpr std::uint64_t kSmallest = std::uint64_t{16} << 20U;
    const std::uint64_t object = std::max(kSmallest, longestRow + 1024);
    const std::uint64_t memoryMiB = 1024 + 12 * (object >> 20U);
    const std::string spill = sqlString(parquet.parent_path().string());
    for (const std::string& setting : std::initializer_list<std::string>{
             "SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false",
             "SET preserve_insertion_order = true", "SET threads = 2",
             "SET memory_limit = '" + std::to_string(memoryMiB) + "MiB'",
             "SET temp_directory = " + spill}) {
        if (Expected<void> set = session.run(setting); !set) {
            return set;
        }
    }
    return session.run(
        "COPY (SELECT * FROM read_json(" + sqlString(literalPattern(jsonLines.string())) +
            ", format = 'newline_delimited', maximum_object_size = " + std::to_string(object) +
            ", columns = " + std::string(columns) + ")) TO " + sqlString(parquet.string()) +
            " (FORMAT parquet, COMPRESSION zstd)",
        cancel);
}

} // namespace scrit::format
