// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/template_text.h"

#include "core/base/suggest.h"
#include "core/base/text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>

namespace scrit::train {
namespace {

struct Placeholder {
    std::string name;
    bool quoted = false;
};

bool isName(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

// Calls `plain` for what lies between placeholders and `field` for each of them.
base::Expected<void> walk(std::string_view text, const std::function<void(std::string_view)>& plain,
                          const std::function<base::Expected<void>(const Placeholder&)>& field) {
    constexpr std::string_view kQuoted = "|quoted";
    while (!text.empty()) {
        const std::size_t open = text.find("{{");
        plain(text.substr(0, open));
        if (open == std::string_view::npos) {
            return {};
        }
        const std::size_t close = text.find("}}", open);
        std::string_view inside = close == std::string_view::npos
                                      ? std::string_view{}
                                      : base::trimmed(text.substr(open + 2, close - open - 2));
        Placeholder placeholder;
        placeholder.quoted = inside.ends_with(kQuoted);
        if (placeholder.quoted) {
            inside.remove_suffix(kQuoted.size());
        }
        if (!isName(inside)) {
            return base::fail(base::ErrorCode::Invalid,
                              "\"" + base::excerpt(text.substr(open), 40) + "\" is no placeholder",
                              "write {{name}} or {{name|quoted}}");
        }
        placeholder.name = inside;
        if (base::Expected<void> done = field(placeholder); !done) {
            return done;
        }
        text.remove_prefix(close + 2);
    }
    return {};
}

} // namespace

base::Expected<std::vector<std::string>> placeholdersIn(std::string_view text) {
    std::vector<std::string> names;
    const base::Expected<void> walked = walk(
        text, [](std::string_view) {},
        [&](const Placeholder& placeholder) -> base::Expected<void> {
            names.push_back(placeholder.name);
            return {};
        });
    return walked ? base::Expected<std::vector<std::string>>(std::move(names))
                  : base::fail(walked.error());
}

base::Expected<std::string> fillIn(std::string_view text,
                                   const std::map<std::string, std::string>& values) {
    std::string filled;
    const base::Expected<void> walked = walk(
        text, [&](std::string_view part) { filled += part; },
        [&](const Placeholder& placeholder) -> base::Expected<void> {
            const auto found = values.find(placeholder.name);
            if (found == values.end()) {
                std::vector<std::string> names;
                names.reserve(values.size());
                for (const auto& [name, value] : values) {
                    names.push_back(name);
                }
                return base::fail(base::ErrorCode::Invalid,
                                  "there is no value for {{" + placeholder.name + "}}",
                                  base::didYouMean(placeholder.name, names));
            }
            filled += placeholder.quoted
                          ? nlohmann::json(base::makeVisibleUtf8(found->second)).dump()
                          : found->second;
            return {};
        });
    return walked ? base::Expected<std::string>(std::move(filled)) : base::fail(walked.error());
}

} // namespace scrit::train
