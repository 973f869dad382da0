// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a filter: compiling ends, and what it accepts is SQL with as many parameters as it
// says.
#include "core/store/filter.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace scrit::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view filter(reinterpret_cast<const char*>(data), size);
    for (const ListOf of :
         {ListOf::Problems, ListOf::Solutions, ListOf::Critiques, ListOf::Items}) {
        const auto compiled = compileFilter(filter, of);
        if (!compiled) {
            if (!compiled.error().message.starts_with("column ")) {
                std::abort();
            }
            continue;
        }
        const auto marks = std::count(compiled->where.begin(), compiled->where.end(), '?');
        if (static_cast<std::size_t>(marks) != compiled->parameters.size()) {
            std::abort();
        }
    }
    std::size_t last = 0;
    for (const FilterToken& token : tokenizeFilter(filter)) {
        if (token.begin < last || token.end <= token.begin || token.end > filter.size()) {
            std::abort();
        }
        last = token.end;
    }
    return 0;
}
