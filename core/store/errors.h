// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <SQLiteCpp/Exception.h>

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

// Where SQLite's codes become our errors. Nothing that SQLiteCpp throws leaves core/store.
namespace scrit::store {

// The Error for an SQLite result (primary and extended code) met in the file `path`.
[[nodiscard]] base::Error sqliteError(int code, int extendedCode, std::string_view detail,
                                      std::string_view path);

// Runs `work`, which returns an Expected, and turns what it throws into an error that begins with
// `doing` ("cannot store a problem").
template<typename Work>
auto guarded(std::string_view path, std::string_view doing, Work&& work) -> decltype(work()) {
    try {
        return std::forward<Work>(work)();
    } catch (const SQLite::Exception& error) {
        return base::fail(
            sqliteError(error.getErrorCode(), error.getExtendedErrorCode(), error.what(), path)
                .withContext(doing));
    } catch (const std::bad_alloc&) {
        return base::fail(base::ErrorCode::Limit, std::string(doing) + ": out of memory",
                          "close other programs and try again");
    } catch (const std::exception& error) {
        return base::fail(base::ErrorCode::Internal, std::string(doing) + ": " + error.what());
    }
}

} // namespace scrit::store
