// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/suggest.h"
#include "core/base/text.h"
#include "core/model/flags.h"
#include "core/store/filter.h"
#include "core/store/filter_parser.h"
#include "core/store/qualifiers.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace scrit::store {
namespace {

using base::Expected;
using base::fail;
using Result = Expected<std::string>;

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

// A level without the word in front of it, and its number.
constexpr std::string_view kLevelWord = "level ";
constexpr std::string_view kLevelText = "trim(iif(text LIKE 'level %', substr(text, 7), text))";
constexpr std::string_view kLevelNumber =
    "CAST(trim(iif(text LIKE 'level %', substr(text, 7), text)) AS REAL)";

struct Range {
    std::int64_t low = kLowest;
    std::int64_t high = kHighest;
};

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole ? std::optional(value) : std::nullopt;
}

// 5, >5, >=5, <5, <=5, 2..4, *..4, 2..*; nothing for anything else.
std::optional<Range> range(std::string_view text) {
    if (const auto dots = text.find(".."); dots != std::string_view::npos) {
        const std::string_view low = text.substr(0, dots);
        const std::string_view high = text.substr(dots + 2);
        const auto first = low == "*" ? std::optional(kLowest) : number(low);
        const auto last = high == "*" ? std::optional(kHighest) : number(high);
        return first && last ? std::optional(Range{*first, *last}) : std::nullopt;
    }
    const bool less = text.starts_with('<');
    const bool greater = text.starts_with('>');
    if (less || greater) {
        const bool orEqual = text.size() > 1 && text[1] == '=';
        const auto bound = number(text.substr(orEqual ? 2 : 1));
        if (!bound || (!orEqual && (*bound == kLowest || *bound == kHighest))) {
            return std::nullopt;
        }
        if (less) {
            return Range{kLowest, orEqual ? *bound : *bound - 1};
        }
        return Range{orEqual ? *bound : *bound + 1, kHighest};
    }
    const auto exact = number(text);
    return exact ? std::optional(Range{*exact, *exact}) : std::nullopt;
}

// The LIKE pattern of a name in which * stands for any characters.
std::string likePattern(std::string_view value) {
    std::string pattern;
    for (const char c : value) {
        if (c == '%' || c == '_' || c == '\\') {
            pattern += '\\';
        }
        pattern += c == '*' ? '%' : c;
    }
    return pattern;
}

// An FTS5 string: no character in it can act as query syntax. Nothing when there is no word in it.
std::optional<std::string> fullTextQuery(const FilterTerm& term) {
    std::string_view text = term.value;
    const bool prefix = !term.quoted && text.size() > 1 && text.ends_with('*');
    if (prefix) {
        text.remove_suffix(1);
    }
    const bool hasWord = std::any_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               static_cast<unsigned char>(c) >= 0x80;
    });
    if (!hasWord) {
        return std::nullopt;
    }
    std::string query = "\"";
    for (const char c : text) {
        if (c == '"') {
            query += "\"\"";
        } else {
            query += c == '\0' ? ' ' : c; // a NUL would end the query
        }
    }
    query += prefix ? "\" *" : "\"";
    return query;
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) {
        out += (out.empty() ? "" : ", ") + word;
    }
    return out;
}

std::string withColumn(std::string_view condition, std::string_view column) {
    std::string out;
    for (const char c : condition) {
        if (c == '$') {
            out += column;
        } else {
            out += c;
        }
    }
    return out;
}

// Nothing but free texts that a row must have all of.
bool isOnlyTexts(const FilterNode& node) {
    return node.kind == FilterNode::Kind::Term
               ? node.term.name.empty()
               : node.kind == FilterNode::Kind::And && !node.children.empty() &&
                     std::all_of(node.children.begin(), node.children.end(), isOnlyTexts);
}

class Compiler {
public:
    Compiler(std::string_view filter, ListOf of) : m_filter(filter), m_of(of) {}

    Expected<FilterSql> compile(const FilterNode& root) {
        Result where = condition(root);
        if (!where) {
            return fail(std::move(where.error()));
        }
        m_sql.where = std::move(*where);
        if (!isOnlyTexts(root)) {
            m_sql.onlyTexts.clear();
        }
        return std::move(m_sql);
    }

private:
    Result condition(const FilterNode& node) {
        switch (node.kind) {
        case FilterNode::Kind::Term:
            return node.term.name.empty() ? freeText(node.term) : qualified(node.term);
        case FilterNode::Kind::Not: {
            Result inner = condition(node.children.front());
            // IS NOT TRUE, because NOT of an unknown value would be unknown again.
            return inner ? Result("((" + *inner + ") IS NOT TRUE)") : inner;
        }
        default:
            break;
        }
        if (node.children.empty()) {
            return "1";
        }
        const bool isOr = node.kind == FilterNode::Kind::Or;
        std::string out;
        for (const FilterNode& child : node.children) {
            Result part = condition(child);
            if (!part) {
                return part;
            }
            out += (out.empty() ? "" : isOr ? " OR " : " AND ") + *part;
        }
        return isOr ? "(" + out + ")" : out;
    }

