# SPDX-License-Identifier: GPL-3.0-or-later
scrit_program(bench_math bench_math SOURCES bench_math.cpp LINK scrit_math nlohmann_json::nlohmann_json)
