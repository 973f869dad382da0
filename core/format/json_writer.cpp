// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/json_writer.h"

#include "core/base/text.h"

#include <simdjson.h>

#include <array>
#include <charconv>
#include <cmath>

namespace scrit::format {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

constexpr std::array<bool, 256> makeEscapeTable() {
    std::array<bool, 256> table{};
    for (std::size_t i = 0; i < 0x20; ++i) {
        table[i] = true;
    }
    table['"'] = table['\\'] = table[0x7F] = true;
    return table;
}
constexpr std::array<bool, 256> kNeedsEscape = makeEscapeTable();

bool needsEscape(char c) {
    return kNeedsEscape[static_cast<unsigned char>(c)];
}

void appendEscape(std::string& out, char c) {
    switch (c) {
    case '"':
        out += "\\\"";
        return;
    case '\\':
        out += "\\\\";
        return;
    case '\n':
        out += "\\n";
        return;
    case '\r':
        out += "\\r";
        return;
    case '\t':
        out += "\\t";
        return;
    default:
        break;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += "\\u00";
    out += kHex[byte >> 4U];
    out += kHex[byte & 0xFU];
}

} // namespace

void appendJsonString(std::string& out, std::string_view text) {
    std::string repaired;
    if (!simdjson::validate_utf8(text.data(), text.size())) {
        repaired = base::makeVisibleUtf8(text);
        text = repaired;
    }
    out += '"';
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (needsEscape(text[i])) {
            out.append(text, begin, i - begin);
            appendEscape(out, text[i]);
            begin = i + 1;
        }
    }
    out.append(text, begin);
    out += '"';
}

void JsonWriter::separate() {
    if (m_needsComma) {
        *m_out += ',';
    }
    m_needsComma = true;
}

JsonWriter& JsonWriter::open(char bracket) {
    separate();
    *m_out += bracket;
    m_needsComma = false;
    return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
    *m_out += bracket;
    m_needsComma = true;
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    appendJsonString(*m_out, name);
    *m_out += ':';
    m_needsComma = false;
    return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
    separate();
    appendJsonString(*m_out, text);
    return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number) {
    return raw(std::to_string(number));
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
    return raw(std::to_string(number));
}

JsonWriter& JsonWriter::value(double number) {
    if (!std::isfinite(number)) {
        return null();
    }
    std::array<char, 32> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
    return raw(std::string_view(buffer.data(), static_cast<std::size_t>(end - buffer.data())));
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    *m_out += json;
    return *this;
}

} // namespace scrit::format
