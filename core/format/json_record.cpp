// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/json_record.h"

#include "core/base/text.h"
#include "core/format/csv.h"
#include "core/format/json_repair.h"
#include "core/format/json_writer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>

namespace scrit::format {
namespace {

using base::ErrorCode;
using base::Expected;
using base::fail;
using simdjson::dom::element;
using simdjson::dom::element_type;

// Above this a record is parsed by a parser of its own, so that no thread keeps the memory.
constexpr std::size_t kBigRecord = std::size_t{1} << 20U;
constexpr std::size_t kFewKeys = 8;

std::string_view typeName(element_type type) {
    switch (type) {
    case element_type::ARRAY:
        return "a list";
    case element_type::OBJECT:
        return "an object";
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
        return "a number";
    case element_type::STRING:
        return "text";
    case element_type::BOOL:
        return "true or false";
    case element_type::NULL_VALUE:
        return "null";
    }
    return "something else";
}

bool isClean(std::string_view text) {
    return text.find('\0') == std::string_view::npos &&
           simdjson::validate_utf8(text.data(), text.size());
}

// The first key that occurs twice in one object, anywhere below the value.
std::optional<std::string> duplicateKey(element value) {
    if (value.is_array()) {
        for (const element item : simdjson::dom::array(value.get_array().value_unsafe())) {
            if ((item.is_object() || item.is_array())) {
                if (std::optional<std::string> found = duplicateKey(item)) {
                    return found;
                }
            }
        }
        return std::nullopt;
    }
    std::vector<std::string_view> keys;
    for (const auto& [key, item] : simdjson::dom::object(value.get_object().value_unsafe())) {
        keys.push_back(key);
        if (item.is_object() || item.is_array()) {
            if (std::optional<std::string> found = duplicateKey(item)) {
                return found;
            }
        }
    }
    if (keys.size() > kFewKeys) {
        std::sort(keys.begin(), keys.end());
        const auto twin = std::adjacent_find(keys.begin(), keys.end());
        return twin == keys.end() ? std::nullopt : std::optional<std::string>(*twin);
    }
    for (std::size_t i = 1; i < keys.size(); ++i) {
        if (std::find(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(i), keys[i]) !=
            keys.begin() + static_cast<std::ptrdiff_t>(i)) {
            return std::string(keys[i]);
        }
    }
    return std::nullopt;
}

// Swallows events and keeps where and why the parser stopped; builds nothing, so depth costs
// nothing.
class ErrorFinder : public nlohmann::json_sax<nlohmann::json> {
public:
    std::size_t column = 0;
    std::string what;

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception& error) override {
        column = position;
        what = error.what();
        return false;
    }
};

// Why the text is not JSON, with the column. The fast parser does not say where it stopped, so the
// slow one reads the text once more.
std::string jsonReason(const std::string& text, simdjson::error_code code) {
    ErrorFinder finder;
    if (nlohmann::json::sax_parse(text, &finder) || finder.what.empty()) {
        return std::string("not valid JSON: ") + simdjson::error_message(code);
    }
    const std::size_t known = finder.what.find("parse error");
    const std::size_t detail =
        known == std::string::npos ? finder.what.find("] ") : finder.what.find(": ", known);
    std::string reason = "not valid JSON at column " + std::to_string(finder.column);
    if (finder.column > text.size()) {
        reason += " (it ends in the middle)";
    }
    return detail == std::string::npos
               ? reason
               : reason + ": " +
                     base::excerpt(std::string_view(finder.what).substr(detail + 2), 160);
}

std::string rowAsJson(const ImportPlan& plan, std::string_view row, std::string& reason) {
    const std::vector<std::string> cells = csvCells(row, plan.delimiter);
    if (cells.size() != plan.header.size()) {
        reason = std::to_string(cells.size()) + " cells, but the header has " +
                 std::to_string(plan.header.size());
        return {};
    }
    std::string json;
    JsonWriter writer(json);
    writer.beginObject();
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (!cells[i].empty()) {
            writer.member(plan.header[i], cells[i]);
        }
    }
    writer.endObject();
    return json;
}

} // namespace

void FieldReport::fail(std::string_view path, std::string_view what) {
    if (reason.empty()) {
        reason = "field \"" + std::string(path) + "\" " + std::string(what);
    }
}

Fields::Fields(simdjson::dom::object object, FieldReport& report, std::string path)
    : m_object(object), m_report(&report), m_path(std::move(path)) {}

std::string Fields::pathOf(std::string_view key) const {
    return m_path + std::string(key);
}

void Fields::fail(std::string_view key, std::string_view what) const {
    m_report->fail(pathOf(key), what);
}