    Result qualified(const FilterTerm& term) {
        const Qualifier* qualifier = findQualifier(term.name);
        if (qualifier == nullptr) {
            return unknownQualifier(term);
        }
        const std::string& column = qualifier->column(m_of);
        if (column.empty()) {
            return fail(filterError(m_filter, term.begin,
                                    "'" + term.name + "' says nothing about a " +
                                        std::string(rowName(m_of)),
                                    "here one can use: " + joined(namesHere())));
        }
        if (term.value.empty() && !term.quoted) {
            return fail(filterError(m_filter, term.valueBegin,
                                    "a value is missing after '" + term.name + ":'",
                                    "for example " + qualifier->info.example));
        }
        switch (qualifier->form) {
        case Qualifier::Form::Term:
            return termCondition(*qualifier, column, term);
        case Qualifier::Form::Level:
            return levelCondition(*qualifier, column, term);
        case Qualifier::Form::Text:
            return textCondition(column, term);
        case Qualifier::Form::Tag:
            m_sql.parameters.emplace_back(likePattern(term.value));
            m_sql.parameters.emplace_back(static_cast<std::int64_t>(m_of));
            return column + " IN (SELECT subject_id FROM tag_row WHERE tag LIKE ? ESCAPE '\\' "
                            "AND subject_kind = ?)";
        case Qualifier::Form::Person:
            m_sql.parameters.emplace_back(likePattern(term.value));
            m_sql.parameters.emplace_back(static_cast<std::int64_t>(m_of));
            return column + " IN (SELECT a.subject_id FROM annotation a JOIN annotator n "
                            "ON n.id = a.annotator_id WHERE n.name LIKE ? ESCAPE '\\' "
                            "AND a.subject_kind = ?)";
        case Qualifier::Form::Plan:
            m_sql.parameters.emplace_back(likePattern(term.value));
            return column + " IN (SELECT i.subject_id FROM review_plan p JOIN review_item i "
                            "ON i.plan_id = p.id WHERE p.name LIKE ? ESCAPE '\\' "
                            "AND i.subject_kind = 2)";
        case Qualifier::Form::Frozen:
            return ofSet(column, term);
        case Qualifier::Form::Run:
            return ofRun(*qualifier, column, term);
        case Qualifier::Form::Scored: {
            Result number = numeric(*qualifier, "i.evaluation_id", term);
            const char* row = m_of == ListOf::Solutions ? "solution_id" : "critique_id";
            return number ? Result(column + " IN (SELECT i." + row +
                                   " FROM evaluation_item i "
                                   "WHERE " +
                                   *number + ")")
                          : number;
        }
        case Qualifier::Form::Exported: {
            Result number = numeric(*qualifier, "m.export_id", term);
            return number ? Result(column + " IN (SELECT m.subject_id FROM export_member m WHERE " +
                                   *number + " AND m.subject_kind = 2)")
                          : number;
        }
        case Qualifier::Form::Choice:
        case Qualifier::Form::Flags:
            return choice(*qualifier, column, term);
        default:
            return numeric(*qualifier, column, term);
        }
    }

    // Members are solutions or problems; a list of problems has those of both kinds of sets.
    Result ofSet(const std::string& column, const FilterTerm& term) {
        m_sql.parameters.emplace_back(likePattern(term.value));
        if (m_of == ListOf::Problems) {
            return column + " IN (SELECT p.problem_id FROM frozen_set s JOIN frozen_problem p "
                            "ON p.set_id = s.id WHERE s.name LIKE ? ESCAPE '\\')";
        }
        m_sql.parameters.emplace_back(likePattern(term.value));
        return "(" + column +
               " IN (SELECT m.subject_id FROM frozen_set s JOIN frozen_set_member m "
               "ON m.set_id = s.id WHERE s.name LIKE ? ESCAPE '\\' AND m.subject_kind = 1) "
               "OR r.problem_id IN (SELECT m.subject_id FROM frozen_set s JOIN frozen_set_member m "
               "ON m.set_id = s.id WHERE s.name LIKE ? ESCAPE '\\' AND m.subject_kind = 0))";
    }

