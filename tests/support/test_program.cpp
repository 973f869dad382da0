// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/test_program.h"

#include <cstdio>
#include <map>
#include <string>
#include <string_view>

namespace scrit::test {
namespace {

std::map<std::string, Main, std::less<>>& tests() {
    static std::map<std::string, Main, std::less<>> all;
    return all;
}

} // namespace

Registered::Registered(const char* file, Main main) {
    std::string_view name = file;
    name.remove_prefix(name.rfind('/') + 1); // npos + 1 is 0
    tests().emplace(name.substr(0, name.rfind('.')), main);
}

} // namespace scrit::test

int main(int argc, char** argv) {
    const auto& all = scrit::test::tests();
    const auto found = argc > 1 ? all.find(std::string_view(argv[1])) : all.end();
    if (found == all.end()) {
        std::fprintf(stderr, "usage: %s TEST [arguments of Qt Test]\ntests:\n", argv[0]);
        for (const auto& [name, main] : all) {
            std::fprintf(stderr, "  %s\n", name.c_str());
        }
        return 2;
    }
    argv[1] = argv[0];
    return found->second(argc - 1, argv + 1);
}