std::optional<element> Fields::find(std::string_view key) const {
    const std::optional<element> value = findAny(key);
    return value && value->is_null() ? std::nullopt : value;
}

// A key with dots that the record does not have leads into nested objects.
std::optional<element> Fields::findAny(std::string_view key) const {
    element value;
    if (m_object.at_key(key).get(value) == simdjson::SUCCESS) {
        return value;
    }
    for (std::size_t dot = key.find('.'); dot != std::string_view::npos;
         dot = key.find('.', dot + 1)) {
        simdjson::dom::object inner;
        if (m_object.at_key(key.substr(0, dot)).get(inner) == simdjson::SUCCESS) {
            return Fields(inner, *m_report).findAny(key.substr(dot + 1));
        }
    }
    return std::nullopt;
}

std::string Fields::visible(std::string_view text) const {
    if (text.find('\0') == std::string_view::npos) {
        return std::string(text);
    }
    m_report->repaired = true;
    return base::makeVisibleUtf8(text);
}

bool Fields::has(std::string_view key) const {
    return find(key).has_value();
}

bool Fields::isNull(std::string_view key) const {
    const std::optional<element> value = findAny(key);
    return value && value->is_null();
}

bool Fields::isText(std::string_view key) const {
    const std::optional<element> value = find(key);
    return value && value->is_string();
}

bool Fields::isObject(std::string_view key) const {
    const std::optional<element> value = find(key);
    return value && value->is_object();
}

bool Fields::isArray(std::string_view key) const {
    const std::optional<element> value = find(key);
    return value && value->is_array();
}

std::string Fields::textOr(std::string_view key) const {
    const std::optional<element> value = find(key);
    if (!value) {
        return {};
    }
    std::string_view text;
    if (value->get(text) != simdjson::SUCCESS) {
        fail(key, "should be text, but is " + std::string(typeName(value->type())));
        return {};
    }
    return visible(text);
}

std::string Fields::text(std::string_view key) const {
    if (!has(key)) {
        fail(key, isNull(key) ? "is null" : "is missing");
        return {};
    }
    std::string text = textOr(key);
    if (base::trimmed(text).empty()) {
        fail(key, "is empty");
    }
    return text;
}

std::string Fields::scalar(std::string_view key) const {
    const std::optional<element> value = find(key);
    if (!value) {
        return {};
    }
    switch (value->type()) {
    case element_type::STRING:
        return textOr(key);
    case element_type::INT64:
    case element_type::UINT64:
    case element_type::DOUBLE:
    case element_type::BOOL:
        return simdjson::minify(*value);
    default:
        fail(key, "should be text or a number, but is " + std::string(typeName(value->type())));
        return {};
    }
}

std::optional<bool> Fields::boolean(std::string_view key) const {
    const std::optional<element> value = find(key);
    if (!value) {
        return std::nullopt;
    }
    bool truth = false;
    if (value->get(truth) != simdjson::SUCCESS) {
        fail(key, "should be true or false, but is " + std::string(typeName(value->type())));
        return std::nullopt;
    }
    return truth;
}

std::optional<std::int64_t> Fields::integer(std::string_view key) const {
    const std::optional<element> value = find(key);
    if (!value) {
        return std::nullopt;
    }
    std::int64_t whole = 0;
    if (value->get(whole) == simdjson::SUCCESS) {
        return whole;
    }
    double real = 0; // pandas writes 3.0 where a column has gaps
    if (value->get(real) == simdjson::SUCCESS && std::abs(real) < 1e15 &&
        std::trunc(real) == real) {
        return static_cast<std::int64_t>(real);
    }
    fail(key, "should be a whole number, but is " +
                  std::string(value->is_number() ? "another number" : typeName(value->type())));
    return std::nullopt;
}

std::optional<double> Fields::number(std::string_view key) const {
    const std::optional<element> value = find(key);
    if (!value) {
        return std::nullopt;
    }
    double real = 0;
    if (value->get(real) != simdjson::SUCCESS) {
        fail(key, "should be a number, but is " + std::string(typeName(value->type())));
        return std::nullopt;
    }
    return real;
}

std::optional<std::vector<std::string>> Fields::texts(std::string_view key) const {
    const std::optional<element> value = find(key);
    if (!value) {
        return std::nullopt;
    }
    simdjson::dom::array items;
    if (value->get(items) != simdjson::SUCCESS) {
        fail(key, "should be a list of texts, but is " + std::string(typeName(value->type())));
        return std::nullopt;
    }
    std::vector<std::string> texts;
    for (const element item : items) {
        std::string_view text;
        if (item.get(text) != simdjson::SUCCESS) {
            fail(std::string(key) + "[" + std::to_string(texts.size()) + "]",
                 "should be text, but is " + std::string(typeName(item.type())));
            return std::nullopt;
        }
        texts.push_back(visible(text));
    }
    return texts;
}