    // An answer that came from the cache belongs to each run that used it, so the items tell.
    Result ofRun(const Qualifier& qualifier, const std::string& column, const FilterTerm& term) {
        if (m_of == ListOf::Items) {
            return numeric(qualifier, column, term);
        }
        Result runs = numeric(qualifier, "w.run_id", term);
        if (!runs) {
            return runs;
        }
        const char* kind = m_of == ListOf::Solutions ? "'solution'" : "'critique'";
        return column + " IN (SELECT w.result_id FROM work_item w WHERE " + *runs +
               " AND w.result_kind = " + kind + ")";
    }

    // Only a test of equality can use an index.
    std::string textCondition(const std::string& column, const FilterTerm& term) {
        if (term.value.find('*') == std::string::npos) {
            m_sql.parameters.emplace_back(term.value);
            return column + " = ?";
        }
        m_sql.parameters.emplace_back(likePattern(term.value));
        return column + " LIKE ? ESCAPE '\\'";
    }

    // A problem may be in several data sets; what was made of it has the one it came with.
    Result termCondition(const Qualifier& qualifier, const std::string& column,
                         const FilterTerm& term) {
        std::string sql = column + " IN " + namedTerms(term);
        if (m_of == ListOf::Problems && !qualifier.moreProblems.empty()) {
            sql = "(" + sql + " OR r.id IN (" + qualifier.moreProblems + " IN " + namedTerms(term) +
                  "))";
        }
        return sql;
    }

    // A level is a text that is often a number. A value in quotes is a text, too.
    Result levelCondition(const Qualifier& qualifier, const std::string& column,
                          const FilterTerm& term) {
        const bool compares =
            !term.quoted && (term.value.front() == '<' || term.value.front() == '>' ||
                             term.value.find("..") != std::string::npos);
        std::string_view value = term.value;
        if (!compares && base::startsWithNoCase(value, kLevelWord)) {
            value.remove_prefix(kLevelWord.size());
        }
        if (!compares && !number(value)) {
            return termCondition(qualifier, column, term);
        }
        Result same = numericText(qualifier, kLevelNumber, value, term);
        return same ? Result(column + " IN (SELECT id FROM term WHERE " + std::string(kLevelText) +
                             " GLOB '[0-9]*' AND " + std::string(kLevelText) +
                             " NOT GLOB '*[^0-9.]*' AND " + *same + ")")
                    : same;
    }

    // Names are often paths, "ProcessBench/math" or "Qwen/Qwen2.5-7B": a value without a slash or a
    // star also matches one part of such a name.
    std::string namedTerms(const FilterTerm& term) {
        const std::string pattern = likePattern(term.value);
        m_sql.parameters.emplace_back(pattern);
        const bool isPart =
            !term.value.empty() && term.value.find_first_of("/*") == std::string::npos;
        if (!isPart) {
            return "(SELECT id FROM term WHERE text LIKE ? ESCAPE '\\')";
        }
        m_sql.parameters.emplace_back("%/" + pattern + "/%");
        return "(SELECT id FROM term WHERE text LIKE ? ESCAPE '\\' "
               "OR '/' || text || '/' LIKE ? ESCAPE '\\')";
    }

    Result choice(const Qualifier& qualifier, const std::string& column, const FilterTerm& term) {
        const std::string wanted = base::lowerAscii(term.value);
        for (const auto& [name, sql] : qualifier.choices) {
            if (name == wanted && !sql.empty()) {
                return withColumn(sql, column);
            }
        }
        if (qualifier.form == Qualifier::Form::Flags) {
            if (const auto flag = model::flagFromName(wanted)) {
                m_sql.parameters.emplace_back(static_cast<std::int64_t>(*flag));
                // The first test lets the partial index serve.
                return "(" + column + " <> 0 AND " + column + " & ? <> 0)";
            }
        }
        return wrongValue(qualifier, term, "it is one of: " + joined(qualifier.info.values));
    }

    Result numeric(const Qualifier& qualifier, const std::string& column, const FilterTerm& term) {
        return numericText(qualifier, column, term.value, term);
    }

