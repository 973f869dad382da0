// SPDX-License-Identifier: GPL-3.0-or-later
// A stand-in for libduckdb.so with the functions that this program calls: it writes each call into
// the file that SCRIT_FAKE_DUCKDB_LOG names, and does a COPY by copying the bytes of the rows.
#include <cstdlib>
#include <fstream>
#include <string>

namespace {

void note(const std::string& line) {
    if (const char* path = std::getenv("SCRIT_FAKE_DUCKDB_LOG")) {
        std::ofstream(path, std::ios::app) << line << '\n';
    }
}

// The text in the first single quotes behind a word; two quotes are one.
std::string quotedAfter(const std::string& sql, const std::string& word) {
    std::size_t at = sql.find(word + "'");
    if (at == std::string::npos) {
        return {};
    }
    std::string text;
    for (at += word.size() + 1; at < sql.size(); ++at) {
        if (sql[at] == '\'') {
            if (at + 1 >= sql.size() || sql[at + 1] != '\'') {
                break;
            }
            ++at;
        }
        text += sql[at];
    }
    return text;
}

int g_thing = 0; // what handles point at

} // namespace

// NOLINTBEGIN(readability-identifier-naming): DuckDB chose the names
extern "C" {

const char* duckdb_library_version() {
    return "v0-fake";
}
int duckdb_open(const char*, void** database) {
    note("open");
    *database = &g_thing;
    return 0;
}
int duckdb_connect(void*, void** connection) {
    note("connect");
    *connection = &g_thing;
    return 0;
}
int duckdb_query(void*, const char* sql, void*) {
    note(sql);
    const std::string text(sql);
    if (!text.starts_with("COPY")) {
        return 0;
    }
    if (std::getenv("SCRIT_FAKE_DUCKDB_FAIL") != nullptr) {
        return 1;
    }
    std::ifstream from(quotedAfter(text, "read_json("), std::ios::binary);
    std::ofstream to(quotedAfter(text, " TO "), std::ios::binary);
    to << from.rdbuf();
    return from && to ? 0 : 1;
}
const char* duckdb_result_error(void*) {
    return "no such thing";
}
void duckdb_destroy_result(void*) {
    note("destroy");
}
void duckdb_interrupt(void*) {
    note("interrupt");
}
void duckdb_disconnect(void** connection) {
    note("disconnect");
    *connection = nullptr;
}
void duckdb_close(void** database) {
    note("close");
    *database = nullptr;
}
}
// NOLINTEND(readability-identifier-naming)
