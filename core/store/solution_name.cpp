// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/solution_name.h"

#include "core/base/text.h"
#include "core/store/connection.h"

namespace scrit::store {
namespace {

constexpr std::size_t kShownBytes = 80;
constexpr const char* kNamed =
    "SELECT id FROM solution WHERE external_id = ? AND external_id <> '' ORDER BY id LIMIT 2";
constexpr const char* kCountNamed =
    "SELECT count(*) FROM solution WHERE external_id = ? AND external_id <> ''";

} // namespace

base::Expected<std::optional<std::int64_t>> solutionNamed(Connection& connection,
                                                          const std::string& name) {
    std::optional<std::int64_t> found;
    {
        Query find(connection.statement(kNamed));
        find.bind(name);
        if (!find.step()) {
            return found;
        }
        found = find.integer(0);
        if (!find.step()) {
            return found;
        }
    }
    Query count(connection.statement(kCountNamed));
    count.bind(name).step();
    return base::fail(base::ErrorCode::Invalid,
                      std::to_string(count.integer(0)) + " solutions have the id \"" +
                          base::excerpt(name, kShownBytes) + "\"",
                      "use the key");
}

} // namespace scrit::store
