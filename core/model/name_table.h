// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

// Private to core/model: closed vocabularies and their names.
namespace scrit::model {

template<typename T, std::size_t N>
using NameTable = std::array<std::pair<T, std::string_view>, N>;

template<typename T, std::size_t N>
std::string_view nameIn(const NameTable<T, N>& table, T value) {
    for (const auto& [key, text] : table) {
        if (key == value) {
            return text;
        }
    }
    return {};
}

template<typename T, std::size_t N>
std::optional<T> valueIn(const NameTable<T, N>& table, std::string_view text) {
    for (const auto& [key, known] : table) {
        if (known == text) {
            return key;
        }
    }
    return std::nullopt;
}

} // namespace scrit::model