    // `text` is the value of the term or the part of it that is a number.
    Result numericText(const Qualifier& qualifier, std::string_view column, std::string_view text,
                       const FilterTerm& term) {
        const std::string wanted = base::lowerAscii(text);
        for (const auto& [name, sql] : qualifier.choices) {
            if (name == wanted) {
                return withColumn(sql, column);
            }
        }
        const bool isStep = qualifier.form == Qualifier::Form::Step;
        std::optional<Range> values = range(wanted);
        if (!values) {
            std::string forms = "write a number, >5, >=5, <5, <=5, 2..4, *..4 or 2..*";
            if (!qualifier.choices.empty()) {
                forms += "; or " + joined(qualifier.info.values);
            }
            return wrongValue(qualifier, term, std::move(forms));
        }
        if (values->low > values->high) {
            return fail(filterError(m_filter, term.valueBegin,
                                    "the range " + term.value + " holds no number",
                                    "write the smaller number first"));
        }
        if (isStep && values->low == kLowest) {
            values->low = 0; // "<3" asks for steps, not for "no wrong step"
        }
        if (qualifier.form == Qualifier::Form::Amount) {
            values->low = std::max<std::int64_t>(values->low, 1); // 0 is "not known"
        }
        return between(std::string(column), *values);
    }

    std::string between(const std::string& column, const Range& values) {
        if (values.low == values.high) {
            m_sql.parameters.emplace_back(values.low);
            return column + " = ?";
        }
        if (values.high == kHighest && values.low != kLowest) {
            m_sql.parameters.emplace_back(values.low);
            return column + " >= ?";
        }
        m_sql.parameters.emplace_back(values.low);
        m_sql.parameters.emplace_back(values.high);
        return column + " BETWEEN ? AND ?";
    }

    Result freeText(const FilterTerm& term) {
        if (m_of == ListOf::Items) {
            return fail(filterError(m_filter, term.begin, "work items have no text to search",
                                    "here one can use: " + joined(namesHere())));
        }
        const std::optional<std::string> query = fullTextQuery(term);
        if (!query) {
            return fail(filterError(m_filter, term.begin,
                                    "there is no word or number to search for in this text",
                                    "signs alone cannot be searched"));
        }
        const auto texts = [&](ListOf whose, const std::string& table) {
            m_sql.parameters.emplace_back(*query);
            m_sql.textRanges.push_back({whose, m_sql.parameters.size()});
            m_sql.parameters.emplace_back(kLowest);
            m_sql.parameters.emplace_back(kHighest);
            return "SELECT rowid FROM " + table + " WHERE " + table +
                   " MATCH ? AND rowid BETWEEN ? AND ?";
        };
        // (One call a statement: parameters are numbered in the order of the calls.)
        const std::size_t first = m_sql.parameters.size();
        std::string ids;
        if (m_of == ListOf::Critiques) {
            ids += texts(ListOf::Critiques, "critique_text");
            ids += " UNION ALL SELECT id FROM critique_row WHERE solution_id IN (";
            ids += texts(ListOf::Solutions, "solution_text");
            ids += ") UNION ALL ";
        } else if (m_of == ListOf::Solutions) {
            ids += texts(ListOf::Solutions, "solution_text");
            ids += " UNION ALL ";
        }
        const std::string ofProblems = texts(ListOf::Problems, "problem_text");
        ids += m_of == ListOf::Problems ? ofProblems
                                        : "SELECT id FROM " + std::string(rowTable(m_of)) +
                                              " WHERE problem_id IN (" + ofProblems + ")";
        m_sql.onlyTexts.push_back({ids, first, m_sql.parameters.size() - first});
        return "r.id IN (" + ids + ")";
    }

    [[nodiscard]] std::vector<std::string> namesHere() const {
        std::vector<std::string> names;
        for (const Qualifier& qualifier : qualifierTable()) {
            if (!qualifier.column(m_of).empty()) {
                names.push_back(qualifier.info.name);
            }
        }
        return names;
    }

    Result unknownQualifier(const FilterTerm& term) const {
        const std::string meant = base::nearest(term.name, namesHere());
        return fail(filterError(m_filter, term.begin, "unknown qualifier '" + term.name + "'",
                                !meant.empty()
                                    ? "did you mean '" + meant + "'?"
                                    : "known are: " + joined(namesHere()) +
                                          "; put quotes around a text that holds a colon"));
    }

    Result wrongValue(const Qualifier& qualifier, const FilterTerm& term,
                      std::string otherwise) const {
        const std::string meant = base::nearest(term.value, qualifier.info.values);
        return fail(filterError(
            m_filter, term.valueBegin,
            "'" + base::excerpt(term.value, 40) + "' is not a value of '" + term.name + "'",
            meant.empty() ? std::move(otherwise) : "did you mean '" + meant + "'? " + otherwise));
    }

    std::string_view m_filter;
    ListOf m_of;
    FilterSql m_sql;
};

} // namespace

Expected<FilterSql> compileFilter(std::string_view filter, ListOf of) {
    Expected<FilterNode> root = parseFilter(filter);
    if (!root) {
        return fail(std::move(root.error()));
    }
    return Compiler(filter, of).compile(*root);
}

} // namespace scrit::store