std::optional<Fields> Fields::object(std::string_view key) const {
    const std::optional<element> value = find(key);
    if (!value) {
        return std::nullopt;
    }
    simdjson::dom::object object;
    if (value->get(object) != simdjson::SUCCESS) {
        fail(key, "should be an object, but is " + std::string(typeName(value->type())));
        return std::nullopt;
    }
    return Fields(object, *m_report, pathOf(key) + ".");
}

std::vector<Fields> Fields::objects(std::string_view key) const {
    const std::optional<element> value = find(key);
    if (!value) {
        return {};
    }
    simdjson::dom::array items;
    if (value->get(items) != simdjson::SUCCESS) {
        fail(key, "should be a list of objects, but is " + std::string(typeName(value->type())));
        return {};
    }
    std::vector<Fields> objects;
    for (const element item : items) {
        const std::string place = pathOf(key) + "[" + std::to_string(objects.size()) + "]";
        simdjson::dom::object object;
        if (item.get(object) != simdjson::SUCCESS) {
            m_report->fail(place,
                           "should be an object, but is " + std::string(typeName(item.type())));
            return {};
        }
        objects.emplace_back(object, *m_report, place + ".");
    }
    return objects;
}

std::vector<bool> Fields::booleans(std::string_view key) const {
    const std::optional<element> value = find(key);
    if (!value) {
        return {};
    }
    simdjson::dom::array items;
    if (value->get(items) != simdjson::SUCCESS) {
        const std::optional<bool> alone = boolean(key);
        return alone ? std::vector<bool>{*alone} : std::vector<bool>{};
    }
    std::vector<bool> truths;
    for (const element item : items) {
        bool truth = false;
        if (item.get(truth) != simdjson::SUCCESS) {
            fail(key, "should be a list of true or false, but has " +
                          std::string(typeName(item.type())));
            return {};
        }
        truths.push_back(truth);
    }
    return truths;
}

std::string Fields::json(std::string_view key) const {
    const std::optional<element> value = find(key);
    return value ? simdjson::minify(*value) : std::string{};
}

std::vector<std::string> Fields::keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, value] : m_object) {
        keys.emplace_back(key);
    }
    return keys;
}

Expected<ParsedRecord> ParsedRecord::parse(const ImportPlan& plan, const RawRecord& record) {
    const auto bad = [](std::string reason) {
        return fail(ErrorCode::Parse, std::move(reason));
    };
    if (!record.bad.empty()) {
        return bad(record.bad);
    }
    ParsedRecord parsed;
    std::string own; // the text where it is not the record's
    const std::string* text = &record.text;
    const bool csv = !plan.header.empty();
    if (!isClean(*text)) {
        parsed.m_report->repaired = true;
        own = csv ? base::makeVisibleUtf8(*text) : visibleJson(*text);
        text = &own;
    }
    if (csv) {
        std::string reason;
        own = rowAsJson(plan, *text, reason);
        if (!reason.empty()) {
            return bad(std::move(reason));
        }
        text = &own;
    }
    thread_local simdjson::dom::parser shared;
    simdjson::dom::parser* parser = &shared;
    if (text->size() > kBigRecord) {
        parsed.m_own = std::make_unique<simdjson::dom::parser>();
        parser = parsed.m_own.get();
    }
    element root;
    simdjson::error_code code = parser->parse(*text).get(root);
    if (code != simdjson::SUCCESS) {
        if (const std::optional<RepairedJson> repaired = repairedJson(*text)) {
            parsed.m_report->repaired = parsed.m_report->repaired || repaired->madeVisible;
            code = parser->parse(repaired->text).get(root);
        }
    }
    if (code != simdjson::SUCCESS) {
        return bad(jsonReason(*text, code));
    }
    if (root.get(parsed.m_root) != simdjson::SUCCESS) {
        return bad("should be a JSON object, but is " + std::string(typeName(root.type())));
    }
    if (const std::optional<std::string> twice = duplicateKey(root)) {
        return bad("field \"" + base::makeVisibleUtf8(*twice) + "\" occurs twice");
    }
    return parsed;
}

std::vector<std::string> ParsedRecord::notes() const {
    if (m_report->repaired) {
        return {"NUL bytes, bytes that are not UTF-8 or halves of characters were made visible"};
    }
    return {};
}

} // namespace scrit::format
