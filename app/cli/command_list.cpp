// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/commands.h"
#include "app/cli/list_columns.h"
#include "app/cli/terminal.h"
#include "app/cli/validators.h"
#include "core/base/suggest.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <sstream>

namespace scrit::cli {
namespace {

using base::Expected;

struct ListArguments {
    std::string workspace;
    std::string of = "critiques";
    std::string filter;
    std::string columns;
    std::string sort = "id";
    bool descending = false;
    std::int64_t limit = -1;
    bool count = false;
    bool json = false;
};

store::ListOf listOf(const std::string& name) {
    return name == "problems"    ? store::ListOf::Problems
           : name == "solutions" ? store::ListOf::Solutions
           : name == "items"     ? store::ListOf::Items
                                 : store::ListOf::Critiques;
}

store::SortKey sortKey(const std::string& name) {
    return name == "source"             ? store::SortKey::Source
           : name == "first_error_step" ? store::SortKey::FirstErrorStep
           : name == "tokens"           ? store::SortKey::Tokens
           : name == "round"            ? store::SortKey::Round
                                        : store::SortKey::Id;
}

Expected<void> checkSort(const ListArguments& arguments) {
    const store::ListOf of = listOf(arguments.of);
    const bool sorts = arguments.sort == "id" || of == store::ListOf::Critiques ||
                       (arguments.sort == "source" && of != store::ListOf::Items);
    if (sorts) {
        return {};
    }
    return base::fail(base::ErrorCode::Invalid,
                      "a list of " + arguments.of + " cannot be sorted by " + arguments.sort,
                      of == store::ListOf::Items ? "it has the order id" : "use id or source");
}

Expected<std::vector<const ListColumn*>> chosenColumns(const ListArguments& arguments) {
    const std::vector<const ListColumn*> all = columnsOf(listOf(arguments.of));
    std::vector<const ListColumn*> chosen;
    if (arguments.columns.empty()) {
        for (const ListColumn* column : all) {
            if (column->recordValue == nullptr && (arguments.json || column->shownByDefault)) {
                chosen.push_back(column);
            }
        }
        return chosen;
    }
    std::vector<std::string> names;
    names.reserve(all.size());
    for (const ListColumn* column : all) {
        names.emplace_back(column->name);
    }
    std::istringstream words(arguments.columns);
    for (std::string word; std::getline(words, word, ',');) {
        const auto found = std::find(names.begin(), names.end(), word);
        if (found == names.end()) {
            const std::string near = base::nearest(word, names);
            return base::fail(base::ErrorCode::Invalid,
                              "a list of " + arguments.of + " has no column \"" + word + "\"",
                              near.empty() ? "see scrit list --help"
                                           : "did you mean " + near + "?");
        }
        chosen.push_back(all[static_cast<std::size_t>(found - names.begin())]);
    }
    return chosen;
}

// On a terminal that is too narrow for all columns the last of these go first.
int importanceOf(std::string_view column) {
    constexpr std::array<std::string_view, 14> kOrder = {
        "excerpt", "state",  "conclusion",   "correct",    "first_error_step", "stage",  "error",
        "subject", "source", "answer_match", "label_step", "student",          "critic", "flags"};
    const auto found = std::find(kOrder.begin(), kOrder.end(), column);
    return static_cast<int>(found - kOrder.begin()) + 1;
}

void noteLeftOut(const std::vector<std::string>& columns) {
    std::string names;
    for (const std::string& name : columns) {
        names += (names.empty() ? "" : ", ") + name;
    }
    if (!names.empty()) {
        printNote("no room for " + names + ": --columns chooses, a wider terminal shows all");
    }
}

// The values of one row. `records` reads what the row itself does not have.
Expected<std::vector<Json>> valuesOf(const store::TraceRow& row, store::ListOf of,
                                     const std::vector<const ListColumn*>& columns,
                                     store::Reader& records) {
    std::optional<store::TraceRecord> record;
    std::vector<Json> values;
    for (const ListColumn* column : columns) {
        if (column->recordValue == nullptr) {
            values.push_back(column->value(row));
            continue;
        }
        if (!record) {
            Expected<store::TraceRecord> read = records.record(of, row.id);
            if (!read) {
                return base::fail(std::move(read.error()));
            }
            record = std::move(*read);
        }
        values.push_back(column->recordValue(*record));
    }
    return values;
}

// `records` is another reader of the workspace.
Expected<void> printRows(const Session& session, store::Reader& reader, store::Reader& records,
                         const store::ListQuery& query, const ListArguments& arguments,
                         const std::vector<const ListColumn*>& columns) {
    std::vector<Table::Column> titles;
    for (const ListColumn* column : columns) {
        const bool widest = column->name == "excerpt" || column->name == "error";
        // Of columns that were asked for, the first are what matters.
        const int importance = column->name == "id"        ? 0
                               : arguments.columns.empty() ? importanceOf(column->name)
                                                           : static_cast<int>(titles.size()) + 1;
        titles.push_back({std::string(column->name), column->right, widest, importance});
    }
    Table table(std::move(titles));
    std::int64_t left = arguments.limit;
    Expected<void> read =
        reader.forEachRow(query, [&](const store::TraceRow& row) -> Expected<bool> {
            if (session.cancel.isCancelled()) {
                return base::fail(base::ErrorCode::Cancelled, "interrupted");
            }
            const Expected<std::vector<Json>> values = valuesOf(row, query.of, columns, records);
            if (!values) {
                return base::fail(values.error());
            }
            if (arguments.json) {
                Json json = Json::object();
                for (std::size_t i = 0; i < columns.size(); ++i) {
                    json[std::string(columns[i]->name)] = (*values)[i];
                }
                printJson(json);
            } else {
                std::vector<std::string> cells;
                for (const Json& value : *values) {
                    cells.push_back(cellText(value));
                }
                table.add(std::move(cells));
            }
            return left < 0 || --left > 0;
        });
    if (read && !arguments.json) {
        table.finish();
        noteLeftOut(table.leftOut());
    }
    return read;
}

Expected<int> list(const Session& session, const ListArguments& arguments) {
    const auto columns = chosenColumns(arguments);
    if (!columns) {
        return base::fail(columns.error());
    }
    if (const Expected<void> sorts = checkSort(arguments); !sorts) {
        return base::fail(sorts.error());
    }
    const auto workspace = openToRead(arguments.workspace);
    if (!workspace) {
        return base::fail(workspace.error());
    }
    const auto reader = (*workspace)->reader();
    if (!reader) {
        return base::fail(reader.error());
    }
    const store::ListQuery query{listOf(arguments.of), arguments.filter, sortKey(arguments.sort),
                                 arguments.descending};
    if (arguments.count) {
        const Expected<std::int64_t> count = (*reader)->count(query);
        if (!count) {
            return base::fail(count.error());
        }
        if (arguments.json) {
            printJson({{"count", *count}});
        } else {
            print(std::to_string(*count) + "\n");
        }
        return kOk;
    }
    if (arguments.limit == 0) {
        return kOk;
    }
    const auto records = (*workspace)->reader();
    if (!records) {
        return base::fail(records.error());
    }
    const Expected<void> printed =
        printRows(session, **reader, **records, query, arguments, *columns);
    return printed ? Expected<int>(kOk) : base::fail(printed.error());
}

std::vector<std::string> columnNames() {
    std::vector<std::string> names;
    for (const auto of :
         {store::ListOf::Critiques, store::ListOf::Problems, store::ListOf::Items}) {
        for (const ListColumn* column : columnsOf(of)) {
            if (std::find(names.begin(), names.end(), column->name) == names.end()) {
                names.emplace_back(column->name);
            }
        }
    }
    return names;
}

std::string listHelp() {
    std::string text = "Columns (also the keys of --json):\n";
    for (const auto of :
         {store::ListOf::Problems, store::ListOf::Critiques, store::ListOf::Items}) {
        for (const ListColumn* column : columnsOf(of)) {
            const bool first =
                text.find("\n  " + std::string(column->name) + " ") == std::string::npos;
            if (first) {
                text += "  " + padded(column->name, 18) + std::string(column->description) + "\n";
            }
        }
    }
    text += "\nFilter qualifiers (AND by putting them side by side, OR, (), - for not):\n";
    for (const store::QualifierInfo& info : store::qualifiers()) {
        text += "  " + padded(info.example.empty() ? info.name + ":" : info.example, 28) +
                info.description + "\n";
    }
    return text;
}

} // namespace

void addList(CLI::App& root, Session& session) {
    const auto arguments = std::make_shared<ListArguments>();
    CLI::App* command =
        root.add_subcommand("list", "List critiques, solutions, problems or work items by a filter")
            ->group(std::string(kReadGroup));
    addWorkspace(*command, arguments->workspace);
    addChoice(*command, session, "--of", arguments->of,
              {"problems", "solutions", "critiques", "items"}, "What to list (default: critiques)");
    command->add_option("--filter", arguments->filter, "Only rows that this filter takes")
        ->type_name("EXPR");
    CLI::Option* chosen =
        command->add_option("--columns", arguments->columns, "Columns, separated by commas")
            ->type_name("A,B");
    session.suggestions[chosen] = columnNames();
    addChoice(*command, session, "--sort", arguments->sort,
              {"id", "source", "first_error_step", "tokens", "round"},
              "Order; problems and solutions have the first two, work items the first");
    command->add_flag("--descending", arguments->descending, "The other way round");
    command->add_option("--limit", arguments->limit, "At most N rows (default: all)")
        ->type_name("N")
        ->check(wholeFrom(0));
    command->add_flag("--count", arguments->count, "Only the number of rows");
    addJson(*command, arguments->json, "One JSON object a row");
    command->footer(
        listHelp() +
        "\n"
        "Examples:\n"
        "  scrit list study.scrit --filter 'verdict:incorrect first-error:2..4'\n"
        "  scrit list study.scrit --filter 'flag:rubber-stamp' --columns id,source,excerpt\n"
        "  scrit list study.scrit --of solutions --filter 'source:gsm8k' --count\n"
        "  scrit list study.scrit --of solutions --columns id,key,external_id,excerpt\n"
        "  scrit list study.scrit --of items --filter state:failed\n"
        "  scrit list study.scrit --json --limit 100 | jq .first_error_step");
    setAction(*command, session, [&session, arguments] { return list(session, *arguments); });
}

} // namespace scrit::cli
