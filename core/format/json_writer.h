// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scrit::format {

// Appends a JSON string literal. Bytes that are not UTF-8 are made visible (base::makeVisibleUtf8).
void appendJsonString(std::string& out, std::string_view text);

// Writes compact JSON at the end of a string that the caller owns. The caller nests correctly;
// commas are set here. A value type for one thread.
class JsonWriter {
public:
    explicit JsonWriter(std::string& out) : m_out(&out) {}

    JsonWriter& beginObject() { return open('{'); }
    JsonWriter& endObject() { return close('}'); }
    JsonWriter& beginArray() { return open('['); }
    JsonWriter& endArray() { return close(']'); }
    JsonWriter& key(std::string_view name);
    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(bool truth) { return raw(truth ? "true" : "false"); }
    JsonWriter& value(std::int64_t number);
    JsonWriter& value(std::uint64_t number);
    JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
    // Shortest text that reads back as the same number; null for what JSON cannot write (NaN,
    // infinity).
    JsonWriter& value(double number);
    // The value, or null where there is none.
    template<typename T>
    JsonWriter& value(const std::optional<T>& v) {
        return v ? value(*v) : null();
    }
    JsonWriter& null() { return raw("null"); }
    // A value that is JSON already.
    JsonWriter& raw(std::string_view json);
    template<typename T>
    JsonWriter& member(std::string_view name, const T& v) {
        return key(name).value(v);
    }

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate();

    std::string* m_out;
    bool m_needsComma = false;
};

} // namespace scrit::format
