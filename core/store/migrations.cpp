// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/migrations.h"

#include "core/store/connection.h"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <string>
#include <system_error>

namespace scrit::store {

int latestSchemaVersion() {
    return migrations().back().version;
}

void migrate(Connection& connection) {
    const std::int64_t current = connection.integer("PRAGMA user_version");
    for (const Migration& step : migrations()) {
        if (step.version > current) {
            SQLite::Transaction transaction(connection.database(),
                                            SQLite::TransactionBehavior::IMMEDIATE);
            connection.exec(std::string(step.sql).c_str());
            connection.exec(("PRAGMA user_version = " + std::to_string(step.version)).c_str());
            transaction.commit();
        }
    }
}

base::Expected<std::filesystem::path> backUp(Connection& connection,
                                             const std::filesystem::path& path, int version) {
    const std::filesystem::path target = path.string() + ".v" + std::to_string(version) + ".bak";
    const std::filesystem::path unfinished = target.string() + ".part";
    std::error_code error;
    std::filesystem::remove(unfinished, error);
    auto copied =
        guarded(unfinished.string(), "cannot make a backup copy before the update",
                [&]() -> base::Expected<void> {
                    SQLite::Database copy(unfinished.string(),
                                          SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
                    SQLite::Backup backup(copy, connection.database());
                    if (backup.executeStep() != SQLITE_DONE) {
                        return base::fail(base::ErrorCode::Locked,
                                          path.string() + " is being used by another program",
                                          "close the other program and try again");
                    }
                    return {};
                });
    if (!copied) {
        std::filesystem::remove(unfinished, error);
        return base::fail(std::move(copied.error()));
    }
    std::filesystem::rename(unfinished, target, error);
    if (error) {
        return base::fail(base::systemError(error.value(), "cannot rename to", target.string()));
    }
    return target;
}

} // namespace scrit::store
